"""The engine dies, hangs or does not get ready, and a watchdog looks after what is open."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.failover_dsl import (
    SETTLED_S,
    FailoverScene,
    beside_watchdog,
)
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, EVER, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings
from trading_platform_order.storage.liveness import ProcessState

HOLD = "our design: an even pair under its stop loses nothing while an engine is restarted"
EXITS = "our design: an EXIT gets through in bounded time, whatever fails"
EXCESS = "our design: what is naked is reduced on its own exchange"
RETURNS = "our design: an engine that returns lets the watchdog finish, and then relieves it"
PROOF = "Binance: lists may lag behind the matching engine; the position does not"
KEYS = "our design: the watchdog has keys of its own; -2015 tells that the engine's is dead"
START = "our design: a start is judged by the progress of its beats"
ACTED = "watchdog: "
SILENT, HOLDS = AlertKind.ENGINE_SILENT, AlertKind.WATCHDOG_HOLDS
WATCHDOG_ACTED, NOT_READY = AlertKind.WATCHDOG_ACTED, AlertKind.ENGINE_NOT_READY
UNPROTECTED = TestBedSetup(
    settings=replace(bed_settings(), protect=ProtectRules(enabled=False)),
)


async def _pair(scene: FailoverScene, **more: object) -> None:
    """An open pair, its stop standing on Binance."""
    await scene.hedged(**more)
    await scene.pass_time(SETTLED_S)


@beside_watchdog(rule=HOLD)
async def engine_dead_beside_a_hedged_pair(scene: FailoverScene) -> None:
    """The engine is away for ten minutes: its pair is held and told, and goes on as it was."""
    await _pair(scene)
    await scene.engine_dies()
    await scene.pass_time(600.0)
    scene.expect_hedged()
    scene.expect_told(SILENT, HOLDS)
    scene.expect_not_told(WATCHDOG_ACTED)
    await scene.engine_returns()
    scene.expect_hedged()


@beside_watchdog(rule=HOLD, stopped=ACTED)
async def engine_dead_beyond_the_hold(scene: FailoverScene) -> None:
    """Nobody starts an engine for 15 minutes: the pair is closed then, and not before."""
    await _pair(scene)
    await scene.engine_dies()
    await scene.pass_time(890.0)
    scene.expect_hedged()
    await scene.pass_time(40.0)
    scene.expect_flat()
    await scene.engine_returns()


@beside_watchdog(rule=HOLD, setup=UNPROTECTED, stopped=ACTED)
async def engine_dead_and_no_stop_stands(scene: FailoverScene) -> None:
    """Nothing would stop a liquidation: the pair is closed as soon as the engine counts as dead."""
    await _pair(scene)
    await scene.engine_dies()
    await scene.pass_time(12.0)
    scene.expect_flat()
    scene.expect_not_told(HOLDS)
    await scene.engine_returns()


@beside_watchdog(rule=EXITS, stopped=ACTED)
async def exit_waits_beside_a_dead_engine(scene: FailoverScene) -> None:
    """An EXIT lies in the inbox: 35 s later its pair is closed; the other strategy's is held."""
    await _pair(scene)
    await scene.enters(name="other", strategy="other")
    await scene.pass_time(SETTLED_S)
    both = scene.short()
    await scene.engine_dies()
    await scene.pass_time(20.0)
    await scene.exit_in_inbox()
    await scene.pass_time(33.0)
    scene.expect(that=scene.short() == both, otherwise="closed before its time")
    await scene.pass_time(8.0)
    scene.expect(that=scene.short() == both / 2, otherwise=f"{scene.short()} of {both} short")
    scene.expect_hedged()
    await scene.pass_time(120.0)
    scene.expect_hedged()
    await scene.engine_returns()


@beside_watchdog(rule=EXITS)
async def a_friday_exit_closes_no_pair_of_monday(scene: FailoverScene) -> None:
    """An EXIT older than the pair is handed in beside a dead engine: a living one refuses it."""
    friday = scene.signal("friday", scene.EXIT)
    await scene.pass_time(60.0)
    await _pair(scene)
    await scene.engine_dies()
    await scene.watched.put_signal(friday)
    await scene.pass_time(300.0)
    scene.expect_hedged()
    scene.expect_not_told(WATCHDOG_ACTED)
    await scene.watched.start()


