"""From a signal to the first orders of both legs.

The hedge trades on a coarse step, so it leads: the base quantity Q is chosen on Binance's step
and the spot leg buys the same Q. Upbit's market buy takes KRW: the amount is read from the asks::

    Q          = floor(wish / step) * step              (wish: base units the signal asks for)
    amount_krw = floor(sum over asks of price * taken)  (taken adds up to Q)

Rounding is towards less exposure. What the moving book leaves between the legs is trued up, or is
dust, by ``next_step``.
"""

from collections.abc import Mapping
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import BPS, ZERO, floor_to_step, plain
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import (
    client_order_id,
    order_uuid,
    trade_key,
)
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.closing import (
    ALL_OPEN,
    CLOSING_SIDE,
    Gate,
    Pressure,
    Waits,
    parts_to_close,
)
from trading_platform_order.domain.trade.orders.tradable import (
    spot_buy_amount_krw,
    tradable_quantity,
)
from trading_platform_order.domain.trade.trade_events import (
    DecisionPrices,
    ExecutionStyle,
    Holding,
    TradePolicy,
)
from trading_platform_order.domain.value import value


@value
class SizingRules:
    """How big an entry is when the signal does not say, and how limit orders are priced.

    Attributes:
        default_capital_fraction: part of total capital on the spot leg.
        default_krw_max: the default size is never above this; a size that a signal names is not
            made smaller but refused when it is over a cap.
        collar_bps: how far beyond the mid a ``limit_ioc`` order may reach.
        add_to_open: whether a second ENTER adds to an open pair.
    """

    default_capital_fraction: Decimal
    default_krw_max: Decimal
    collar_bps: Decimal
    add_to_open: bool = False


@value
class PairPlan:
    """What would be sent, not yet checked against any limit.

    Attributes:
        quantity: base units the hedge leg trades.
        spot_value_krw: expected value of the spot order.
        hedge_value_usdt: expected value of the hedge order.
    """

    trade_id: str
    signal: Signal
    start: Holding
    target: Holding
    decision: DecisionPrices
    policy: TradePolicy
    orders: tuple[Order, ...]
    quantity: Decimal
    spot_value_krw: Decimal
    hedge_value_usdt: Decimal


def plan_pair(
    signal: Signal,
    *,
    view: PairView,
    holding: Holding,
    equity_krw: Decimal | None,
    rules: SizingRules,
    policy: TradePolicy,
    unhedged_only: bool = False,
    gate: Gate = ALL_OPEN,
    walked_s: float = 0.0,
) -> PairPlan | Refusal | Waits:
    """The plan for a signal, why there can be none, or what a close has to wait for.

    Args:
        signal: what is asked.
        view: the market.
        holding: what the strategy holds.
        equity_krw: total capital, if it is known.
        rules: sizes.
        policy: limits of the trade.
        unhedged_only: an EXIT closes only what has no counterpart; the hedged part stays.
        gate: how the exchanges take orders; only a close looks at it.
        walked_s: for how long a close has waited for nothing but depth.
    """
    if signal.action is Action.ENTER:
        target = _enter_target(signal, view, holding, equity_krw, rules)
    elif unhedged_only and _is_open(view, holding):
        target = _even(view, holding)
    elif signal.leg is not None:
        target = _single_leg_target(signal.leg, signal, view, holding)
    else:
        target = _exit_target(signal, view, holding, equity_krw)
    if isinstance(target, Refusal):
        return target
    key = trade_key(strategy=signal.strategy, signal_id=signal.id, symbol=signal.symbol)
    build = _Builder(key=key, signal=signal, view=view, rules=rules, policy=policy)
    changes = {Leg.SPOT: target.spot - holding.spot, Leg.HEDGE: holding.short - target.short}
    if signal.action is Action.EXIT:
        parts = _first_parts(changes, view, gate, policy, walked_s)
        if isinstance(parts, Waits):
            return parts
        changes = parts
    spot = build.order(Leg.SPOT, changes[Leg.SPOT])
    hedge = build.order(Leg.HEDGE, changes[Leg.HEDGE])
    orders = tuple(order for order in (spot, hedge) if order is not None)
    fault = _missing_leg(signal, orders, holding, target)
    if fault is not None:
        return fault
    spot_quantity = spot.quantity if spot else ZERO
    hedge_quantity = hedge.quantity if hedge else ZERO
    return PairPlan(
        trade_id=key,
        signal=signal,
        start=holding,
        target=target,
        decision=DecisionPrices(
            spot_mid_krw=view.spot_book.mid,
            hedge_mid_usdt=view.hedge_book.mid,
            krw_per_usdt=view.fx.krw_per_usdt,
            fx_source=view.fx.source,
            at=view.now,
            spot_age_ms=round(view.ages.spot_s * 1_000),
            hedge_age_ms=round(view.ages.hedge_s * 1_000),
        ),
        policy=policy,
        orders=orders,
        quantity=hedge_quantity,
        spot_value_krw=spot_quantity * view.spot_book.mid,
        hedge_value_usdt=hedge_quantity * view.hedge_book.mid,
    )


