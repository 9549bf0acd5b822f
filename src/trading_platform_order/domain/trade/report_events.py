"""From what an exchange says to events of a trade."""

from datetime import datetime

from trading_platform_order.domain.order import Order, OrderReport
from trading_platform_order.domain.outcome import Accepted, Refused, SendOutcome, Unknown
from trading_platform_order.domain.trade import trade_events as te


def events_of_report(report: OrderReport, at: datetime) -> tuple[te.TradeEvent, ...]:
    """Fills first, then how the order stands."""
    events: list[te.TradeEvent] = [te.FillSeen(fill=fill, at=at) for fill in report.fills]
    if report.is_open:
        events.append(
            te.OrderAccepted(
                client_order_id=report.client_order_id,
                exchange_order_id=report.exchange_order_id,
                executed_quantity=report.executed_quantity,
                at=at,
            )
        )
    else:
        events.append(
            te.OrderEnded(
                client_order_id=report.client_order_id,
                exchange_order_id=report.exchange_order_id,
                executed_quantity=report.executed_quantity,
                at=at,
            )
        )
    return tuple(events)


def events_of_outcome(
    order: Order, outcome: SendOutcome, at: datetime
) -> tuple[te.TradeEvent, ...]:
    """What came of sending an order."""
    match outcome:
        case Accepted():
            return events_of_report(outcome.report, at)
        case Refused():
            return (
                te.OrderRefused(
                    client_order_id=order.client_order_id,
                    code=outcome.code,
                    message=outcome.message,
                    retryable=outcome.retryable,
                    retry_after_s=outcome.retry_after_s,
                    hindrance=outcome.hindrance,
                    at=at,
                ),
            )
        case Unknown():
            return (
                te.OrderUnanswered(
                    client_order_id=order.client_order_id,
                    reason=outcome.reason,
                    at=at,
                    refused_as=outcome.refused_as,
                ),
            )
