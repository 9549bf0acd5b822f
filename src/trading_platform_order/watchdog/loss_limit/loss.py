"""The day's loss by two counts of the watchdog's own; only what both show is a trading loss.

*By the balances*: the difference of two readings of KRW on Upbit, the ledger's coins at the bid,
and Binance's margin balance, which holds the unrealised profit already. The margin balance's change
is valued at the present rate, so that idle USDT does not gain or lose by the rate alone; transfers
that the journal explains are left out.

*By the trades*: what the positions are worth now and then, and what the fills, fees and funding
between brought or cost. A withdrawal does not occur in it, known or not.

Money that is missing by the balances and not by the trades has left in another way: nothing is sold
for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from trading_platform_order.domain.costs.fee_value import ESTIMATED_FEE_RATE
from trading_platform_order.domain.money import ZERO

KST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the account is worth, by the exchanges.

    Attributes:
        krw: on Upbit, available plus locked.
        coins_krw: the ledger's coins at the bid; the owner's are not counted.
        margin_usdt: Binance margin balance.
        short_usdt: what buying the counted short back would cost at the ask; ``None`` in a reading
            that was made durable before this was read.
        head_seq: the journal's last row by then.
    """

    krw: Decimal
    coins_krw: Decimal
    margin_usdt: Decimal
    krw_per_usdt: Decimal
    at: datetime
    short_usdt: Decimal | None = None
    head_seq: int = 0

    @property
    def is_finite(self) -> bool:
        """Every figure is a number."""
        short_usdt = ZERO if self.short_usdt is None else self.short_usdt
        figures = (self.krw, self.coins_krw, self.margin_usdt, self.krw_per_usdt, short_usdt)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What fills, fees and funding brought (positive) or cost since the baseline, by the journal.

    Attributes:
        krw: on Upbit.
        usdt: on Binance, each fill at its whole value.
    """

    krw: Decimal = ZERO
    usdt: Decimal = ZERO


def traded_loss_krw(baseline: Reading, now: Reading, flows: Flows) -> Decimal | None:
    """Positive for a loss, by positions and fills alone; ``None`` where that cannot be told."""
    if baseline.short_usdt is None or now.short_usdt is None:
        return None
    spot_krw = now.coins_krw - baseline.coins_krw + flows.krw
    hedge_usdt = baseline.short_usdt - now.short_usdt + flows.usdt
    return -(spot_krw + hedge_usdt * now.krw_per_usdt)


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


def trades_pass_limit(baseline: Reading, now: Reading, flows: Flows, *, fraction: Decimal) -> bool:
    """The same by positions and fills alone; false where that cannot be told."""
    lost = traded_loss_krw(baseline, now, flows)
    if lost is None or not lost.is_finite() or fraction <= 0 or baseline.equity_krw <= 0:
        return False
    return lost > baseline.equity_krw * fraction


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


def flows_in(
    fills: Iterable[Mapping[str, str | int | None]],
    funding: Iterable[Mapping[str, str | int | None]],
    *,
    since_seq: int,
) -> Flows:
    """From the rows of ``v_fills`` and ``v_funding``."""
    krw = usdt = ZERO
    for row in fills:
        if int(row["seq"] or 0) <= since_seq:
            continue
        value = Decimal(str(row["quantity"])) * Decimal(str(row["price"]))
        value = value if row["side"] == "SELL" else -value
        fee = _fee(row, abs(value))
        if row["exchange"] == "upbit":
            krw += value - fee
        else:
            usdt += value - fee
    for row in funding:
        if int(row["seq"] or 0) > since_seq:
            usdt += Decimal(str(row["amount_usdt"]))
    return Flows(krw=krw, usdt=usdt)


def _fee(row: Mapping[str, str | int | None], value: Decimal) -> Decimal:
    """In the quote asset; of a fee in another one whose price was not known, an upper estimate."""
    if row["fee_quote"] is not None:
        return Decimal(str(row["fee_quote"]))
    return value * ESTIMATED_FEE_RATE if Decimal(str(row["fee"])) else ZERO
