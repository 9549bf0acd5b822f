"""A calendar that is wrong, stamps that are, and time in which the process did not run.

No age may depend on our calendar, no stamp may keep later images out, and what nobody watched is
evidence of nothing.
"""

from decimal import Decimal

from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import excused
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT

CALENDAR = "ages do not depend on our calendar (our design)"
STEADY = "a trade's own times do not jump with the calendar (our design)"
GAP = "time in which the process did not run is evidence of nothing (our design)"
STAMP = "a stamp ahead of the exchange's own time is not believed (our design)"
EXECUTABLE = "a stop-loss judges both legs at executable prices that are young (our design)"
A_DAY_S = 86_400.0
STARTED_S = 6.0


async def _loses_with_a_wrong_clock(scene: Scene, off_s: float) -> None:
    await scene.hedged()
    scene.testbed.engine_clock.error_s = off_s
    await scene.wait_open(70.0)
    scene.expect_alert("clock_off")
    scene.expect_hedged()
    scene.move(spot_bps=-700)
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_alert("stop_loss")
    await scene.enter("careless", strategy="other")
    await scene.expect_refused("careless", "clock")
    scene.testbed.engine_clock.set_right()
    await scene.wait_open(70.0)
    scene.expect_alert("clock_right")


@scenario(rule=CALENDAR)
async def a_loss_while_the_calendar_is_ahead(scene: Scene) -> None:
    """The calendar is 10 s ahead and a pair loses 7 %: operators are told, and it is closed."""
    await _loses_with_a_wrong_clock(scene, 10.0)


@scenario(rule=CALENDAR)
async def a_loss_while_the_calendar_is_behind(scene: Scene) -> None:
    """The calendar is 10 s behind and a pair loses 7 %: operators are told, and it is closed."""
    await _loses_with_a_wrong_clock(scene, -10.0)


@scenario(rule=CALENDAR, stopped="stale_market_data")
async def old_books_while_the_calendar_is_behind(scene: Scene) -> None:
    """The calendar is 40 s behind, Binance's book stands for 36 s: old all the same, it stops."""
    await scene.hedged()
    scene.testbed.engine_clock.error_s = -40.0
    scene.arm(m.told_nothing(BINANCE, "depthUpdate", count=m.EVER))
    await scene.wait_open(36.0)
    await scene.expect_stopped("stale_market_data")
    scene.testbed.engine_clock.set_right()
    scene.calm()
    await scene.wait_open(5.0)


@scenario(rule=CALENDAR)
async def a_calendar_that_jumps_while_an_order_is_unknown(scene: Scene) -> None:
    """The calendar jumps 200 s ahead while an order is unknown for seconds: no emergency stop."""
    await scene.hedged()
    scene.arm(m.order_late(BINANCE, 1.8), m.news_lost(BINANCE))
    await scene.enter("late", strategy="other")
    await scene.wait(0.2)
    scene.testbed.engine_clock.error_s = 200.0
    await scene.wait_open(10.0)
    await scene.quiet()
    scene.testbed.engine_clock.set_right()
    scene.expect_not_stopped()


async def _hedge_never_arrives(scene: Scene) -> None:
    """The spot leg is filled, the hedge's request is lost: they differ until that is known."""
    await scene.hedged()
    await scene.wait_open(4.0)
    scene.arm(m.order_lost(BINANCE))
    await scene.enter("uneven", strategy="other")
    await scene.wait(0.05)


@scenario(rule=STEADY)
async def a_calendar_set_back_while_the_legs_differ(scene: Scene) -> None:
    """The calendar is set back by ten minutes while a leg is missing: completed in seconds."""
    await _hedge_never_arrives(scene)
    scene.testbed.engine_clock.error_s = -600.0
    await scene.wait_open(10.0)
    scene.expect_hedged()
    await scene.ends("uneven", "hedged")
    scene.testbed.engine_clock.set_right()


@scenario(rule=STEADY)
async def a_calendar_set_ahead_while_the_legs_differ(scene: Scene) -> None:
    """The calendar jumps 90 s ahead while a leg is missing: its budget is not used up by that."""
    await _hedge_never_arrives(scene)
    scene.testbed.engine_clock.error_s = 90.0
    await scene.wait_open(10.0)
    scene.expect_hedged()
    await scene.ends("uneven", "hedged")
    scene.testbed.engine_clock.set_right()


