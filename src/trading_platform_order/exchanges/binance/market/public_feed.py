"""Trades, mark prices and filters of some contracts, without a key.

Trades and mark prices are on ``/market`` since 2026-04-23, books on ``/public``.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.money import are_prices
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.requests.answers import Failure, rows_of
from trading_platform_order.exchanges.binance.requests.parse import finite, instrument
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    UNREADABLE,
    CommissionWire,
    ExchangeInfoWire,
    SymbolWire,
    unwrapped,
)
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.port.public import Mark, Print, PublicEvent
from trading_platform_order.exchanges.rows import has_no, name_in
from trading_platform_order.transport.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_once,
)
from trading_platform_order.transport.websocket import WebSocketTransport

_KINDS = ("aggTrade", "markPrice@1s")


class _Event(msgspec.Struct):
    kind: str = msgspec.field(name="e", default="")


class _AggTrade(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    number: int = msgspec.field(name="a")
    price: Decimal = msgspec.field(name="p")
    quantity: Decimal = msgspec.field(name="q")
    is_buyer_maker: bool = msgspec.field(name="m")


class _MarkPrice(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    price: Decimal = msgspec.field(name="p")
    rate: Decimal = msgspec.field(name="r")


async def run_prints(
    websocket: WebSocketTransport,
    config: BinanceConfig,
    symbols: tuple[str, ...],
    sink: Callable[[PublicEvent], None],
) -> None:
    """Deliver trades and mark prices of these contracts until cancelled."""
    streams = "/".join(f"{symbol.lower()}@{kind}" for symbol in symbols for kind in _KINDS)

    async def watch(listener: Listener) -> None:
        await listener.end_if_silent(config.stream_idle_s)

    async def once() -> Lost:
        return await listen_once(
            websocket,
            url=f"{config.ws_url}/market/stream?streams={streams}",
            timeout_s=config.read_timeout_s,
            on_message=lambda raw: _deliver(raw, sink),
            watch=watch,
        )

    await keep_connected(once, tell_down=lambda _reason: None)


def _deliver(raw: bytes, sink: Callable[[PublicEvent], None]) -> str | None:
    event = raw
    try:
        event = unwrapped(raw)
        found = _read(event)
    except UNREADABLE as error:
        is_other = name_in(event, "s") or has_no(event, "s")
        return None if is_other else f"unreadable message: {error}"
    if found is not None:
        sink(found)
    return None


def _read(event: bytes) -> PublicEvent | None:
    kind = msgspec.json.decode(event, type=_Event).kind
    if kind == "aggTrade":
        trade = msgspec.json.decode(event, type=_AggTrade, strict=False)
        if not are_prices((trade.price, trade.quantity)):
            return None
        return Print(
            symbol=trade.symbol,
            price=trade.price,
            quantity=trade.quantity,
            is_buy=not trade.is_buyer_maker,
            number=trade.number,
        )
    if kind == "markPriceUpdate":
        told = msgspec.json.decode(event, type=_MarkPrice, strict=False)
        if not are_prices((told.price,)):
            return None
        return Mark(symbol=told.symbol, price=told.price, funding_rate=finite(told.rate))
    return None


async def read_filters(
    rest: RestClient, symbols: Sequence[str], *, fee_rate: Decimal
) -> tuple[Instrument, ...] | ReadFailed:
    """Filters of these contracts; fees are asked with a key only, so they are ``fee_rate``."""
    info = await rest.read("/fapi/v1/exchangeInfo", (), ExchangeInfoWire, weight=1, is_signed=False)
    if isinstance(info, Failure):
        return info.as_read_failed("contracts of binance")
    rows = rows_of(info.symbols, SymbolWire, key="symbol")
    if isinstance(rows, Failure):
        return rows.as_read_failed("contracts of binance")
    listed = {row.symbol: row for row in rows.rows}
    missing = [symbol for symbol in symbols if symbol not in listed]
    if missing:
        return ReadFailed(reason=f"binance lists no contract {', '.join(missing)}")
    fees = CommissionWire(taker_commission_rate=fee_rate)
    try:
        return tuple([instrument(listed[symbol], fees) for symbol in symbols])
    except UNREADABLE as error:
        return ReadFailed(reason=f"contracts of binance: {error}")
