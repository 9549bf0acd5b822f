"""What can go wrong with a protective stop: unanswered, refused, cancelled by others, not ours."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.leg_loss_checks import settle
from tests.unit.executor.protection.protective_stop_fixture import (
    ENTER,
    exiting,
    fixture_of,
    states,
)
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopState,
)
from trading_platform_order.transport.virtual_loop import run_virtual


@pytest.mark.parametrize("outcome", ["lost", "unanswered"])
def test_one_that_nobody_answers_is_looked_up_and_never_sent_again(outcome: str) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        fixture.binance.stop_outcomes.append(outcome)
        async with fixture.running():
            await fixture.done(ENTER)
            await asyncio.sleep(30)
            await fixture.quiet()
            names = [stop.client_order_id[-3:] for stop in fixture.binance.stops_sent]
            assert names == (["hp1", "hp2"] if outcome == "lost" else ["hp1"])
            assert len(fixture.binance.waiting_stops) == fixture.binance.stops_most == 1
            assert ProtectiveStopState.UNKNOWN in await states(fixture)
            assert (ProtectiveStopState.ABSENT in await states(fixture)) == (outcome == "lost")

    run_virtual(scenario())


@in_virtual_time
async def test_one_that_is_refused_is_told_and_tried_again() -> None:
    fixture = fixture_of()
    no = Refused(code="binance:-2019", message="margin")
    fixture.binance.stop_outcomes.extend([no, no, no])
    async with fixture.running():
        await fixture.done(ENTER)
        await asyncio.sleep(20)
        await fixture.quiet()
        assert len(fixture.binance.waiting_stops) == 1
        assert [kind for kind, _ in await fixture.alerts()].count("unprotected") == 1
        assert [s.client_order_id[-3:] for s in fixture.binance.stops_sent][-1] == "hp4"


@in_virtual_time
async def test_a_cancel_that_nobody_answers_never_leaves_two() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.lost_stop_cancels = 3
        await fixture.done(
            signal(name="s2", strategy="b", quantity="0.004", at=fixture.clock.now())
        )
        await asyncio.sleep(30)
        await fixture.quiet()
        assert [s.quantity for s in fixture.binance.waiting_stops] == [D("0.014")]
        assert fixture.binance.stops_most == 1


@in_virtual_time
async def test_one_that_ended_by_our_count_and_yet_stands_is_taken_back_first() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        await fixture.done(exiting(fixture))
        (old,) = fixture.binance.stops.values()
        fixture.binance.stops[old.client_order_id] = replace(
            old, state=ProtectiveStopState.FINISHED
        )
        fixture.binance.stop_outcomes.append("lost")
        await fixture.signal(signal(name="s2", quantity="0.010", at=fixture.clock.now()))
        await asyncio.sleep(14)
        late = fixture.binance.stops_sent[1]
        await asyncio.sleep(20)
        # It was called absent and a second one stands; now it arrives after all.
        fixture.binance.stops[late.client_order_id] = replace(
            late, state=ProtectiveStopState.WAITING
        )
        fixture.executor.protective_stops.heard(fixture.binance.stop_report(late.client_order_id))
        await settle(fixture)
        assert len(fixture.binance.waiting_stops) == 1


@in_virtual_time
async def test_one_under_our_prefix_that_no_journal_knows_is_taken_back() -> None:
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        stranger = replace(stop, client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-hp7")
        fixture.binance.stops[stranger.client_order_id] = stranger
        await fixture.done(
            signal(name="s2", strategy="b", quantity="0.004", at=fixture.clock.now())
        )
        await asyncio.sleep(10)
        await fixture.quiet()
        assert [s.client_order_id[-3:] for s in fixture.binance.waiting_stops] == ["hp2"]


@in_virtual_time
async def test_one_whose_rows_were_lost_is_taken_back_at_the_start_though_nothing_is_short() -> (
    None
):
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        await fixture.done(exiting(fixture))
    lost = replace(stop, client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-hp7")
    fixture.binance.stops[lost.client_order_id] = lost
    async with fixture.running():
        await asyncio.sleep(10)
        await fixture.quiet()
        assert fixture.binance.waiting_stops == []
        assert ("unprotected", True) in await fixture.alerts()


@pytest.mark.parametrize("forgotten", [True, False])
@pytest.mark.parametrize("restarts", [True, False])
def test_one_that_somebody_cancelled_is_noticed_and_placed_anew(
    forgotten: bool, restarts: bool
) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(ENTER)
            if not restarts:
                await gone(fixture)
        if restarts:
            await gone(fixture, waits=False)
            async with fixture.running():
                await asyncio.sleep(40)
                await fixture.quiet()
        assert [s.client_order_id[-3:] for s in fixture.binance.waiting_stops] == ["hp2"]
        assert (("unprotected", True) in await fixture.alerts()) == forgotten

    async def gone(fixture: ExecutorFixture, *, waits: bool = True) -> None:
        (stop,) = fixture.binance.waiting_stops
        if forgotten:
            del fixture.binance.stops[stop.client_order_id]
        else:
            fixture.binance.stops[stop.client_order_id] = replace(
                stop, state=ProtectiveStopState.CANCELLED
            )
        if waits:
            await asyncio.sleep(60)
            await fixture.quiet()

    run_virtual(scenario())


@in_virtual_time
async def test_the_owners_own_stops_are_left_alone() -> None:
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.stops["web_1"] = replace(stop, client_order_id="web_1")
        await fixture.done(exiting(fixture))
        assert [s.client_order_id for s in fixture.binance.waiting_stops] == ["web_1"]


@in_virtual_time
async def test_nothing_is_sent_without_the_lease() -> None:
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.may_send = False
        sent = len(fixture.binance.stops_sent)
        fixture.binance.liquidation = D(170_000)
        await asyncio.sleep(65)
        assert len(fixture.binance.stops_sent) == sent
