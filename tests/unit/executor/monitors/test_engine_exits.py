"""Exits of the engine's own: they wait for a silent exchange, go on for long, and are told."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_ANSWER
from tests.fakes.pair import HEDGE_MID, SPOT_MID, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg, OrderSide, Purpose
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, trade_key
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.trade.escalation import is_call_due
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.transport.call_health import CallHealth
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.100")
QUIET = {"reconcile_interval_s": 1e6, "command_poll_s": 1e6}
TOLD_AT_S = (0, 60, 300, 900, 3_600, 7_200)


async def told(fixture: ExecutorFixture) -> Counter[str]:
    return Counter(kind for kind, urgent in await fixture.alerts() if urgent)


async def attempts(fixture: ExecutorFixture, kind: str) -> int:
    claimed = [e.signal.id for e in await fixture.events() if isinstance(e, TradeOpened)]
    refused = [e.signal_id for e in await fixture.events() if isinstance(e, ae.SignalRefused)]
    return sum(name.startswith(kind) for name in (*claimed, *refused))


async def flatten(fixture: ExecutorFixture) -> None:
    await fixture.store.set_latch(STOP_LATCH, "an operator", at_us=1)
    await fixture.store.set_latch(FLATTEN_LATCH, "an operator", at_us=1)


CLOSED = Refused(code="closed", message="maintenance", hindrance=Hindrance.MAINTENANCE)


def close_door(fixture: ExecutorFixture, venue: str) -> None:
    exchange = fixture.upbit if venue == "upbit" else fixture.binance
    exchange.tests.extend([CLOSED] * 10_000)
    leg = Leg.SPOT if venue == "upbit" else Leg.HEDGE
    fixture.executor.access.hindered(leg, "BTC", Hindrance.MAINTENANCE, "maintenance")


def open_door(fixture: ExecutorFixture) -> None:
    fixture.upbit.tests.clear()
    fixture.binance.tests.clear()


@pytest.mark.parametrize("venue", ["upbit", "binance"])
@pytest.mark.parametrize("why", ["flatten", "stop-loss", "margin"])
def test_no_leg_is_touched_while_an_exchange_takes_no_orders(why: str, venue: str) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture(**QUIET)
        fixture.binance.money = D(5_100)
        async with fixture.running():
            await fixture.done(ENTER)
            close_door(fixture, venue)
            await asyncio.sleep(6)
            if why == "flatten":
                await flatten(fixture)
            elif why == "stop-loss":
                fixture.market.spot_mid = SPOT_MID * D("0.94")
            else:
                fixture.market.spot_mid, fixture.market.hedge_mid = (
                    SPOT_MID * D("1.36"),
                    HEDGE_MID * D("1.36"),
                )
            await asyncio.sleep(59)
            assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))
            assert (await told(fixture))["close_waits"] == 1
            await asyncio.sleep(6)
            assert (await told(fixture))["close_waits"] == 2
            open_door(fixture)
            await asyncio.sleep(30)
            await fixture.quiet()
            assert fixture.is_even()
            assert fixture.upbit.base == 0 if why != "margin" else 0 < fixture.upbit.base < D("0.1")
            assert await attempts(fixture, why) == 1

    run_virtual(scenario())


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_an_exchange_whose_reads_alone_fail_holds_up_no_close(venue: str) -> None:
    async def scenario() -> None:
        fixture = ExecutorFixture(**QUIET)
        async with fixture.running():
            await fixture.done(ENTER)
            exchange = fixture.upbit if venue == "upbit" else fixture.binance
            exchange.reads_fail = True
            exchange.health = CallHealth(errors_in_a_row=3)
            await asyncio.sleep(30)
            await flatten(fixture)
            await asyncio.sleep(3)
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@in_virtual_time
async def test_a_loss_that_is_over_when_the_exchange_comes_back_closes_nothing() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await fixture.done(ENTER)
        close_door(fixture, "upbit")
        fixture.market.spot_mid = SPOT_MID * D("0.94")
        await asyncio.sleep(60)
        fixture.market.spot_mid = SPOT_MID
        open_door(fixture)
        await asyncio.sleep(60)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))
        assert await attempts(fixture, "stop-loss") == 0


@pytest.mark.parametrize(
    ("age_s", "told_before", "due"),
    [
        (0.0, 0, True),
        (59.9, 1, False),
        (60.0, 1, True),
        (299.0, 2, False),
        (300.0, 2, True),
        (3_600.0, 4, True),
        (3_601.0, 5, False),
        (7_199.0, 5, False),
        (7_200.0, 5, True),
        (10_800.0, 6, True),
        (10_799.0, 6, False),
    ],
)
def test_ever_more_rarely_and_without_end(age_s: float, told_before: int, *, due: bool) -> None:
    schedule = (0.0, 60.0, 300.0, 900.0, 3_600.0)
    assert is_call_due(schedule, age_s, told_before) is due


@in_virtual_time
async def test_maintenance_of_hours_is_told_on_a_schedule_and_closes_nothing() -> None:
    slow = MonitorLimits(look_s=20.0, account_poll_s=20.0)
    async with ExecutorFixture(monitors=slow, **QUIET).running() as fixture:
        await fixture.done(ENTER)
        close_door(fixture, "upbit")
        await asyncio.sleep(41)
        await flatten(fixture)
        await asyncio.sleep(2 * 3_600 + 300)
        assert (await told(fixture))["close_waits"] == len(TOLD_AT_S)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))


@in_virtual_time
async def test_a_close_that_is_under_way_does_not_wait() -> None:
    """The exchange falls silent in the middle of it: the trade's own calls tell, not this one."""
    async with ExecutorFixture(**QUIET).running() as fixture:
        await fixture.done(ENTER)
        fixture.upbit.outcomes.append(LOST_ANSWER)
        await flatten(fixture)
        await asyncio.sleep(1.5)
        fixture.upbit.reads_fail = True
        await asyncio.sleep(60)
        assert (await told(fixture))["close_waits"] == 0
        fixture.upbit.reads_fail = False
        await asyncio.sleep(30)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))


