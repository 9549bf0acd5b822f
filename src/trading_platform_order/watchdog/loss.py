"""The day's loss by the watchdog's own count: from what both exchanges show, not from our ledger.

The difference of two readings: KRW on Upbit, the ledger's coins at the bid, and Binance's margin
balance, which holds the unrealised profit already. The margin balance's change is valued at the
present rate, so that idle USDT does not gain or lose by the rate alone; transfers that the journal
explains are left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from trading_platform_order.domain.money import ZERO

KST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the account is worth, by the exchanges.

    Attributes:
        krw: on Upbit, available plus locked.
        coins_krw: the ledger's coins at the bid; the owner's are not counted.
        margin_usdt: Binance margin balance.
    """

    krw: Decimal
    coins_krw: Decimal
    margin_usdt: Decimal
    krw_per_usdt: Decimal
    at: datetime

    @property
    def is_finite(self) -> bool:
        """Every figure is a number."""
        figures = (self.krw, self.coins_krw, self.margin_usdt, self.krw_per_usdt)
        return all(figure.is_finite() for figure in figures)

    @property
    def equity_krw(self) -> Decimal:
        """All of it."""
        return self.krw + self.coins_krw + self.margin_usdt * self.krw_per_usdt


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """What another hand moved since the baseline, as the journal recorded it."""

    krw: Decimal = ZERO
    usdt: Decimal = ZERO


def loss_krw(baseline: Reading, now: Reading, transfers: Transfers) -> Decimal:
    """Positive for a loss."""
    upbit = (now.krw + now.coins_krw) - (baseline.krw + baseline.coins_krw) - transfers.krw
    binance = now.margin_usdt - baseline.margin_usdt - transfers.usdt
    return -(upbit + binance * now.krw_per_usdt)


def passes_limit(
    baseline: Reading, now: Reading, transfers: Transfers, *, fraction: Decimal
) -> bool:
    """The loss exceeds ``fraction`` of the capital at the day's start; zero means no limit."""
    moved = (transfers.krw, transfers.usdt)
    if not (baseline.is_finite and now.is_finite and all(figure.is_finite() for figure in moved)):
        return False  # nothing is sold for a figure that is none
    if fraction <= 0 or baseline.equity_krw <= 0:
        return False
    return loss_krw(baseline, now, transfers) > baseline.equity_krw * fraction


def day_of(at: datetime) -> str:
    """The trading day, which starts at 00:00 KST."""
    return at.astimezone(KST).date().isoformat()


def transfers_in(rows: Iterable[Mapping[str, str | int | None]], *, since_us: int) -> Transfers:
    """From the rows of ``v_transfers``."""
    krw = usdt = ZERO
    for row in rows:
        if int(row["at_us"] or 0) <= since_us:
            continue
        amount = Decimal(str(row["amount"]))
        if row["exchange"] == "upbit" and row["asset"] == "KRW":
            krw += amount
        elif row["exchange"] == "binance" and row["asset"] == "USDT":
            usdt += amount
    return Transfers(krw=krw, usdt=usdt)
