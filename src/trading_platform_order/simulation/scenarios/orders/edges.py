"""Right at the edge of a rule: what it must still see, and what it must not."""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.faults.kinds import HoldOrder
from trading_platform_order.risk.monitors.emergency_stop import Condition
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup, bed_settings

TWO = ("BTC", "ETH")
_SETTINGS = bed_settings()
LITTLE_LOSS = TestBedSetup(
    settings=replace(
        _SETTINGS, limits=replace(_SETTINGS.limits, hourly_loss_krw_max=Decimal(1_000))
    )
)
DAY = "the day's loss is counted from 00:00 KST (our design)"
VERDICT = "absence is a verdict, not a law (our design)"
LOSS_BPS = -1_000
"""Of a pair of 9,000,000 KRW: some 2 % of all capital."""
LARGE_KRW = Decimal(9_000_000)
EVENTS_OF_A_FILL = 2
IN_FLIGHT_S = 0.002
TO_23_KST, TO_1_KST = 14.0, 2.0


def _capital_at_young_prices() -> TestBedSetup:
    settings = bed_settings(*TWO)
    limits = replace(settings.limits, capital_age_s_max=8.0)
    return TestBedSetup(bases=TWO, settings=replace(settings, limits=limits))


@scenario(56, rule="the horizon is judged on the exchange's clock (our design)")
async def accepted_late_while_our_clock_is_ahead(scene: Scene) -> None:
    """-1007, the calendar jumps ahead, the order shows after 5.5 s: it is never called absent."""
    scene.arm(*m.begins_unseen(BINANCE, seen_after_s=4.0, fills_after_s=6.0))
    scene.arm(m.news_lost(BINANCE, count=1))
    await scene.enter()
    await scene.wait(IN_FLIGHT_S)
    scene.testbed.engine_clock.error_s = 60.0
    await scene.quiet()
    scene.testbed.engine_clock.error_s = 0.0
    scene.expect_hedged(filled=1)
    await scene.wait_open(5.0)


@scenario(18, 20)
async def lists_that_lag_behind_the_position(scene: Scene) -> None:
    """The short fills unseen, and for 14 s no list shows it: the position does, so it is there."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=4))
    scene.arm(m.lists_lag(BINANCE, 14.0))
    await scene.enter()
    await scene.wait_open(40.0)
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_outcome("enter", "hedged")


@scenario(rule=VERDICT)
async def accepted_after_every_horizon(scene: Scene) -> None:
    """-1007, and the order fills 40 s later: replaced by then, it is taken back."""
    scene.testbed.breaks_its_word = True
    scene.arm(*m.begins_unseen(BINANCE, seen_after_s=39.0, fills_after_s=40.0))
    scene.arm(m.news_lost(BINANCE, count=1))
    await scene.enter()
    await scene.wait_open(90.0)
    await scene.ends_hedged()
    scene.expect_filled(upbit=1, binance=3)


@scenario(rule=VERDICT)
async def a_late_unwind_beside_another_pair(scene: Scene) -> None:
    """A second buy-back fills 40 s late, out of another strategy's short: only that is restored."""
    scene.testbed.breaks_its_word = True
    await scene.hedged(strategy="other")
    coins, short = scene.coins(), scene.short()
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid"))
    scene.arm(*m.begins_unseen(BINANCE, seen_after_s=39.0, fills_after_s=40.0, skip=1))
    scene.arm(m.news_lost(BINANCE, count=1, skip=EVENTS_OF_A_FILL))
    await scene.enter()
    await scene.wait_open(100.0)
    await scene.quiet()
    scene.expect(
        that=(scene.coins(), scene.short()) == (coins, short),
        otherwise=f"{scene.coins()} coins and a short of {scene.short()}, not {coins} and {short}",
    )


@scenario(
    rule="capital rests on the prices of all that is held (our design)",
    setup=_capital_at_young_prices(),
)
async def a_held_asset_without_prices(scene: Scene) -> None:
    """ETH is held and nobody tells its price any more: no entry in BTC is measured by it."""
    await scene.hedged(symbol="ETH")
    scene.arm(m.told_nothing(UPBIT, "KRW-ETH", count=m.EVER))
    scene.arm(m.told_nothing(BINANCE, "ETHUSDT", count=m.EVER))
    await scene.wait_open(20.0)
    await scene.enter("blind")
    await scene.expect_refused("blind", "stale_capital")


@scenario(rule="a reference far from the market is a wrong signal (our design)")
async def a_reference_far_above_the_market(scene: Scene) -> None:
    """The signal would buy 3 % dearer than the market sells: it is wrong, however cheap that is."""
    price_krw = scene.testbed.tick(BASE).upbit_close * Decimal("1.03")
    await scene.enters(spot_price_krw=price_krw.quantize(Decimal(1)))
    await scene.expect_refused("enter", "price_collar")


