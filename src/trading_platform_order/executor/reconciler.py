"""Compares the ledger with what both exchanges answer. It reads only; it decides nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from trading_platform_order.domain.ledger import Ledger
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Venue, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.base import BaseExchange

KRW_TOLERANCE = Decimal("0.01")
USDT_TOLERANCE = Decimal("0.0001")


class NotComparable(Exception):  # noqa: N818 - a fact about the reads
    """An exchange did not answer; nothing can be said."""


async def differences(
    ledger: Ledger, exchanges: Mapping[Venue, BaseExchange], bases: Sequence[str]
) -> list[str]:
    """One line per difference; empty if the ledger equals both exchanges.

    Raises:
        NotComparable: a read was not answered.
    """
    return [
        *await _upbit(ledger, exchanges[Venue.UPBIT], bases),
        *await _binance(ledger, exchanges[Venue.BINANCE], bases),
    ]


async def _upbit(ledger: Ledger, exchange: BaseExchange, bases: Sequence[str]) -> list[str]:
    answer = await exchange.balances()
    if isinstance(answer, ReadFailed):
        raise NotComparable(f"upbit balances: {answer.reason}")
    totals = {balance.asset: balance.total for balance in answer}
    lines = []
    krw = totals.get("KRW", ZERO)
    if abs(krw - ledger.krw) > KRW_TOLERANCE:
        lines.append(f"KRW: ledger {plain(ledger.krw)}, upbit {plain(krw)}")
    for base in sorted({*bases, *ledger.coins}):
        ours, theirs = ledger.coins.get(base, ZERO), totals.get(base, ZERO)
        if ours != theirs:
            lines.append(f"{base}: ledger {plain(ours)}, upbit {plain(theirs)}")
    return lines


async def _binance(ledger: Ledger, exchange: BaseExchange, bases: Sequence[str]) -> list[str]:
    margin = await exchange.margin()
    if margin is None or isinstance(margin, ReadFailed):
        reason = "no margin account" if margin is None else margin.reason
        raise NotComparable(f"binance margin account: {reason}")
    lines = []
    if abs(margin.wallet_usdt - ledger.usdt) > USDT_TOLERANCE:
        lines.append(f"USDT: ledger {plain(ledger.usdt)}, binance {plain(margin.wallet_usdt)}")
    for base in sorted({*bases, *ledger.shorts}):
        position = await exchange.position(hedge_symbol(base))
        if isinstance(position, ReadFailed):
            raise NotComparable(f"binance position {base}: {position.reason}")
        ours = ledger.shorts[base].quantity if base in ledger.shorts else ZERO
        if ours != -position.quantity:
            lines.append(f"{base} short: ledger {plain(ours)}, binance {plain(-position.quantity)}")
    return lines
