"""Entry rules on the orders themselves: minimum, maximum, caps, depth, slippage and collar."""

from collections.abc import Iterator
from decimal import Decimal

from trading_platform_order.domain.market import Sweep
from trading_platform_order.domain.money import BPS, ZERO
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def sizes(case: Case) -> Iterator[Refusal]:
    """Each order is within its exchange's bounds and under the absolute caps."""
    for order in case.plan.orders:
        yield from _bounds(case, order, order.quantity * case.view.book(order.leg).mid)
    total_krw = case.plan.spot_value_krw + case.hedge_value_krw
    if total_krw > case.limits.trade_krw_max:
        yield refuse(
            RefusalCode.TRADE_CAP,
            "both legs together over the absolute cap",
            trade_krw=total_krw,
            trade_krw_max=case.limits.trade_krw_max,
        )


def _bounds(case: Case, order: Order, notional: Decimal) -> Iterator[Refusal]:
    instrument = case.view.instrument(order.leg)
    if notional < instrument.min_notional or order.quantity < instrument.min_quantity:
        yield refuse(
            RefusalCode.BELOW_MINIMUM,
            f"{order.leg} leg under the minimum of {instrument.venue}",
            quantity_base=order.quantity,
            value_quote=notional,
            min_quote=instrument.min_notional,
        )
    over_quantity = 0 < instrument.max_quantity < order.quantity
    if over_quantity or 0 < instrument.max_notional < notional:
        yield refuse(
            RefusalCode.ABOVE_MAXIMUM,
            f"{order.leg} leg over the maximum of {instrument.venue}",
            quantity_base=order.quantity,
            max_quantity_base=instrument.max_quantity,
            max_quote=instrument.max_notional,
        )
    value_krw = notional * case.view.krw_per_quote(order.leg)
    if value_krw > case.limits.order_krw_max:
        yield refuse(
            RefusalCode.ORDER_CAP,
            f"{order.leg} order over the absolute cap",
            order_krw=value_krw,
            order_krw_max=case.limits.order_krw_max,
        )


def books(case: Case) -> Iterator[Refusal]:
    """Both visible books take this size, near enough to the mid and to the signal's reference."""
    for order in case.plan.orders:
        sweep = case.view.book(order.leg).sweep(order.side, order.quantity)
        if sweep.filled_base < order.quantity:
            yield refuse(
                RefusalCode.THIN_BOOK,
                f"the {order.leg} book shows less than the order needs",
                needed_base=order.quantity,
                visible_base=sweep.filled_base,
            )
            continue
        yield from _collar(case, order, sweep)
        yield from _slippage(case, order, sweep.quote / sweep.filled_base)


def _reference(case: Case, leg: Leg) -> Decimal | None:
    signal = case.plan.signal
    return signal.spot_price_krw if leg is Leg.SPOT else signal.hedge_price_usdt


def _collar(case: Case, order: Order, sweep: Sweep) -> Iterator[Refusal]:
    """A reference far from the market is a wrong signal; a level far from it is no market."""
    mid, collar_bps = case.view.book(order.leg).mid, case.limits.collar_bps
    for name, price in (
        ("reference", _reference(case, order.leg)),
        ("last_level", sweep.worst_price),
    ):
        if price is None:
            continue
        away_bps = abs(price - mid) / mid * BPS
        if not away_bps <= collar_bps:
            yield refuse(
                RefusalCode.PRICE_COLLAR,
                f"{name} of the {order.leg} leg is {away_bps:.0f} bps from the mid",
                mid=mid,
                collar_bps=collar_bps,
                **{name: price},
            )


def _slippage(case: Case, order: Order, expected: Decimal) -> Iterator[Refusal]:
    own = case.plan.signal.max_slippage_bps
    limit_bps = case.limits.slippage_bps_max
    asked, mid = _reference(case, order.leg), case.view.book(order.leg).mid
    tighter_bps = limit_bps if own is None else min(own, limit_bps)
    # No book is tighter than one tick: half of it lies between the mid and any taker's price, and
    # all of it where the reference is the last trade. Neither says anything about this order.
    tick = case.view.instrument(order.leg).tick_at(expected)
    if asked is None:
        yield from _worse(order, expected, ("mid", mid, tick / 2), tighter_bps)
        return
    # Against research's own price the signal says how much is too much; against the live mid the
    # limit is ours.
    yield from _worse(order, expected, ("reference", asked, tick), tighter_bps)
    yield from _worse(order, expected, ("mid", mid, tick / 2), limit_bps)


def _worse(
    order: Order, expected: Decimal, against: tuple[str, Decimal, Decimal], allowed_bps: Decimal
) -> Iterator[Refusal]:
    """``against``: a price, what it is, and how much worse than it the tick alone makes a fill."""
    name, base, forced = against
    worse = expected - base if order.side is OrderSide.BUY else base - expected
    worse_bps = max(worse - forced, ZERO) / base * BPS
    if not worse_bps <= allowed_bps:
        yield refuse(
            RefusalCode.SLIPPAGE,
            f"expected {order.leg} price is {worse_bps:.2f} bps worse than the {name},"
            " beyond the tick",
            expected=expected,
            slippage_bps=worse_bps,
            slippage_bps_max=allowed_bps,
            **{name: base},
        )
