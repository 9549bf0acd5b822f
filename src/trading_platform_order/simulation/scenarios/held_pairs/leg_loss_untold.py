"""A leg that somebody else takes away while what would tell of it, read or stream, is out."""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import DropRequest, HttpStatus, RequestMatch
from trading_platform_order.risk.monitors.stop_loss import StopLossLimits
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.held_pairs.leg_loss import LITTLE_MARGIN
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT

SYMBOL = "BTCUSDT"
ADL = "auto-deleveraging closes positions against bankrupt ones (Binance, adl_autoclose)"
READS = "nothing that only reads stands before what closes (our design)"
EXECUTIONS, POSITIONS = "/fapi/v1/userTrades", "/fapi/v3/positionRisk"
BALANCES = "/v1/accounts"
NO_PRICE = "one leg is gone: unexplained"
WATCHED_S = 8.0
"""While no stream tells, an asset is looked at every 5 s."""
HANGING_S = 17.0
"""Five looks in 6 s, each of which waits 2 s for an answer."""
COUNTED_S = 9.0
"""Coins are counted five times in 6 s before they are called gone."""


# A day's loss is soon reached; a pair's own loss is told, and closes nothing.
_TOLD = replace(LITTLE_MARGIN.settings.monitors, stop_loss=StopLossLimits(closes=False))
SMALL = replace(
    LITTLE_MARGIN,
    opening=Opening(krw=Decimal(2_000_000), usdt=Decimal(500)),
    settings=replace(LITTLE_MARGIN.settings, monitors=_TOLD),
)


def _no_listen_key() -> HttpStatus:
    """The private stream of Binance cannot be opened any more."""
    match = RequestMatch(method="POST", path="/fapi/v1/listenKey")
    return HttpStatus(venue=BINANCE, match=match, status=500, count=m.EVER)


@scenario(rule=ADL)
async def adl_that_only_the_stream_tells(scene: Scene) -> None:
    """No position can be read, but the stream told all: price and fee are known, coins sold."""
    await scene.hedged()
    scene.arm(m.reads_fail(BINANCE, POSITIONS, 500, count=m.EVER))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.within(1.0, lambda: not scene.coins(), "the coins are not sold")
    await scene.wait_open(20.0)
    scene.calm()
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule=ADL, stopped=NO_PRICE)
async def adl_that_no_execution_explains(scene: Scene) -> None:
    """Neither read nor told at which price the hedge went: the coins are sold, the stop latches."""
    await scene.hedged()
    scene.move(spot_bps=300, hedge_bps=300)
    scene.arm(m.news_lost(BINANCE), m.reads_fail(BINANCE, EXECUTIONS, 500, count=m.EVER))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.within(10.0, lambda: not scene.coins(), "the coins are not sold")
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone", "emergency_stop")


@scenario(rule=ADL, stopped=NO_PRICE)
async def adl_while_the_executions_hang(scene: Scene) -> None:
    """The stream told no price, and the list of executions is never answered: no longer than so."""
    await scene.hedged()
    match = RequestMatch(method="GET", path=EXECUTIONS)
    scene.arm(m.news_lost(BINANCE), DropRequest(venue=BINANCE, match=match, count=m.EVER))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.within(HANGING_S, lambda: not scene.coins(), "the coins are not sold")
    scene.calm()
    await scene.wait_open(40.0)
    await scene.ends_flat()


@scenario(rule=ADL)
async def adl_while_no_stream_can_be_opened(scene: Scene) -> None:
    """The private stream is down and stays so: the position is looked at, the coins are sold."""
    await scene.hedged()
    scene.arm(_no_listen_key(), m.stream_cut(BINANCE, at_order=False))
    await scene.wait_open(12.0)
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.within(WATCHED_S, lambda: not scene.coins(), "the coins are not sold")
    scene.calm()
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule=READS, stopped="coins_gone")
async def the_owner_sells_our_coins_while_no_balance_is_told(scene: Scene) -> None:
    """The accounts cannot be read: what could be sold in the coin's market says it as well."""
    await scene.hedged()
    scene.arm(m.reads_fail(UPBIT, BALANCES, 500, count=m.EVER))
    scene.owner.sell_our_coins("BTC", scene.coins())
    await scene.within(COUNTED_S, lambda: not scene.short(), "the short is not closed")
    scene.calm()
    await scene.wait_open(20.0)
    await scene.ends_flat()


@scenario(rule=READS, stopped="coins_gone")
async def the_owner_sells_our_coins_while_the_positions_hang(scene: Scene) -> None:
    """A comparison waits for Binance as the coins go: Upbit's word is not held up by it."""
    await scene.hedged()
    match = RequestMatch(method="GET", path=POSITIONS)
    scene.arm(DropRequest(venue=BINANCE, match=match, count=m.EVER))
    scene.arm(m.stream_cut(BINANCE, at_order=False))
    await scene.wait(0.5)
    scene.owner.sell_our_coins("BTC", scene.coins())
    await scene.within(COUNTED_S, lambda: not scene.short(), "the short is not closed")
    scene.calm()
    await scene.wait_open(20.0)
    await scene.ends_flat()


@scenario(64, stopped="position mismatch")
async def the_owner_trades_the_same_coin_for_himself(scene: Scene) -> None:
    """The owner opens a short beside ours and buys it back: we stop, nothing of ours is gone."""
    await scene.hedged()
    scene.owner.trade_futures(SYMBOL, "SELL", Decimal("0.020"))
    await scene.wait(0.5)
    scene.owner.trade_futures(SYMBOL, "BUY", Decimal("0.020"))
    await scene.wait_open(60.0)
    await scene.ends_hedged()
    scene.expect(that=scene.short() == scene.coins(), otherwise=f"{scene.short()} is short")


@scenario(rule="an order that triggers becomes an ordinary one (algoOrder)", setup=SMALL)
async def our_stop_fires_and_binance_tells_no_position(scene: Scene) -> None:
    """The stop closed the short, then Binance rises alone: nobody has that loss, nothing stops."""
    await scene.hedged(notional_krw=Decimal(900_000))
    scene.arm(
        m.news_lost(BINANCE),
        m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER),
        m.reads_fail(BINANCE, POSITIONS, 500, count=m.EVER),
    )
    scene.move(spot_bps=9_000, hedge_bps=9_000)
    await scene.wait(0.3)
    scene.move(hedge_bps=1_000)
    await scene.wait_open(6.0)
    scene.calm()
    await scene.wait_open(30.0)
    await scene.ends_flat()
