"""A close strips no hedge that it cannot replace, and trades for no reason that is gone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from trading_platform_order.domain.money import BPS
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.sections.risk import StopLossAction
from trading_platform_order.runtime.settings.settings import EngineSection, RiskSection, Settings
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup

RULE = "one exchange closed: wait, tell an operator, keep the hedge (our design)"
HELD = Decimal("0.006")
CLOSED_S = 600.0
FILTERS_READ_S = 660.0
"""Upbit's market state is read every 10 minutes."""
SETTINGS_READ_S = 400.0
BACK_S = 45.0
"""Fresh books on both sides, a probe, and the close."""


async def _exit_while_closed(
    scene: Scene, *, known_after_s: float, reopen: Callable[[], None] | None, left_s: float
) -> None:
    """The EXIT waits and tells operators; both legs stand until it is back, then close."""
    await scene.wait_open(known_after_s)
    await scene.exit(expires_at=None)
    await scene.wait_open(left_s)
    scene.expect_kept(HELD)
    scene.expect_alert("close_waits")
    if reopen is not None:
        reopen()
    await scene.flat_within(BACK_S)
    await scene.quiet()


@scenario(rule=RULE)
async def an_exit_while_upbit_bans_us(scene: Scene) -> None:
    """418 for ten minutes: the hedge is kept, and both legs are closed together after it."""
    await scene.hedged()
    scene.ban(UPBIT, CLOSED_S)
    await _exit_while_closed(scene, known_after_s=10.0, reopen=None, left_s=CLOSED_S - 12.0)


@scenario(rule=RULE, stopped="api_error_count")
async def an_exit_while_upbit_is_unreachable(scene: Scene) -> None:
    """No connection for ten minutes: the hedge is kept, and both legs are closed together."""
    await scene.hedged()
    scene.unreachable(UPBIT)
    await _exit_while_closed(
        scene, known_after_s=20.0, reopen=lambda: scene.reachable(UPBIT), left_s=CLOSED_S
    )


@scenario(rule=RULE)
async def an_exit_while_upbit_has_suspended_the_market(scene: Scene) -> None:
    """The market takes no orders for half an hour: the hedge is kept, then both are closed."""
    await scene.hedged()
    scene.suspend_market(UPBIT)
    await _exit_while_closed(
        scene,
        known_after_s=FILTERS_READ_S,
        reopen=lambda: scene.resume(UPBIT),
        left_s=CLOSED_S,
    )


@scenario(rule=RULE)
async def an_exit_while_upbit_is_in_maintenance_for_two_hours(scene: Scene) -> None:
    """market_offline for two hours: no attempt is used up, no trade halts, both close after."""
    await scene.hedged()
    scene.shut(UPBIT)
    await _exit_while_closed(
        scene, known_after_s=20.0, reopen=lambda: scene.reopen(UPBIT), left_s=7_200.0
    )
    told = {alert.kind for alert in scene.testbed.alerts()}
    scene.expect(that="halted" not in told, otherwise="a trade halted")


@scenario(rule="-4061: the account is in hedge mode, every order of ours is refused")
async def an_exit_while_the_account_is_in_hedge_mode(scene: Scene) -> None:
    """An operator switched hedge mode on: the coins are kept until it is off, then both close."""
    await scene.hedged()
    scene.hedge_mode(is_on=True)
    await _exit_while_closed(
        scene,
        known_after_s=SETTINGS_READ_S,
        reopen=lambda: scene.hedge_mode(is_on=False),
        left_s=CLOSED_S,
    )


@scenario(rule="-2015: the key is dead; accounts and orders tell so")
async def an_exit_while_binances_key_is_dead(scene: Scene) -> None:
    """The key died: the coins are kept until it works again, then both legs are closed."""
    await scene.hedged()
    scene.revoke_key(BINANCE)
    await _exit_while_closed(
        scene, known_after_s=30.0, reopen=lambda: scene.restore_key(BINANCE), left_s=CLOSED_S
    )


@scenario(rule="both legs by the same part, the rest as the book refills (our design)")
async def an_exit_with_half_of_it_bid(scene: Scene) -> None:
    """0.006 to sell and 0.003 bid, step after step: closed in equal parts, never far apart."""
    await scene.hedged()
    scene.depth(UPBIT, "0.003")
    await scene.wait_open(2.0)
    await scene.exit()
    await scene.flat_within(15.0)
    scene.depth(UPBIT, None)
    await scene.quiet()
    trade = (await scene.trades())["exit"]
    refused = [refusal.code for refusal in trade.refusals]
    scene.expect(that=not refused, otherwise=f"refused: {refused}")
    await scene.expect_naked_ms("exit", at_most=2_000)