@beside_watchdog(rule=KEYS, stopped=ACTED)
async def exit_waits_beside_an_engine_whose_key_is_dead(scene: FailoverScene) -> None:
    """Binance's key dies: the pair is kept; an EXIT has 10 s, then the watchdog's keys close it."""
    await _pair(scene)
    scene.revoke_key(BINANCE)
    await scene.pass_time(60.0)
    scene.expect_hedged()
    scene.expect_not_told(WATCHDOG_ACTED)
    await scene.exit()
    await scene.pass_time(9.0)
    scene.expect_hedged()
    scene.expect(that=scene.coins() > 0, otherwise="closed before its time")
    await scene.pass_time(10.0)
    scene.expect_flat()
    scene.expect_told(WATCHDOG_ACTED)
    scene.restore_key(BINANCE)
    await scene.engine_dies()  # it has made way
    await scene.engine_returns()


@beside_watchdog(rule=KEYS, stopped=ACTED)
async def another_pair_beside_an_engine_whose_key_is_dead(scene: FailoverScene) -> None:
    """Two pairs are open as the key dies, one is to be closed: the watchdog leaves the other."""
    await _pair(scene)
    await scene.enters(name="other", strategy="other")
    both = scene.short()
    scene.revoke_key(BINANCE)
    await scene.pass_time(5.0)
    await scene.exit()
    await scene.pass_time(30.0)
    scene.expect_told(WATCHDOG_ACTED)
    scene.expect(that=scene.short() == both / 2, otherwise=f"{scene.short()} of {both} short")
    scene.expect_hedged()
    scene.restore_key(BINANCE)
    await scene.engine_dies()
    await scene.engine_returns()


@beside_watchdog(rule=KEYS)
async def exit_waits_beside_two_dead_keys(scene: FailoverScene) -> None:
    """Upbit's key dies for both: the watchdog cannot order either, and takes nothing."""
    await _pair(scene)
    scene.revoke_key(UPBIT)
    await scene.pass_time(5.0)
    await scene.exit()
    await scene.pass_time(60.0)
    scene.expect_hedged()
    scene.expect_not_told(WATCHDOG_ACTED)
    await scene.engine_dies()
    scene.restore_key(UPBIT)
    await scene.engine_returns()
    await scene.pass_time(10.0)
    scene.expect_flat()


@beside_watchdog(rule=KEYS, stopped=ACTED)
async def a_leg_alone_beside_an_engine_whose_key_is_dead(scene: FailoverScene) -> None:
    """An entry has its short and no coins as Binance's key dies: the watchdog's key buys back."""
    await scene.pass_time(SETTLED_S)
    scene.arm(
        m.refusal(UPBIT, count=EVER),
        m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, skip=1, count=EVER),
    )
    await scene.enter()
    await scene.pass_time(0.5)
    scene.expect(that=scene.coins() == 0 < scene.short(), otherwise="no leg stands alone")
    scene.revoke_key(BINANCE)
    scene.calm()
    await scene.pass_time(8.0)
    scene.expect(that=scene.short() > 0, otherwise="bought back before its time")
    await scene.pass_time(20.0)
    scene.expect_flat()
    scene.expect_told(WATCHDOG_ACTED)
    scene.restore_key(BINANCE)
    await scene.engine_dies()
    await scene.engine_returns()


# -- what is naked -------------------------------------------------------------------------------


@beside_watchdog(rule=EXCESS, stopped=ACTED)
async def naked_short_and_upbit_away(scene: FailoverScene) -> None:
    """The coins are sold, Binance refuses for a while, the engine dies and Upbit falls silent."""
    await _pair(scene)
    scene.arm(m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, count=EVER))
    await scene.exit()
    await scene.pass_time(1.0)
    scene.expect(that=scene.coins() == 0 < scene.short(), otherwise="no leg stands alone")
    await scene.engine_dies()
    scene.calm()
    scene.unreachable(UPBIT)
    await scene.pass_time(12.0)
    scene.expect_flat()
    scene.reachable(UPBIT)
    await scene.pass_time(60.0)
    await scene.engine_returns()


