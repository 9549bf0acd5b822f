"""The protective stop stands, moves, is taken back and survives; one at most, whatever fails."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.test_leg_loss_events import agrees, closings, settle
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopState,
    ProtectRules,
    StopKind,
    StopMoved,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.simulation.testbed.virtual_time.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
LIQUIDATION = D(150_000)


# The monitors would reduce the pair before its stop is reached; here only the stop is looked at.
NO_REDUCING = MonitorLimits(margin=MarginLimits(warn_distance=D(0), reduce_distance=D(0)))


def fixture_of(**rules: object) -> ExecutorFixture:
    protect = ProtectRules(**rules)  # type: ignore[arg-type]
    fixture = ExecutorFixture(protect=protect, reconcile_interval_s=10.0, monitors=NO_REDUCING)
    fixture.binance.liquidation = LIQUIDATION
    return fixture


def exiting(fixture: ExecutorFixture, name: str = "x1", quantity: str | None = None) -> Signal:
    return signal(Action.EXIT, name=name, quantity=quantity, at=fixture.clock.now())


async def states(fixture: ExecutorFixture) -> list[ProtectiveStopState]:
    return [event.state for event in await fixture.events() if isinstance(event, StopMoved)]


@in_virtual_time
async def test_it_stands_80_percent_of_the_way_to_the_liquidation_price() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        assert stop.kind is StopKind.PROTECTIVE
        assert (stop.quantity, stop.trigger_price_usdt) == (D("0.010"), D(140_000))
        assert stop.client_order_id.endswith("-hp1")
        assert fixture.happened.index("durable stop_planned") < fixture.happened.index(
            "stop sent hp1"
        )


@in_virtual_time
async def test_it_goes_with_the_position() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        await fixture.done(exiting(fixture))
        assert fixture.binance.waiting_stops == []
        assert fixture.binance.base == 0
        cancelled = fixture.happened.index("stop cancelled hp1")
        assert fixture.happened.index("durable stop_cancel_sent") < cancelled


@in_virtual_time
async def test_it_follows_the_quantity() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        await fixture.done(
            signal(name="s2", strategy="b", quantity="0.004", at=fixture.clock.now())
        )
        assert [s.quantity for s in fixture.binance.waiting_stops] == [D("0.014")]
        await fixture.done(exiting(fixture, quantity="0.003"))
        assert [s.quantity for s in fixture.binance.waiting_stops] == [D("0.011")]
        assert fixture.binance.stops_most == 1


@pytest.mark.parametrize(
    ("liquidation", "trigger"),
    [("150500", "140000"), ("160000", "148000"), ("0", None), ("900000", "400000")],
)
def test_it_follows_the_liquidation_price_beyond_a_tolerance(
    liquidation: str, trigger: str | None
) -> None:
    async def scenario() -> None:
        async with fixture_of().running() as fixture:
            await fixture.done(ENTER)
            fixture.binance.liquidation = D(liquidation)
            await asyncio.sleep(65)
            await fixture.quiet()
            triggers = [s.trigger_price_usdt for s in fixture.binance.waiting_stops]
            assert triggers == ([D(trigger)] if trigger else [])
            assert fixture.binance.stops_most == 1

    run_virtual(scenario())


@in_virtual_time
async def test_it_can_be_switched_off_and_what_stands_is_taken_back() -> None:
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
    other = fixture_of(enabled=False)
    other.binance, other.upbit, other._connection = (
        fixture.binance,
        fixture.upbit,
        fixture._connection,
    )
    async with other.running():
        await settle(other)
        assert other.binance.waiting_stops == []


@in_virtual_time
async def test_where_no_liquidation_is_told_none_is_placed() -> None:
    fixture = fixture_of()
    fixture.binance.liquidation = D(0)
    async with fixture.running():
        await fixture.done(ENTER)
        assert fixture.binance.stops_sent == []


@in_virtual_time
async def test_one_that_comes_too_late_stands_on_the_rest_of_the_way_and_stays_there() -> None:
    fixture = fixture_of()
    fixture.binance.mark = D(142_000)
    async with fixture.running():
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        assert stop.trigger_price_usdt == D(148_400)
        assert ("unprotected", True) in await fixture.alerts()
        fixture.binance.mark = D(146_000)
        await asyncio.sleep(65)
        assert fixture.binance.waiting_stops == [stop]  # moved along it would never fire


# -- it fires --------------------------------------------------------------------------------------


@in_virtual_time
async def test_when_it_fires_the_coins_are_sold_at_once() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        told_at = fixture.clock.monotonic()
        fixture.binance.fire(stop.client_order_id, price=D(140_100))
        await fixture.quiet()
        assert fixture.clock.monotonic() - told_at < 1.0
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        (event,) = await closings(fixture)
        assert event.cause is Cause.PROTECTIVE_STOP
        assert agrees(fixture)
        assert fixture.binance.waiting_stops == []
        assert fixture.executor.account.stopped_reason is None
        assert ("one_leg_gone", True) in await fixture.alerts()
        assert (await states(fixture))[-1] is ProtectiveStopState.FINISHED


@in_virtual_time
async def test_it_fires_while_the_engine_is_down() -> None:
    fixture = fixture_of()
    async with fixture.running():
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
    fixture.binance.fire(stop.client_order_id, price=D(140_100))
    await asyncio.sleep(7_200)
    async with fixture.running():
        await settle(fixture)
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        (event,) = await closings(fixture)
        assert event.cause is Cause.PROTECTIVE_STOP
        assert agrees(fixture)


@pytest.mark.parametrize("after_s", [0.0, 0.004, 0.02])
def test_it_fires_while_an_exit_is_in_flight(after_s: float) -> None:
    async def scenario() -> None:
        async with fixture_of().running() as fixture:
            await fixture.done(ENTER)
            (stop,) = fixture.binance.waiting_stops
            task = asyncio.ensure_future(fixture.signal(exiting(fixture)))
            await asyncio.sleep(after_s)
            if fixture.binance.base:  # the exit's own order has not arrived yet
                fixture.binance.outcomes.append(refused(code="reduce_only_rejected"))
            fixture.binance.fire(
                stop.client_order_id, rejected="" if fixture.binance.base else "Reduce Only reject"
            )
            await task
            await settle(fixture)
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
            assert agrees(fixture)
            assert fixture.binance.waiting_stops == []
            assert ("unprotected", True) not in await fixture.alerts()

    run_virtual(scenario())


@in_virtual_time
async def test_one_that_is_rejected_at_its_trigger_is_told_and_another_one_stands() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.mark = D(140_500)
        fixture.binance.fire(stop.client_order_id, rejected="Margin is insufficient")
        await settle(fixture)
        assert ("unprotected", True) in await fixture.alerts()
        assert fixture.upbit.base == D("0.010")
        (other,) = fixture.binance.waiting_stops
        assert other.trigger_price_usdt == D(148_100)


@in_virtual_time
async def test_news_of_it_told_twice_or_backwards_changes_nothing() -> None:
    async with fixture_of().running() as fixture:
        await fixture.done(ENTER)
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.fire(stop.client_order_id)
        fixture.binance.fire(stop.client_order_id)
        fixture.binance.stops[stop.client_order_id] = replace(
            stop, state=ProtectiveStopState.WAITING
        )
        fixture.executor.protective_stops.heard(fixture.binance.stop_report(stop.client_order_id))
        fixture.binance.stops[stop.client_order_id] = replace(
            stop, state=ProtectiveStopState.FINISHED
        )
        await settle(fixture)
        assert len(await closings(fixture)) == 1
        assert (await states(fixture)).count(ProtectiveStopState.FINISHED) == 1
        assert agrees(fixture)


# -- what can go wrong with it ---------------------------------------------------------------------


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


# -- crashes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_planned", "stop_moved"])
def test_the_engine_dies_while_one_is_placed(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        await fixture.signal(ENTER)
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await asyncio.sleep(20)
            await fixture.quiet()
            assert [s.quantity for s in fixture.binance.waiting_stops] == [D("0.010")]
            assert fixture.binance.stops_most == 1

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_cancel_sent", "stop_moved"])
def test_the_engine_dies_while_one_is_taken_back(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        await fixture.signal(exiting(fixture))
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await settle(fixture)
            assert fixture.binance.waiting_stops == []
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_moved", "hedge_closed", "signal_claimed", "fill_seen"])
def test_the_engine_dies_when_it_fires(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(ENTER)
        fixture.dies_at, fixture.dies_after = kind, durable
        task = await fixture.begin()
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.fire(stop.client_order_id)
        await wait_dead(fixture)
        await fixture.kill(task)
        fixture.dies_at = None
        async with fixture.running():
            await settle(fixture)
            await settle(fixture)
            assert len(await closings(fixture)) == 1
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
            assert agrees(fixture)
            assert fixture.binance.waiting_stops == []

    run_virtual(scenario())


async def wait_dead(fixture: ExecutorFixture) -> None:
    for _ in range(400):
        await asyncio.sleep(0.05)
        if fixture.store.dead:
            return
    raise AssertionError("the point was never reached")


@in_virtual_time
async def test_a_new_journal_takes_other_names() -> None:
    names = []
    for _ in range(2):
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(replace(ENTER, created_at=fixture.clock.now()))
            names.append(fixture.binance.waiting_stops[0].client_order_id)
    assert names[0] != names[1]