@scenario(rule=STEADY)
async def a_restart_with_the_calendar_set_back(scene: Scene) -> None:
    """The engine dies with a leg missing and starts under a calendar ten minutes back: evened."""
    await _hedge_never_arrives(scene)
    scene.testbed.engine_clock.error_s = -600.0
    await scene.crash()
    await scene.wait_open(20.0)
    scene.expect(that=scene.coins() == scene.short(), otherwise="the legs still differ")
    await scene.quiet()
    scene.testbed.engine_clock.set_right()


async def _one_book_of_tomorrow(scene: Scene, venue: Venue, contains: str) -> None:
    await scene.hedged()
    scene.arm(m.stamped_ahead(venue, contains, A_DAY_S))
    scene.testbed.show_again()
    await scene.wait(0.5)
    await scene.send_blindly(scene.signal("tomorrow", scene.ENTER, strategy="other"))
    await scene.expect_refused("tomorrow", "clock")
    scene.move(spot_bps=-700)
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_alert("stop_loss")
    await scene.enters("hedged", name="after", strategy="third")


@scenario(rule=STAMP)
async def a_book_of_upbit_stamped_a_day_ahead(scene: Scene) -> None:
    """One book is stamped a day ahead, then the price falls: later books count, the pair closes."""
    await _one_book_of_tomorrow(scene, UPBIT, "KRW-BTC")


@scenario(rule=STAMP)
async def a_book_of_binance_stamped_a_day_ahead(scene: Scene) -> None:
    """The same on Binance."""
    await _one_book_of_tomorrow(scene, BINANCE, "depthUpdate")


@scenario(rule=STAMP)
async def a_rate_stamped_a_day_ahead(scene: Scene) -> None:
    """The KRW-USDT book is stamped a day ahead: ENTER waits for the next one, which counts."""
    await _one_book_of_tomorrow(scene, UPBIT, "KRW-USDT")


@scenario(rule=STAMP, stopped="stale_market_data")
async def a_book_stamped_ahead_grows_old(scene: Scene) -> None:
    """After a book of tomorrow no other comes: it is old by its arrival, and the stop latches."""
    await scene.hedged()
    scene.arm(m.stamped_ahead(BINANCE, "depthUpdate", A_DAY_S))
    scene.testbed.show_again()
    await scene.wait(0.5)
    scene.arm(m.told_nothing(BINANCE, "depthUpdate", count=m.EVER))
    await scene.wait_open(36.0)
    await scene.expect_stopped("stale_market_data")
    scene.calm()
    await scene.wait_open(5.0)


async def _wakes(scene: Scene) -> None:
    """Half a second after waking the books are there again, and stay so."""
    await scene.wait(0.5)
    await scene.wait_open(40.0)
    scene.expect_hedged(filled=1)
    await scene.enters("hedged", name="later", strategy="other")


@scenario(rule="time in which nobody could act is no part of a budget (our design)")
async def a_process_that_was_stopped_in_the_middle_of_an_entry(scene: Scene) -> None:
    """SIGSTOP for 45 s with the coins bought and the hedge lost: completed, at the old price."""
    scene.arm(m.order_lost(BINANCE))
    await scene.enter(expires_at=scene.in_one_hour())
    await scene.wait(0.2)
    with excused(scene, "the process stands still"):
        scene.freeze(45.0)
        await scene.wait_open(10.0)
    await scene.ends("enter", "hedged", filled=1)


@scenario(rule=GAP)
async def a_process_that_was_stopped(scene: Scene) -> None:
    """SIGSTOP for 45 s with a pair open, prices fresh 0.5 s after waking: no emergency stop."""
    await scene.hedged()
    await scene.wait(STARTED_S)
    scene.freeze(45.0)
    await _wakes(scene)


@scenario(rule=GAP)
async def a_machine_that_was_suspended(scene: Scene) -> None:
    """The machine sleeps for 45 s with a pair open: no emergency stop; ENTER needs new books."""
    await scene.hedged()
    await scene.wait_open(40.0)
    scene.suspend(45.0)
    await scene.send_blindly(scene.signal("blind", scene.ENTER, strategy="third"))
    await scene.expect_refused("blind", "stale_market_data")
    await _wakes(scene)


