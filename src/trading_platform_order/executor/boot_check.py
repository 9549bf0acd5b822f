"""Before the first signal after a start: does the account still hold what the journal says?

Only when no trade is unresolved; otherwise the trades find out for themselves. Money that moved by
another hand is recorded as such. Less than we own, or another short than ours, latches the stop:
something happened that the journal does not know, and a human must look.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account_events import ForeignMovement
from trading_platform_order.domain.ledger import Ledger
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Venue

KRW_TOLERANCE = Decimal("0.01")
USDT_TOLERANCE = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the exchanges answered: totals on Upbit, wallet and shorts on Binance."""

    upbit: dict[str, Decimal]
    wallet_usdt: Decimal
    shorts: dict[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class BootVerdict:
    """What to record, and what is wrong beyond recording."""

    movements: tuple[ForeignMovement, ...]
    mismatches: tuple[str, ...]


def compare(ledger: Ledger, found: Found, *, at: datetime) -> BootVerdict:
    """Judge the difference between our count and the exchanges'."""
    short_of = {
        base for base in _bases(ledger) if found.upbit.get(base, ZERO) < ledger.owned_coins(base)
    }
    movements = [
        _moved(Venue.UPBIT, asset, delta, at)
        for asset, delta in _upbit_deltas(ledger, found)
        if asset not in short_of and (asset != "KRW" or abs(delta) > KRW_TOLERANCE)
    ]
    usdt = found.wallet_usdt - ledger.usdt
    if abs(usdt) > USDT_TOLERANCE:
        movements.append(_moved(Venue.BINANCE, "USDT", usdt, at))
    mismatches = [
        f"{base}: {plain(found.upbit.get(base, ZERO))} on Upbit, "
        f"but {plain(ledger.owned_coins(base))} are ours"
        for base in sorted(short_of)
    ]
    for base in sorted({*ledger.shorts, *found.shorts}):
        ours = ledger.shorts[base].quantity if base in ledger.shorts else ZERO
        theirs = found.shorts.get(base, ZERO)
        if ours != theirs:
            mismatches.append(f"{base} short: {plain(theirs)} on Binance, ours is {plain(ours)}")
    return BootVerdict(movements=tuple(movements), mismatches=tuple(mismatches))


def _bases(ledger: Ledger) -> list[str]:
    return sorted({base for _, base in ledger.holdings})


def _upbit_deltas(ledger: Ledger, found: Found) -> list[tuple[str, Decimal]]:
    deltas = [("KRW", found.upbit.get("KRW", ZERO) - ledger.krw)]
    for asset in sorted({*found.upbit, *ledger.coins} - {"KRW"}):
        delta = found.upbit.get(asset, ZERO) - ledger.coins.get(asset, ZERO)
        if delta:
            deltas.append((asset, delta))
    return deltas


def _moved(venue: Venue, asset: str, amount: Decimal, at: datetime) -> ForeignMovement:
    return ForeignMovement(
        exchange=venue, asset=asset, amount=amount, reason="found at the start", at=at
    )
