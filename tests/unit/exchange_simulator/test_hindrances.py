"""What keeps orders from a simulated exchange: suspension, bans, dead keys, thin books, filters."""

from decimal import Decimal

import pytest

from exchange_simulator.account_setup import AccountOrder, set_up
from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import Opening, SimulatedWorld, SimulatorKeys, open_world
from exchange_simulator.market.market import tick_of
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.testbed.account_owner import Owner
from trading_platform_order.simulation.testbed.testbed import START, market_bars


def opened() -> tuple[SimulatedWorld, Owner]:
    seconds = [0.0]
    keys = SimulatorKeys()
    opening = Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={"BTC": Decimal(1)})
    clock = MarketClock(START, lambda: seconds[0])
    world = open_world(clock=clock, keys=keys, opening=opening)
    world.show([tick_of("BTC", market_bars("BTC")[0])])
    return world, Owner(world, clock, keys, opening.coins)


def coins(world: SimulatedWorld) -> Decimal:
    return world.upbit.totals["BTC"]


@in_virtual_time
async def test_a_suspended_market_takes_no_orders_and_answers_everything_else() -> None:
    world, owner = opened()
    set_up(world, AccountOrder(upbit_suspended=frozenset({"KRW-BTC"})))
    with pytest.raises(ValueError, match="market_offline"):
        owner.sell_coins("BTC", Decimal("0.1"))
    set_up(world, AccountOrder(upbit_suspended=frozenset()))
    owner.sell_coins("BTC", Decimal("0.1"))
    assert coins(world) == Decimal("0.9")


@in_virtual_time
async def test_a_suspended_contract_takes_no_orders() -> None:
    world, owner = opened()
    set_up(world, AccountOrder(binance_suspended=frozenset({"BTCUSDT"})))
    with pytest.raises(ValueError, match="-4108"):
        owner.trade_futures("BTCUSDT", "SELL", Decimal("0.01"))
    set_up(world, AccountOrder(binance_suspended=frozenset()))
    owner.trade_futures("BTCUSDT", "SELL", Decimal("0.01"))
    assert world.position("BTCUSDT") == Decimal("-0.01")


@in_virtual_time
async def test_a_ban_answers_418_to_everything() -> None:
    world, owner = opened()
    set_up(world, AccountOrder(banned_s={Venue.BINANCE: 60.0, Venue.UPBIT: 60.0}))
    with pytest.raises(ValueError, match="-1003"):
        owner.trade_futures("BTCUSDT", "SELL", Decimal("0.01"))
    with pytest.raises(ValueError, match="Blocked for"):
        owner.sell_coins("BTC", Decimal("0.1"))


@in_virtual_time
async def test_a_revoked_key_orders_nothing() -> None:
    world, owner = opened()
    world.binance.revoke_key(is_revoked=True)
    with pytest.raises(ValueError, match="-2015"):
        owner.trade_futures("BTCUSDT", "SELL", Decimal("0.01"))


@in_virtual_time
async def test_a_limited_depth_is_there_again_with_every_step() -> None:
    world, owner = opened()
    set_up(world, AccountOrder(depth_max={"KRW-BTC": "0.003", "BTCUSDT": "0.002"}))
    for left in ("0.997", "0.994"):
        owner.sell_coins("BTC", Decimal("0.003"))
        assert coins(world) == Decimal(left)
        with pytest.raises(ValueError, match="volume_too_large"):
            owner.sell_coins("BTC", Decimal("0.003"))
        world.show([tick_of("BTC", market_bars("BTC")[0])])
    set_up(world, AccountOrder(depth_max={"KRW-BTC": None, "BTCUSDT": None}))
    world.show([tick_of("BTC", market_bars("BTC")[0])])
    owner.sell_coins("BTC", Decimal("0.1"))
    assert coins(world) == Decimal("0.894")


@in_virtual_time
async def test_filters_may_change() -> None:
    world, owner = opened()
    world.binance.change_filters("BTCUSDT", step=Decimal("0.01"))
    with pytest.raises(ValueError, match="-4004"):
        owner.trade_futures("BTCUSDT", "SELL", Decimal("0.005"))
    set_up(world, AccountOrder(upbit_min_total_krw="1000000"))
    with pytest.raises(ValueError, match="under_min_total_ask"):
        owner.sell_coins("BTC", Decimal("0.005"))