@scenario(rule=GAP, stopped="stale_market_data")
async def books_that_never_come_back_after_a_gap(scene: Scene) -> None:
    """After 45 s of SIGSTOP no book comes for 20 s: now they are stale, and the stop latches."""
    await scene.hedged()
    await scene.wait_open(40.0)
    scene.arm(m.told_nothing(BINANCE, "depthUpdate", count=m.EVER))
    scene.freeze(45.0)
    await scene.wait_open(10.0)
    scene.expect_not_stopped()
    await scene.wait_open(10.0)
    await scene.expect_stopped("stale_market_data")
    scene.calm()
    await scene.wait_open(5.0)


@scenario(rule=GAP)
async def a_spike_around_a_gap(scene: Scene) -> None:
    """The premium dips by 7 % for a second before and after a gap: no loss lasted."""
    await scene.hedged()
    await scene.wait_open(10.0)
    scene.move(spot_bps=-700)
    await scene.wait(1.0)
    scene.freeze(45.0)
    scene.testbed.show_again()
    await scene.wait(1.0)
    scene.move(spot_bps=753)
    await scene.wait_open(20.0)
    scene.expect_hedged(filled=1)


@scenario(rule=GAP)
async def a_loss_before_and_after_a_gap(scene: Scene) -> None:
    """A loss that lasts on after SIGSTOP is closed within seconds of waking."""
    await scene.hedged()
    await scene.wait_open(10.0)
    scene.freeze(45.0)
    scene.move(spot_bps=-700)
    await scene.wait_open(8.0)
    await scene.ends_flat()
    scene.expect_alert("stop_loss")


@scenario(rule=GAP)
async def an_order_unknown_over_a_gap(scene: Scene) -> None:
    """SIGSTOP for 150 s while an order's outcome is unknown: found after waking, no stop."""
    await scene.hedged()
    await scene.wait_open(10.0)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=1))
    await scene.enter("unknown", strategy="other")
    await scene.wait(0.2)
    scene.freeze(150.0)
    await scene.wait_open(10.0)
    await scene.quiet()
    scene.expect_not_stopped()


@scenario(rule=EXECUTABLE)
async def a_coin_that_falls_while_the_hedge_book_stands(scene: Scene) -> None:
    """The coin falls by 10 % on both exchanges and Binance's book stands still: no stop-loss."""
    await scene.hedged()
    await scene.wait_open(4.0)
    scene.arm(m.told_nothing(BINANCE, "depthUpdate", count=m.EVER))
    await scene.wait_open(6.0)
    scene.move(spot_bps=-1_000, hedge_bps=-1_000)
    await scene.wait_open(10.0)
    scene.calm()
    await scene.wait_open(10.0)
    scene.expect_hedged(filled=1)


@scenario(rule=EXECUTABLE)
async def a_coin_that_rises_while_the_spot_book_stands(scene: Scene) -> None:
    """The mirror image: the coin rises by 10 % and Upbit's book stands still: no stop-loss."""
    await scene.hedged()
    await scene.wait_open(4.0)
    scene.arm(m.told_nothing(UPBIT, "KRW-BTC", count=m.EVER))
    await scene.wait_open(6.0)
    scene.move(spot_bps=1_000, hedge_bps=1_000)
    await scene.wait_open(10.0)
    scene.calm()
    await scene.wait_open(10.0)
    scene.expect_hedged(filled=1)


@scenario(rule=EXECUTABLE)
async def a_day_that_only_a_stale_book_calls_lost(scene: Scene) -> None:
    """A large pair, the coin falls by 15 % and Binance's book stands still: no loss of the day."""
    await scene.hedged(notional_krw=Decimal(9_000_000))
    await scene.wait_open(4.0)
    scene.arm(m.told_nothing(BINANCE, "depthUpdate", count=m.EVER))
    await scene.wait_open(6.0)
    scene.move(spot_bps=-1_500, hedge_bps=-1_500)
    await scene.wait_open(10.0)
    scene.expect_not_stopped()
    scene.calm()
    await scene.wait_open(10.0)
    scene.expect_hedged(filled=1)


@scenario(rule=EXECUTABLE)
async def a_loss_that_only_the_book_shows(scene: Scene) -> None:
    """Upbit's spread is 1 %: 4.7 % are lost at the mid, 5.2 % at the bid, and it is closed."""
    await scene.hedged()
    scene.testbed.world.upbit.widen_spread(Decimal("0.01"))
    scene.move(spot_bps=-400)
    await scene.wait_open(10.0)
    scene.expect_hedged()
    scene.move(spot_bps=-125)
    await scene.wait_open(10.0)
    await scene.ends_flat()
    scene.expect_alert("stop_loss")
