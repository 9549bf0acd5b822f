"""Whose candles a file holds: said by the caller, by a column, or by its name; never guessed.

A file that is traded under another coin's name gives trades that look right: filters, steps and
minimums are the wrong coin's, and so are the ids of all signals.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from trading_platform_order.market.files.candle_fault import CandleFileError

SYMBOL = re.compile(r"[A-Z0-9]{2,15}", re.ASCII)
COLUMN = "symbol"
_WORD = re.compile(r"[^A-Za-z0-9]+")
_QUOTES = ("USDT", "KRW")
#: what stands in capitals in the names of such files and is no coin
_OTHER_WORDS = frozenset(
    {"CSV", "GZ", "KRW", "USD", "USDT", "UTC", "KST", "OHLC", "OHLCV", "UPBIT", "BINANCE", "SPOT"}
    | {"PERP", "FUTURES", "UM", "CM"}
)
#: coins whose names are no other words either, so that they count in small letters, too
_IN_SMALL_LETTERS = frozenset({"BTC", "ETH", "XRP", "DOGE"})


def base_of(text: str) -> str | None:
    """The base asset of ``BTC``, ``BTCUSDT``, ``KRW-BTC``, ``BTC-KRW`` or ``BTC/USDT``."""
    parts = [part for part in re.split(r"[-/_]", text.strip()) if part not in _QUOTES]
    if len(parts) != 1:
        return None
    base = parts[0]
    for quote in _QUOTES:
        base = base.removesuffix(quote)
    return base if SYMBOL.fullmatch(base) else None


def named_symbol(path: Path | str) -> str | None:
    """The base asset that the file's name says: its only word that can be one.

    A word in capitals (``candles_SOL_400.csv``), or a known coin in small letters.
    """
    found = set()
    for word in _WORD.split(Path(path).name):
        is_code = word.isupper() and not word.isdigit()
        if not (is_code or word.upper() in _IN_SMALL_LETTERS) or word.upper() in _OTHER_WORDS:
            continue
        base = base_of(word.upper())
        if base is not None and base not in _OTHER_WORDS:
            found.add(base)
    return found.pop() if len(found) == 1 else None


def file_symbol(path: Path, *, asked: str | None, told: Iterable[tuple[int, str]]) -> str:
    """The base asset to trade a file's candles as.

    Args:
        path: the file.
        asked: what the caller says.
        told: lines and what stands in their column ``symbol``, where it changes.

    Raises:
        CandleFileError: nobody says it, or they contradict each other.
    """
    if asked is not None and not SYMBOL.fullmatch(asked):
        raise CandleFileError(
            path, problem=f"{asked!r} is no base asset", remedy="say it like --symbol BTC"
        )
    column = None
    for line, text in told:
        base = base_of(text)
        if base is None:
            raise CandleFileError(
                path,
                line=line,
                column=COLUMN,
                problem=f"{text!r} is no base asset",
                remedy="write it like BTC, BTCUSDT or KRW-BTC",
            )
        if column not in {None, base}:
            raise CandleFileError(
                path,
                line=line,
                column=COLUMN,
                problem=f"{base} after {column}",
                remedy="give each coin a file of its own",
            )
        column = base
    if column is not None and asked not in {None, column}:
        raise CandleFileError(
            path,
            column=COLUMN,
            problem=f"these are candles of {column}, not of {asked}",
            remedy=f"say --symbol {column}, or leave it out",
        )
    symbol = asked or column or named_symbol(path)
    if symbol is None:
        raise CandleFileError(
            path,
            problem="neither a column symbol nor its name says whose candles these are",
            remedy="say it (--symbol BTC), or name the file like candles_BTC.csv",
        )
    return symbol
