"""Joint candles from a CSV or CSV.gz file: exact numbers in, or one fault that names its place.

The columns are ``ts_ms`` (bar open, milliseconds since 1970 UTC), ``up_open/high/low/close``
(KRW), ``bn_open/high/low/close`` (USDT), ``up_volume`` and ``bn_volume`` (base), and the KRW value
of a USDT: ``krw_usdt`` where the row has it, else ``usdkrw``. ``block`` is optional and marks
stretches that must not be bridged; ``symbol`` is optional and says whose candles these are. Other
columns (``time_utc``, ``premium`` …) are ignored.

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
from itertools import islice
from pathlib import Path
from typing import TextIO

from trading_platform_order.market.candles import Bar
from trading_platform_order.market.files.candle_checks import (
    Row,
    check_leaps,
    check_order,
    check_size,
    interval_s,
)
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.market.files.candle_symbol import COLUMN, file_symbol
from trading_platform_order.market.files.recording import recorded_bars, recorded_files

_PRICES = ("up_open", "up_high", "up_low", "up_close", "bn_open", "bn_high", "bn_low", "bn_close")
_VOLUMES = ("up_volume", "bn_volume")
_FX = ("krw_usdt", "usdkrw")  # in order of preference
_REQUIRED = ("ts_ms", *_PRICES, *_VOLUMES)

# What Decimal() takes is wider (underscores, spaces, other scripts' digits, NaN).
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"\d{1,18}", re.ASCII)
_YEAR_2000_MS = 946_684_800_000
_YEAR_2100_MS = 4_102_444_800_000
READ_MIN = 300
"""So many rows tell how long a bar is, however few are asked for."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """A file's bars, oldest first, and the base asset they are of."""

    symbol: str
    bars: list[Bar]


@dataclass(slots=True, kw_only=True)
class _Read:
    """``told``: lines and what their column ``symbol`` says, where it changes."""

    rows: list[Row]
    told: list[tuple[int, str]]


def read_candles(
    path: Path | str, *, symbol: str | None = None, bars: int | None = None
) -> Candles:
    """The bars of a file, oldest first, and whose they are.

    The interval is the distance that most bars keep; a distance of several intervals is a gap and
    is kept as one.

    Args:
        path: the file, or the folder of a recording, of which candles of a minute are made.
        symbol: the base asset; by default what the file's column or its name says.
        bars: read no more than so many, however long the file is.

    Raises:
        CandleFileError: the file cannot be read or holds anything but valid, ordered candles; or
            nobody says whose candles these are.
    """
    where = Path(path)
    if where.is_dir() and recorded_files(where):
        named, recorded = recorded_bars(where, symbol=symbol)
        return Candles(symbol=named, bars=recorded[:bars])
    read = _read(where, None if bars is None else max(bars, READ_MIN))
    named = file_symbol(where, asked=symbol, told=read.told)
    return Candles(symbol=named, bars=_bars(where, read)[:bars])


def _bars(path: Path, read: _Read) -> list[Bar]:
    check_order(path, read.rows)
    length_s = interval_s(path, read.rows)
    check_leaps(path, read.rows, length_s)
    # Each row makes way for its bar: a long file is not held twice.
    rows, bars = read.rows, []
    rows.reverse()
    while rows:
        bars.append(_bar(rows.pop(), length_s))
    return bars


def _read(where: Path, bars: int | None) -> _Read:
    try:
        with _open(where) as text:
            return _parse(where, text, bars)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise CandleFileError(
            where, problem=f"not gzip ({error})", remedy="compress it with gzip or name it .csv"
        ) from error
    except EOFError as error:
        raise CandleFileError(
            where, problem="the gzip data ends too early", remedy="copy or download the file again"
        ) from error
    except UnicodeDecodeError as error:
        raise CandleFileError(
            where, problem="not UTF-8 text", remedy="save it as UTF-8, or name gzip data .csv.gz"
        ) from error
    except OSError as error:
        raise CandleFileError(
            where,
            problem=error.strerror or "cannot be read",
            remedy="check the name and permissions",
        ) from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _parse(path: Path, text: TextIO, bars: int | None) -> _Read:
    reader = csv.reader(text, strict=True)
    read = _Read(rows=[], told=[])
    try:
        header = next(reader, None)
        if header is None:
            raise CandleFileError(
                path, problem="the file is empty", remedy="give a file with candles"
            )
        _check_header(path, header)
        for values in islice(filter(None, reader), bars):  # a blank line holds nothing
            _take(read, _Line(path, reader.line_num, header, values))
    except csv.Error as error:
        raise CandleFileError(
            path, line=reader.line_num, problem=f"not CSV ({error})", remedy="write plain commas"
        ) from error
    if not read.rows:
        raise CandleFileError(
            path, problem="a header but no candles", remedy="give a file with candles"
        )
    return read


def _take(read: _Read, line: "_Line") -> None:
    row = _row(line)
    check_size(line.path, row)
    read.rows.append(row)
    told = line.text(COLUMN)
    if told and (not read.told or told != read.told[-1][1]):
        read.told.append((line.line, told))


def _check_header(path: Path, header: Sequence[str]) -> None:
    for name in header:
        if header.count(name) > 1:
            raise CandleFileError(
                path, line=1, column=name, problem="stands twice", remedy="remove one of them"
            )
    for name in _REQUIRED:
        if name not in header:
            raise CandleFileError(
                path,
                line=1,
                column=name,
                problem="missing from the header",
                remedy=f"needed are {', '.join(_REQUIRED)} and one of {' or '.join(_FX)}",
            )
    if not any(name in header for name in _FX):
        raise CandleFileError(
            path,
            line=1,
            column=_FX[0],
            problem="neither krw_usdt nor usdkrw in the header",
            remedy="add the KRW value of one USDT under one of these names",
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
                remedy="complete or remove the line; the file may have been cut off",
            )
        self._values = dict(zip(header, values, strict=True))

    def fault(self, column: str, problem: str, remedy: str) -> CandleFileError:
        return CandleFileError(
            self.path, line=self.line, column=column, problem=problem, remedy=remedy
        )

    def text(self, column: str) -> str:
        return self._values.get(column, "").strip()

    def integer(self, column: str, remedy: str) -> int:
        text = self.text(column)
        if not _INTEGER.fullmatch(text):
            raise self.fault(column, f"not a whole number: {text!r}", remedy)
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


def _row(line: _Line) -> Row:
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
    return Row(line=line.line, ts_ms=ts_ms, block=block, numbers=numbers, fx_source=fx_source)


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


def _bar(row: Row, length_s: int) -> Bar:
    numbers = row.numbers
    return Bar(
        at=_EPOCH + timedelta(milliseconds=row.ts_ms),
        interval_s=length_s,
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