@scenario(rule="no close walks a book further than its limit (our design)")
async def an_exit_into_a_hole_in_the_book(scene: Scene) -> None:
    """Half of it is bid, the rest 4 % lower: nothing is sold down there while the book refills."""
    await scene.hedged()
    scene.depth(UPBIT, "0.003", beyond_bps=400)
    await scene.wait_open(2.0)
    before = scene.testbed.tick(BASE).upbit_close
    await scene.exit()
    await scene.flat_within(15.0)
    scene.depth(UPBIT, None)
    await scene.quiet()
    fills = (await scene.trades())["exit"].fills
    lowest = min(fill.price for fill in fills if fill.exchange is UPBIT)
    scene.expect(that=lowest > before * Decimal("0.99"), otherwise=f"sold at {lowest} of {before}")


@scenario(rule="a refusal of equal text is not answered with an equal order (our design)")
async def a_sale_refused_under_an_unknown_name(scene: Scene) -> None:
    """Upbit refuses the sale with a name that nobody knows: no equal order is sent again."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT, "order_size_not_supported", count=3))
    await scene.exit()
    await scene.flat_within(60.0)
    await scene.quiet()
    trade = (await scene.trades())["exit"]
    sizes = [order.quantity for order in trade.orders if order.exchange is UPBIT]
    repeated = [size for size in sizes if sizes.count(size) > 1]
    scene.expect(that=not repeated, otherwise=f"sent again as it was: {sizes}")


@scenario(rule="one exchange doubtful: its leg first, the other for what filled (our design)")
async def an_exit_after_orders_on_upbit_were_not_answered(scene: Scene) -> None:
    """Upbit's order calls fail: its leg goes first, and the hedge follows what was sold."""
    await scene.hedged()
    scene.arm(m.orders_fail(UPBIT, 502))
    await scene.wait_open(20.0)
    await scene.exit()
    await scene.wait_open(30.0)
    scene.calm()
    await scene.ends("exit", "flat")
    await scene.expect_naked_ms("exit", at_most=2_000)


@scenario(rule="an EXIT with an end lapses if none of its orders has left by then (our design)")
async def an_exit_that_lapses_while_it_waits(scene: Scene) -> None:
    """It was to close within a minute, Upbit is closed for ten: the pair stays, urgently told."""
    await scene.hedged()
    scene.ban(UPBIT, CLOSED_S)
    await scene.wait_open(10.0)
    now = scene.testbed.clock.now()
    await scene.exit(expires_at=now + timedelta(seconds=60))
    await scene.wait_open(CLOSED_S + BACK_S)
    scene.expect_kept(HELD)
    await scene.expect_refused("exit", "expired")
    urgent = {alert.kind for alert in scene.testbed.alerts() if alert.urgent}
    scene.expect(that="refusal" in urgent, otherwise=f"urgent were only {sorted(urgent)}")


@scenario(rule="an ENTER of a strategy whose close waits is refused (our design)")
async def an_entry_while_a_close_waits(scene: Scene) -> None:
    """Its own close of the coin waits for Upbit: an ENTER is refused, another coin is not held."""
    await scene.hedged()
    scene.suspend_market(UPBIT)
    await scene.wait_open(FILTERS_READ_S)
    await scene.exit()
    await scene.wait_open(5.0)
    await scene.enter("more")
    await scene.expect_refused("more", "close_waits")
    scene.expect_kept(HELD)
    scene.resume(UPBIT)
    await scene.flat_within(BACK_S)
    await scene.quiet()


# -- 2024-12-03 -----------------------------------------------------------------------------------

CRASH = "Upbit and Binance, 2024-12-03, 22:27 KST to the next morning"
PAIR_KRW = Decimal(9_000_000)
PATH = ((0, 0), (13, -300), (20, -900), (27, -2_000), (29, -3_300), (38, -700), (112, -300))
"""Minutes since 22:27 and the premium against its beginning, basis points: -33 % at 22:56, -7 % at
23:05; next morning -1 %. From 22:40 Upbit takes no orders for 99 minutes, its prices go on."""
AWAY_FROM_MIN, AWAY_MIN = 13, 99
MORNING_H, MORNING_BPS = 8.0, -100
STEP_S = 3.0


def _settings(action: StopLossAction) -> TestBedSetup:
    """The same limits with either ``stop_loss_action``."""
    risk = RiskSection(
        stop_loss_action=action,
        order_krw_max=Decimal(10_000_000),
        trade_krw_max=Decimal(20_000_000),
        daily_turnover_krw_max=Decimal(1_000_000_000),
        hourly_loss_krw_max=Decimal(10_000_000),
    )
    engine = EngineSection(symbols=(BASE,), rehearse_every_ms=0)
    return TestBedSetup(settings=executor_settings(Settings(engine=engine, risk=risk)))


