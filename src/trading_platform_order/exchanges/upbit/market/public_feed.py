"""All levels and all trades of some markets, for whoever imitates the exchange on its prices."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from trading_platform_order.domain.money import are_prices
from trading_platform_order.exchanges.port.public import Print, PublicEvent
from trading_platform_order.exchanges.rows import name_in
from trading_platform_order.exchanges.upbit.market.market_stream import REST_LEVELS
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.streams.stream import Subscription

_REALTIME = "REALTIME"


class _Trade(msgspec.Struct):
    """``trade`` of the public stream (docs websocket-trade @2026-08-31)."""

    code: str
    trade_price: Decimal
    trade_volume: Decimal
    ask_bid: str
    sequential_id: int
    stream_type: str


def public_subscription(
    *, ws_url: str, markets: tuple[str, ...], ticket: str, sink: Callable[[PublicEvent], None]
) -> Subscription[PublicEvent]:
    """Books of 30 levels, in the core's symbols, and prints, by the exchange's codes."""

    def request() -> list[dict[str, Any]]:
        return [
            {"ticket": ticket},
            {"type": "orderbook", "codes": [f"{code}.{REST_LEVELS}" for code in markets]},
            {"type": "trade", "codes": list(markets), "is_only_realtime": True},
            {"format": "DEFAULT"},
        ]

    return Subscription(
        url=ws_url,
        headers=dict,
        request=request,
        on_up=_nothing,
        read=_read,
        sink=sink,
        on_down=_nothing_of,
        matters=lambda _kind, message: not name_in(message, "code"),
    )


def _read(kind: str, message: bytes) -> tuple[PublicEvent, ...]:
    if kind == "orderbook":
        book = parse.stream_book(msgspec.json.decode(message, type=wire.StreamBook))
        return () if book is None else (book,)
    if kind != "trade":
        return ()
    told = msgspec.json.decode(message, type=_Trade)
    if told.stream_type != _REALTIME or not are_prices((told.trade_price, told.trade_volume)):
        return ()
    return (
        Print(
            symbol=told.code,
            price=told.trade_price,
            quantity=told.trade_volume,
            is_buy=told.ask_bid == "BID",
            number=told.sequential_id,
        ),
    )


def _nothing() -> None:
    """Nobody waits for it."""


def _nothing_of(_reason: str) -> None:
    """Books that keep their stamps tell it."""
