"""The stop-loss of a pair: both legs at the prices they could be closed at now. Pure.

With coins q bought for C KRW, a short s sold for V USDT, books and the rate r::

    profit = proceeds(q into the bids) - C + (V - cost(s from the asks)) * r
    loss   = -profit / max(C, V r)

A move of the coin that both legs share cancels; only the premium, the spreads and an unmatched leg
are left. What a book does not show is reckoned at its last level. Fees are not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.market import Book, PairView
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.value import value

Key = tuple[str, str]


@value
class StopLossLimits:
    """When a pair is closed.

    Attributes:
        fraction: loss over entry notional (spec: 5 %).
        by_symbol: other fractions for these base assets.
        persist_s: how long the loss must last while we run and look.
        book_age_s_max: older books say nothing.
        closes: the pair is closed then; otherwise operators are told, and decide.
    """

    fraction: Decimal = Decimal("0.05")
    by_symbol: Mapping[str, Decimal] = field(default_factory=dict)
    persist_s: float = 3.0
    book_age_s_max: float = 5.0
    closes: bool = True

    def of(self, base: str) -> Decimal:
        """The fraction for a base asset."""
        return self.by_symbol.get(base, self.fraction)


def loss_fraction(pair: OpenPair, view: PairView) -> Decimal | None:
    """Loss over entry notional, profit negative; ``None`` if there is nothing to measure by."""
    rate = view.fx.krw_per_usdt
    costs_krw = (pair.spot_cost_krw, pair.short_value_usdt * rate)
    if not all(cost.is_finite() for cost in costs_krw) or max(costs_krw) <= 0:
        return None
    notional_krw = max(costs_krw)
    spot_krw = closing_value(view.spot_book, OrderSide.SELL, pair.spot) - pair.spot_cost_krw
    short_usdt = pair.short_value_usdt - closing_value(view.hedge_book, OrderSide.BUY, pair.short)
    loss = -(spot_krw + short_usdt * rate) / notional_krw
    return loss if loss.is_finite() else None


def closing_value(book: Book, side: OrderSide, quantity: Decimal) -> Decimal:
    """Quote that a quantity brings or costs, from the visible levels; the rest at the last one."""
    if quantity <= 0:
        return quantity * book.mid
    sweep = book.sweep(side, quantity)
    return sweep.quote + (quantity - sweep.filled_base) * sweep.worst_price


@dataclass(frozen=True, slots=True)
class StopLossWatch:
    """Since when each pair has been over its limit, in seconds of running time."""

    since: Mapping[Key, float] = field(default_factory=dict)

    def seen(
        self, losses: Mapping[Key, Decimal | None], now_s: float, limits: StopLossLimits
    ) -> "tuple[StopLossWatch, tuple[Key, ...]]":
        """The watch after one look, and the pairs to close. An unknown loss begins anew.

        ``now_s`` is running time (``transport/running_time.py``), so that a gap between two looks
        is no part of how long a loss lasted.
        """
        since = {
            key: self.since.get(key, now_s)
            for key, loss in losses.items()
            if loss is not None and loss >= limits.of(key[1])
        }
        lasting = tuple(key for key, at_s in since.items() if now_s - at_s >= limits.persist_s)
        return StopLossWatch(since), lasting


def is_young(view: PairView, limits: StopLossLimits) -> bool:
    """Both books are young enough to say what closing would bring."""
    return all(view.age_s(leg) <= limits.book_age_s_max for leg in Leg)