@beside_watchdog(rule=EXCESS, stopped=ACTED)
async def naked_coins_and_binance_away_at_the_watchdogs_start(scene: FailoverScene) -> None:
    """The hedge is closed, the coins are not; Binance is away when the watchdog begins."""
    await _pair(scene)
    await scene.watched.kill_dog()
    scene.arm(m.error_instead(UPBIT, 429, count=EVER))
    await scene.exit()
    await scene.pass_time(1.0)
    scene.expect(that=scene.short() == 0 < scene.coins(), otherwise="no leg stands alone")
    await scene.engine_dies()
    scene.calm()
    scene.unreachable(BINANCE)
    scene.watched.start_dog()
    await scene.pass_time(15.0)
    scene.expect_flat()
    scene.reachable(BINANCE)
    await scene.pass_time(60.0)
    await scene.engine_returns()


@beside_watchdog(rule=RETURNS, stopped=ACTED)
async def the_engine_returns_while_the_watchdog_sells(scene: FailoverScene) -> None:
    """Upbit refuses its sale again and again, and the engine is back: one of them sells, once."""
    await _pair(scene)
    scene.arm(m.error_instead(UPBIT, 429, count=EVER))
    await scene.exit()
    await scene.pass_time(1.0)
    await scene.engine_dies()
    await scene.pass_time(14.0)
    scene.expect_told(WATCHDOG_ACTED)
    await scene.engine_returns()
    await scene.pass_time(6.0)
    scene.expect(that=scene.short() == 0 < scene.coins(), otherwise="no leg stands alone")
    scene.calm()
    await scene.pass_time(30.0)
    scene.expect_flat()


@beside_watchdog(rule=EXCESS, stopped=ACTED)
async def what_may_be_even_waits_for_the_silent_exchange(scene: FailoverScene) -> None:
    """The hedge is filled, the answer of Upbit is lost, Upbit falls silent: nothing is reduced."""
    await scene.pass_time(SETTLED_S)
    scene.arm(m.answer_lost(UPBIT), m.news_lost(UPBIT))
    await scene.enter()
    await scene.pass_time(0.3)
    await scene.engine_dies()
    scene.calm()
    scene.unreachable(UPBIT)
    await scene.pass_time(60.0)
    scene.expect_hedged()
    scene.reachable(UPBIT)
    await scene.pass_time(40.0)
    scene.expect_flat()
    await scene.engine_returns()


@beside_watchdog(rule=PROOF, stopped=ACTED)
async def lists_lag_for_the_watchdog(scene: FailoverScene) -> None:
    """No list of Binance shows the hedge for 40 s, its position does: no proof, nothing is sold."""
    await scene.pass_time(SETTLED_S)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE), m.lists_lag(BINANCE, 40.0))
    await scene.enter()
    await scene.pass_time(0.3)
    await scene.engine_dies()
    await scene.pass_time(33.0)
    scene.expect_hedged()
    await scene.pass_time(60.0)
    scene.expect_flat()
    await scene.engine_returns()


@beside_watchdog(rule=PROOF, stopped=ACTED)
async def an_exit_and_anothers_entry_are_lost_and_the_engine_dies(scene: FailoverScene) -> None:
    """Neither hedge order arrived: each would explain the other, the one position proves both."""
    await _pair(scene)
    scene.arm(m.order_lost(BINANCE, count=2))
    await scene.enter("others", strategy="other", symbol="BTC")
    await scene.pass_time(0.1)
    await scene.exit()
    await scene.pass_time(0.3)
    await scene.engine_dies()
    await scene.pass_time(60.0)
    scene.expect_flat()
    await scene.engine_returns()


# -- what is no loss -----------------------------------------------------------------------------


@beside_watchdog(rule="our design: a loss shows by the trades as well as by the balances")
async def withdrawal_that_the_engine_cannot_read(scene: FailoverScene) -> None:
    """The owner withdraws 7 % while one list of Upbit fails: it is told, and closes nothing."""
    await _pair(scene)
    await scene.wait_open(150.0)
    scene.arm(m.reads_fail(UPBIT, "/v1/orders/open", 500, count=EVER))
    scene.owner.transfer(UPBIT, "KRW", Decimal(-3_000_000))
    await scene.wait_open(200.0)
    scene.expect_told(AlertKind.LOSS_UNCONFIRMED)
    scene.expect_not_told(WATCHDOG_ACTED)
    scene.calm()
    await scene.wait_open(150.0)
    scene.expect_hedged()


