"""Recordings of live markets: what stands in their files, and the candles that are made of them.

A recording is a folder of files ``market-<UTC time>.jsonl.gz``, each begun by a line that names the
format. Each file is a row of complete gzip members, one for each time something was written, so
whatever ends the recorder (a crash, a full disk, a power cut) tears the last member at most. A torn
end is left out and told of; everything before it is whole.

Lines hold ``got``, when it arrived by the recorder's clock (microseconds since 1970 UTC), and

* ``book``: exchange, its own symbol, best levels first as [price, quantity], the exchange's time;
* ``trade``: a print, with whether the taker bought;
* ``mark``: a contract's mark price and the rate of its next funding settlement;
* ``filters``: a contract's filters as they were read at the start.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading_platform_order.market.candles import Bar
from trading_platform_order.market.files.candle_fault import CandleFileError

FORMAT, VERSION = "tporder-recording", 1
PATTERN = "market-*.jsonl.gz"
FX_SOURCE = "recorded"
INTERVAL_S = 60
_GZIP = 31
_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FX_MARKET = "KRW-USDT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """The end of a file that was not written whole: so many bytes are left out."""

    path: Path
    dropped_bytes: int


def recorded_files(folder: Path) -> list[Path]:
    """The files of a recording, oldest first."""
    return sorted(folder.glob(PATTERN))


def lines_of(path: Path, torn: list[Torn]) -> Iterator[dict[str, Any]]:
    """What was written whole, line by line; a torn end is added to ``torn``.

    Raises:
        CandleFileError: it is no recording, or of a newer program.
    """
    data = path.read_bytes()
    is_first = True
    while data:
        member = zlib.decompressobj(wbits=_GZIP)
        try:
            text = member.decompress(data)
        except zlib.error:
            text = b""
        if not member.eof:
            torn.append(Torn(path=path, dropped_bytes=len(data)))
            return
        for raw in text.splitlines():
            line = json.loads(raw)
            if is_first:
                _check(path, line)
                is_first = False
            yield line
        data = member.unused_data


def _check(path: Path, line: Any) -> None:  # noqa: ANN401 - any JSON
    if not isinstance(line, dict) or line.get("format") != FORMAT:
        raise CandleFileError(
            path, problem="not a recording", remedy="name a folder that `tporder record` wrote"
        )
    if line.get("version") != VERSION:
        raise CandleFileError(
            path,
            problem=f"a recording of version {line.get('version')}, this program reads {VERSION}",
            remedy="read it with the program that wrote it",
        )


@dataclass(slots=True, kw_only=True)
class _Side:
    """One market within a bar: its prints, and what its price was before."""

    price: Decimal | None = None
    open: Decimal | None = None
    high: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    volume: Decimal = Decimal(0)
    heard: bool = False

    def trade(self, price: Decimal, quantity: Decimal) -> None:
        self.heard = True
        if self.open is None:
            self.open = self.high = self.low = price
        self.price = price
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.volume += quantity

    def book(self, best_bid: Decimal) -> None:
        """A price until somebody trades: one that orders can have."""
        self.heard = True
        if self.price is None:
            self.price = best_bid

    def close(self) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal] | None:
        """Open, high, low, close and volume; ``None`` if nothing was heard of it."""
        price, opened = self.price, self.open
        if price is None or not self.heard:
            return None
        if opened is None:
            return price, price, price, price, Decimal(0)
        return opened, self.high, self.low, price, self.volume

    def begin(self) -> None:
        self.open, self.volume, self.heard = None, Decimal(0), False


@dataclass(slots=True, kw_only=True)
class _Bars:
    """Joint candles as events come in; a bar in which one side was silent ends a block."""

    spot: str
    contract: str
    unit: Decimal
    interval_s: int
    bars: list[Bar] = field(default_factory=list)
    _up: _Side = field(default_factory=_Side)
    _bn: _Side = field(default_factory=_Side)
    _rate: Decimal | None = None
    _slot: int | None = None
    _block: int = 0
    _is_whole: bool = False

    def take(self, line: dict[str, Any]) -> None:
        slot = int(line["got"]) // (self.interval_s * _US)
        if self._slot is not None and slot != self._slot:
            self._close(slot)
        self._slot = slot
        match line["kind"]:
            case "book" if line["bids"]:
                self._book(line["symbol"], Decimal(line["bids"][0][0]))
            case "trade":
                self._trade(line["symbol"], Decimal(line["price"]), Decimal(line["quantity"]))
            case _:
                pass

    def _book(self, symbol: str, best_bid: Decimal) -> None:
        if symbol == self.spot:
            self._up.book(best_bid)
        elif symbol == self.contract:
            self._bn.book(best_bid / self.unit)
        elif symbol == _FX_MARKET and self._rate is None:
            self._rate = best_bid

    def _trade(self, symbol: str, price: Decimal, quantity: Decimal) -> None:
        if symbol == self.spot:
            self._up.trade(price, quantity)
        elif symbol == self.contract:
            self._bn.trade(price / self.unit, quantity * self.unit)
        elif symbol == _FX_MARKET:
            self._rate = price

    def _close(self, next_slot: int) -> None:
        up, bn = self._up.close(), self._bn.close()
        rate, is_told = self._rate, False
        if self._is_whole and up is not None and bn is not None and rate is not None:
            is_told = True
            self.bars.append(
                Bar(
                    at=_EPOCH + timedelta(seconds=(self._slot or 0) * self.interval_s),
                    interval_s=self.interval_s,
                    **_joint(up, bn),
                    krw_usdt=rate,
                    fx_source=FX_SOURCE,
                    block=self._block,
                )
            )
        # The first bar began before anybody listened, and so does one after a silence.
        self._is_whole = next_slot - (self._slot or 0) == 1
        if (self.bars and not is_told) or not self._is_whole:
            self._block += 1
        self._up.begin()
        self._bn.begin()


_Ohlcv = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]


def _joint(up: _Ohlcv, bn: _Ohlcv) -> dict[str, Decimal]:
    """The columns of both sides."""
    names = ("open", "high", "low", "close", "volume")
    return {
        **{f"up_{name}": value for name, value in zip(names, up, strict=True)},
        **{f"bn_{name}": value for name, value in zip(names, bn, strict=True)},
    }


def recorded_bars(
    folder: Path,
    *,
    symbol: str | None,
    interval_s: int = INTERVAL_S,
    torn: list[Torn] | None = None,
) -> tuple[str, list[Bar]]:
    """The coin and its joint candles; a bar that was not heard from its beginning is left out.

    Args:
        folder: of the recording.
        symbol: base asset; may be ``None`` if one coin alone was recorded.
        interval_s: length of a bar.
        torn: gets the ends that were left out.

    Raises:
        CandleFileError: no recording, of other coins, or too short for one bar.
    """
    ends: list[Torn] = [] if torn is None else torn
    bars: _Bars | None = None
    for line in _all_lines(folder, ends):
        if line.get("format") == FORMAT:
            pair = _pair(folder, line["pairs"], symbol)
            if bars is None:
                bars = _Bars(
                    spot=pair["spot"],
                    contract=pair["contract"],
                    unit=Decimal(pair["unit"]),
                    interval_s=interval_s,
                )
                symbol = pair["base"]
        elif bars is not None:
            bars.take(line)
    if bars is None or symbol is None or not bars.bars:
        raise CandleFileError(
            folder,
            problem=f"no whole bar of {interval_s} s was recorded",
            remedy="let `tporder record` run for some minutes, with prints on both exchanges",
        )
    return symbol, bars.bars


def _all_lines(folder: Path, torn: list[Torn]) -> Iterable[dict[str, Any]]:
    for path in recorded_files(folder):
        yield from lines_of(path, torn)


def _pair(folder: Path, pairs: list[dict[str, str]], symbol: str | None) -> dict[str, str]:
    known = {pair["base"]: pair for pair in pairs}
    if symbol is None and len(known) == 1:
        return next(iter(known.values()))
    if symbol is None or symbol not in known:
        raise CandleFileError(
            folder,
            problem=f"it records {', '.join(sorted(known))}",
            remedy="name one of them with --symbol",
        )
    return known[symbol]
