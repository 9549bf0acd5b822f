"""The way of a signal gone without effects: it comes to the signatures and leaves nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.executor.journal.state_codec import encode_state
from trading_platform_order.executor.order_executor import OrderExecutor
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import (
    BASE,
    TestBed,
    TestBedSetup,
    bed_settings,
)
from trading_platform_order.storage.base import Entry

Outside = tuple[list[tuple[str, str]], list[str]]
"""Rows of the journal (kind, body), and requests of the engine (method and client id)."""


@asynccontextmanager
async def played(rehearse_every_s: float = 0.0) -> AsyncIterator[tuple[Scene, list[str]]]:
    settings = replace(bed_settings(), rehearse_every_s=rehearse_every_s)
    testbed = TestBed(RunReport(seed="rehearsal"), TestBedSetup(settings=settings))
    sent: list[str] = []
    # A signature holds a time and a nonce; what is asked for stands before the query.
    testbed.listeners.append(lambda request: sent.append(f"{request.method} {request.label}"))
    testbed.open()
    try:
        await testbed.start()
        yield Scene(testbed), sent
    finally:
        await testbed.close()


def executor_of(scene: Scene) -> OrderExecutor:
    return scene.testbed.engine.executor


async def outside_of_a_round_trip(rehearse_every_s: float) -> Outside:
    async with played(rehearse_every_s) as (scene, sent):
        await scene.hedged()
        await scene.wait_open(2.0)
        await scene.exit()
        await scene.flat_within(3.0)
        await scene.quiet()
        rows = await scene.testbed.reader().journal()
        return [(row.kind, row.body) for row in rows], sent


def test_with_rehearsals_the_journal_and_all_requests_are_the_same() -> None:
    outsides: list[Outside] = []

    @in_virtual_time
    async def play(rehearse_every_s: float) -> None:
        outsides.append(await outside_of_a_round_trip(rehearse_every_s))

    play(0.0)
    play(0.05)
    assert outsides[0] == outsides[1]
    assert "trade_settled" in [kind for kind, _ in outsides[0][0]]


@in_virtual_time
async def test_the_way_is_gone_to_its_end_and_leaves_nothing() -> None:
    async with played() as (scene, sent):
        await scene.hedged()
        scene.testbed.show_again()
        await asyncio.sleep(0.1)
        executor = executor_of(scene)
        assert executor.rehearsal.once(BASE)  # prices are noted now, as a signal would
        before = await _standing(scene, sent)
        for _ in range(20):
            assert executor.rehearsal.once(BASE)
        assert await _standing(scene, sent) == before


async def _standing(scene: Scene, sent: list[str]) -> tuple[object, ...]:
    executor, exchanges = executor_of(scene), scene.testbed.engine.exchanges
    return (
        encode_state(executor.book),
        [exchange.rate_room() for exchange in exchanges.both],
        [exchange.order_wait_s() for exchange in exchanges.both],
        await scene.testbed.reader().journal(),
        scene.testbed.alerts(),
        len(sent),
        executor.access.gate(BASE),
        sorted(executor.trades),
        executor.is_idle,
    )


@in_virtual_time
async def test_a_limit_that_refuses_ends_it_unseen() -> None:
    async with played() as (scene, _):
        scene.testbed.show_again()
        await asyncio.sleep(0.1)
        executor = executor_of(scene)
        assert executor.rehearsal.once(BASE)
        await scene.stop("by hand")
        rows = len(await scene.testbed.reader().journal())
        assert not executor.rehearsal.once(BASE)
        assert len(await scene.testbed.reader().journal()) == rows


@in_virtual_time
async def test_none_while_something_is_decided_or_under_way() -> None:
    async with played() as (scene, _):
        scene.testbed.show_again()
        await asyncio.sleep(0.1)
        executor = executor_of(scene)
        async with executor.account.booking_lock:
            assert not executor.rehearsal.once(BASE)
        assert executor.rehearsal.once(BASE)
        await scene.enter()  # it returns when the claim is durable
        assert executor.running
        assert not executor.rehearsal.once(BASE)
        await scene.quiet()


@in_virtual_time
async def test_a_symbol_without_a_market_ends_it_unseen() -> None:
    async with played() as (scene, sent):
        asked = len(sent)
        assert not executor_of(scene).rehearsal.once("NONE")
        await asyncio.sleep(0.01)
        assert len(sent) == asked


@in_virtual_time
async def test_a_rehearsal_that_fails_is_told_and_ends_nothing_else() -> None:
    async with played(0.05) as (scene, _):

        def fails(_entries: Sequence[Entry], *, at_us: int) -> None:
            raise ZeroDivisionError(at_us)

        scene.testbed.engine_store.rehearse = fails  # type: ignore[method-assign, assignment]
        await scene.wait(1.0)
        rows = await scene.testbed.reader().alerts_after(0)
        told = [row.alert for row in rows if row.alert.kind == "rehearsal_failed"]
        assert [alert.fields["error"] for alert in told] == ["ZeroDivisionError"]
        await scene.hedged()
        await scene.exit()
        await scene.flat_within(3.0)