@scenario(rule="more than ten errors in a row stop, ten do not (specification)")
async def ten_errors_and_not_one_more(scene: Scene) -> None:
    """Upbit fails exactly ten private reads in a row: no stop."""
    await scene.hedged()
    scene.arm(m.reads_fail(UPBIT, "/v1/accounts", 502, count=10))
    await scene.wait_open(60.0)
    await scene.enters("hedged", name="more", strategy="other")


async def _lose(scene: Scene, name: str) -> None:
    """A large pair is closed by its loss stop; then the premium comes back."""
    await scene.enters(name=name, notional_krw=LARGE_KRW)
    scene.move(spot_bps=LOSS_BPS)
    await scene.wait_open(15.0)
    await scene.ends_flat()
    scene.move(spot_bps=1_111)
    await scene.wait_open(90.0)


@scenario(rule=DAY)
async def two_losses_on_two_days(scene: Scene) -> None:
    """2 % are lost at 23:00 KST and 2 % at 01:00 KST: two days, neither over its limit."""
    scene.jump(TO_23_KST)
    await scene.wait_open(70.0)
    await _lose(scene, "first")
    scene.jump(TO_1_KST)
    await scene.wait_open(70.0)
    await _lose(scene, "second")


@scenario(rule=DAY, stopped="daily_loss")
async def two_losses_on_one_day_with_a_crash_between(scene: Scene) -> None:
    """2 % are lost, the engine is restarted, 2 % are lost: the limit of the day is over."""
    await _lose(scene, "first")
    await scene.crash()
    await _lose(scene, "second")
    await scene.expect_stopped("daily_loss")


@scenario(rule="an hour's loss is limited besides the day's (our design)", setup=LITTLE_LOSS)
async def an_hour_that_lost_enough(scene: Scene) -> None:
    """A round trip costs its fees, more than an hour may lose: no ENTER until the hour is over."""
    await scene.hedged()
    await scene.exits()
    await scene.enters(name="soon")
    await scene.expect_refused("soon", "hourly_loss")
    scene.jump(1.1)
    await scene.wait_open(90.0)
    await scene.enters("hedged", name="later")


@scenario(19, 20)
async def only_the_lists_know_the_order(scene: Scene) -> None:
    """The short waits on the book, and asked for by its id Binance knows nothing: lists show it."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=1))
    scene.arm(HoldOrder(venue=BINANCE, hold_s=20.0))
    scene.arm(m.look_up_fails(BINANCE, 400, m.NO_SUCH_ORDER, count=6))
    await scene.enter()
    await scene.ends_hedged()


@scenario(rule="streams do not replay: each reconnect asks for what was missed (our design)")
async def filled_while_the_stream_was_cut(scene: Scene) -> None:
    """The short fills while no stream stands: asked for, and known within 1.5 s all the same."""
    scene.arm(HoldOrder(venue=BINANCE, hold_s=0.6))
    scene.arm(m.stream_cut(BINANCE, at_order=True, refuse_s=1.2))
    await scene.enters("hedged")
    await scene.expect_naked_ms("enter", at_most=1_500)


@scenario(68, rule="a loss is measured against what the pair cost (our design)")
async def a_loss_after_a_restart(scene: Scene) -> None:
    """The engine is restarted, then the premium falls by 7 %: it knows what the pair had cost."""
    await scene.hedged()
    await scene.crash()
    scene.move(spot_bps=-700)
    await scene.wait_open(20.0)
    await scene.ends_flat(filled=2)


@scenario(61, stopped="position")
async def lifted_while_the_cause_holds(scene: Scene) -> None:
    """An operator lifts the stop while a foreign short stands: it is shown, and stopped again."""
    await scene.hedged()
    scene.owner.trade_futures(f"{BASE}USDT", "SELL", Decimal("0.01"))
    await scene.wait_open(90.0)
    await scene.expect_stopped("position")
    await scene.expect_shown(Condition.POSITION_MISMATCH)
    await scene.lift("I did not look")
    await scene.wait_open(3.0)
    await scene.expect_stopped("position")
    scene.owner.trade_futures(f"{BASE}USDT", "BUY", Decimal("0.01"))
    await scene.wait_open(30.0)


@scenario(rule="a market order that stays working is cancelled after 3 s (our design)")
async def a_market_order_that_works_for_minutes(scene: Scene) -> None:
    """Binance takes the short and leaves it unfilled for two minutes: cancelled, made even."""
    scene.arm(HoldOrder(venue=BINANCE, hold_s=120.0))
    await scene.enter()
    await scene.wait_open(15.0)
    scene.expect_hedged()
    await scene.expect_naked_ms("enter", at_most=6_000)
