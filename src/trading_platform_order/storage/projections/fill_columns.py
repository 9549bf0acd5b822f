"""The columns of a fill, from the value nested in a journal row.

A fill is told apart by its order *and* the exchange's trade id. Exchanges say that their ids are
unique; a row that is dropped because one is not would be a fill that nobody sees any more.
"""

from trading_platform_order.domain.order import quote_asset
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections.projection import Event, Value


def key_of(fill: Body) -> dict[str, Value]:
    """What tells this fill apart from all others of the account."""
    return {
        "exchange": fill.text("exchange"),
        "symbol": fill.text("symbol"),
        "client_order_id": fill.text("client_order_id"),
        "exchange_trade_id": fill.text("trade_id"),
    }


def columns_of(event: Event, fill: Body, *, leg: str) -> dict[str, Value]:
    """All other columns."""
    fee, fee_asset = fill.amount("fee"), fill.text("fee_asset")
    in_quote = fee if fee_asset == quote_asset(fill.text("symbol")) else None
    return {
        "seq": event.row.seq,
        "trade_id": event.row.trade_id,
        "leg": leg,
        "side": fill.text("side"),
        "quantity": fill.amount("quantity"),
        "price": fill.amount("price"),
        "fee": fee,
        "fee_asset": fee_asset,
        "at": fill.time("at"),
        "fee_quote": fill.amount_or_none("fee_quote") or in_quote,
    }