def part_of_exit(signal: Signal, bid_krw: Decimal, equity_krw: Decimal | None) -> Decimal | None:
    """The part an EXIT asks for, base units; ``None`` for all, or while no price can tell."""
    if signal.quantity_base is not None or bid_krw <= 0:
        return signal.quantity_base
    if signal.notional_krw is not None:
        return signal.notional_krw / bid_krw
    if signal.capital_fraction is None or equity_krw is None:
        return None
    return equity_krw * signal.capital_fraction / bid_krw


def _first_parts(
    changes: Mapping[Leg, Decimal],
    view: PairView,
    gate: Gate,
    policy: TradePolicy,
    walked_s: float,
) -> dict[Leg, Decimal] | Waits:
    """The first orders of a close, as changes: spot sold counts negative, short bought positive."""
    rest = {
        Leg.SPOT: max(-changes[Leg.SPOT], ZERO),
        Leg.HEDGE: max(changes[Leg.HEDGE], ZERO),
    }
    pressure = Pressure(
        walk_bps=policy.exit_walk_bps,
        walked_s=min(walked_s, gate.steady_s),
        widens=policy.walk_widens,
        ahead=policy.ahead,
    )
    parts = parts_to_close(rest, view, gate, pressure)
    if isinstance(parts, Waits):
        return parts
    return {Leg.SPOT: -parts[Leg.SPOT], Leg.HEDGE: parts[Leg.HEDGE]}


def _wished_base(
    signal: Signal, view: PairView, equity_krw: Decimal | None, rules: SizingRules | None
) -> Decimal | Refusal | None:
    """Base units the signal asks for; ``None`` if it names no size and there is no default."""
    ask = view.spot_book.asks[0].price
    if signal.quantity_base is not None:
        return signal.quantity_base
    if signal.notional_krw is not None:
        return signal.notional_krw / ask
    if signal.capital_fraction is None and rules is None:
        return None
    if equity_krw is None:
        return Refusal(
            code=RefusalCode.NO_CAPITAL_FIGURE,
            message="total capital is not known; send notional_krw or quantity_base, or wait",
        )
    if signal.capital_fraction is not None or rules is None:
        return equity_krw * (signal.capital_fraction or ZERO) / ask
    return min(equity_krw * rules.default_capital_fraction, rules.default_krw_max) / ask


def _enter_target(
    signal: Signal,
    view: PairView,
    holding: Holding,
    equity_krw: Decimal | None,
    rules: SizingRules,
) -> Holding | Refusal:
    is_open = _is_open(view, holding)
    if is_open and not rules.add_to_open:
        return Refusal(
            code=RefusalCode.ALREADY_OPEN,
            message=f"{signal.strategy} already holds {signal.symbol}",
            figures={"spot_base": plain(holding.spot), "short_base": plain(holding.short)},
        )
    wish = _wished_base(signal, view, equity_krw, rules)
    if isinstance(wish, Refusal):
        return wish
    quantity = floor_to_step(wish or ZERO, view.hedge.quantity_step)
    if quantity <= 0:
        return Refusal(
            code=RefusalCode.BELOW_MINIMUM,
            message="the size is below one step of the hedge",
            figures={
                "wish_base": plain(wish or ZERO),
                "step_base": plain(view.hedge.quantity_step),
            },
        )
    short = holding.short + quantity
    return Holding(spot=short, short=short)


def _exit_target(
    signal: Signal, view: PairView, holding: Holding, equity_krw: Decimal | None
) -> Holding | Refusal:
    if not _is_open(view, holding):
        return Refusal(
            code=RefusalCode.NOTHING_OPEN,
            message=f"{signal.strategy} holds nothing tradable in {signal.symbol}",
            figures={"spot_base": plain(holding.spot), "short_base": plain(holding.short)},
        )
    wish = _wished_base(signal, view, equity_krw, None)
    if isinstance(wish, Refusal):
        return wish
    if wish is None:
        return Holding()
    part = floor_to_step(wish, view.hedge.quantity_step)
    if part >= holding.short:
        return Holding()
    if part <= 0:
        return Refusal(
            code=RefusalCode.BELOW_MINIMUM,
            message="the part to close is below one step of the hedge",
            figures={"wish_base": plain(wish), "step_base": plain(view.hedge.quantity_step)},
        )
    return Holding(spot=max(holding.spot - part, ZERO), short=holding.short - part)


