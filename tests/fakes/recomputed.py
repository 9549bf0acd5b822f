"""Figures of an account added up anew from what it holds: what the kept ones must be equal to.

Everything is gone through each time, in the plainest way, and nothing is remembered.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.fakes.pair import D
from trading_platform_order.domain.account.account_book import COMING_FEE_RATE, AccountBook
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.account.recent_activity import likeness
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade

Mids = Mapping[str, tuple[Decimal, Decimal]]


def owned_coins(ledger: Ledger, base: str) -> Decimal:
    """Coins of a base asset that belong to any strategy."""
    return sum((h.spot for (_, b), h in ledger.holdings.items() if b == base), ZERO)


def held_bases(book: AccountBook, running: Collection[PairTrade]) -> frozenset[str]:
    """Base assets of which anything is held, or may come from orders under way."""
    owned = {base for (_, base), h in book.ledger.holdings.items() if h.spot or h.short}
    short = {base for base, position in book.ledger.shorts.items() if position.quantity}
    return frozenset(owned | short | {trade.base for trade in running})


def equity_krw(
    ledger: Ledger, *, mids: Mapping[str, tuple[Decimal, Decimal]], krw_per_usdt: Decimal
) -> Decimal:
    """Equity by the ledger: KRW, owned coins at mid, and the margin balance at the rate.

    Fees paid in other assets count as they were worth when they were paid.

    Args:
        ledger: our own count.
        mids: (KRW, USDT) mids by base asset; an asset without a mid counts as nothing.
        krw_per_usdt: KRW for one USDT.
    """
    total = ledger.krw + ledger.valued_usdt * krw_per_usdt
    for base, (spot_mid, hedge_mid) in mids.items():
        total += owned_coins(ledger, base) * spot_mid
        if base in ledger.shorts:
            total += ledger.shorts[base].unrealised_usdt(hedge_mid) * krw_per_usdt
    return total


@dataclass(slots=True, kw_only=True)
class WorstCase:
    """Sums over all pairs, each at its larger leg with what may still come.

    Attributes:
        symbol_krw: of ``pairs_krw``, what is in the symbol that was asked for.
        coming_krw: what orders under way may still pay on the spot leg.
        coming_turnover_krw: what they may still trade on either leg.
    """

    unrealised_usdt: Decimal = ZERO
    notional_usdt: Decimal = ZERO
    pairs_krw: Decimal = ZERO
    symbol_krw: Decimal = ZERO
    coming_krw: Decimal = ZERO
    coming_turnover_krw: Decimal = ZERO


def worst_case(
    ledger: Ledger,
    running: Collection[PairTrade],
    *,
    symbol: str,
    held: frozenset[str],
    mids: Mids,
    rate_krw: Decimal,
) -> WorstCase:
    """All pairs at these prices.

    Args:
        ledger: what is owned.
        running: trades with an order or a fill that is not known to its end.
        symbol: base asset whose own sum is asked for.
        held: base assets of which anything is held, or may come.
        mids: prices; a pair without one counts nothing.
        rate_krw: KRW per USDT.
    """
    sums, coming = WorstCase(), _coming(running)
    sums.coming_turnover_krw = _closing_krw(running, mids, rate_krw)
    for name in sorted(held | {base for base, _ in coming}):
        spot_mid, hedge_mid = mids.get(name, (ZERO, ZERO))
        short = ledger.shorts[name]
        buying, selling = coming[name, Leg.SPOT], coming[name, Leg.HEDGE]
        short_usdt = (abs(short.quantity) + selling) * hedge_mid
        coins_krw = (abs(owned_coins(ledger, name)) + buying) * spot_mid
        sums.unrealised_usdt += short.unrealised_usdt(hedge_mid) if hedge_mid else ZERO
        sums.notional_usdt += short_usdt
        sums.coming_krw += buying * spot_mid
        sums.coming_turnover_krw += buying * spot_mid + selling * hedge_mid * rate_krw
        value_krw = max(coins_krw, short_usdt * rate_krw)
        sums.pairs_krw += value_krw
        sums.symbol_krw += value_krw if name == symbol else ZERO
    return sums


def _coming(running: Iterable[PairTrade]) -> dict[tuple[str, Leg], Decimal]:
    """What orders under way may still add on a leg, by base asset: it counts as if it had."""
    coming: dict[tuple[str, Leg], Decimal] = defaultdict(lambda: ZERO)
    for trade in running:
        for order in trade.orders:
            adds = OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL
            if order.side is adds:
                coming[trade.base, order.leg] += _may_fill(trade, order)
    return coming


def _closing_krw(running: Iterable[PairTrade], mids: Mids, rate_krw: Decimal) -> Decimal:
    """What orders under way may still close, on either leg: it is traded value too."""
    closing = ZERO
    for trade in running:
        spot_mid, hedge_mid = mids.get(trade.base, (ZERO, ZERO))
        for order in trade.orders:
            closes = OrderSide.SELL if order.leg is Leg.SPOT else OrderSide.BUY
            price = spot_mid if order.leg is Leg.SPOT else hedge_mid * rate_krw
            if order.side is closes:
                closing += _may_fill(trade, order) * price
    return closing


def _may_fill(trade: PairTrade, order: Order) -> Decimal:
    """Base units beyond the fills that are booked."""
    most = order.executed_quantity if order.status.is_final else order.quantity
    return max(most - trade.filled(order), ZERO)


def figures(
    book: AccountBook,
    trades: Mapping[str, PairTrade],
    opened: Iterable[te.TradeOpened],
    *,
    wish: Signal,
    now: datetime,
    mids: Mids,
    rate_krw: Decimal,
) -> dict[str, object]:
    """What the pre-trade checks ask for, by the names of the view.

    ``mids`` and ``rate_krw``: the newest that were told.
    """
    running = [t for t in trades.values() if t.unresolved or t.awaiting_fills]
    held = held_bases(book, running)
    sums = worst_case(
        book.ledger, running, symbol=wish.symbol, held=held, mids=mids, rate_krw=rate_krw
    )
    bid_krw, _ = mids.get(wish.symbol, (ZERO, ZERO))
    unmatched = sum(
        (abs(p.spot - p.short) for p in book.positions.pairs() if p.base == wish.symbol), ZERO
    )
    is_running = any(trade.base == wish.symbol for trade in running)
    since = [(e.signal, e.at) for e in opened if now - timedelta(seconds=60) < e.at]
    return {
        "held": held,
        "equity_krw": equity_krw(book.ledger, mids=mids, krw_per_usdt=rate_krw),
        "trading_krw": book.pnl.parts(mids).trading,
        "krw_available": book.ledger.krw - sums.coming_krw * (1 + COMING_FEE_RATE),
        "margin_balance_usdt": book.ledger.usdt + sums.unrealised_usdt,
        "hedge_notional_usdt": sums.notional_usdt,
        "pair_value_krw": sums.pairs_krw,
        "symbol_value_krw": sums.symbol_krw,
        "symbol_dust_krw": D(0) if is_running else unmatched * bid_krw,
        "coming_turnover_krw": sums.coming_turnover_krw,
        "minute_entries": sum(s.action is Action.ENTER for s, _ in since),
        "same_recently": sum(likeness(s) == likeness(wish) for s, _ in since),
    }
