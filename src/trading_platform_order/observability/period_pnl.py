"""Profit of a period by part, from the valuations in the journal."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.money import ZERO
from trading_platform_order.transport.clock import epoch_us, moment_of

TRADING = ("premium", "funding", "fees", "fx", "slippage")
Rows = list[dict[str, str | int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPnl:
    """Profit between two valuations.

    Attributes:
        parts: KRW by name; ``fx`` is that on shorts alone, ``fx_idle`` that on the USDT wallet.
        first_at: the valuation that it is counted from; ``None``: the account's opening.
        last_at: the valuation that it is counted to.
    """

    begin: datetime
    end: datetime
    parts: dict[str, Decimal]
    first_at: datetime | None
    last_at: datetime | None

    @property
    def trading(self) -> Decimal:
        """What limits count."""
        return sum((self.parts[name] for name in TRADING), ZERO)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "from": self.begin.astimezone(UTC),
            "to": self.end.astimezone(UTC),
            "valued_from": self.first_at,
            "valued_to": self.last_at,
            "known": self.last_at is not None,
            "trading_krw": self.trading,
            "fx_idle_krw": self.parts["fx_idle"],
            "total_krw": self.trading + self.parts["fx_idle"],
            "parts_krw": {name: self.parts[name] for name in TRADING},
        }


def period_pnl(rows: Rows, begin: datetime, end: datetime, *, limit: int) -> PeriodPnl:
    """The last valuation before the end, less the last before the beginning.

    ``rows``: of ``v_equity``, newest first; ``limit``: how many were asked for.
    """
    begin_us, end_us = epoch_us(begin), epoch_us(end)
    last = next((row for row in rows if int(row["at_us"] or 0) < end_us), None)
    first = next((row for row in rows if int(row["at_us"] or 0) < begin_us), None)
    if first is None and len(rows) == limit:
        first = rows[-1]  # older ones are not read; `valued_from` says so
    if last is None or int(last["at_us"] or 0) < begin_us:
        return PeriodPnl(begin=begin, end=end, parts=_parts(None), first_at=None, last_at=None)
    after, before = _parts(last), _parts(first)
    return PeriodPnl(
        begin=begin,
        end=end,
        parts={name: after[name] - before[name] for name in after},
        first_at=None if first is None else moment_of(int(first["at_us"] or 0)),
        last_at=moment_of(int(last["at_us"] or 0)),
    )


def _parts(row: dict[str, str | int | None] | None) -> dict[str, Decimal]:
    """Of one valuation; zero before the first."""
    names = (*TRADING, "fx_idle")
    if row is None:
        return dict.fromkeys(names, ZERO)
    figures = json.loads(str(row["figures"]))
    parts = {name: Decimal(figures[f"{name}_krw"]) for name in names}
    parts["fx"] -= parts["fx_idle"]
    return parts