@beside_watchdog(rule="a row that cannot be read is unknown, never zero (our rule)")
async def krw_that_upbit_lists_unreadably(scene: FailoverScene) -> None:
    """The row of KRW has no number for minutes: the watchdog takes none of it for lost."""
    await _pair(scene)
    await scene.wait_open(150.0)
    scene.arm(m.unreadable_rows(UPBIT, "/v1/accounts", "KRW"))
    await scene.wait_open(200.0)
    scene.expect_not_told(WATCHDOG_ACTED, AlertKind.LOSS_UNCONFIRMED)
    scene.calm()
    await scene.wait_open(150.0)
    scene.expect_hedged()


# -- a start -------------------------------------------------------------------------------------


@beside_watchdog(rule=START)
async def a_long_start_is_no_dead_engine(scene: FailoverScene) -> None:
    """Its journal takes 100 s to read: it beats, so nobody is called and nothing is closed."""
    await _pair(scene)
    await scene.engine_dies()
    async with scene.starting():
        await scene.pass_time(100.0)
        scene.expect_hedged()
        scene.expect_not_told(SILENT, NOT_READY, WATCHDOG_ACTED)
    await scene.engine_returns()
    await scene.pass_time(2.0)
    await scene.expect_state(ProcessState.RUNNING)


@beside_watchdog(rule=START)
async def no_healthy_beat_before_the_engine_is_ready(scene: FailoverScene) -> None:
    """Rows may be lost and Upbit is away as an engine starts: its beats say so until it serves."""
    await _pair(scene)
    await scene.engine_dies()
    testbed = scene.testbed
    testbed.place = replace(testbed.place, boot="after power was lost")
    scene.unreachable(UPBIT)
    starting = asyncio.ensure_future(scene.engine_returns())
    await scene.pass_time(20.0)
    await scene.expect_state(ProcessState.STARTING)
    scene.reachable(UPBIT)
    await asyncio.wait([starting], timeout=100.0)
    await scene.pass_time(2.0)
    await scene.expect_state(ProcessState.RUNNING)
    starting.result()


@beside_watchdog(rule=START)
async def a_start_that_serves_closes_is_no_start_any_more(scene: FailoverScene) -> None:
    """No row is lost and Upbit is away: closes are served before any sweep, its beats say so."""
    await _pair(scene)
    await scene.engine_dies()
    scene.unreachable(UPBIT)
    starting = asyncio.ensure_future(scene.engine_returns())
    await scene.pass_time(5.0)
    await scene.expect_state(ProcessState.RUNNING)
    scene.reachable(UPBIT)
    await asyncio.wait([starting], timeout=100.0)
    starting.result()


@beside_watchdog(rule=START, stopped=ACTED)
async def a_start_that_hangs_keeps_no_exit_waiting(scene: FailoverScene) -> None:
    """Not ready after two minutes: it is told, an EXIT has 35 s, and the start makes way."""
    await _pair(scene)
    await scene.engine_dies()
    async with scene.starting():
        await scene.exit_in_inbox()
        await scene.pass_time(115.0)
        scene.expect_hedged()
        scene.expect_not_told(NOT_READY)
        await scene.pass_time(30.0)
        scene.expect_told(NOT_READY, HOLDS)
        await scene.pass_time(20.0)
        scene.expect_flat()
    await scene.engine_returns()


@beside_watchdog(rule=START, stopped=ACTED)
async def a_start_that_hangs_beside_a_naked_leg(scene: FailoverScene) -> None:
    """The coins are sold and the hedge is not: a start that does not get ready has 30 s."""
    await _pair(scene)
    scene.arm(m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, count=EVER))
    await scene.exit()
    await scene.pass_time(1.0)
    await scene.engine_dies()
    scene.calm()
    async with scene.starting():
        await scene.pass_time(45.0)
        scene.expect_flat()
    await scene.engine_returns()
