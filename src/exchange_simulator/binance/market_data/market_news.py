"""Market streams that tell what happened, not how things stand: trades, candles, differences.

Which differences were told is kept per stream name, so that the chain of ``pu`` holds for each.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.market_data.tape import Candle, PublicTrade, Tape
from exchange_simulator.binance.streaming.events import USDS_M, level_rows
from exchange_simulator.decimals import plain
from exchange_simulator.market.book import SimulatedBook

ALL_LEVELS = 1_000
DIFFERENCES = frozenset({"depth", "depth@100ms", "depth@250ms", "depth@500ms"})
_Sides = tuple[dict[str, str], dict[str, str]]
Event = dict[str, Any]


def is_news(stream: str) -> bool:
    """It tells only what happens from now on: nothing is sent for a greeting."""
    kind = stream.partition("@")[2]
    return kind == "aggTrade" or kind in DIFFERENCES


def agg_trade(symbol: str, trade: PublicTrade, now_ms: int) -> Event:
    """One trade; here each is an aggregate of its own."""
    return {
        "e": "aggTrade",
        "E": now_ms,
        "s": symbol,
        "a": trade.id,
        "p": plain(trade.price),
        "q": plain(trade.quantity),
        "nq": plain(trade.quantity),
        "f": trade.id,
        "l": trade.id,
        "T": trade.time_ms,
        "m": trade.is_buyer_maker,
        "st": USDS_M,
    }


def kline(symbol: str, interval: str, candle: Candle, now_ms: int, *, is_closed: bool) -> Event:
    """A candle as it stands, or for the last time."""
    return {
        "e": "kline",
        "E": now_ms,
        "s": symbol,
        "k": {
            "t": candle.open_ms,
            "T": candle.close_ms,
            "s": symbol,
            "i": interval,
            "f": candle.trades[0].id,
            "L": candle.trades[-1].id,
            "o": plain(candle.open),
            "c": plain(candle.close),
            "h": plain(candle.high),
            "l": plain(candle.low),
            "v": plain(candle.volume()),
            "n": len(candle.trades),
            "x": is_closed,
            "q": plain(candle.quote()),
            "V": plain(candle.volume(taker_buys=True)),
            "Q": plain(candle.quote(taker_buys=True)),
            "B": "0",
        },
        "st": USDS_M,
    }


def day_ticker(symbol: str, day: Candle, now_ms: int) -> Event:
    """The last 24 hours."""
    change, volume = day.close - day.open, day.volume()
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": symbol,
        "p": plain(change),
        "P": plain((change / day.open * 100).quantize(Decimal("0.001"))),
        "w": plain((day.quote() / volume).quantize(Decimal("0.00000001"))),
        "c": plain(day.close),
        "Q": plain(day.trades[-1].quantity),
        "o": plain(day.open),
        "h": plain(day.high),
        "l": plain(day.low),
        "v": plain(volume),
        "q": plain(day.quote()),
        "O": day.open_ms,
        "C": day.close_ms,
        "F": day.trades[0].id,
        "L": day.trades[-1].id,
        "n": len(day.trades),
        "st": USDS_M,
    }


class MarketNews:
    """What each of these streams tells next."""

    def __init__(self, *, tape: Tape, now_ms: Callable[[], int]) -> None:
        self._tape = tape
        self._now_ms = now_ms
        self._told: dict[str, tuple[int, _Sides]] = {}
        self._candles: dict[str, int] = {}

    def begin(self, stream: str, book: SimulatedBook, update_id: int) -> None:
        """From here on differences are told: a snapshot that is asked for now fits to the next."""
        self._candles.pop(stream, None)
        if stream.partition("@")[2] in DIFFERENCES:
            self._told[stream] = update_id, _sides(book)

    def events(self, stream: str, symbol: str, book: SimulatedBook, update_id: int) -> list[Event]:
        """Those of a stream at a change of its market; none for a stream of another kind."""
        kind = stream.partition("@")[2]
        if kind in DIFFERENCES:
            return self._difference(stream, symbol, book, update_id)
        if kind.startswith("kline_"):
            return self._klines(stream, symbol, kind.removeprefix("kline_"))
        day = self._tape.day(symbol) if kind == "ticker" else None
        return [] if day is None else [day_ticker(symbol, day, self._now_ms())]

    def _klines(self, stream: str, symbol: str, interval: str) -> list[Event]:
        """The candle of now; before a new one the last word on the one before."""
        now_ms, found = self._now_ms(), self._tape.candles(symbol, interval)
        if not found:
            return []
        before, self._candles[stream] = self._candles.get(stream), found[-1].open_ms
        ended = [one for one in found[:-1] if before is not None and one.open_ms >= before]
        told = [(one, True) for one in ended] + [(found[-1], False)]
        return [kline(symbol, interval, one, now_ms, is_closed=closed) for one, closed in told]

    def _difference(
        self, stream: str, symbol: str, book: SimulatedBook, update_id: int
    ) -> list[Event]:
        """Levels that changed since this stream told the last ones; a quantity of 0: it is gone.

        ``U`` is the last ``u``, so that a snapshot taken between both fits whatever its number.
        """
        now_ms, sides = self._now_ms(), _sides(book)
        before, told = self._told[stream]
        bids, asks = (_changed(old, new) for old, new in zip(told, sides, strict=True))
        if not bids and not asks:
            return []
        self._told[stream] = update_id, sides
        return [
            {
                "e": "depthUpdate",
                "E": now_ms,
                "T": now_ms,
                "s": symbol,
                "U": before,
                "u": update_id,
                "pu": before,
                "b": bids,
                "a": asks,
                "ps": symbol,
                "st": USDS_M,
            }
        ]


def _sides(book: SimulatedBook) -> _Sides:
    bids, asks = (
        {row[0]: row[1] for row in level_rows(side, ALL_LEVELS)} for side in (book.bids, book.asks)
    )
    return bids, asks


def _changed(old: dict[str, str], new: dict[str, str]) -> list[list[str]]:
    gone = [[price, "0"] for price in old if price not in new]
    return gone + [[price, left] for price, left in new.items() if old.get(price) != left]
