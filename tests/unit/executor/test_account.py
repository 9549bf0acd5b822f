"""Funding, equity, the rate, and what is checked before the first signal."""

import asyncio

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_REQUEST, refused
from tests.fakes.pair import START, D, seconds, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import (
    AccountOpened,
    EquityRecorded,
    ForeignMovement,
    FundingBooked,
)
from trading_platform_order.domain.outcome import FundingPayment
from trading_platform_order.domain.signal import Action
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits

ENTER = signal(quantity="0.010")
# Hours of virtual time: the monitors, which look twice a second, have no part in these tests.
RARELY = MonitorLimits(look_s=300.0, account_poll_s=300.0)
# Whether the keys still live is asked for beside the comparisons.
NO_PROOFS = HindranceLimits(key_check_s=100_000.0)


def payment(name: str, amount: str, at_s: float = 0.0) -> FundingPayment:
    return FundingPayment(
        symbol="BTCUSDT", transaction_id=name, amount_usdt=D(amount), at=START + seconds(at_s)
    )


@in_virtual_time
async def test_funding_is_booked_once_though_told_many_times_at_once() -> None:
    fixture = ExecutorFixture()
    fixture.commit_s = 0.004
    async with fixture.running():
        fixture.binance.funding_list += [payment("f1", "1.5"), payment("f2", "-0.25")]
        for _ in range(3):
            fixture.binance.tell_funding()
        await asyncio.sleep(1)
        fixture.binance.tell_funding()
        await fixture.quiet()
        booked = [e for e in await fixture.events() if isinstance(e, FundingBooked)]
        assert [event.transaction_id for event in booked] == ["f1", "f2"]
        assert fixture.executor.book.ledger.usdt == D(100_000) + D("1.25")
        assert fixture.executor.book.parts().funding == D("1.25") * 1_400


@in_virtual_time
async def test_funding_paid_while_we_were_away_is_booked_at_the_start_once() -> None:
    fixture = ExecutorFixture()
    fixture.commit_s = 0.004
    async with fixture.running():
        pass
    fixture.binance.funding_list.append(payment("f1", "2"))
    fixture.binance.money += 2
    for _ in range(2):
        async with fixture.running():
            await fixture.quiet()
            events = await fixture.events()
            assert len([e for e in events if isinstance(e, FundingBooked)]) == 1
            assert not [e for e in events if isinstance(e, ForeignMovement)]
            assert fixture.executor.account.stopped_reason is None


def opened(fixture: ExecutorFixture) -> bool:
    return fixture.executor.book.is_open


@in_virtual_time
async def test_the_account_is_opened_once_and_only_when_both_exchanges_answer() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.reads_fail = True
    task = await fixture.begin(until_ready=False)
    await asyncio.sleep(5)
    assert not opened(fixture)
    fixture.upbit.reads_fail = False
    await asyncio.sleep(1)
    assert opened(fixture)
    await fixture.kill(task)
    async with fixture.running():
        events = [e for e in await fixture.events() if isinstance(e, AccountOpened)]
        assert len(events) == 1
        assert fixture.executor.book.ledger.krw == fixture.upbit.money


@in_virtual_time
async def test_a_short_that_is_not_ours_latches_the_stop_at_the_start() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.done(ENTER)
    fixture.binance.base = D("-0.011")
    async with fixture.running():
        assert fixture.executor.account.stopped_reason is not None
        no = await fixture.signal(signal(name="s2", symbol="ETH", at=fixture.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code == "stopped"
        out = await fixture.signal(signal(Action.EXIT, name="s3", at=fixture.clock.now()))
        assert out.refusal is None
        await fixture.quiet()
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D("-0.001"))


@in_virtual_time
async def test_figures_of_different_moments_are_not_compared() -> None:
    """A late fill while the balances are read: neither a foreign movement nor a mismatch."""
    fixture = ExecutorFixture()
    async with fixture.running():
        fixture.upbit.outcomes.extend([LOST_REQUEST, refused()])
        await fixture.done(ENTER)

    def arrives_late() -> None:
        fixture.upbit.during_balances = lambda: None
        fixture.upbit.arrive(fixture.order("so1"))
        fixture.upbit.tell(fixture.order("so1").client_order_id)

    fixture.upbit.during_balances = arrives_late
    async with fixture.running():
        await asyncio.sleep(30)
        await fixture.quiet()
        events = await fixture.events()
        assert not [event for event in events if isinstance(event, ForeignMovement)]
        assert fixture.executor.account.stopped_reason is None
        assert fixture.is_even()
        ledger = fixture.executor.book.ledger
        assert (ledger.krw, ledger.usdt) == (fixture.upbit.money, fixture.binance.money)


@in_virtual_time
async def test_equity_is_recorded_when_a_trade_ends_and_now_and_then() -> None:
    async with ExecutorFixture(equity_interval_s=10.0).running() as fixture:
        await fixture.done(ENTER)
        await asyncio.sleep(31)
        snapshots = [e for e in await fixture.events() if isinstance(e, EquityRecorded)]
        assert len(snapshots) == 4
        fees = D("0.010") * (D(140_000_000) + D(100_000) * 1_400) * D("0.0005")
        # Coins are valued at the bid, 10,000 KRW under the mid they were bought at.
        assert snapshots[-1].trading_pnl_krw == -fees - D("0.010") * 10_000
        assert snapshots[-1].fees_krw == -fees


@in_virtual_time
async def test_what_the_day_and_the_hour_lost_is_counted_from_their_beginnings() -> None:
    fixture = ExecutorFixture(equity_interval_s=600.0, command_poll_s=60.0, monitors=RARELY)
    async with fixture.running():
        await fixture.done(ENTER)
        view = fixture.executor.account.view(ENTER, symbol_halted=False)
        assert view.day_pnl_krw == view.hour_pnl_krw < 0
        await asyncio.sleep(2 * 3_600)
        view = fixture.executor.account.view(ENTER, symbol_halted=False)
        assert view.hour_pnl_krw == 0
        assert view.day_pnl_krw < 0
        assert view.day_turnover_krw > 0
        await asyncio.sleep(13 * 3_600)  # START is 12:00 in Korea: 00:00 has passed
        view = fixture.executor.account.view(ENTER, symbol_halted=False)
        assert (view.day_pnl_krw, view.day_turnover_krw) == (D(0), D(0))


@in_virtual_time
async def test_comparing_costs_no_dear_read_while_nothing_differs() -> None:
    async with ExecutorFixture(
        reconcile_interval_s=60.0, hindrances=NO_PROOFS
    ).running() as fixture:
        await fixture.quiet()
        before = fixture.binance.asked["funding"], fixture.upbit.asked["balances"]
        await asyncio.sleep(600)
        assert fixture.binance.asked["funding"] == before[0]
        assert 8 <= fixture.upbit.asked["balances"] - before[1] <= 11


@in_virtual_time
async def test_comparisons_that_say_nothing_are_repeated_ever_more_slowly() -> None:
    """Otherwise an exchange in trouble would be asked every second, and the budget spent."""
    async with ExecutorFixture(
        reconcile_interval_s=60.0, hindrances=NO_PROOFS
    ).running() as fixture:
        await fixture.quiet()
        fixture.upbit.reads_fail = True
        before = fixture.upbit.asked["balances"]
        await asyncio.sleep(300)
        assert 5 <= fixture.upbit.asked["balances"] - before <= 12
        fixture.upbit.reads_fail = False
        before = fixture.upbit.asked["balances"]
        await asyncio.sleep(61)
        assert fixture.upbit.asked["balances"] > before
