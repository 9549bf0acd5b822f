"""Best prices and mark prices of the market streams, beyond the common port.

Binance docs, websocket market streams, 2026-11: ``bookTicker`` and ``markPriceUpdate``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from trading_platform_order.exchanges.binance.parse import finite, moment
from trading_platform_order.exchanges.binance.wire import UNREADABLE, unwrapped
from trading_platform_order.exchanges.rows import name_in


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPrices:
    """The best bid and ask, USDT, with their quantities in the base asset."""

    symbol: str
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPrice:
    """The mark price, USDT, and the rate (a fraction) of the next funding and its time."""

    symbol: str
    mark: Decimal
    funding_rate: Decimal
    next_funding_at: datetime
    at: datetime


PriceSink = Callable[[BestPrices | MarkPrice], None]


class _Event(msgspec.Struct, kw_only=True):
    kind: str = msgspec.field(name="e", default="")


class _BookTicker(msgspec.Struct, kw_only=True):
    symbol: str = msgspec.field(name="s")
    bid: Decimal = msgspec.field(name="b")
    bid_quantity: Decimal = msgspec.field(name="B")
    ask: Decimal = msgspec.field(name="a")
    ask_quantity: Decimal = msgspec.field(name="A")
    at: int = msgspec.field(name="E")


class _MarkPrice(msgspec.Struct, kw_only=True):
    symbol: str = msgspec.field(name="s")
    mark: Decimal = msgspec.field(name="p")
    rate: Decimal = msgspec.field(name="r")
    next_funding_ms: int = msgspec.field(name="T")
    at: int = msgspec.field(name="E")


def deliver_price(raw: bytes, sink: PriceSink) -> str | None:
    """Hand one price to the sink; a reason to reconnect, or ``None``."""
    data = raw
    try:
        data = unwrapped(raw)
        kind = msgspec.json.decode(data, type=_Event).kind
        if kind == "bookTicker":
            sink(_best(msgspec.json.decode(data, type=_BookTicker, strict=False)))
        elif kind == "markPriceUpdate":
            sink(_mark(msgspec.json.decode(data, type=_MarkPrice, strict=False)))
    except UNREADABLE as error:
        # The next price makes up for one that was lost.
        return None if name_in(data, "s") else f"unreadable message: {error}"
    return None


def _best(wire: _BookTicker) -> BestPrices:
    return BestPrices(
        symbol=wire.symbol,
        bid=finite(wire.bid),
        bid_quantity=finite(wire.bid_quantity),
        ask=finite(wire.ask),
        ask_quantity=finite(wire.ask_quantity),
        at=moment(wire.at),
    )


def _mark(wire: _MarkPrice) -> MarkPrice:
    return MarkPrice(
        symbol=wire.symbol,
        mark=finite(wire.mark),
        funding_rate=finite(wire.rate),
        next_funding_at=moment(wire.next_funding_ms),
        at=moment(wire.at),
    )
