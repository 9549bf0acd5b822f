"""Live books of the hedge symbols, full images of 20 levels every 100 ms.

Since 2026-04-23 partial depth is on ``/public``; on an address without the right path nothing
arrives.
A silent market connection is worth nothing, so it is replaced.
"""

import msgspec

from trading_platform_order.domain.market import Book
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.parse import Unreadable, book
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    UNREADABLE,
    DepthWire,
    RestDepthWire,
    unwrapped,
)
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.port.stream_events import MarketSink
from trading_platform_order.exchanges.rows import has_no, name_in
from trading_platform_order.transport.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_once,
)
from trading_platform_order.transport.websocket import WebSocketTransport

KIND = "depth20@100ms"
REST_LEVELS = 50


class MarketStream:
    """Runs the book streams of some symbols over one connection."""

    def __init__(self, *, websocket: WebSocketTransport, config: BinanceConfig) -> None:
        self._websocket = websocket
        self._config = config

    async def run(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        """Deliver books until cancelled; their age tells when none arrive."""
        streams = "/".join(f"{symbol.lower()}@{KIND}" for symbol in symbols)
        url = f"{self._config.ws_url}/public/stream?streams={streams}"

        async def once() -> Lost:
            return await listen_once(
                self._websocket,
                url=url,
                timeout_s=self._config.read_timeout_s,
                on_message=lambda raw: deliver(raw, sink),
                watch=self._watch,
            )

        await keep_connected(once, tell_down=lambda _reason: None)

    async def _watch(self, listener: Listener) -> None:
        await listener.end_if_silent(self._config.stream_idle_s)

    @staticmethod
    async def read_book(rest: RestClient, symbol: str) -> Book | ReadFailed:
        """The book of a symbol, asked once; for when the stream is silent."""
        params = (("symbol", symbol), ("limit", str(REST_LEVELS)))
        found = await rest.read(
            "/fapi/v1/depth",
            params,
            RestDepthWire,
            weight=2,
            is_signed=False,
            is_urgent=True,
            attempts=1,
        )
        if isinstance(found, Failure):
            return found.as_read_failed(f"book of {symbol}")
        try:
            image = book(
                DepthWire(
                    symbol=symbol,
                    bids=found.bids,
                    asks=found.asks,
                    event_at=found.event_at,
                    at=found.at,
                )
            )
        except Unreadable as error:
            return ReadFailed(reason=f"book of {symbol}: {error}")
        return image or ReadFailed(reason=f"book of {symbol}: a side is empty")


def deliver(raw: bytes, sink: MarketSink) -> str | None:
    """Hand one book to the sink; a reason to reconnect, or ``None``."""
    event = raw
    try:
        event = unwrapped(raw)
        found = book(msgspec.json.decode(event, type=DepthWire, strict=False))
    except UNREADABLE as error:
        # The next image makes up for one that was lost, and its age shows that none came. An
        # object without a symbol is no book: the answer to a request, for one.
        is_other = name_in(event, "s") or has_no(event, "s")
        return None if is_other else f"unreadable message: {error}"
    if found is not None:
        sink(found)
    return None
