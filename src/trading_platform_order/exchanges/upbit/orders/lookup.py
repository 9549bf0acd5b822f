"""What an order on the exchange says about an intent."""

import math
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.order_identity.order_match import fits
from trading_platform_order.domain.outcome import (
    Accepted,
    LookUpOutcome,
    NotFound,
    ReadFailed,
    Unknown,
)
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import Success, decode
from trading_platform_order.exchanges.upbit.requests.server_clock import ServerClock


def placed(order: Order, answer: Success) -> Accepted | Unknown:
    """The answer to our own POST: the order is there, unless the answer tells of another one.

    When it was created is not asked: our own request created it.
    """
    found = decode(answer, wire.Order)
    if isinstance(found, Failure):
        return Unknown(reason=found.text)
    try:
        report = parse.order_report(found)
    except wire.UNREADABLE as error:
        return Unknown(reason=f"unreadable_answer: {error}")
    if found.identifier not in {None, order.client_order_id}:
        return Unknown(reason=f"answer about another order: {found.identifier}")
    difference = fits(order, report, clock_margin_s=math.inf)
    if difference is not None:
        return Unknown(reason=f"answer about another order: {difference}")
    return Accepted(report=replace(report, client_order_id=order.client_order_id))


def judge(
    order: Order, found: wire.Order, clock: ServerClock, *, fee_rate: Decimal = ZERO
) -> LookUpOutcome:
    """An order found under the identifier of an intent; ``Accepted`` if it fits the intent.

    ``fee_rate``: of its market, where that was asked for because trades are missing.

    An order that only consumes the identifier is not the intent: ``NotFound``. One that differs
    is ``ReadFailed`` with a reason that starts with ``collision``.
    """
    if parse.is_consuming(found, order):
        return NotFound()
    try:
        report = parse.order_report(found, fee_rate=fee_rate)
    except wire.UNREADABLE as error:
        return ReadFailed(reason=f"upbit order: unreadable: {error}")
    intended = clock.as_intended(order)
    difference = fits(intended, report, clock_margin_s=clock.margin_s(order))
    if difference is not None:
        return ReadFailed(reason=f"collision: {order.client_order_id}: {difference}")
    return Accepted(report=replace(report, client_order_id=order.client_order_id))
