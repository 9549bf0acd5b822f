"""What is naked for certain: the ranges of both legs, with every unknown order at its worst."""

from dataclasses import replace

import pytest

from tests.fakes.pair import START, VIEW, D, holding
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Purpose,
)
from trading_platform_order.domain.protection.takeover import TakeoverIntent
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.watchdog.excess import Excess, excess_of
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot, OpenTrade
from trading_platform_order.watchdog.reduction_plan import Sent, decision_at

SPOT, HEDGE = Leg.SPOT, Leg.HEDGE
BUY, SELL = OrderSide.BUY, OrderSide.SELL


def order(leg: Leg, side: OrderSide, quantity: str, *, executed: str = "0") -> Order:
    return Order(
        id="1",
        client_order_id=f"tp-aaaaaaaaaaaaaaaaaaaa-{leg.value[0]}o1",
        exchange=venue_of(leg),
        symbol="BTC-KRW" if leg is SPOT else "BTCUSDT",
        side=side,
        type=OrderType.MARKET,
        quantity=D(quantity),
        leg=leg,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="s1",
        created_at=START,
        status=OrderStatus.UNKNOWN,
        executed_quantity=D(executed),
    )


def books(spot: str, short: str, *orders: Order) -> JournalSnapshot:
    trade = OpenTrade(
        trade_id="t",
        strategy="kimchi",
        base="BTC",
        action=Action.ENTER,
        start=Holding(),
        target=Holding(),
        orders=orders,
    )
    held = {("kimchi", "BTC"): holding(spot, short)}
    return JournalSnapshot(head_seq=1, holdings=held, trades=(trade,))


def sent(leg: Leg, quantity: str, *, executed: str = "0", known: bool = True) -> Sent:
    side = SELL if leg is SPOT else BUY
    intent = TakeoverIntent(
        trade_id="t",
        strategy="kimchi",
        base="BTC",
        own_trade=True,
        start=Holding(),
        decision=decision_at(VIEW),
        order=order(leg, side, quantity),
    )
    return Sent(intent=intent, executed=D(executed), is_known=known)


@pytest.mark.parametrize(
    ("held", "leg", "quantity"),
    [
        (books("0.01", "0.01"), None, ""),
        (books("0.01", "0"), SPOT, "0.01"),
        (books("0", "0.01"), HEDGE, "0.01"),
        (books("0.010", "0.004"), SPOT, "0.006"),
        # the missing leg may have come about
        (books("0", "0.01", order(SPOT, BUY, "0.01")), None, ""),
        (books("0.01", "0", order(HEDGE, SELL, "0.01")), None, ""),
        (books("0.01", "0", order(HEDGE, SELL, "0.004")), SPOT, "0.006"),
        # what is there may be gone already
        (books("0.01", "0", order(SPOT, SELL, "0.01")), None, ""),
        (books("0", "0.01", order(HEDGE, BUY, "0.004")), HEDGE, "0.006"),
        (books("0.01", "0", order(SPOT, SELL, "0.01", executed="0.008")), SPOT, "0.008"),
        # of a market buy for an amount of KRW the quantity is an aim
        (
            books("0", "0.02", replace(order(SPOT, BUY, "0.01"), quote_amount=D(1))),
            HEDGE,
            "0.0098",
        ),
        # an order that raises the longer leg makes it no shorter
        (books("0", "0.01", order(HEDGE, SELL, "0.01")), HEDGE, "0.01"),
    ],
)
def test_only_what_no_answer_could_make_less(
    held: JournalSnapshot, leg: Leg | None, quantity: str
) -> None:
    wanted = None if leg is None else Excess(leg=leg, quantity=D(quantity))
    assert excess_of(held, (), "BTC") == wanted


def test_what_the_watchdog_sent_itself_counts() -> None:
    naked = books("0", "0.010")
    assert excess_of(naked, [sent(HEDGE, "0.010", executed="0.010")], "BTC") is None
    assert excess_of(naked, [sent(HEDGE, "0.010", known=False)], "BTC") is None
    part = excess_of(naked, [sent(HEDGE, "0.010", executed="0.006")], "BTC")
    assert part == Excess(leg=HEDGE, quantity=D("0.004"))