def _premium_bps(minute: float) -> Decimal:
    for (at, bps), (later, then) in pairwise(PATH):
        if minute <= later:
            part = Decimal(str((minute - at) / (later - at)))
            return bps + (then - bps) * part
    return Decimal(PATH[-1][1])


async def _night(scene: Scene) -> None:
    """The whole path; Upbit is away for 99 minutes of it."""
    testbed = scene.testbed
    start = testbed.tick(BASE).upbit_close
    minutes = AWAY_FROM_MIN + AWAY_MIN + 10
    is_away = False
    for step in range(int(minutes * 60 / STEP_S)):
        minute = step * STEP_S / 60
        if not is_away and AWAY_FROM_MIN <= minute < AWAY_FROM_MIN + AWAY_MIN:
            is_away = True
            scene.shut(UPBIT)
        elif is_away and minute >= AWAY_FROM_MIN + AWAY_MIN:
            is_away = False
            scene.reopen(UPBIT)
        wanted = start * (1 + _premium_bps(minute) / BPS)
        tick = testbed.tick(BASE)
        bps = int((wanted / tick.upbit_close - 1) * BPS)
        testbed.set_tick(replace(tick, upbit_close=tick.upbit_close * (1 + bps / BPS)))
        await scene.wait(STEP_S)
    scene.jump(MORNING_H)
    tick = testbed.tick(BASE)
    testbed.set_tick(replace(tick, upbit_close=start * (1 + MORNING_BPS / BPS)))
    await scene.wait_open(20.0)
    await scene.quiet()


async def _told_cost(scene: Scene, play: Callable[[Scene], Awaitable[None]]) -> None:
    """What the night cost in all: equity by the exchanges, before and after."""
    before = _equity(scene)
    await play(scene)
    cost = before - _equity(scene)
    scene.testbed.note(f"the night cost {cost.quantize(Decimal(1))} KRW of {PAIR_KRW} KRW")


def _equity(scene: Scene) -> Decimal:
    world = scene.testbed.world
    return world.equity(world.upbit.prices["KRW-USDT"])


@scenario(rule=CRASH, setup=_settings(StopLossAction.CLOSE), stopped="daily_loss")
async def the_night_of_2024_12_03_with_a_stop_loss_that_closes(scene: Scene) -> None:
    """-33 % for a minute, Upbit away for 99: its reason is gone once Upbit is back: kept."""
    await scene.hedged(notional_krw=PAIR_KRW)
    held = scene.short()
    await _told_cost(scene, _night)
    scene.expect_kept(held)
    scene.expect_alert("close_waits")


@scenario(rule=CRASH, setup=_settings(StopLossAction.ALERT), stopped="daily_loss")
async def the_night_of_2024_12_03_with_a_stop_loss_that_tells(scene: Scene) -> None:
    """The same night with stop_loss_action=alert: nothing is traded, an operator is told."""
    await scene.hedged(notional_krw=PAIR_KRW)
    held = scene.short()
    await _told_cost(scene, _night)
    scene.expect_kept(held)
    scene.expect_alert("stop_loss_reached")


async def _fall_and_stay(scene: Scene) -> None:
    """Upbit answers all the time; the premium falls to -33 % and is back in the morning."""
    testbed = scene.testbed
    start = testbed.tick(BASE).upbit_close
    for step in range(int(45 * 60 / STEP_S)):
        wanted = start * (1 + _premium_bps(step * STEP_S / 60) / BPS)
        tick = testbed.tick(BASE)
        testbed.set_tick(replace(tick, upbit_close=wanted.quantize(Decimal(1_000))))
        await scene.wait(STEP_S)
    scene.jump(MORNING_H)
    tick = testbed.tick(BASE)
    testbed.set_tick(replace(tick, upbit_close=start * (1 + MORNING_BPS / BPS)))
    await scene.wait_open(20.0)
    await scene.quiet()


@scenario(rule=CRASH, setup=_settings(StopLossAction.CLOSE))
async def the_night_of_2024_12_03_with_an_upbit_that_answers(scene: Scene) -> None:
    """The same prices and no outage: the stop-loss closes near its limit, not at the bottom."""
    await scene.hedged(notional_krw=PAIR_KRW)
    await _told_cost(scene, _fall_and_stay)
    scene.expect_flat()
    scene.expect_alert("stop_loss")
