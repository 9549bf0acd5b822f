"""A stop, ADL, liquidation or a person takes one leg: it is booked, the other one is closed."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import FILLED, LOST_REQUEST, Fate, refused
from tests.fakes.pair import HEDGE_MID, START, D, signal
from tests.fakes.script import Script
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import ForeignMovement
from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.order import Fill, OrderSide, Venue
from trading_platform_order.domain.protection.leg_loss import Cause, CoinsGone, HedgeClosed, Share
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.account.leg_loss import alert_of
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual

ENTER = signal(quantity="0.010")
WORSE = HEDGE_MID + 700


async def settle(desk: Desk) -> None:
    """Until nothing is under way, the seconds between suspicion and check included."""
    for _ in range(4):
        await asyncio.sleep(2.5)
        await desk.quiet()


def agrees(desk: Desk) -> bool:
    """The ledger is what both exchanges hold, money included."""
    ledger = desk.executor.book.ledger
    short = ledger.shorts["BTC"].quantity if "BTC" in ledger.shorts else D(0)
    return (
        (ledger.owned_coins("BTC"), -short) == (desk.upbit.base, desk.binance.base)
        and abs(ledger.krw - desk.upbit.money) < D("0.01")
        and abs(ledger.usdt - desk.binance.money) < D("0.0001")
    )


async def closings(desk: Desk) -> list[HedgeClosed]:
    return [event for event in await desk.events() if isinstance(event, HedgeClosed)]


async def foreign(desk: Desk) -> list[ForeignMovement]:
    return [event for event in await desk.events() if isinstance(event, ForeignMovement)]


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
        async with Desk(reconcile_interval_s=5.0).running() as desk:
            await desk.done(ENTER)
            fill = desk.binance.close_by(name, D(part), price=WORSE)
            if told_by == "order":
                desk.binance.tell_foreign(fill)
            if told_by == "position":
                desk.binance.tell_position()
            await settle(desk)
            (event,) = await closings(desk)
            assert event.cause is cause
            assert [(s.strategy, s.quantity) for s in event.shares] == [("kimchi", D(part))]
            assert event.shares[0].fill == fill
            left = D("0.010") - D(part)
            assert (desk.upbit.base, desk.binance.base) == (left, -left)
            assert agrees(desk)
            assert not await foreign(desk)
            assert ("one_leg_gone", True) in await desk.alerts()
            assert (desk.executor.keeper.stopped_reason is not None) == is_latched
            trades = list(desk.executor.trades.values())
            assert [t.outcome for t in trades] == ["hedged", "hedged" if left else "flat"]

    run_virtual(scenario())


@in_virtual_time
async def test_it_is_noticed_at_once() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        fill = desk.binance.close_by("adl_autoclose", D("0.010"))
        told_at = desk.clock.monotonic()
        desk.binance.tell_foreign(fill)
        await desk.quiet()
        assert desk.upbit.base == 0
        assert desk.clock.monotonic() - told_at < 0.2


@in_virtual_time
async def test_profit_and_loss_say_what_equity_says() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.binance.tell_foreign(desk.binance.close_by("adl_autoclose", D("0.010"), price=WORSE))
        await settle(desk)
        book = desk.executor.book
        equity = book.equity_krw()
        assert equity is not None
        made = equity - book.opened_equity_krw - book.transfers_krw
        assert abs(made - book.parts().total) < D("0.0001")
        assert made < -700 * D("0.010") * 1_400  # the worse price is in it


@in_virtual_time
async def test_an_event_told_twice_and_found_again_is_one_event() -> None:
    async with Desk(reconcile_interval_s=2.0).running() as desk:
        await desk.done(ENTER)
        fill = desk.binance.close_by("adl_autoclose", D("0.004"))
        for _ in range(3):
            desk.binance.tell_foreign(fill)
            desk.binance.tell_position()
        await settle(desk)
        desk.binance.tell_foreign(fill)
        await settle(desk)
        assert len(await closings(desk)) == 1
        assert [name for name in desk.sent if name.startswith("sc")] == ["sc1"]
        assert agrees(desk)


@in_virtual_time
async def test_one_close_in_several_executions_is_booked_whole() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        for price in (HEDGE_MID, WORSE, WORSE + 5):
            desk.binance.tell_foreign(
                desk.binance.close_by("adl_autoclose", D("0.003"), price=price)
            )
            await asyncio.sleep(0.012)
        await settle(desk)
        booked = [s.fill for e in await closings(desk) for s in e.shares]
        assert {f.trade_id for f in booked if f} == {"foreign-1", "foreign-2", "foreign-3"}
        assert agrees(desk)
        assert (desk.upbit.base, desk.binance.base) == (D("0.001"), D("-0.001"))


@in_virtual_time
async def test_each_strategy_loses_in_proportion_and_sells_its_own() -> None:
    async with Desk().running() as desk:
        await desk.done(signal(name="a1", strategy="a", quantity="0.009"))
        await desk.done(signal(name="b1", strategy="b", quantity="0.003", at=desk.clock.now()))
        fill = desk.binance.close_by("autoclose-1", D("0.007"), price=WORSE)
        desk.binance.tell_foreign(fill)
        await settle(desk)
        (event,) = await closings(desk)
        assert [(s.strategy, s.quantity) for s in event.shares] == [
            ("a", D("0.006")),
            ("b", D("0.001")),
        ]
        assert sum(s.fill.fee for s in event.shares if s.fill) == fill.fee
        book = desk.executor.book
        assert book.holding("a", "BTC") == te.Holding(spot=D("0.003"), short=D("0.003"))
        assert book.holding("b", "BTC") == te.Holding(spot=D("0.002"), short=D("0.002"))
        assert agrees(desk)


@in_virtual_time
async def test_the_owners_coins_are_never_sold() -> None:
    desk = Desk()
    desk.upbit.base = D("0.5")
    async with desk.running():
        await desk.done(ENTER)
        desk.binance.tell_foreign(desk.binance.close_by("adl_autoclose", D("0.010")))
        await settle(desk)
        assert desk.upbit.base == D("0.5")
        assert desk.binance.base == 0


@in_virtual_time
async def test_without_executions_the_position_itself_is_evidence_and_a_person_must_look() -> None:
    async with Desk(reconcile_interval_s=2.0).running() as desk:
        await desk.done(ENTER)
        desk.binance.base = D("-0.004")
        await settle(desk)
        (event,) = await closings(desk)
        assert event.cause is Cause.UNEXPLAINED
        assert event.shares[0].fill is None
        assert (desk.upbit.base, desk.binance.base) == (D("0.004"), D("-0.004"))
        assert desk.executor.keeper.stopped_reason is not None


@in_virtual_time
async def test_a_difference_that_comes_and_goes_is_nothing() -> None:
    async with Desk(reconcile_interval_s=600.0).running() as desk:
        await desk.done(ENTER)
        desk.binance.base = D("-0.004")
        desk.binance.tell_position()
        await asyncio.sleep(1.0)
        desk.binance.base = D("-0.010")
        await settle(desk)
        assert not await closings(desk)
        assert desk.upbit.base == D("0.010")


@in_virtual_time
async def test_nothing_is_booked_while_no_exchange_answers() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        fill = desk.binance.close_by("adl_autoclose", D("0.010"))
        desk.binance.reads_fail = True
        desk.binance.tell_foreign(fill)
        await asyncio.sleep(30)
        assert not await closings(desk)
        desk.binance.reads_fail = False
        await settle(desk)
        assert len(await closings(desk)) == 1
        assert agrees(desk)
        assert desk.upbit.base == 0


@in_virtual_time
async def test_executions_that_are_readable_late_are_still_booked_with_their_price() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        fill = desk.binance.close_by("adl_autoclose", D("0.010"), price=WORSE)
        desk.binance.executions_fail = True
        desk.binance.tell_foreign(fill)
        await asyncio.sleep(1.0)
        desk.binance.executions_fail = False
        await settle(desk)
        (event,) = await closings(desk)
        assert event.shares[0].fill == fill
        assert agrees(desk)


# -- with a trade under way ------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["0.010", "0.004"])
@pytest.mark.parametrize("told", [True, False])
def test_it_happens_while_an_exit_is_in_flight(part: str, told: bool) -> None:
    async def scenario() -> None:
        async with Desk(reconcile_interval_s=2.0).running() as desk:
            await desk.done(ENTER)
            fill = desk.binance.close_by("web_1", D(part), price=WORSE)
            if part == "0.010":
                desk.binance.fates.append(refused(code="binance:-2022"))
            else:
                desk.binance.fates.extend([FILLED, refused(code="binance:-2022")])
            exiting = asyncio.ensure_future(
                desk.signal(signal(Action.EXIT, name="s2", at=desk.clock.now()))
            )
            await asyncio.sleep(0.001)
            if told:
                desk.binance.tell_foreign(fill)
            await exiting
            await settle(desk)
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
            assert agrees(desk)
            assert not await foreign(desk)
            (read,) = [e for e in await desk.events() if isinstance(e, te.HedgePositionRead)]
            assert sum(f.quantity for f in read.fills) == D(part)
            assert not await closings(desk)

    run_virtual(scenario())


@in_virtual_time
async def test_an_order_nobody_answers_is_still_proven_absent_when_another_hand_closed() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.binance.fates.append(LOST_REQUEST)
        exiting = signal(Action.EXIT, name="s2", at=desk.clock.now())
        await desk.signal(exiting)
        desk.binance.close_by("adl_autoclose", D("0.004"), price=WORSE)
        desk.binance.fates.extend([FILLED, refused(code="binance:-2022")])
        await settle(desk)
        await settle(desk)
        assert {t.state for t in desk.executor.trades.values()} == {TradeState.SETTLED}
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert agrees(desk)


@in_virtual_time
async def test_an_entry_that_is_closed_from_outside_meanwhile_ends_flat() -> None:
    async with Desk().running() as desk:
        desk.upbit.fates.append(Fate(answer_s=1.0))
        await desk.signal(ENTER)
        await asyncio.sleep(0.1)
        desk.binance.tell_foreign(desk.binance.close_by("adl_autoclose", D("0.010")))
        await settle(desk)
        assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
        assert agrees(desk)


# -- an order of our own that comes late is not another hand's ------------------------------------


@in_virtual_time
async def test_a_late_order_of_ours_is_its_trades_not_another_hands() -> None:
    async with Desk(reconcile_interval_s=2.0).running() as desk:
        await desk.done(ENTER)
        desk.binance.fates.append(LOST_REQUEST)
        trade = await desk.done(signal(Action.EXIT, name="s2", at=desk.clock.now()))
        assert desk.binance.base == 0
        await desk.done(signal(name="s3", quantity="0.010", at=desk.clock.now()))
        late = next(o for o in desk.binance.sent if o.client_order_id.endswith("hc1"))
        desk.binance.arrive(late)
        await settle(desk)
        assert not await closings(desk)
        told = desk.executor.trades[trade.trade_id]
        assert {f.client_order_id[-3:] for f in told.fills} >= {"hc1", "hc2"}
        assert agrees(desk)


# -- coins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sold", [True, False])
@pytest.mark.parametrize("left", ["0", "0.0045"])
@pytest.mark.parametrize("told", [True, False])
def test_coins_that_vanish_take_the_hedge_with_them(sold: bool, left: str, told: bool) -> None:
    async def scenario() -> None:
        async with Desk(reconcile_interval_s=5.0).running() as desk:
            await desk.done(ENTER)
            gone = desk.upbit.base - D(left)
            desk.upbit.base = D(left)
            proceeds = gone * 140_000_000 if sold else D(0)
            desk.upbit.money += proceeds
            if told:
                desk.upbit.tell_balance()
            await settle(desk)
            (event,) = [e for e in await desk.events() if isinstance(e, CoinsGone)]
            assert event.shares[0].quantity == gone
            kept = D("0.004") if D(left) else D(0)
            assert (desk.upbit.base, desk.binance.base) == (kept, -kept)
            assert agrees(desk)
            moved = {(e.exchange, e.asset): e.amount for e in await foreign(desk)}
            assert moved == ({(Venue.UPBIT, "KRW"): proceeds} if sold else {})
            assert desk.executor.keeper.stopped_reason is not None
            book = desk.executor.book
            equity = book.equity_krw()
            assert equity is not None
            made = equity - book.opened_equity_krw - book.transfers_krw
            assert abs(made - book.parts().total) < D("0.0001")

    run_virtual(scenario())


@in_virtual_time
async def test_the_owner_may_sell_what_is_the_owners() -> None:
    desk = Desk(reconcile_interval_s=2.0)
    desk.upbit.base = D("0.5")
    async with desk.running():
        await desk.done(ENTER)
        desk.upbit.base -= D("0.3")
        desk.upbit.tell_balance()
        await settle(desk)
        assert desk.binance.base == D("-0.010")
        assert [(e.asset, e.amount) for e in await foreign(desk)] == [("BTC", D("-0.3"))]


# -- crashes --------------------------------------------------------------------------------------

POINTS = ["hedge_closed", "position_changed", "signal_claimed", "trade_opened", "fill_seen"]


@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("durable", [True, False])
def test_a_crash_before_and_after_each_step(kind: str, durable: bool) -> None:
    """The engine dies around one commit; the next one books nothing twice and forgets nothing."""

    async def scenario() -> None:
        desk = Desk(reconcile_interval_s=5.0)
        async with desk.running():
            await desk.done(ENTER)
        desk.dies_at, desk.dies_after = kind, durable
        task = await desk.begin(until_ready=False)
        await asyncio.sleep(0.3)
        desk.binance.tell_foreign(desk.binance.close_by("adl_autoclose", D("0.010"), price=WORSE))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if desk.store.dead:
                break
        assert desk.store.dead, "the point was never reached"
        await desk.kill(task)
        desk.dies_at = None
        async with desk.running():
            await settle(desk)
            assert len(await closings(desk)) == 1
            assert (desk.upbit.base, desk.binance.base) == (D(0), D(0))
            assert agrees(desk)
            assert not await foreign(desk)

    run_virtual(scenario())


@pytest.mark.parametrize("gone", ["0.010", "0.003"])
def test_it_happened_while_the_engine_was_down(gone: str) -> None:
    async def scenario() -> None:
        desk = Desk()
        async with desk.running():
            await desk.done(ENTER)
        desk.binance.close_by("autoclose-1", D(gone), price=WORSE)
        await asyncio.sleep(3_600)
        async with desk.running():
            await settle(desk)
            assert len(await closings(desk)) == 1
            assert desk.is_even()
            assert agrees(desk)
            assert not await foreign(desk)

    run_virtual(scenario())


@in_virtual_time
async def test_coins_without_a_hedge_are_sold_though_there_are_no_prices() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        desk.market.gone = True
        desk.binance.tell_foreign(desk.binance.close_by("adl_autoclose", D("0.010")))
        await asyncio.sleep(10)
        await desk.quiet()
        assert desk.upbit.base == 0
        assert agrees(desk)


@in_virtual_time
async def test_it_is_booked_before_another_strategy_enters() -> None:
    async with Desk().running() as desk:
        await desk.done(ENTER)
        fill = desk.binance.close_by("adl_autoclose", D("0.010"))
        again = replace(
            signal(name="s3", quantity="0.002", strategy="other"), created_at=desk.clock.now()
        )
        desk.binance.tell_foreign(fill)
        await desk.signal(again)
        await settle(desk)
        sent = [order.client_order_id[-3:] for order in desk.upbit.sent]
        assert sorted(sent) == ["sc1", "so1", "so1"]
        assert (desk.upbit.base, desk.binance.base) == (D("0.002"), D("-0.002"))


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
