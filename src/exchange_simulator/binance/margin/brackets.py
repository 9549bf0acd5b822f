"""Leverage brackets: how much a position may be worth at a leverage, and what must maintain it.

One table for every contract, in the exchange's manner (Binance docs, Notional and Leverage
Brackets, 2026-11): ``maintenance = notional x rate - cum``, where ``cum`` makes it continuous.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from exchange_simulator.decimals import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Up to ``cap`` USDT of notional: the highest leverage and the maintenance rate."""

    floor: int
    cap: int
    leverage: int
    rate: Decimal
    cum: Decimal


_ROWS = (
    (300_000, 125, "0.004"),
    (800_000, 100, "0.005"),
    (3_000_000, 75, "0.0065"),
    (12_000_000, 50, "0.01"),
    (70_000_000, 25, "0.02"),
    (100_000_000, 20, "0.025"),
    (230_000_000, 10, "0.05"),
    (480_000_000, 5, "0.1"),
    (600_000_000, 4, "0.125"),
    (800_000_000, 3, "0.15"),
    (1_200_000_000, 2, "0.25"),
    (1_800_000_000, 1, "0.5"),
)


def _table() -> tuple[Bracket, ...]:
    rows: list[Bracket] = []
    floor, cum, before = 0, ZERO, ZERO
    for cap, leverage, text in _ROWS:
        rate = Decimal(text)
        if rows:
            cum += floor * (rate - before)
        rows.append(Bracket(floor=floor, cap=cap, leverage=leverage, rate=rate, cum=cum))
        floor, before = cap, rate
    return tuple(rows)


BRACKETS = _table()
MAX_LEVERAGE = BRACKETS[0].leverage


def bracket_of(notional: Decimal) -> Bracket:
    """The bracket of a notional, whatever its sign."""
    size = abs(notional)
    return next((row for row in BRACKETS if size <= row.cap), BRACKETS[-1])


def maintenance(notional: Decimal) -> Decimal:
    """Maintenance margin, USDT."""
    row = bracket_of(notional)
    return abs(notional) * row.rate - row.cum


@cache
def max_notional(leverage: int) -> int:
    """The largest position at this leverage, USDT."""
    return max(row.cap for row in BRACKETS if row.leverage >= leverage)


def shape() -> list[dict[str, Any]]:
    """``brackets`` of GET leverageBracket."""
    return [
        {
            "bracket": number,
            "initialLeverage": row.leverage,
            "notionalCap": row.cap,
            "notionalFloor": row.floor,
            "maintMarginRatio": row.rate,
            "cum": row.cum,
        }
        for number, row in enumerate(BRACKETS, start=1)
    ]
