"""The emergency stop: what it refuses, what it lets pass, how it ends."""

from decimal import Decimal

from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

_TWO_MARKETS = TestBedSetup(bases=("BTC", "ETH"), settings=bed_settings("BTC", "ETH"))


@scenario(58, 62)
async def stopped_means_stopped(scene: Scene) -> None:
    """An operator stops: every ENTER is refused, the EXIT of what is open passes."""
    await scene.hedged()
    await scene.stop("an operator's wish")
    for number in range(3):
        await scene.enter(f"more{number}", strategy="other")
        await scene.expect_refused(f"more{number}", "stopped")
    await scene.exits("flat")
    await scene.lift("checked")


@scenario(58)
async def a_stop_survives_a_restart(scene: Scene) -> None:
    """The engine dies after the stop: it is still stopped when it comes back."""
    await scene.stop("an operator's wish")
    await scene.crash()
    await scene.enter()
    await scene.expect_refused("enter", "stopped")
    scene.expect_filled(upbit=0, binance=0)
    await scene.lift("checked")


@scenario(58)
async def a_stop_ends_the_completion_of_an_entry(scene: Scene) -> None:
    """Stopped while one leg waits to be completed: it is taken back, nothing is opened any more."""
    scene.arm(m.refusal(BINANCE, "-1008", count=2))
    scene.arm(m.answer_late(UPBIT, 1.0), m.news_lost(UPBIT, count=4))
    await scene.enter()
    await scene.wait(0.02)
    await scene.stop("an operator's wish")
    await scene.ends_flat()
    scene.expect(that=not scene.filled(BINANCE), otherwise="a short was opened after the stop")
    await scene.lift("checked")


@scenario(58, 43, setup=_TWO_MARKETS, stopped="coins_gone")
async def a_stop_over_one_asset_ends_the_completion_of_another(scene: Scene) -> None:
    """Coins of one asset are gone, so the stop is latched: another's entry is completed no more."""
    await scene.hedged()
    scene.testbed.show_again()
    scene.owner.sell_our_coins("BTC", scene.coins())
    await scene.wait(5.9)  # five looks, and the stop
    scene.arm(m.refusal(BINANCE, "-1008", count=2))
    await scene.enter("other", symbol="ETH", strategy="other")
    await scene.wait(0.296)
    await scene.expect_stopped("coins_gone")
    scene.expect(that=scene.coins("ETH") > 0, otherwise="it was taken back before the stop")
    await scene.wait_open(150.0)
    await scene.ends_flat("ETH")
    scene.expect(that=scene.short("ETH") == 0, otherwise="ETH was completed after the stop")
    scene.expect_outcome("other", "unwound")


@scenario(59, 60)
async def single_errors_stop_nothing(scene: Scene) -> None:
    """A lost answer here, a 502 there, a cut stream: an ordinary day, no stop is latched."""
    for number, venue in enumerate((UPBIT, BINANCE)):
        scene.arm(m.error_after_taking(venue, 502), m.stream_cut(venue, at_order=True))
        await scene.enters(name=f"in{number}")
        await scene.wait_open(5.0)
        await scene.exits(name=f"out{number}")
        await scene.wait_open(5.0)
    scene.expect_flat()


@scenario(61)
async def going_on_after_a_stop(scene: Scene) -> None:
    """An operator releases the stop with a reason: entries pass again; both are told."""
    await scene.stop("an operator's wish")
    await scene.enter("no")
    await scene.expect_refused("no", "stopped")
    await scene.lift("looked, all is well")
    await scene.enters("hedged", name="yes")
    scene.expect_alert("emergency_stop", "resumed")


@scenario(63)
async def flatten_racing_a_late_order(scene: Scene) -> None:
    """EXIT closes all while an entry order is on its way: it may not refill the position."""
    scene.arm(m.order_late(UPBIT, 4.0))
    await scene.enter()
    await scene.wait(0.3)
    await scene.exits(expires_at=scene.in_one_hour())
    await scene.wait_open(20.0)
    scene.expect_flat()


@scenario(64, stopped="position mismatch")
async def a_manual_position_nobody_told_us_of(scene: Scene) -> None:
    """The owner opens a short by hand in the dedicated symbol: a mismatch, the stop latches."""
    scene.owner.trade_futures("BTCUSDT", "SELL", Decimal("0.003"))
    await scene.wait_open(150.0)
    await scene.expect_stopped("position mismatch")
    await scene.enter("no")
    await scene.expect_refused("no", "stopped")
    scene.owner.trade_futures("BTCUSDT", "BUY", Decimal("0.003"))
    await scene.wait_open(150.0)


@scenario(67)
async def closing_into_a_thin_book(scene: Scene) -> None:
    """The spot book is nearly empty when the exit comes: it is closed in what parts it takes."""
    await scene.hedged()
    await scene.exit_into_thin_book(UPBIT, "0.001")
    await scene.wait_open(20.0)
    await scene.ends("exit", "flat")
    scene.expect_flat()
