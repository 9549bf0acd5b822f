"""Live books of the hedge symbols, full images of 20 levels every 100 ms.

Since 2026-04-23 partial depth is on ``/public``; on an address without that path nothing arrives.
A silent market connection is worth nothing, so it is replaced.
"""

import asyncio

import msgspec

from trading_platform_order.exchanges.base import MarketSink
from trading_platform_order.exchanges.binance.parse import Unreadable, book
from trading_platform_order.exchanges.binance.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_beside,
)
from trading_platform_order.exchanges.binance.wire import CombinedWire
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.transport.websocket import ConnectionFailed, WebSocketTransport


class MarketStream:
    """Runs the book streams of some symbols over one connection."""

    def __init__(self, *, websocket: WebSocketTransport, config: BinanceConfig) -> None:
        self._websocket = websocket
        self._config = config

    async def run(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        """Deliver books until cancelled; their age tells when none arrive."""
        streams = "/".join(f"{symbol.lower()}@depth20@100ms" for symbol in symbols)
        url = f"{self._config.ws_url}/public/stream?streams={streams}"

        async def once() -> Lost:
            return await self._connect_once(url, sink)

        await keep_connected(once, tell_down=lambda _reason: None)

    async def _connect_once(self, url: str, sink: MarketSink) -> Lost:
        try:
            connection = await self._websocket.connect(
                url, headers={}, timeout_s=self._config.read_timeout_s
            )
        except ConnectionFailed as error:
            return Lost(reason=str(error), was_up=False)
        reason = await listen_beside(
            Listener(connection), connection, lambda raw: deliver(raw, sink), self._end_if_silent
        )
        return Lost(reason=reason, was_up=True)

    async def _end_if_silent(self, listener: Listener) -> None:
        while True:
            left_s = self._config.stream_idle_s - listener.silent_s
            if left_s <= 0:
                await listener.end("silent")
                return
            await asyncio.sleep(left_s)


def deliver(raw: bytes, sink: MarketSink) -> str | None:
    """Hand one book to the sink; a reason to reconnect, or ``None``."""
    try:
        message = msgspec.json.decode(raw, type=CombinedWire, strict=False)
        found = None if message.data is None else book(message.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, Unreadable) as error:
        return f"unreadable message: {error}"
    if found is not None:
        sink(found)
    return None
