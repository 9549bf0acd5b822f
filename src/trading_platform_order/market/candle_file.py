"""Joint candles from a CSV or CSV.gz file: exact numbers in, or one fault that names its place.

The columns are ``ts_ms`` (bar open, milliseconds since 1970 UTC), ``up_open/high/low/close``
(KRW), ``bn_open/high/low/close`` (USDT), ``up_volume`` and ``bn_volume`` (base), and the KRW value
of a USDT: ``krw_usdt`` where the row has it, else ``usdkrw``. ``block`` is optional and marks
stretches that must not be bridged. Other columns (``time_utc``, ``premium`` …) are ignored.

Nothing is repaired here: a file that is wrong in one place is not replayed at all, because a
replay over a silently mended market would prove nothing.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from trading_platform_order.market.candles import Bar

_PRICES = ("up_open", "up_high", "up_low", "up_close", "bn_open", "bn_high", "bn_low", "bn_close")
_VOLUMES = ("up_volume", "bn_volume")
_FX = ("krw_usdt", "usdkrw")  # in order of preference
_REQUIRED = ("ts_ms", *_PRICES, *_VOLUMES)

# What Decimal() takes is wider (underscores, spaces, other scripts' digits, NaN).
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"\d{1,18}", re.ASCII)
_YEAR_2000_MS = 946_684_800_000
_YEAR_2100_MS = 4_102_444_800_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SYMBOLS = ("BTC", "ETH", "XRP")


class CandleFileError(Exception):
    """A candle file cannot be used.

    Attributes:
        path: the file.
        line: counted from 1, header included; ``None`` where the whole file is meant.
        column: ``None`` where no single column is meant.
        problem: what is wrong.
        cure: what to do about it.
    """

    def __init__(
        self,
        path: Path,
        *,
        problem: str,
        cure: str,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        place = str(path)
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {problem}. Cure: {cure}.")
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem
        self.cure = cure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One parsed line; ``numbers`` by column name."""

    line: int
    ts_ms: int
    block: int
    numbers: dict[str, Decimal]
    fx_source: str


def read_bars(path: Path | str) -> list[Bar]:
    """All bars of a file, oldest first; the interval is the smallest distance between two bars.

    A distance longer than the interval is a gap and is kept as one.

    Raises:
        CandleFileError: the file cannot be read or holds anything but valid, ordered candles.
    """
    where = Path(path)
    try:
        with _open(where) as text:
            rows = _parse(where, text)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise CandleFileError(
            where, problem=f"not gzip ({error})", cure="compress it with gzip or name it .csv"
        ) from error
    except EOFError as error:
        raise CandleFileError(
            where, problem="the gzip data ends too early", cure="copy or download the file again"
        ) from error
    except UnicodeDecodeError as error:
        raise CandleFileError(
            where, problem="not UTF-8 text", cure="save it as UTF-8, or name gzip data .csv.gz"
        ) from error
    except OSError as error:
        raise CandleFileError(
            where, problem=error.strerror or "cannot be read", cure="check the name and permissions"
        ) from error
    _check_order(where, rows)
    interval_s = _interval_s(where, rows)
    return [_bar(row, interval_s) for row in rows]


def guess_symbol(path: Path | str) -> str | None:
    """``BTC``, ``ETH`` or ``XRP`` if exactly one of them is a word of the file's name."""
    words = set(re.split(r"[^A-Z0-9]+", Path(path).name.upper()))
    found = [symbol for symbol in _SYMBOLS if symbol in words]
    return found[0] if len(found) == 1 else None


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _parse(path: Path, text: TextIO) -> list[_Row]:
    reader = csv.reader(text, strict=True)
    rows: list[_Row] = []
    try:
        header = next(reader, None)
        if header is None:
            raise CandleFileError(
                path, problem="the file is empty", cure="give a file with candles"
            )
        _check_header(path, header)
        rows.extend(
            _row(_Line(path, reader.line_num, header, values))
            for values in reader
            if values  # a blank line holds nothing that could be lost
        )
    except csv.Error as error:
        raise CandleFileError(
            path, line=reader.line_num, problem=f"not CSV ({error})", cure="write plain commas"
        ) from error
    if not rows:
        raise CandleFileError(
            path, problem="a header but no candles", cure="give a file with candles"
        )
    return rows


def _check_header(path: Path, header: Sequence[str]) -> None:
    for name in header:
        if header.count(name) > 1:
            raise CandleFileError(
                path, line=1, column=name, problem="stands twice", cure="remove one of them"
            )
    for name in _REQUIRED:
        if name not in header:
            raise CandleFileError(
                path,
                line=1,
                column=name,
                problem="missing from the header",
                cure=f"needed are {', '.join(_REQUIRED)} and one of {' or '.join(_FX)}",
            )
    if not any(name in header for name in _FX):
        raise CandleFileError(
            path,
            line=1,
            column=_FX[0],
            problem="neither krw_usdt nor usdkrw in the header",
            cure="add the KRW value of one USDT under one of these names",
        )


