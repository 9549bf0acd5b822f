"""Funding, equity, the rate, and what is checked before the first signal."""

import asyncio

from tests.fakes.desk import Desk
from tests.fakes.fates import LOST_REQUEST, refused
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
from trading_platform_order.risk.hindrance_limits import HindranceLimits
from trading_platform_order.risk.monitor_limits import MonitorLimits

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
    desk = Desk()
    desk.commit_s = 0.004
    async with desk.running():
        desk.binance.funding_list += [payment("f1", "1.5"), payment("f2", "-0.25")]
        for _ in range(3):
            desk.binance.tell_funding()
        await asyncio.sleep(1)
        desk.binance.tell_funding()
        await desk.quiet()
        booked = [e for e in await desk.events() if isinstance(e, FundingBooked)]
        assert [event.transaction_id for event in booked] == ["f1", "f2"]
        assert desk.executor.book.ledger.usdt == D(100_000) + D("1.25")
        assert desk.executor.book.parts().funding == D("1.25") * 1_400


@in_virtual_time
async def test_funding_paid_while_we_were_away_is_booked_at_the_start_once() -> None:
    desk = Desk()
    desk.commit_s = 0.004
    async with desk.running():
        pass
    desk.binance.funding_list.append(payment("f1", "2"))
    desk.binance.money += 2
    for _ in range(2):
        async with desk.running():
            await desk.quiet()
            events = await desk.events()
            assert len([e for e in events if isinstance(e, FundingBooked)]) == 1
            assert not [e for e in events if isinstance(e, ForeignMovement)]
            assert desk.executor.keeper.stopped_reason is None


def opened(desk: Desk) -> bool:
    return desk.executor.book.is_open


@in_virtual_time
async def test_the_account_is_opened_once_and_only_when_both_exchanges_answer() -> None:
    desk = Desk()
    desk.upbit.reads_fail = True
    task = await desk.begin(until_ready=False)
    await asyncio.sleep(5)
    assert not opened(desk)
    desk.upbit.reads_fail = False
    await asyncio.sleep(1)
    assert opened(desk)
    await desk.kill(task)
    async with desk.running():
        events = [e for e in await desk.events() if isinstance(e, AccountOpened)]
        assert len(events) == 1
        assert desk.executor.book.ledger.krw == desk.upbit.money


@in_virtual_time
async def test_a_short_that_is_not_ours_latches_the_stop_at_the_start() -> None:
    desk = Desk()
    async with desk.running():
        await desk.done(ENTER)
    desk.binance.base = D("-0.011")
    async with desk.running():
        assert desk.executor.keeper.stopped_reason is not None
        no = await desk.signal(signal(name="s2", symbol="ETH", at=desk.clock.now()))
        assert no.refusal is not None
        assert no.refusal.code == "stopped"
        out = await desk.signal(signal(Action.EXIT, name="s3", at=desk.clock.now()))
        assert out.refusal is None
        await desk.quiet()
        assert (desk.upbit.base, desk.binance.base) == (D(0), D("-0.001"))


@in_virtual_time
async def test_figures_of_different_moments_are_not_compared() -> None:
    """A late fill while the balances are read: neither a foreign movement nor a mismatch."""
    desk = Desk()
    async with desk.running():
        desk.upbit.fates.extend([LOST_REQUEST, refused()])
        await desk.done(ENTER)

    def arrives_late() -> None:
        desk.upbit.during_balances = lambda: None
        desk.upbit.arrive(desk.order("so1"))
        desk.upbit.tell(desk.order("so1").client_order_id)

    desk.upbit.during_balances = arrives_late
    async with desk.running():
        await asyncio.sleep(30)
        await desk.quiet()
        events = await desk.events()
        assert not [event for event in events if isinstance(event, ForeignMovement)]
        assert desk.executor.keeper.stopped_reason is None
        assert desk.is_even()
        ledger = desk.executor.book.ledger
        assert (ledger.krw, ledger.usdt) == (desk.upbit.money, desk.binance.money)


@in_virtual_time
async def test_equity_is_recorded_when_a_trade_ends_and_now_and_then() -> None:
    async with Desk(equity_interval_s=10.0).running() as desk:
        await desk.done(ENTER)
        await asyncio.sleep(31)
        snapshots = [e for e in await desk.events() if isinstance(e, EquityRecorded)]
        assert len(snapshots) == 4
        fees = D("0.010") * (D(140_000_000) + D(100_000) * 1_400) * D("0.0005")
        # Coins are valued at the bid, 10,000 KRW under the mid they were bought at.
        assert snapshots[-1].trading_pnl_krw == -fees - D("0.010") * 10_000
        assert snapshots[-1].fees_krw == -fees


@in_virtual_time
async def test_what_the_day_and_the_hour_lost_is_counted_from_their_beginnings() -> None:
    desk = Desk(equity_interval_s=600.0, command_poll_s=60.0, monitors=RARELY)
    async with desk.running():
        await desk.done(ENTER)
        view = desk.executor.keeper.view(ENTER, symbol_halted=False)
        assert view.day_pnl_krw == view.hour_pnl_krw < 0
        await asyncio.sleep(2 * 3_600)
        view = desk.executor.keeper.view(ENTER, symbol_halted=False)
        assert view.hour_pnl_krw == 0
        assert view.day_pnl_krw < 0
        assert view.day_turnover_krw > 0
        await asyncio.sleep(13 * 3_600)  # START is 12:00 in Korea: 00:00 has passed
        view = desk.executor.keeper.view(ENTER, symbol_halted=False)
        assert (view.day_pnl_krw, view.day_turnover_krw) == (D(0), D(0))


@in_virtual_time
async def test_comparing_costs_no_dear_read_while_nothing_differs() -> None:
    async with Desk(reconcile_interval_s=60.0, hindrances=NO_PROOFS).running() as desk:
        await desk.quiet()
        before = desk.binance.asked["funding"], desk.upbit.asked["balances"]
        await asyncio.sleep(600)
        assert desk.binance.asked["funding"] == before[0]
        assert 8 <= desk.upbit.asked["balances"] - before[1] <= 11


@in_virtual_time
async def test_comparisons_that_say_nothing_are_repeated_ever_more_slowly() -> None:
    """Otherwise an exchange in trouble would be asked every second, and the budget spent."""
    async with Desk(reconcile_interval_s=60.0, hindrances=NO_PROOFS).running() as desk:
        await desk.quiet()
        desk.upbit.reads_fail = True
        before = desk.upbit.asked["balances"]
        await asyncio.sleep(300)
        assert 5 <= desk.upbit.asked["balances"] - before <= 12
        desk.upbit.reads_fail = False
        before = desk.upbit.asked["balances"]
        await asyncio.sleep(61)
        assert desk.upbit.asked["balances"] > before
