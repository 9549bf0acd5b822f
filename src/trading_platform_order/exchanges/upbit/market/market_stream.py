"""Books of the traded markets, and the KRW value of a USDT, from the public stream."""

from typing import Any

import msgspec

from trading_platform_order.domain.market import Book
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.port.stream_events import MarketEvent, MarketSink
from trading_platform_order.exchanges.rows import name_in
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, as_read_failed
from trading_platform_order.exchanges.upbit.requests.rest import ORDERBOOK, UpbitRest, only
from trading_platform_order.exchanges.upbit.streams.stream import Subscription

LEVELS = 15
REST_LEVELS = 30
"""All that Upbit shows of a book."""
RATE_LEVELS = 5
"""Of a market that is only asked for what a USDT is worth: the best ones make the middle."""


def market_subscription(
    *,
    ws_url: str,
    symbols: tuple[str, ...],
    ticket: str,
    sink: MarketSink,
) -> Subscription[MarketEvent]:
    """Full images; a lost connection shows in the age of what was delivered last."""
    wanted = [parse.to_wire(symbol) for symbol in symbols]
    markets = list(dict.fromkeys([*wanted, parse.FX_MARKET]))

    def request() -> list[dict[str, Any]]:
        codes = [f"{market}.{LEVELS if market in wanted else RATE_LEVELS}" for market in markets]
        return [
            {"ticket": ticket},
            {"type": "orderbook", "codes": codes},
            {"format": "DEFAULT"},
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
        matters=_images_follow,
    )


async def read_book(rest: UpbitRest, symbol: str) -> Book | ReadFailed:
    """The book of a market, asked once; for when the stream is silent."""
    market = parse.to_wire(symbol)
    pairs = [("markets", market), ("count", str(REST_LEVELS))]
    rows = only(
        market,
        await rest.read_rows(
            "/v1/orderbook", pairs, wire.RestBook, key="market", group=ORDERBOOK, retry=False
        ),
        single=True,
    )
    if isinstance(rows, Failure):
        return as_read_failed(rows, f"book of {symbol}")
    row = next(iter(rows.rows), None)
    try:
        book = None if row is None else parse.rest_book(row)
    except wire.UNREADABLE as error:
        return ReadFailed(reason=f"upbit: unreadable: {error}")
    return book or ReadFailed(reason=f"upbit book of {symbol}: a side is empty")


def _images_follow(_kind: str, message: bytes) -> bool:
    """The next image makes up for one that was lost; its age shows if none comes."""
    return not name_in(message, "code")


def _nothing() -> None:
    """The market sink knows no such event."""


def _nothing_of(_reason: str) -> None:
    """As above."""
