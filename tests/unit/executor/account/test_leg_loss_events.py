"""A stop, ADL, liquidation or an operator takes one leg: it is booked, the other one is closed."""

import asyncio

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import HEDGE_MID, START, D, signal
from tests.fakes.script import Script
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.executor.account.leg_loss_checks import agrees, closings, foreign, settle
from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.order import Fill, OrderSide
from trading_platform_order.domain.protection.leg_loss import (
    Cause,
    CoinsGone,
    HedgeClosed,
    Share,
    alert_of,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
WORSE = HEDGE_MID + 700


@pytest.mark.parametrize(
    ("name", "cause", "is_latched"),
    [
        ("adl_autoclose", Cause.ADL, False),
        ("autoclose-1763800000000", Cause.LIQUIDATION, True),
        ("settlement_autoclose-1", Cause.SETTLEMENT, False),
        ("web_abc", Cause.MANUAL_CLOSE, False),
        ("", Cause.MANUAL_CLOSE, False),
    ],
)
@pytest.mark.parametrize("part", ["0.010", "0.004"])
@pytest.mark.parametrize("told_by", ["order", "position", "nobody"])
def test_the_other_leg_is_closed(
    name: str, cause: Cause, is_latched: bool, part: str, told_by: str
) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(reconcile_interval_s=5.0).running() as fixture:
            await fixture.done(ENTER)
            fill = fixture.binance.close_by(name, D(part), price=WORSE)
            if told_by == "order":
                fixture.binance.tell_foreign(fill)
            if told_by == "position":
                fixture.binance.tell_position()
            await settle(fixture)
            (event,) = await closings(fixture)
            assert event.cause is cause
            assert [(s.strategy, s.quantity) for s in event.shares] == [("kimchi", D(part))]
            assert event.shares[0].fill == fill
            left = D("0.010") - D(part)
            assert (fixture.upbit.base, fixture.binance.base) == (left, -left)
            assert agrees(fixture)
            assert not await foreign(fixture)
            assert ("one_leg_gone", True) in await fixture.alerts()
            assert (fixture.executor.account.stopped_reason is not None) == is_latched
            trades = list(fixture.executor.trades.values())
            assert [t.outcome for t in trades] == ["hedged", "hedged" if left else "flat"]

    run_virtual(scenario())


@in_virtual_time
async def test_it_is_noticed_at_once() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fill = fixture.binance.close_by("adl_autoclose", D("0.010"))
        told_at = fixture.clock.monotonic()
        fixture.binance.tell_foreign(fill)
        await fixture.quiet()
        assert fixture.upbit.base == 0
        assert fixture.clock.monotonic() - told_at < 0.2


@in_virtual_time
async def test_profit_and_loss_say_what_equity_says() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.tell_foreign(
            fixture.binance.close_by("adl_autoclose", D("0.010"), price=WORSE)
        )
        await settle(fixture)
        book = fixture.executor.book
        equity = book.equity_krw()
        assert equity is not None
        made = equity - book.opened_equity_krw - book.transfers_krw
        assert abs(made - book.parts().total) < D("0.0001")
        assert made < -700 * D("0.010") * 1_400  # the worse price is in it


@in_virtual_time
async def test_an_event_told_twice_and_found_again_is_one_event() -> None:
    async with ExecutorFixture(reconcile_interval_s=2.0).running() as fixture:
        await fixture.done(ENTER)
        fill = fixture.binance.close_by("adl_autoclose", D("0.004"))
        for _ in range(3):
            fixture.binance.tell_foreign(fill)
            fixture.binance.tell_position()
        await settle(fixture)
        fixture.binance.tell_foreign(fill)
        await settle(fixture)
        assert len(await closings(fixture)) == 1
        assert [name for name in fixture.sent if name.startswith("sc")] == ["sc1"]
        assert agrees(fixture)


@in_virtual_time
async def test_one_close_in_several_executions_is_booked_whole() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        for price in (HEDGE_MID, WORSE, WORSE + 5):
            fixture.binance.tell_foreign(
                fixture.binance.close_by("adl_autoclose", D("0.003"), price=price)
            )
            await asyncio.sleep(0.012)
        await settle(fixture)
        booked = [s.fill for e in await closings(fixture) for s in e.shares]
        assert {f.trade_id for f in booked if f} == {"foreign-1", "foreign-2", "foreign-3"}
        assert agrees(fixture)
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.001"), D("-0.001"))


@in_virtual_time
async def test_each_strategy_loses_in_proportion_and_sells_its_own() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(signal(name="a1", strategy="a", quantity="0.009"))
        await fixture.done(
            signal(name="b1", strategy="b", quantity="0.003", at=fixture.clock.now())
        )
        fill = fixture.binance.close_by("autoclose-1", D("0.007"), price=WORSE)
        fixture.binance.tell_foreign(fill)
        await settle(fixture)
        (event,) = await closings(fixture)
        assert [(s.strategy, s.quantity) for s in event.shares] == [
            ("a", D("0.006")),
            ("b", D("0.001")),
        ]
        assert sum(s.fill.fee for s in event.shares if s.fill) == fill.fee
        book = fixture.executor.book
        assert book.holding("a", "BTC") == te.Holding(spot=D("0.003"), short=D("0.003"))
        assert book.holding("b", "BTC") == te.Holding(spot=D("0.002"), short=D("0.002"))
        assert agrees(fixture)


@in_virtual_time
async def test_the_owners_coins_are_never_sold() -> None:
    fixture = ExecutorFixture()
    fixture.upbit.base = D("0.5")
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.binance.tell_foreign(fixture.binance.close_by("adl_autoclose", D("0.010")))
        await settle(fixture)
        assert fixture.upbit.base == D("0.5")
        assert fixture.binance.base == 0


@in_virtual_time
async def test_without_executions_the_position_itself_is_evidence_and_an_operator_must_look() -> (
    None
):
    async with ExecutorFixture(reconcile_interval_s=2.0).running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.base = D("-0.004")
        await settle(fixture)
        (event,) = await closings(fixture)
        assert event.cause is Cause.UNEXPLAINED
        assert event.shares[0].fill is None
        assert (fixture.upbit.base, fixture.binance.base) == (D("0.004"), D("-0.004"))
        assert fixture.executor.account.stopped_reason is not None


@in_virtual_time
async def test_a_difference_that_comes_and_goes_is_nothing() -> None:
    async with ExecutorFixture(reconcile_interval_s=600.0).running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.base = D("-0.004")
        fixture.binance.tell_position()
        await asyncio.sleep(1.0)
        fixture.binance.base = D("-0.010")
        await settle(fixture)
        assert not await closings(fixture)
        assert fixture.upbit.base == D("0.010")


@in_virtual_time
async def test_nothing_is_booked_while_no_exchange_answers() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fill = fixture.binance.close_by("adl_autoclose", D("0.010"))
        fixture.binance.reads_fail = True
        fixture.binance.tell_foreign(fill)
        await asyncio.sleep(30)
        assert not await closings(fixture)
        fixture.binance.reads_fail = False
        await settle(fixture)
        assert len(await closings(fixture)) == 1
        assert agrees(fixture)
        assert fixture.upbit.base == 0


@in_virtual_time
async def test_executions_that_are_readable_late_are_still_booked_with_their_price() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fill = fixture.binance.close_by("adl_autoclose", D("0.010"), price=WORSE)
        fixture.binance.executions_fail = True
        fixture.binance.tell_foreign(fill)
        await asyncio.sleep(1.0)
        fixture.binance.executions_fail = False
        await settle(fixture)
        (event,) = await closings(fixture)
        assert event.shares[0].fill == fill
        assert agrees(fixture)


# -- with a trade under way ------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["0.010", "0.004"])
@pytest.mark.parametrize("told", [True, False])
def test_it_happens_while_an_exit_is_in_flight(part: str, told: bool) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(reconcile_interval_s=2.0).running() as fixture:
            await fixture.done(ENTER)
            fill = fixture.binance.close_by("web_1", D(part), price=WORSE)
            if part == "0.010":
                fixture.binance.outcomes.append(refused(code="reduce_only_rejected"))
            else:
                fixture.binance.outcomes.extend([FILLED, refused(code="reduce_only_rejected")])
            exiting = asyncio.ensure_future(
                fixture.signal(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
            )
            await asyncio.sleep(0.001)
            if told:
                fixture.binance.tell_foreign(fill)
            await exiting
            await settle(fixture)
            assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
            assert agrees(fixture)
            assert not await foreign(fixture)
            (read,) = [e for e in await fixture.events() if isinstance(e, te.HedgePositionRead)]
            assert sum(f.quantity for f in read.fills) == D(part)
            assert not await closings(fixture)

    run_virtual(scenario())


@in_virtual_time
async def test_an_order_nobody_answers_is_still_proven_absent_when_somebody_else_closed() -> None:
    async with ExecutorFixture().running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.outcomes.append(LOST_REQUEST)
        exiting = signal(Action.EXIT, name="s2", at=fixture.clock.now())
        await fixture.signal(exiting)
        fixture.binance.close_by("adl_autoclose", D("0.004"), price=WORSE)
        fixture.binance.outcomes.extend([FILLED, refused(code="reduce_only_rejected")])
        await settle(fixture)
        await settle(fixture)
        assert {t.state for t in fixture.executor.trades.values()} == {TradeState.SETTLED}
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert agrees(fixture)


@in_virtual_time
async def test_an_entry_that_is_closed_from_outside_meanwhile_ends_flat() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.upbit.outcomes.append(ScriptedOutcome(answer_s=1.0))
        await fixture.signal(ENTER)
        await asyncio.sleep(0.1)
        fixture.binance.tell_foreign(fixture.binance.close_by("adl_autoclose", D("0.010")))
        await settle(fixture)
        assert (fixture.upbit.base, fixture.binance.base) == (D(0), D(0))
        assert agrees(fixture)


# -- an order of our own that comes late is not another hand's ------------------------------------


@in_virtual_time
async def test_a_late_order_of_ours_is_its_trades_not_somebody_elses() -> None:
    async with ExecutorFixture(reconcile_interval_s=2.0).running() as fixture:
        await fixture.done(ENTER)
        fixture.binance.outcomes.append(LOST_REQUEST)
        trade = await fixture.done(signal(Action.EXIT, name="s2", at=fixture.clock.now()))
        assert fixture.binance.base == 0
        await fixture.done(signal(name="s3", quantity="0.010", at=fixture.clock.now()))
        late = next(o for o in fixture.binance.sent if o.client_order_id.endswith("hc1"))
        fixture.binance.arrive(late)
        await settle(fixture)
        assert not await closings(fixture)
        told = fixture.executor.trades[trade.trade_id]
        assert {f.client_order_id[-3:] for f in told.fills} >= {"hc1", "hc2"}
        assert agrees(fixture)


# -- coins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sold", [True, False])
@pytest.mark.parametrize("left", ["0", "0.0045"])
@pytest.mark.parametrize("told", [True, False])
def test_coins_that_vanish_take_the_hedge_with_them(sold: bool, left: str, told: bool) -> None:
    async def scenario() -> None:
        async with ExecutorFixture(reconcile_interval_s=5.0).running() as fixture:
            await fixture.done(ENTER)
            gone = fixture.upbit.base - D(left)
            fixture.upbit.base = D(left)
            proceeds = gone * 140_000_000 if sold else D(0)
            fixture.upbit.money += proceeds
            if told:
                fixture.upbit.tell_balance()
            await settle(fixture)
            (event,) = [e for e in await fixture.events() if isinstance(e, CoinsGone)]
            assert event.shares[0].quantity == gone
            kept = D("0.004") if D(left) else D(0)
            assert (fixture.upbit.base, fixture.binance.base) == (kept, -kept)
            assert agrees(fixture)
            moved = {(e.exchange, e.asset): e.amount for e in await foreign(fixture)}
            assert moved == ({(Venue.UPBIT, "KRW"): proceeds} if sold else {})
            assert fixture.executor.account.stopped_reason is not None
            book = fixture.executor.book
            equity = book.equity_krw()
            assert equity is not None
            made = equity - book.opened_equity_krw - book.transfers_krw
            assert abs(made - book.parts().total) < D("0.0001")

    run_virtual(scenario())


@in_virtual_time
async def test_the_owner_may_sell_what_is_the_owners() -> None:
    fixture = ExecutorFixture(reconcile_interval_s=2.0)
    fixture.upbit.base = D("0.5")
    async with fixture.running():
        await fixture.done(ENTER)
        fixture.upbit.base -= D("0.3")
        fixture.upbit.tell_balance()
        await settle(fixture)
        assert fixture.binance.base == D("-0.010")
        assert [(e.asset, e.amount) for e in await foreign(fixture)] == [("BTC", D("-0.3"))]


def test_the_alert_tells_what_was_closed_at_which_average_and_fee() -> None:
    def share(strategy: str, quantity: str, price: int, fee: str) -> Share:
        told = Fill(
            exchange=Venue.BINANCE,
            symbol="BTCUSDT",
            client_order_id="adl_autoclose",
            trade_id=strategy,
            side=OrderSide.BUY,
            quantity=D(quantity),
            price=D(price),
            fee=D(fee),
            fee_asset="USDT",
            at=START,
        )
        return Share(strategy=strategy, quantity=told.quantity, fill=told)

    event = HedgeClosed(
        event_id="e",
        base="BTC",
        cause=Cause.ADL,
        shares=(share("a", "0.001", 100_000, "0.05"), share("b", "0.003", 100_100, "0.15")),
        decision=Script(ENTER).trade.decision,
        at=START,
    )
    alert = alert_of(event, Cause.ADL)
    assert (alert.kind, alert.urgent) == (AlertKind.ONE_LEG_GONE, True)
    assert alert.fields == {
        "symbol": "BTC",
        "cause": Cause.ADL.value,
        "leg": "hedge",
        "quantity_base": "0.004",
        "strategies": "a, b",
        "average_price_usdt": "100075",
        "fee": "0.2",
        "client_order_id": "adl_autoclose",
        "next": "the other leg is closed at once",
    }
