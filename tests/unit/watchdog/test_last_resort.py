"""The last resort is started late and once: when engines that close have failed, and it presses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.fakes.kennel import HOLDING, SETTINGS, Kennel
from tests.fakes.outcomes import FILLED, LOST_REQUEST
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.runtime.lease.heartbeat import MadeWay
from trading_platform_order.watchdog.failure_notes import Failures

ENTER = signal(quantity="0.010")
FAILS = ["a row that no engine survives"] * 10_000
AFTER_S = SETTINGS.last_resort_after_s
STARTS_S = 15.0
"""Until the engine counts as gone, its closing has failed, and it is looked at again."""


def made_way(life: asyncio.Task[None]) -> bool:
    """The engine ended because the watchdog took over."""
    failed = life.exception() if life.done() else None
    return isinstance(failed, ExceptionGroup) and isinstance(failed.exceptions[0], MadeWay)


@asynccontextmanager
async def uneven(kennel: Kennel) -> AsyncIterator[None]:
    """The engine died between the legs, and no engine that closes lives."""
    kennel.binance.outcomes.append(LOST_REQUEST)
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        kennel.closes_fail = list(FAILS)
        yield


@in_virtual_time
async def test_legs_that_differ_for_long_are_closed_by_it_once() -> None:
    kennel = Kennel()
    async with uneven(kennel):
        await asyncio.sleep(AFTER_S)
        assert kennel.last_resort.runs == []
        await asyncio.sleep(STARTS_S)
        ((_, reason),) = kennel.last_resort.runs
        assert "legs have differed for 1" in reason
        assert "0.01 BTC against 0 short" in reason
        told = [alert for alert in kennel.told if "last_resort" in alert.kind]
        assert [alert.kind for alert in told] == ["last_resort_started", "last_resort_ended"]
        assert all(alert.urgent for alert in told)
        assert told[1].fields["left"] == "nothing of ours"
        assert await kennel.watch.open_takeover() is None
        await asyncio.sleep(1_000)
        assert len(kennel.last_resort.runs) == 1


@in_virtual_time
async def test_what_is_even_waits_for_an_operator_however_often_engines_fail() -> None:
    kennel = Kennel()
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.closes_fail = list(FAILS)
        await asyncio.sleep(1_000)
        assert kennel.last_resort.runs == []
        assert kennel.told_kinds[-1] == "watchdog_stuck"


@pytest.mark.parametrize("fails", [1, 2])
@in_virtual_time
async def test_near_liquidation_two_failed_engines_are_enough(fails: int) -> None:
    kennel = Kennel(dog=replace(SETTINGS, last_resort_distance=D(1_000)))
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.closes_fail = FAILS[:fails]
        await asyncio.sleep(STARTS_S)
        if fails == 1:
            assert kennel.last_resort.runs == [], "the second engine has closed it"
            assert kennel.held == (D(0), D(0))
        else:
            ((_, reason),) = kennel.last_resort.runs
            assert "liquidation is" in reason


@in_virtual_time
async def test_without_keys_of_its_own_an_operator_is_called_and_told_why() -> None:
    kennel = Kennel()
    kennel.last_resort.fault = "it has no keys"
    async with uneven(kennel):
        await asyncio.sleep(300)
        assert kennel.last_resort.runs == []
        assert "cannot be started by it: it has no keys" in kennel.told[-1].fields["reason"]


@in_virtual_time
async def test_one_that_ends_with_something_left_is_started_again_after_a_minute() -> None:
    kennel = Kennel()
    kennel.last_resort.lefts = ["it ended with 1", "it ended with 1"]
    async with uneven(kennel):
        await asyncio.sleep(AFTER_S + 200)
        first, second, third = (at_s for at_s, _ in kennel.last_resort.runs)
        assert second - first >= 60
        assert third - second >= 60
        assert await kennel.watch.open_takeover() is None


@in_virtual_time
async def test_operators_are_called_while_it_works() -> None:
    kennel = Kennel()
    kennel.last_resort.takes_s = 600.0
    async with uneven(kennel):
        await asyncio.sleep(500)
        assert len(kennel.last_resort.runs) == 1
        calls = [a.fields["reason"] for a in kennel.told if a.kind == "watchdog_stuck"]
        assert calls.count("the last resort is at work: its last line") >= 5


@in_virtual_time
async def test_an_engine_that_looks_away_from_a_coin_makes_way_for_it() -> None:
    kennel = Kennel(dog=HOLDING)
    kennel.binance.outcomes.extend([LOST_REQUEST] * 10_000)
    kennel.upbit.outcomes.append(FILLED)
    async with kennel.watched():
        kennel.coins_aside = frozenset({"BTC"})
        life = await kennel.begin()
        await kennel.signal(ENTER)
        await asyncio.sleep(0.3)
        kennel.upbit.outcomes.extend([LOST_REQUEST] * 10_000)
        kennel.closes_fail = list(FAILS)
        await asyncio.sleep(AFTER_S - 10)
        assert not life.done()
        await asyncio.sleep(60)
        assert made_way(life)
        ((_, reason),) = kennel.last_resort.runs
        assert "legs have differed" in reason
        acted = kennel.told_kinds.count("watchdog_acted")
        await kennel.begin()
        await asyncio.sleep(500)
        assert kennel.told_kinds.count("watchdog_acted") == acted, "it is left alone now"


@in_virtual_time
async def test_engines_that_end_the_watchdog_with_them_count_over_its_starts() -> None:
    """Each was counted before it began, and the legs are timed on by the next watchdog."""
    kennel = Kennel()
    kennel.binance.outcomes.append(LOST_REQUEST)
    kennel.deadly_closes = 1_000
    async with kennel.watched():
        async with kennel.running():
            await kennel.signal(ENTER)
            await asyncio.sleep(0.3)
        await kennel.dog_ended.wait()
    began_s = kennel.clock.monotonic()
    while not kennel.last_resort.runs:
        assert kennel.clock.monotonic() - began_s < AFTER_S + STARTS_S
        kennel.dog_ended.clear()
        async with kennel.watched():
            await asyncio.sleep(10.0)
    ((at_s, _),) = kennel.last_resort.runs
    assert at_s - began_s > AFTER_S - STARTS_S
    assert kennel.deadly_closes < 1_000 - 5, "it dies all the while"


@in_virtual_time
async def test_what_was_counted_in_another_takeover_does_not_count() -> None:
    kennel = Kennel(dog=replace(SETTINGS, last_resort_distance=D(1_000)))
    kennel.failures.save(Failures(takeover=7, failed=2, uneven_since_s=0.0))
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.closes_fail = FAILS[:1]
        await asyncio.sleep(STARTS_S)
        assert kennel.last_resort.runs == []
        assert kennel.held == (D(0), D(0))


@in_virtual_time
async def test_a_watchdog_that_is_stopped_has_seen_no_failure() -> None:
    kennel = Kennel(dog=replace(SETTINGS, last_resort_distance=D(1_000)))
    async with kennel.watched():
        async with kennel.running():
            await kennel.done(ENTER)
        kennel.upbit.outcomes.extend([LOST_REQUEST] * 100)
        while kennel.closing is None:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.01)
    assert kennel.failures.load().failed == 0
