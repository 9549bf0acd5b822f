"""The protective stop stands, moves, is taken back and survives; one at most, whatever fails."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.test_leg_loss_events import agrees, closings, settle
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.protection.protective_stop import (
    ProtectRules,
    StopKind,
    StopMoved,
    StopState,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.margin_monitor import MarginLimits
from trading_platform_order.risk.monitor_limits import MonitorLimits
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
LIQUIDATION = D(150_000)


# The monitors would reduce the pair before its stop is reached; here only the stop is looked at.
NO_REDUCING = MonitorLimits(margin=MarginLimits(warn_distance=D(0), reduce_distance=D(0)))


def desk_of(**rules: object) -> Desk:
    protect = ProtectRules(**rules)  # type: ignore[arg-type]
    desk = Desk(protect=protect, reconcile_interval_s=10.0, monitors=NO_REDUCING)
    desk.binance.liquidation = LIQUIDATION
    return desk


def exiting(desk: Desk, name: str = "x1", quantity: str | None = None) -> Signal:
    return signal(Action.EXIT, name=name, quantity=quantity, at=desk.clock.now())


async def states(desk: Desk) -> list[StopState]:
    return [event.state for event in await desk.events() if isinstance(event, StopMoved)]


@in_virtual_time
async def test_it_stands_80_percent_of_the_way_to_the_liquidation_price() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        assert stop.kind is StopKind.PROTECTIVE
        assert (stop.quantity, stop.trigger_price_usdt) == (D("0.010"), D(140_000))
        assert stop.client_order_id.endswith("-hp1")
        assert desk.happened.index("durable stop_planned") < desk.happened.index("stop sent hp1")


@in_virtual_time
async def test_it_goes_with_the_position() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        await desk.done(exiting(desk))
        assert desk.binance.waiting_stops == []
        assert desk.binance.base == 0
        cancelled = desk.happened.index("stop cancelled hp1")
        assert desk.happened.index("durable stop_cancel_sent") < cancelled


@in_virtual_time
async def test_it_follows_the_quantity() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        await desk.done(signal(name="s2", strategy="b", quantity="0.004", at=desk.clock.now()))
        assert [s.quantity for s in desk.binance.waiting_stops] == [D("0.014")]
        await desk.done(exiting(desk, quantity="0.003"))
        assert [s.quantity for s in desk.binance.waiting_stops] == [D("0.011")]
        assert desk.binance.stops_most == 1


@pytest.mark.parametrize(
    ("liquidation", "trigger"),
    [("150500", "140000"), ("160000", "148000"), ("0", None), ("900000", "400000")],
)
def test_it_follows_the_liquidation_price_beyond_a_tolerance(
    liquidation: str, trigger: str | None
) -> None:
    async def scenario() -> None:
        async with desk_of().running() as desk:
            await desk.done(ENTER)
            desk.binance.liquidation = D(liquidation)
            await asyncio.sleep(65)
            await desk.quiet()
            triggers = [s.trigger_price_usdt for s in desk.binance.waiting_stops]
            assert triggers == ([D(trigger)] if trigger else [])
            assert desk.binance.stops_most == 1

    run_virtual(scenario())


@in_virtual_time
async def test_it_can_be_switched_off_and_what_stands_is_taken_back() -> None:
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
    other = desk_of(enabled=False)
    other.binance, other.upbit, other._connection = desk.binance, desk.upbit, desk._connection
    async with other.running():
        await settle(other)
        assert other.binance.waiting_stops == []


@in_virtual_time
async def test_where_no_liquidation_is_told_none_is_placed() -> None:
    desk = desk_of()
    desk.binance.liquidation = D(0)
    async with desk.running():
        await desk.done(ENTER)
        assert desk.binance.stops_sent == []


@in_virtual_time
async def test_one_that_comes_too_late_stands_on_the_rest_of_the_way_and_stays_there() -> None:
    desk = desk_of()
    desk.binance.mark = D(142_000)
    async with desk.running():
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        assert stop.trigger_price_usdt == D(148_400)
        assert ("unprotected", True) in await desk.alerts()
        desk.binance.mark = D(146_000)
        await asyncio.sleep(65)
        assert desk.binance.waiting_stops == [stop]  # moved along it would never fire


# -- it fires --------------------------------------------------------------------------------------


@in_virtual_time
async def test_when_it_fires_the_coins_are_sold_at_once() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        told_at = desk.clock.monotonic()
        desk.binance.fire(stop.client_order_id, price=D(140_100))
        await desk.quiet()
        assert desk.clock.monotonic() - told_at < 1.0
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        (event,) = await closings(desk)
        assert event.cause is Cause.PROTECTIVE_STOP
        assert agrees(desk)
        assert desk.binance.waiting_stops == []
        assert desk.executor.keeper.stopped_reason is None
        assert ("one_leg_gone", True) in await desk.alerts()
        assert (await states(desk))[-1] is StopState.FINISHED


@in_virtual_time
async def test_it_fires_while_the_engine_is_down() -> None:
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
    desk.binance.fire(stop.client_order_id, price=D(140_100))
    await asyncio.sleep(7_200)
    async with desk.running():
        await settle(desk)
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        (event,) = await closings(desk)
        assert event.cause is Cause.PROTECTIVE_STOP
        assert agrees(desk)


@pytest.mark.parametrize("after_s", [0.0, 0.004, 0.02])
def test_it_fires_while_an_exit_is_in_flight(after_s: float) -> None:
    async def scenario() -> None:
        async with desk_of().running() as desk:
            await desk.done(ENTER)
            (stop,) = desk.binance.waiting_stops
            task = asyncio.ensure_future(desk.signal(exiting(desk)))
            await asyncio.sleep(after_s)
            if desk.binance.base:  # the exit's own order has not arrived yet
                desk.binance.fates.append(refused(code="binance:-2022"))
            desk.binance.fire(
                stop.client_order_id, rejected="" if desk.binance.base else "Reduce Only reject"
            )
            await task
            await settle(desk)
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
            assert agrees(desk)
            assert desk.binance.waiting_stops == []
            assert ("unprotected", True) not in await desk.alerts()

    run_virtual(scenario())


@in_virtual_time
async def test_one_that_is_rejected_at_its_trigger_is_told_and_another_one_stands() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        desk.binance.mark = D(140_500)
        desk.binance.fire(stop.client_order_id, rejected="Margin is insufficient")
        await settle(desk)
        assert ("unprotected", True) in await desk.alerts()
        assert desk.upbit.base == D("0.010")
        (other,) = desk.binance.waiting_stops
        assert other.trigger_price_usdt == D(148_100)


@in_virtual_time
async def test_news_of_it_told_twice_or_backwards_changes_nothing() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        desk.binance.fire(stop.client_order_id)
        desk.binance.fire(stop.client_order_id)
        desk.binance.stops[stop.client_order_id] = replace(stop, state=StopState.WAITING)
        desk.executor.protector.heard(desk.binance.stop_report(stop.client_order_id))
        desk.binance.stops[stop.client_order_id] = replace(stop, state=StopState.FINISHED)
        await settle(desk)
        assert len(await closings(desk)) == 1
        assert (await states(desk)).count(StopState.FINISHED) == 1
        assert agrees(desk)


# -- what can go wrong with it ---------------------------------------------------------------------


@pytest.mark.parametrize("fate", ["lost", "unanswered"])
def test_one_that_nobody_answers_is_looked_up_and_never_sent_again(fate: str) -> None:
    async def scenario() -> None:
        desk = desk_of()
        desk.binance.stop_fates.append(fate)
        async with desk.running():
            await desk.done(ENTER)
            await asyncio.sleep(30)
            await desk.quiet()
            names = [stop.client_order_id[-3:] for stop in desk.binance.stops_sent]
            assert names == (["hp1", "hp2"] if fate == "lost" else ["hp1"])
            assert len(desk.binance.waiting_stops) == desk.binance.stops_most == 1
            assert StopState.UNKNOWN in await states(desk)
            assert (StopState.ABSENT in await states(desk)) == (fate == "lost")

    run_virtual(scenario())


@in_virtual_time
async def test_one_that_is_refused_is_told_and_tried_again() -> None:
    desk = desk_of()
    no = Refused(code="binance:-2019", message="margin")
    desk.binance.stop_fates.extend([no, no, no])
    async with desk.running():
        await desk.done(ENTER)
        await asyncio.sleep(20)
        await desk.quiet()
        assert len(desk.binance.waiting_stops) == 1
        assert [kind for kind, _ in await desk.alerts()].count("unprotected") == 1
        assert [s.client_order_id[-3:] for s in desk.binance.stops_sent][-1] == "hp4"


@in_virtual_time
async def test_a_cancel_that_nobody_answers_never_leaves_two() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        desk.binance.lost_stop_cancels = 3
        await desk.done(signal(name="s2", strategy="b", quantity="0.004", at=desk.clock.now()))
        await asyncio.sleep(30)
        await desk.quiet()
        assert [s.quantity for s in desk.binance.waiting_stops] == [D("0.014")]
        assert desk.binance.stops_most == 1


@in_virtual_time
async def test_one_that_ended_by_our_count_and_yet_stands_is_taken_back_first() -> None:
    async with desk_of().running() as desk:
        await desk.done(ENTER)
        await desk.done(exiting(desk))
        (old,) = desk.binance.stops.values()
        desk.binance.stops[old.client_order_id] = replace(old, state=StopState.FINISHED)
        desk.binance.stop_fates.append("lost")
        await desk.signal(signal(name="s2", quantity="0.010", at=desk.clock.now()))
        await asyncio.sleep(14)
        late = desk.binance.stops_sent[1]
        await asyncio.sleep(20)
        # It was called absent and a second one stands; now it arrives after all.
        desk.binance.stops[late.client_order_id] = replace(late, state=StopState.WAITING)
        desk.executor.protector.heard(desk.binance.stop_report(late.client_order_id))
        await settle(desk)
        assert len(desk.binance.waiting_stops) == 1


@in_virtual_time
async def test_one_under_our_prefix_that_no_journal_knows_is_taken_back() -> None:
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        stranger = replace(stop, client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-hp7")
        desk.binance.stops[stranger.client_order_id] = stranger
        await desk.done(signal(name="s2", strategy="b", quantity="0.004", at=desk.clock.now()))
        await asyncio.sleep(10)
        await desk.quiet()
        assert [s.client_order_id[-3:] for s in desk.binance.waiting_stops] == ["hp2"]


@in_virtual_time
async def test_one_whose_rows_were_lost_is_taken_back_at_the_start_though_nothing_is_short() -> (
    None
):
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        await desk.done(exiting(desk))
    lost = replace(stop, client_order_id="tp-aaaaaaaaaaaaaaaaaaaa-hp7")
    desk.binance.stops[lost.client_order_id] = lost
    async with desk.running():
        await asyncio.sleep(10)
        await desk.quiet()
        assert desk.binance.waiting_stops == []
        assert ("unprotected", True) in await desk.alerts()


@pytest.mark.parametrize("forgotten", [True, False])
@pytest.mark.parametrize("restarts", [True, False])
def test_one_that_somebody_cancelled_is_noticed_and_placed_anew(
    forgotten: bool, restarts: bool
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        async with desk.running():
            await desk.done(ENTER)
            if not restarts:
                await gone(desk)
        if restarts:
            await gone(desk, waits=False)
            async with desk.running():
                await asyncio.sleep(40)
                await desk.quiet()
        assert [s.client_order_id[-3:] for s in desk.binance.waiting_stops] == ["hp2"]
        assert (("unprotected", True) in await desk.alerts()) == forgotten

    async def gone(desk: Desk, *, waits: bool = True) -> None:
        (stop,) = desk.binance.waiting_stops
        if forgotten:
            del desk.binance.stops[stop.client_order_id]
        else:
            desk.binance.stops[stop.client_order_id] = replace(stop, state=StopState.CANCELLED)
        if waits:
            await asyncio.sleep(60)
            await desk.quiet()

    run_virtual(scenario())


@in_virtual_time
async def test_the_owners_own_stops_are_left_alone() -> None:
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
        (stop,) = desk.binance.waiting_stops
        desk.binance.stops["web_1"] = replace(stop, client_order_id="web_1")
        await desk.done(exiting(desk))
        assert [s.client_order_id for s in desk.binance.waiting_stops] == ["web_1"]


@in_virtual_time
async def test_nothing_is_sent_without_the_lease() -> None:
    desk = desk_of()
    async with desk.running():
        await desk.done(ENTER)
        desk.may_send = False
        sent = len(desk.binance.stops_sent)
        desk.binance.liquidation = D(170_000)
        await asyncio.sleep(65)
        assert len(desk.binance.stops_sent) == sent


# -- crashes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_planned", "stop_moved"])
def test_the_engine_dies_while_one_is_placed(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        desk = desk_of()
        desk.dies_at, desk.dies_after = kind, durable
        task = await desk.begin()
        await desk.signal(ENTER)
        await wait_dead(desk)
        await desk.kill(task)
        desk.dies_at = None
        async with desk.running():
            await asyncio.sleep(20)
            await desk.quiet()
            assert [s.quantity for s in desk.binance.waiting_stops] == [D("0.010")]
            assert desk.binance.stops_most == 1

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_cancel_sent", "stop_moved"])
def test_the_engine_dies_while_one_is_taken_back(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        desk = desk_of()
        async with desk.running():
            await desk.done(ENTER)
        desk.dies_at, desk.dies_after = kind, durable
        task = await desk.begin()
        await desk.signal(exiting(desk))
        await wait_dead(desk)
        await desk.kill(task)
        desk.dies_at = None
        async with desk.running():
            await settle(desk)
            assert desk.binance.waiting_stops == []
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("kind", ["stop_moved", "hedge_closed", "signal_claimed", "fill_seen"])
def test_the_engine_dies_when_it_fires(kind: str, durable: bool) -> None:
    async def scenario() -> None:
        desk = desk_of()
        async with desk.running():
            await desk.done(ENTER)
        desk.dies_at, desk.dies_after = kind, durable
        task = await desk.begin()
        (stop,) = desk.binance.waiting_stops
        desk.binance.fire(stop.client_order_id)
        await wait_dead(desk)
        await desk.kill(task)
        desk.dies_at = None
        async with desk.running():
            await settle(desk)
            await settle(desk)
            assert len(await closings(desk)) == 1
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
            assert agrees(desk)
            assert desk.binance.waiting_stops == []

    run_virtual(scenario())


async def wait_dead(desk: Desk) -> None:
    for _ in range(400):
        await asyncio.sleep(0.05)
        if desk.store.dead:
            return
    raise AssertionError("the point was never reached")


@in_virtual_time
async def test_a_new_journal_takes_other_names() -> None:
    names = []
    for _ in range(2):
        desk = desk_of()
        async with desk.running():
            await desk.done(replace(ENTER, created_at=desk.clock.now()))
            names.append(desk.binance.waiting_stops[0].client_order_id)
    assert names[0] != names[1]