def _single_leg_target(
    leg: Leg, signal: Signal, view: PairView, holding: Holding
) -> Holding | Refusal:
    """Less of one leg and the other one as it is."""
    wish = _wished_base(signal, view, None, None)
    if isinstance(wish, Refusal):
        return wish
    held = max(holding.spot if leg is Leg.SPOT else holding.short, ZERO)
    wished = held if wish is None else min(wish, held)
    part = tradable_quantity(view, leg, CLOSING_SIDE[leg], wished, cap=False)
    if part <= 0:
        return Refusal(
            code=RefusalCode.BELOW_MINIMUM,
            message=f"{signal.strategy} holds too little of {signal.symbol} on {leg} to close",
            figures={"held_base": plain(held), "wish_base": plain(wished)},
        )
    if leg is Leg.SPOT:
        return Holding(spot=holding.spot - part, short=holding.short)
    return Holding(spot=holding.spot, short=holding.short - part)


def _even(view: PairView, holding: Holding) -> Holding:
    """The largest pair that both legs still cover, on the hedge's step."""
    both = max(min(holding.spot, holding.short), ZERO)
    even = floor_to_step(both, view.hedge.quantity_step)
    return Holding(spot=even, short=even)


def _is_open(view: PairView, holding: Holding) -> bool:
    if not (holding.spot or holding.short):
        return False
    spot = tradable_quantity(view, Leg.SPOT, OrderSide.SELL, holding.spot)
    short = tradable_quantity(view, Leg.HEDGE, OrderSide.BUY, holding.short)
    return spot > 0 or short > 0


def _missing_leg(
    signal: Signal, orders: tuple[Order, ...], start: Holding, target: Holding
) -> Refusal | None:
    """An ENTER needs both legs tradable; an EXIT closes whatever can be closed."""
    legs = {order.leg for order in orders}
    if (signal.action is Action.EXIT and legs) or len(legs) == len(Leg):
        return None
    missing = ", ".join(sorted(leg for leg in Leg if leg not in legs))
    return Refusal(
        code=RefusalCode.BELOW_MINIMUM,
        message=f"under the exchange's minimum: {missing}",
        figures={
            "spot_base": plain(abs(target.spot - start.spot)),
            "short_base": plain(abs(target.short - start.short)),
        },
    )


@value
class _Builder:
    key: str
    signal: Signal
    view: PairView
    rules: SizingRules
    policy: TradePolicy

    @property
    def opens(self) -> bool:
        return self.signal.action is Action.ENTER

    def order(self, leg: Leg, change: Decimal) -> Order | None:
        """The first order of a leg; ``change`` > 0 buys. ``None`` if the exchange won't take it."""
        side = OrderSide.BUY if change > 0 else OrderSide.SELL
        quantity = tradable_quantity(self.view, leg, side, abs(change), cap=not self.opens)
        if quantity <= 0:
            return None
        purpose = Purpose.OPEN if self.opens else Purpose.CLOSE
        name = client_order_id(
            mode=self.policy.mode, key=self.key, leg=leg, purpose=purpose, attempt=1
        )
        is_limit = self.policy.style is ExecutionStyle.LIMIT_IOC
        is_market_buy = leg is Leg.SPOT and side is OrderSide.BUY and not is_limit
        return Order(
            id=order_uuid(name),
            client_order_id=name,
            exchange=self.view.instrument(leg).venue,
            symbol=leg_symbol(leg, self.signal.symbol),
            side=side,
            type=OrderType.LIMIT if is_limit else OrderType.MARKET,
            quantity=quantity,
            price=self._collar(leg, side) if is_limit else None,
            quote_amount=spot_buy_amount_krw(self.view, quantity) if is_market_buy else None,
            time_in_force=TimeInForce.IOC if is_limit else None,
            reduce_only=leg is Leg.HEDGE and not self.opens,
            leg=leg,
            purpose=purpose,
            attempt=1,
            signal_id=self.signal.id,
            created_at=self.view.now,
        )

    def _collar(self, leg: Leg, side: OrderSide) -> Decimal:
        """The worst price a limit order may take: the mid and the collar, on the tick.

        Where ticks are coarse it still reaches the best price of a book that is one tick wide.
        """
        mid, instrument = self.view.book(leg).mid, self.view.instrument(leg)
        away = max(mid * self.rules.collar_bps / BPS, instrument.tick_at(mid) / 2)
        if side is OrderSide.BUY:
            return instrument.floor_price(mid + away)
        return instrument.ceil_price(mid - away)