def orphan(at: datetime) -> ae.OrphanOrderFound:
    key = trade_key(strategy="lost", signal_id="lost", symbol="BTC")
    return ae.OrphanOrderFound(
        exchange=Venue.UPBIT,
        symbol="BTC-KRW",
        client_order_id=client_order_id(
            mode="p", key=key, leg=Leg.SPOT, purpose=Purpose.OPEN, attempt=1
        ),
        exchange_order_id="x-1",
        side=OrderSide.BUY,
        executed_quantity=D("0.01"),
        is_open=False,
        created_at=at,
        reason="rows were lost",
        at=at,
    )


@in_virtual_time
async def test_attempts_that_close_nothing_go_on_slowly_and_end_with_a_call() -> None:
    limits = MonitorLimits(
        look_s=5.0, exit_attempts=3, exit_retry_s=30.0, exit_slow_attempts=2, exit_slow_s=300.0
    )
    async with ExecutorFixture(monitors=limits, **QUIET).running() as fixture:
        await fixture.done(ENTER)
        await fixture.executor.account.journal(orphan(fixture.clock.now()))
        await flatten(fixture)
        seen = []
        for pause_s in (6, 30, 30, 200, 105, 305, 305, 305):
            await asyncio.sleep(pause_s)
            seen.append(await attempts(fixture, "flatten"))
        assert seen == [1, 2, 3, 3, 4, 5, 5, 5]
        waits = [
            entry.alert.fields["waits"]
            for entry in await fixture.store.pending_alerts(1_000)
            if entry.alert.kind == "close_waits"
        ]
        assert waits[-1] == "every attempt is used: close it"
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))


@in_virtual_time
async def test_the_exit_of_a_lone_leg_that_an_orphan_forbids_is_told_ever_more_rarely() -> None:
    """Refused ``stray_order``, it is tried again without end; an operator who resumes ends that."""
    slow = MonitorLimits(look_s=30.0, account_poll_s=30.0)
    patient = replace(
        ExecutorFixture()._settings.policy, call_after_s=(60.0, 300.0, 900.0, 3_600.0)
    )
    fixture = ExecutorFixture(
        monitors=slow, policy=patient, reconcile_interval_s=1e6, command_poll_s=5.0
    )
    async with fixture.running():
        await fixture.done(ENTER)
        await fixture.executor.account.journal(orphan(fixture.clock.now()))
        await fixture.store.set_latch(STOP_LATCH, "a stray", at_us=1)
        await fixture.executor.wake()
        fill = fixture.binance.close_by("adl_autoclose", D("0.1"))
        fixture.binance.tell_foreign(fill)
        fixture.binance.tell_position()
        await asyncio.sleep(3_700)
        refused = [e for e in await fixture.events() if isinstance(e, ae.SignalRefused)]
        assert len(refused) > 40
        assert (await told(fixture))["refusal"] == 5
        await fixture.store.clear_latch(STOP_LATCH, "looked at", at_us=2)
        await asyncio.sleep(120)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
