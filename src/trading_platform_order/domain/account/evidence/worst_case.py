"""What is held and what orders under way may still add to it: the figures that limits go by.

An order whose end is not known counts as if it had filled in full.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.trade.pair_trade import PairTrade

Mids = Mapping[str, tuple[Decimal, Decimal]]
"""(KRW bid, USDT mid) last seen, by base asset."""


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
        coins_krw = (abs(ledger.owned_coins(name)) + buying) * spot_mid
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
