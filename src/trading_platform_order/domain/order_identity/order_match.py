"""Whether an order that was found is the one we meant."""

from collections.abc import Mapping

from trading_platform_order.domain.order import Order, OrderReport

CLOCK_MARGIN_S = 300.0
"""How much older than its intent an order of ours may look: as far as this machine's calendar may
have been wrong when the intent was written. Ids that come round again are hours or days old."""


def fits(
    order: Order, report: OrderReport, *, clock_margin_s: float = CLOCK_MARGIN_S
) -> str | None:
    """``None`` if a found order is the one we meant, else what differs.

    An id alone proves nothing: symbol, side, type, size and creation time must fit the intent.
    A calendar that jumped must not make us disown our own live order.
    """
    pairs: Mapping[str, tuple[object, object]] = {
        "symbol": (order.symbol, report.symbol),
        "side": (order.side, report.side),
        "type": (order.type, report.type),
    }
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            return f"{name} {theirs}, expected {ours}"
    if order.quote_amount is not None:
        if report.quote_amount is not None and report.quote_amount != order.quote_amount:
            return f"amount {report.quote_amount}, expected {order.quote_amount}"
    elif report.quantity is not None and report.quantity != order.quantity:
        return f"quantity {report.quantity}, expected {order.quantity}"
    if order.price is not None and report.price is not None and report.price != order.price:
        return f"price {report.price}, expected {order.price}"
    if report.created_at is not None:
        early_s = (order.created_at - report.created_at).total_seconds()
        # Upbit tells creation times in whole seconds, so one second more is no difference.
        if early_s > clock_margin_s + 1:
            return f"created {early_s:.0f} s before the intent"
    return None