class _Line:
    """The values of one line by column, and faults that name both."""

    def __init__(self, path: Path, line: int, header: Sequence[str], values: Sequence[str]) -> None:
        self.path = path
        self.line = line
        if len(values) != len(header):
            raise CandleFileError(
                path,
                line=line,
                problem=f"{len(values)} values for {len(header)} columns",
                cure="complete or remove the line; the file may have been cut off",
            )
        self._values = dict(zip(header, values, strict=True))

    def fault(self, column: str, problem: str, cure: str) -> CandleFileError:
        return CandleFileError(self.path, line=self.line, column=column, problem=problem, cure=cure)

    def text(self, column: str) -> str:
        return self._values.get(column, "").strip()

    def integer(self, column: str, cure: str) -> int:
        text = self.text(column)
        if not _INTEGER.fullmatch(text):
            raise self.fault(column, f"not a whole number: {text!r}", cure)
        return int(text)

    def number(self, column: str) -> Decimal:
        text = self.text(column)
        if not _NUMBER.fullmatch(text):
            raise self.fault(column, f"not a number: {text!r}", "write it like 108056.9")
        return Decimal(text)

    def price(self, column: str) -> Decimal:
        value = self.number(column)
        if value <= 0:
            raise self.fault(column, f"not positive: {value}", "a price is above zero")
        return value

    def volume(self, column: str) -> Decimal:
        value = self.number(column)
        if value < 0:
            raise self.fault(column, f"negative: {value}", "a volume is zero or more")
        return value


def _row(line: _Line) -> _Row:
    ts_ms = line.integer("ts_ms", "milliseconds since 1970-01-01 UTC of the bar's opening")
    if not _YEAR_2000_MS <= ts_ms < _YEAR_2100_MS:
        raise line.fault(
            "ts_ms",
            f"{ts_ms} is outside the years 2000 to 2099",
            "write milliseconds, neither seconds nor microseconds",
        )
    numbers = {name: line.price(name) for name in _PRICES}
    numbers |= {name: line.volume(name) for name in _VOLUMES}
    for venue in ("up", "bn"):
        _check_range(line, venue, numbers)
    fx_source = next((name for name in _FX if line.text(name)), None)
    if fx_source is None:
        raise line.fault(_FX[0], "neither krw_usdt nor usdkrw has a value", "fill one of them")
    numbers["fx"] = line.price(fx_source)
    block = line.integer("block", "number the blocks 0, 1, 2 …") if line.text("block") else 0
    return _Row(line=line.line, ts_ms=ts_ms, block=block, numbers=numbers, fx_source=fx_source)


def _check_range(line: _Line, venue: str, numbers: dict[str, Decimal]) -> None:
    high, low = numbers[f"{venue}_high"], numbers[f"{venue}_low"]
    if high < low:
        raise line.fault(
            f"{venue}_high", f"high {high} below low {low}", "check the order of the columns"
        )
    for name in (f"{venue}_open", f"{venue}_close"):
        if not low <= numbers[name] <= high:
            raise line.fault(
                name,
                f"{numbers[name]} outside low {low} to high {high}",
                "check the order of the columns",
            )


def _check_order(path: Path, rows: Sequence[_Row]) -> None:
    seen = {rows[0].block}
    for before, row in pairwise(rows):
        if row.ts_ms <= before.ts_ms:
            raise CandleFileError(
                path,
                line=row.line,
                column="ts_ms",
                problem=f"{row.ts_ms} does not come after {before.ts_ms} of line {before.line}",
                cure="sort the file by time and remove duplicates",
            )
        if row.block != before.block and row.block in seen:
            raise CandleFileError(
                path,
                line=row.line,
                column="block",
                problem=f"block {row.block} begins a second time",
                cure="give every contiguous stretch its own number",
            )
        seen.add(row.block)


def _interval_s(path: Path, rows: Sequence[_Row]) -> int:
    steps_ms = [
        row.ts_ms - before.ts_ms for before, row in pairwise(rows) if row.block == before.block
    ]
    if not steps_ms:
        raise CandleFileError(
            path,
            column="ts_ms",
            problem="no two bars of one block, so the length of a bar is unknown",
            cure="give at least two bars in a block",
        )
    interval_s, rest_ms = divmod(min(steps_ms), 1_000)
    if rest_ms:
        raise CandleFileError(
            path,
            column="ts_ms",
            problem=f"bars {min(steps_ms)} ms apart",
            cure="bars last whole seconds",
        )
    return interval_s


def _bar(row: _Row, interval_s: int) -> Bar:
    numbers = row.numbers
    return Bar(
        at=_EPOCH + timedelta(milliseconds=row.ts_ms),
        interval_s=interval_s,
        up_open=numbers["up_open"],
        up_high=numbers["up_high"],
        up_low=numbers["up_low"],
        up_close=numbers["up_close"],
        up_volume=numbers["up_volume"],
        bn_open=numbers["bn_open"],
        bn_high=numbers["bn_high"],
        bn_low=numbers["bn_low"],
        bn_close=numbers["bn_close"],
        bn_volume=numbers["bn_volume"],
        krw_usdt=numbers["fx"],
        fx_source=row.fx_source,
        block=row.block,
    )
