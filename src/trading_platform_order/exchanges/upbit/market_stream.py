"""Books of the traded markets, and the KRW value of a USDT, from the public stream."""

from typing import Any

import msgspec

from trading_platform_order.exchanges.base import MarketEvent, MarketSink
from trading_platform_order.exchanges.upbit import parse, wire
from trading_platform_order.exchanges.upbit.stream import Subscription

LEVELS = 15
RATE_LEVELS = 5
"""Of a market that is only asked for what a USDT is worth: the best ones make the middle."""


def market_subscription(
    *,
    ws_url: str,
    symbols: tuple[str, ...],
    ticket: str,
    sink: MarketSink,
    stream_format: str = "DEFAULT",
) -> Subscription[MarketEvent]:
    """Full images; a lost connection shows in the age of what was delivered last."""
    wanted = [parse.to_wire(symbol) for symbol in symbols]
    markets = list(dict.fromkeys([*wanted, parse.FX_MARKET]))

    def request() -> list[dict[str, Any]]:
        codes = [f"{market}.{LEVELS if market in wanted else RATE_LEVELS}" for market in markets]
        return [
            {"ticket": ticket},
            {"type": "orderbook", "codes": codes},
            {"format": stream_format},
        ]

    def read(kind: str, message: bytes) -> tuple[MarketEvent, ...]:
        if kind != "orderbook":
            return ()
        book = parse.stream_book(msgspec.json.decode(message, type=wire.StreamBook))
        if book is None:
            return ()
        market = parse.to_wire(book.symbol)
        rate = (parse.fx_rate(book),) if market == parse.FX_MARKET else ()
        return (book, *rate) if market in wanted else rate

    return Subscription(
        url=ws_url,
        headers=dict,
        request=request,
        on_up=_nothing,
        read=read,
        sink=sink,
        on_down=_nothing_of,
    )


def _nothing() -> None:
    """The market sink knows no such event."""


def _nothing_of(_reason: str) -> None:
    """As above."""
