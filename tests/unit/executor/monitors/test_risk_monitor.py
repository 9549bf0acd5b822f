"""The engine watches by itself: it stops, closes, reduces and flattens, once and in time."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_ANSWER, ScriptedOutcome
from tests.fakes.pair import HEDGE_MID, SPOT_MID, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.emergency_stop import FLATTEN_LATCH, STOP_LATCH
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.risk.monitors.stop_loss import StopLossLimits
from trading_platform_order.transport.call_health import CallHealth
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.100")
# The ledger is not compared here: the fake exchange fills at one price whatever the market says.
QUIET = {"reconcile_interval_s": 1e6, "command_poll_s": 1e6}


async def exits(fixture: ExecutorFixture) -> list[str]:
    opened = [e for e in await fixture.events() if isinstance(e, TradeOpened)]
    return [event.signal.id for event in opened if event.signal.id != "s1"]


async def held(fixture: ExecutorFixture) -> ExecutorFixture:
    await fixture.done(ENTER)
    assert fixture.upbit.base == D("0.1")
    return fixture


def stopped(fixture: ExecutorFixture) -> str | None:
    return fixture.executor.account.stopped_reason


@in_virtual_time
async def test_the_stop_loss_closes_the_pair_once() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await held(fixture)
        fixture.market.spot_mid = SPOT_MID * D("0.94")
        await asyncio.sleep(2.9)
        assert fixture.upbit.base == D("0.1")
        await asyncio.sleep(1.5)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        await asyncio.sleep(120)
        (name,) = await exits(fixture)
        assert name.startswith("stop-loss-")
        assert name.endswith("-1")
        assert ("stop_loss", True) in await fixture.alerts()


@in_virtual_time
async def test_a_stop_loss_that_only_alerts_closes_nothing_and_calls_again() -> None:
    limits = MonitorLimits(stop_loss=StopLossLimits(closes=False))
    async with ExecutorFixture(monitors=limits, **QUIET).running() as fixture:
        await held(fixture)

        async def calls() -> int:
            return (await fixture.alerts()).count(("stop_loss_reached", True))

        fixture.market.spot_mid = SPOT_MID * D("0.94")
        await asyncio.sleep(4)
        assert await calls() == 1
        await asyncio.sleep(50)
        assert await calls() == 1
        await asyncio.sleep(10)
        assert await calls() == 2
        await asyncio.sleep(250)
        assert await calls() == 3
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))
        assert await exits(fixture) == []
        assert ("stop_loss", True) not in await fixture.alerts()
        fixture.market.spot_mid = SPOT_MID
        await asyncio.sleep(90)
        assert await calls() == 3
        fixture.market.spot_mid = SPOT_MID * D("0.94")
        await asyncio.sleep(4)
        assert await calls() == 4  # it came back after a quiet minute: told at once


@pytest.mark.parametrize("venue", list(Venue))
def test_the_stop_loss_waits_where_one_exchange_suspends_the_symbol(venue: Venue) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(**QUIET).running() as fixture:
            await held(fixture)
            fixture.market.suspended = {venue}
            fixture.market.spot_mid = SPOT_MID * D("0.94")
            await asyncio.sleep(20)
            assert (fixture.upbit.base, fixture.binance.base) == (D("0.1"), D("-0.1"))
            assert ("close_waits", True) in await fixture.alerts()
            fixture.market.suspended = set()
            await asyncio.sleep(12)
            await fixture.quiet()
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))

    run_virtual(scenario())


@in_virtual_time
async def test_a_restart_does_not_repeat_the_stop_loss() -> None:
    fixture = ExecutorFixture(**QUIET)
    async with fixture.running():
        await held(fixture)
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.market.spot_mid = SPOT_MID * D("0.94")
        await asyncio.sleep(4.2)
    for _ in range(2):
        async with fixture.running():
            await asyncio.sleep(60)
            await fixture.quiet()
    async with fixture.running():
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert len(await exits(fixture)) == 1


@in_virtual_time
async def test_what_both_legs_share_does_nothing() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await held(fixture)
        for step in ("0.9", "0.7", "1.1", "1.3"):
            fixture.market.spot_mid, fixture.market.hedge_mid = (
                SPOT_MID * D(step),
                HEDGE_MID * D(step),
            )
            await asyncio.sleep(20)
        assert await exits(fixture) == []
        assert stopped(fixture) is None


@in_virtual_time
async def test_the_daily_loss_latches_within_a_second_and_lets_exits_through() -> None:
    big = signal(quantity="0.500")
    async with ExecutorFixture(**QUIET).running() as fixture:
        await fixture.done(big)
        # 0.5 coins lose 12 % of 70,000,000 KRW = 8,400,000, of 240,000,000: more than 3 %
        fixture.market.spot_mid = SPOT_MID * D("0.88")
        await asyncio.sleep(0.9)
        reason = stopped(fixture)
        assert reason is not None
        assert reason.startswith("daily_loss")
        latches = {latch.kind for latch in await fixture.store.latches()}
        assert latches == {"stop", "holds:daily_loss"}
        no = await fixture.signal(
            signal(name="s2", symbol="ETH", quantity="0.1", at=fixture.clock.now())
        )
        assert no.refusal is not None
        assert no.refusal.code == "stopped"
        await asyncio.sleep(5)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (
            D(0),
            D(0),
        )  # the stop-loss got through


@pytest.mark.parametrize("answer", ["fails", "hangs"])
def test_a_silent_exchange_delays_no_stop_for_a_loss(answer: str) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(**QUIET).running() as fixture:
            await fixture.done(signal(quantity="0.500"))
            if answer == "fails":
                fixture.binance.reads_fail = True
            else:
                fixture.binance.read_s = 60.0
            fixture.market.spot_mid = SPOT_MID * D("0.88")
            await asyncio.sleep(1.9)
            assert (stopped(fixture) or "").startswith("daily_loss")

    run_virtual(scenario())


@in_virtual_time
async def test_a_loss_of_a_short_that_is_gone_waits_for_the_books_but_not_for_ever() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await fixture.done(signal(quantity="0.500"))
        fixture.binance.base += D("0.1")  # and no list tells by whom
        fixture.market.spot_mid = SPOT_MID * D("0.88")
        await asyncio.sleep(5)
        assert stopped(fixture) is None
        await asyncio.sleep(17)
        assert stopped(fixture) is not None


@in_virtual_time
async def test_a_short_that_our_own_stop_closed_makes_no_loss_while_binance_is_silent() -> None:
    fixture = ExecutorFixture(protect=ProtectRules(), **QUIET | {"command_poll_s": 1.0})
    fixture.binance.liquidation = HEDGE_MID * 2
    async with fixture.running():
        await fixture.done(signal(quantity="0.500"))
        (stop,) = fixture.binance.waiting_stops
        fixture.binance.fire(stop.client_order_id)
        fixture.binance.reads_fail = True
        await asyncio.sleep(0.1)
        fixture.market.hedge_mid = HEDGE_MID * D("1.13")
        await asyncio.sleep(8)
        assert stopped(fixture) is None
        fixture.binance.reads_fail = False
        await asyncio.sleep(10)
        assert stopped(fixture) is None
        assert fixture.executor.book.holding("kimchi", "BTC").short == 0


@in_virtual_time
async def test_what_holds_is_over_when_it_is_over_but_the_latch_stays() -> None:
    fixture = ExecutorFixture(**QUIET)
    async with fixture.running():
        fixture.stop_flag = "the file says so"
        await asyncio.sleep(0.9)
        assert stopped(fixture) == "manual_stop_flag: the file says so"
        fixture.stop_flag = None
        await asyncio.sleep(0.9)
        assert [latch.kind for latch in await fixture.store.latches()] == [STOP_LATCH]
    async with fixture.running():
        assert stopped(fixture) is not None


@pytest.mark.parametrize("by_setting", [True, False])
@in_virtual_time
async def test_flattening(by_setting: bool) -> None:
    limits = MonitorLimits(flatten_on_stop=by_setting)
    async with ExecutorFixture(monitors=limits, **QUIET).running() as fixture:
        await held(fixture)
        await fixture.store.set_latch(STOP_LATCH, "an operator", at_us=1)
        await asyncio.sleep(2)
        if not by_setting:
            assert fixture.upbit.base == D("0.1")
            await fixture.store.set_latch(FLATTEN_LATCH, "an operator", at_us=1)
        await asyncio.sleep(1)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        (name,) = await exits(fixture)
        assert name.startswith("flatten-")


@in_virtual_time
async def test_api_errors_stop_and_only_a_success_ends_the_row() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        fixture.upbit.health = CallHealth(errors_in_a_row=10)
        await asyncio.sleep(2)
        assert stopped(fixture) is None
        fixture.upbit.health.errors_in_a_row = 11
        await asyncio.sleep(0.9)
        assert "upbit 11" in (stopped(fixture) or "")
        fixture.upbit.health.errors_in_a_row = 0
        await asyncio.sleep(0.9)
        assert [latch.kind for latch in await fixture.store.latches()] == [STOP_LATCH]


@in_virtual_time
async def test_stale_prices_while_exposed() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await held(fixture)
        fixture.market.stands_at = fixture.clock.now()
        await asyncio.sleep(29)
        assert stopped(fixture) is None
        await asyncio.sleep(2)
        assert "stale_market_data" in (stopped(fixture) or "")


@in_virtual_time
async def test_an_order_without_an_end() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        fixture.upbit.outcomes.append(LOST_ANSWER)
        fixture.upbit.reads_fail = True
        await fixture.signal(ENTER)
        await asyncio.sleep(119)
        assert stopped(fixture) is None
        await asyncio.sleep(3)
        assert "unresolved_order" in (stopped(fixture) or "")
        fixture.upbit.reads_fail = False
        await asyncio.sleep(30)
        await fixture.quiet()
        assert fixture.is_even()


@in_virtual_time
async def test_margin_is_warned_of_and_then_both_legs_are_reduced() -> None:
    fixture = ExecutorFixture(**QUIET)
    fixture.binance.money = D(5_100)
    async with fixture.running():
        await held(fixture)
        rise = D("1.22")
        fixture.market.spot_mid, fixture.market.hedge_mid = SPOT_MID * rise, HEDGE_MID * rise
        await asyncio.sleep(2)
        assert ("margin_warning", True) in await fixture.alerts()
        assert await exits(fixture) == []
        rise = D("1.36")
        fixture.market.spot_mid, fixture.market.hedge_mid = SPOT_MID * rise, HEDGE_MID * rise
        await asyncio.sleep(2)
        await fixture.quiet()
        assert D(0) < fixture.upbit.base < D("0.1")
        assert fixture.is_even()
        (name,) = await exits(fixture)
        assert name.startswith("margin-")
        assert stopped(fixture) is None


@in_virtual_time
async def test_a_position_that_differs_for_long_latches_the_stop() -> None:
    async with ExecutorFixture(**QUIET).running() as fixture:
        await held(fixture)
        fixture.binance.base -= D("0.05")
        await asyncio.sleep(12)
        assert stopped(fixture) is None
        await asyncio.sleep(14)
        assert "position_mismatch" in (stopped(fixture) or "")


@in_virtual_time
async def test_a_stop_set_while_the_engine_was_down_ends_a_half_entry() -> None:
    """One leg is filled, the other lost: after the restart nothing is bought to complete it."""
    fixture = ExecutorFixture(**QUIET)
    async with fixture.running():
        fixture.binance.outcomes.append(ScriptedOutcome(executes=D(0), exists=False, answer_s=None))
        fixture.binance.proof = None
        await fixture.signal(ENTER)
        await asyncio.sleep(1)
        assert fixture.upbit.base == D("0.1")
    await fixture.store.set_latch(STOP_LATCH, "an operator", at_us=1)
    fixture.binance.proof = fixture.upbit.proof
    async with fixture.running():
        await asyncio.sleep(20)
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert not [name for name in fixture.sent if name[1] == "m"]


@in_virtual_time
async def test_an_entry_that_still_works_is_called_back_at_the_stop() -> None:
    patient = replace(ExecutorFixture()._settings.policy, working_limit_s=600.0)
    async with ExecutorFixture(policy=patient, **QUIET).running() as fixture:
        fixture.upbit.outcomes.append(ScriptedOutcome(executes=D("0.04"), stays_open=True))
        await fixture.signal(ENTER)
        await asyncio.sleep(5)
        assert fixture.upbit.cancelled == []
        await fixture.store.set_latch(STOP_LATCH, "an operator", at_us=1)
        await asyncio.sleep(1)
        assert [name[-3:] for name in fixture.upbit.cancelled] == ["so1"]
        await asyncio.sleep(20)
        await fixture.quiet()
        assert fixture.is_even()


@in_virtual_time
async def test_moved_money_is_no_loss() -> None:
    """A withdrawal of half the capital neither stops trading nor counts as loss."""
    async with ExecutorFixture(reconcile_interval_s=5.0).running() as fixture:
        fixture.upbit.money -= D(50_000_000)
        await asyncio.sleep(30)
        assert [e for e in await fixture.events() if isinstance(e, ae.ForeignMovement)]
        assert stopped(fixture) is None
