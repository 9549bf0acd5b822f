"""The protective stop stands, moves, is taken back and survives; one at most, whatever fails."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.outcomes import refused
from tests.fakes.pair import D, signal
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.leg_loss_checks import agrees, closings, settle
from tests.unit.executor.protection.protective_stop_fixture import (
    ENTER,
    exiting,
    fixture_of,
    states,
)
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopState,
    StopKind,
)
from trading_platform_order.transport.virtual_loop import run_virtual


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


@in_virtual_time
async def test_a_new_journal_takes_other_names() -> None:
    names = []
    for _ in range(2):
        fixture = fixture_of()
        async with fixture.running():
            await fixture.done(replace(ENTER, created_at=fixture.clock.now()))
            names.append(fixture.binance.waiting_stops[0].client_order_id)
    assert names[0] != names[1]
