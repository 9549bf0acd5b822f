from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.faults.kinds import parse_faults
from exchange_simulator.market.market import standing, tick_of, ticks_of
from tests.fakes.bars import START, bar
from trading_platform_order.domain.venue import Venue

OPENING = Opening(krw=Decimal(10_000_000), usdt=Decimal(5_000))


def new_world(opening: Opening = OPENING) -> SimulatedWorld:
    return open_world(clock=MarketClock(START, lambda: 0.0), keys=SimulatorKeys(), opening=opening)


def test_a_bar_becomes_a_tick_at_its_close() -> None:
    tick = tick_of("BTC", bar())
    assert tick.at == START + timedelta(minutes=1)
    assert (tick.upbit_close, tick.binance_close) == (Decimal(140_000_000), Decimal(100_000))
    assert tick.funding_rate == Decimal("0.0001")
    still = standing(tick, START + timedelta(minutes=2))
    assert still.upbit_high == still.upbit_low == still.upbit_close
    assert still.binance_high == still.binance_low == still.binance_close
    assert still.at == START + timedelta(minutes=2)


def test_the_bars_of_one_step_close_together() -> None:
    assert len(ticks_of([("BTC", bar()), ("ETH", bar(price_usdt="4000"))])) == 2
    with pytest.raises(ValueError, match=r"BTC .* ETH"):
        ticks_of([("BTC", bar()), ("ETH", bar(1))])
    with pytest.raises(ValueError, match="none given"):
        ticks_of([])


async def test_a_step_moves_the_clock_and_both_exchanges() -> None:
    world = new_world()
    world.step([("BTC", bar())])
    assert world.clock.now() == START + timedelta(minutes=1)
    assert world.upbit.prices["KRW-BTC"] == Decimal(140_000_000)
    assert world.upbit.prices["KRW-USDT"] == Decimal(1_400)
    state = world.state()
    assert set(state) == {"upbit", "binance", "clock", "equity_krw"}
    assert state["clock"] == "2025-09-01T00:01:00+00:00"
    assert world.idle()


async def test_equity_counts_both_accounts_in_krw() -> None:
    world = new_world()
    assert world.state()["equity_krw"] is None, "no rate before the first step"
    world.step([("BTC", bar())])
    assert world.equity(Decimal(1_400)) == Decimal(17_000_000)
    world.transfer(Venue.BINANCE, "USDT", Decimal(-1_000))
    world.transfer(Venue.UPBIT, "KRW", Decimal(500_000))
    world.transfer(Venue.UPBIT, "BTC", Decimal("0.01"))
    bid = world.upbit.best_bids["KRW-BTC"]
    assert world.equity(Decimal(1_400)) == Decimal(16_100_000) + bid / 100
    assert Decimal(world.state()["equity_krw"]) == Decimal(16_100_000) + bid / 100


async def test_transfers_that_cannot_be_are_refused() -> None:
    world = new_world()
    with pytest.raises(ValueError, match="BTC"):
        world.transfer(Venue.BINANCE, "BTC", Decimal(1))
    with pytest.raises(ValueError, match="not available"):
        world.transfer(Venue.UPBIT, "KRW", Decimal(-10_000_001))


async def test_a_leg_can_be_taken_away() -> None:
    shorts = {"BTCUSDT": (Decimal("0.010"), Decimal(1_000))}
    world = new_world(replace(OPENING, shorts=shorts))
    world.step([("BTC", bar())])
    assert world.close_leg("BTCUSDT", "manual", Decimal("0.004")) == Decimal("-0.006")
    with pytest.raises(ValueError, match="how"):
        world.close_leg("BTCUSDT", "magic", None)
    assert world.close_leg("BTCUSDT", "adl", None) == 0
    names = [order["clientOrderId"] for order in world.state()["binance"]["orders"]]
    assert names[0].startswith("web_")
    assert names[1] == "adl_autoclose"
    with pytest.raises(ValueError, match="flat"):
        world.close_leg("BTCUSDT", "manual", None)


async def test_faults_reach_their_exchange() -> None:
    world = new_world()
    for fault in parse_faults(b'[{"kind": "drop_request", "venue": "binance"}]'):
        world.arm(fault)
    assert world.gateways[Venue.UPBIT].faults.report() == []
    assert [row["venue"] for row in world.faults()] == ["binance"]
    world.clear_faults()
    assert world.faults() == []


async def test_a_bar_of_another_interval_closes_later() -> None:
    world = new_world()
    world.step([("BTC", replace(bar(), interval_s=300))])
    assert world.clock.now() == START + timedelta(minutes=5)


def test_keys_are_not_shown() -> None:
    assert "simulated" not in repr(SimulatorKeys())
