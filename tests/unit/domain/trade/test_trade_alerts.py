"""What operators are told of a trade: kind, urgency and figures of each event that deserves it."""

from dataclasses import replace

import pytest

from tests.fakes.pair import START, D, holding, seconds, signal
from tests.fakes.script import Script
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.trade_alerts import of_event, of_refusal, of_unknown

OF_IT = {"strategy": "kimchi", "symbol": "BTC", "action": "ENTER", "signal_id": "s1"}


def entered() -> Script:
    """0.010 BTC, both orders out."""
    return Script(signal(quantity="0.010"))


def told(script: Script, event: te.TradeEvent) -> Alert | None:
    before = script.trade
    script.happened(event)
    return of_event(before, script.trade, event)


def of_it(kind: AlertKind, *, urgent: bool = True, **fields: str) -> Alert:
    return Alert(kind=kind, urgent=urgent, fields={**OF_IT, **fields})


def unresolved(trade: PairTrade, reason: str) -> te.OrderStillUnresolved:
    name = trade.orders[0].client_order_id
    return te.OrderStillUnresolved(
        client_order_id=name, number=2, age_s=290.0, reason=reason, at=START
    )


def test_a_corrective_order_and_an_order_without_an_answer() -> None:
    script = entered()
    name = script.of(Leg.SPOT).client_order_id
    event = te.OrderUnanswered(client_order_id=name, reason="time-out", at=START)
    assert told(script, event) == of_it(
        AlertKind.ORDER_UNKNOWN, urgent=False, client_order_id=name, reason="time-out"
    )
    script.absent(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE))
    before = script.trade
    script.planned()
    planned = script.events[-1]
    assert isinstance(planned, te.OrdersPlanned)
    assert of_event(before, script.trade, planned) == of_it(
        AlertKind.ONE_LEG_FAILED,
        reason=planned.reason,
        naked_krw="1400000",
        since="0 s",
        attempt="1 of 12",
    )


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("nowhere to be found", AlertKind.ORDER_UNKNOWN),
        ("collision: side BUY, expected SELL", AlertKind.ID_COLLISION),
    ],
)
def test_an_order_that_stays_unknown(reason: str, kind: AlertKind) -> None:
    script = entered()
    script.unanswered(script.of(Leg.SPOT))
    order = script.trade.orders[0]
    assert told(script, unresolved(script.trade, reason)) == of_it(
        kind,
        client_order_id=order.client_order_id,
        exchange="upbit",
        side="BUY",
        quantity_base="0.01",
        status=order.status.value,
        since="290 s",
        call="2",
        reason=reason,
    )
    assert of_unknown(script.trade, order, reason) == of_it(
        kind, client_order_id=order.client_order_id, reason=reason
    )


def test_the_first_cancel_is_no_news_and_the_second_is() -> None:
    script = entered()
    name = script.of(Leg.HEDGE).client_order_id
    script.accepted(script.of(Leg.HEDGE))
    events = [
        te.CancelSent(client_order_id=name, reason="works for 3 s", at=START + seconds(at_s))
        for at_s in (3, 6, 9)
    ]
    again = of_it(
        AlertKind.ORDER_UNKNOWN,
        client_order_id=name,
        reason="asked again to cancel it: works for 3 s",
    )
    assert [told(script, event) for event in events] == [None, again, None], "once is enough"


def test_a_halted_trade_and_a_fill_after_that() -> None:
    script = entered()
    event = te.TradeHalted(reason="a fill of nothing", at=START)
    assert told(script, event) == of_it(AlertKind.TRADE_HALTED, reason="a fill of nothing")
    spot = script.of(Leg.SPOT)
    assert told(script, script.fill(spot, D("0.004"))) == of_it(
        AlertKind.LATE_ORDER,
        reason=f"{spot.client_order_id} was filled while the trade is halted",
    )


def test_an_operator_is_called() -> None:
    event = te.OperatorCalled(reason="all quick attempts are used up", at=START)
    assert told(entered(), event) == of_it(
        AlertKind.ONE_LEG_FAILED, reason="all quick attempts are used up", operator="now"
    )


@pytest.mark.parametrize("now", ["0.010", "0.004"])
def test_a_short_that_went_without_an_order_of_ours(now: str) -> None:
    script = Script(signal(Action.EXIT), start=holding("0.010", "0.010"))
    event = te.HedgePositionRead(short_before=D("0.010"), short_now=D(now), at=START)
    alert = told(script, event)
    if now == "0.010":
        assert alert is None
        return
    reason = "short 0.010 became 0.004 without an order of ours"
    assert alert == Alert(
        kind=AlertKind.MISMATCH,
        urgent=True,
        fields={**OF_IT, "action": "EXIT", "reason": reason},
    )


def test_a_settled_trade_tells_its_fills_by_leg() -> None:
    script = entered()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.happened(script.fill(spot, D("0.004"), price=D(140_000_000)))
    script.happened(script.fill(spot, D("0.006"), price=D(140_010_000)))
    script.ended(spot, "0.010")
    sold = script.fill(hedge, D("0.010"), price=D("99995.12345"))
    in_bnb = replace(sold, fill=replace(sold.fill, fee=D("0.001"), fee_asset="BNB"))
    script.happened(in_bnb)
    script.ended(hedge, "0.010")
    before = script.trade
    script.settles()
    settled = script.events[-1]
    assert isinstance(settled, te.TradeSettled)
    fields = {
        "outcome": "hedged",
        "spot_base": "0.01",
        "short_base": "0.01",
        "naked_ms": "0",
        "spot_filled_base": "0.01",
        "spot_average_price": "140006000",
        "hedge_filled_base": "0.01",
        "hedge_average_price": "99995.1234",
        "fees_estimated": "of 1 fills: the price of their asset was not known",
    }
    alert = of_event(before, script.trade, settled)
    assert alert == of_it(AlertKind.ENTRY, urgent=False, **fields)
    exposed = replace(settled, outcome=te.TradeOutcome.ONE_LEG)
    leg_loss = of_event(before, apply(before, exposed), exposed)
    assert leg_loss is not None
    assert (leg_loss.urgent, leg_loss.fields["outcome"]) == (True, "one_leg")


@pytest.mark.parametrize(
    ("action", "code", "kind", "urgent"),
    [
        (Action.ENTER, RefusalCode.THIN_BOOK, AlertKind.REFUSAL, False),
        (Action.ENTER, RefusalCode.SIGNAL_CONFLICT, AlertKind.SIGNAL_CONFLICT, True),
        (Action.EXIT, RefusalCode.NOTHING_OPEN, AlertKind.REFUSAL, False),
        (Action.EXIT, RefusalCode.NO_MARKET_DATA, AlertKind.REFUSAL, True),
    ],
)
def test_a_refused_exit_leaves_money_exposed_and_a_refused_entry_does_not(
    action: Action, code: RefusalCode, kind: AlertKind, urgent: bool
) -> None:
    refusal = Refusal(code=code, message="why", figures={"needed_base": "0.1"})
    more = {"code": code.value, "reason": "why", "needed_base": "0.1"}
    assert of_refusal(signal(action), refusal) == Alert(
        kind=kind, urgent=urgent, fields={**OF_IT, "action": action.value, **more}
    )
