"""Tickers of the public stream: last price, and whether the market trades. Beyond the common port.

Upbit docs websocket reference @2026-08-31.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from trading_platform_order.exchanges.rows import name_in
from trading_platform_order.exchanges.upbit import parse, wire
from trading_platform_order.exchanges.upbit.stream import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """One market at one moment.

    Attributes:
        price_krw: of the last trade.
        is_active: it trades; false before its opening and after its delisting.
        delisting_date: as Upbit writes it; empty for none.
    """

    symbol: str
    price_krw: Decimal
    is_active: bool
    delisting_date: str
    at: datetime


TickerSink = Callable[[Ticker], None]


def ticker_subscription(
    *,
    ws_url: str,
    symbols: tuple[str, ...],
    ticket: str,
    sink: TickerSink,
    stream_format: str = "DEFAULT",
) -> Subscription[Ticker]:
    """Tickers of some markets; a lost connection shows in the age of what was told last."""

    def request() -> list[dict[str, Any]]:
        codes = [parse.to_wire(symbol) for symbol in symbols]
        return [{"ticket": ticket}, {"type": "ticker", "codes": codes}, {"format": stream_format}]

    def read(kind: str, message: bytes) -> tuple[Ticker, ...]:
        if kind != "ticker":
            return ()
        told = msgspec.json.decode(message, type=wire.StreamTicker)
        return (
            Ticker(
                symbol=parse.from_wire(told.code),
                price_krw=parse.plausible(told.trade_price),
                is_active=told.market_state == "ACTIVE",
                delisting_date=told.delisting_date or "",
                at=parse.from_ms(told.timestamp),
            ),
        )

    def nothing(_reason: str = "") -> None:
        """The sink knows no such event."""

    return Subscription(
        url=ws_url,
        headers=dict,
        request=request,
        on_up=nothing,
        read=read,
        sink=sink,
        on_down=nothing,
        matters=lambda _kind, message: not name_in(message, "code"),
    )
