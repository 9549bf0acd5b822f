"""Pre-trade checks: a plan goes in, an approved plan or a refusal with its figures comes out.

Only this module makes an ``ApprovedPlan``, and the executor accepts nothing else: no order can go
around the limits. Every check looks at both legs before either order leaves. A figure that is not
known fails closed for an ENTER; an EXIT is never held back by an entry rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.account import AccountView
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import BPS, ONE, plain
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.sizing import PairPlan
from trading_platform_order.risk.limits import RiskLimits

_SEAL = object()


class ApprovedPlan:
    """A plan that passed every check. Made by :func:`check` only, and not to be changed."""

    __slots__ = ("_plan",)

    def __init__(self, plan: PairPlan, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an ApprovedPlan is made by risk_manager.check only")
        self._plan = plan

    @property
    def plan(self) -> PairPlan:
        """What was approved."""
        return self._plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    plan: PairPlan
    view: PairView
    account: AccountView
    limits: RiskLimits


def check(
    plan: PairPlan, *, view: PairView, account: AccountView, limits: RiskLimits
) -> ApprovedPlan | Refusal:
    """Approve or refuse; the first rule that fails names the refusal."""
    case = _Case(plan=plan, view=view, account=account, limits=limits)
    if plan.signal.action is Action.ENTER:
        for rule in _ENTRY_RULES:
            for refusal in rule(case):
                return refusal
    return ApprovedPlan(plan, _SEAL)


Rule = Callable[[_Case], Iterator[Refusal]]


def _refuse(code: RefusalCode, message: str, **figures: object) -> Refusal:
    texts = {k: plain(v) if isinstance(v, Decimal) else str(v) for k, v in figures.items()}
    return Refusal(code=code, message=message, figures=texts)


def _stop(case: _Case) -> Iterator[Refusal]:
    reason = case.account.stopped_reason
    if reason is not None:
        yield _refuse(RefusalCode.STOPPED, f"emergency stop: {reason}", reason=reason)


def _state(case: _Case) -> Iterator[Refusal]:
    symbol = case.plan.signal.symbol
    if case.limits.symbols and symbol not in case.limits.symbols:
        allowed = ", ".join(sorted(case.limits.symbols))
        yield _refuse(
            RefusalCode.SYMBOL_NOT_ALLOWED, f"{symbol} is not one of: {allowed}", symbol=symbol
        )
    if case.account.symbol_halted:
        yield _refuse(RefusalCode.UNRESOLVED_TRADE, f"a halted trade in {symbol} waits for a human")
    if not case.account.streams_up:
        yield _refuse(RefusalCode.STREAM_DOWN, "a private stream is not connected")
    for instrument in (case.view.spot, case.view.hedge):
        if not instrument.is_trading:
            yield _refuse(
                RefusalCode.NOT_TRADING, f"{instrument.venue} does not trade {instrument.symbol}"
            )


def _fresh(case: _Case) -> Iterator[Refusal]:
    view, limits = case.view, case.limits
    ages = (
        ("spot_book_age_s", view.spot_book.at, limits.book_age_s_max),
        ("hedge_book_age_s", view.hedge_book.at, limits.book_age_s_max),
        ("fx_age_s", view.fx.at, limits.fx_age_s_max),
    )
    for name, at, age_max_s in ages:
        age_s = (view.now - at).total_seconds()
        if age_s > age_max_s:
            yield _refuse(
                RefusalCode.STALE_MARKET_DATA,
                f"{name.removesuffix('_s')} {age_s:.1f} s is over {age_max_s} s",
                **{name: round(age_s, 3), f"{name}_max": age_max_s},
            )


def _sizes(case: _Case) -> Iterator[Refusal]:
    for order in case.plan.orders:
        instrument = case.view.instrument(order.leg)
        notional = order.quantity * case.view.book(order.leg).mid
        if notional < instrument.min_notional or order.quantity < instrument.min_quantity:
            yield _refuse(
                RefusalCode.BELOW_MINIMUM,
                f"{order.leg} leg under the minimum of {instrument.venue}",
                quantity_base=order.quantity,
                value_quote=notional,
                min_quote=instrument.min_notional,
            )
        over_quantity = 0 < instrument.max_quantity < order.quantity
        if over_quantity or 0 < instrument.max_notional < notional:
            yield _refuse(
                RefusalCode.ABOVE_MAXIMUM,
                f"{order.leg} leg over the maximum of {instrument.venue}",
                quantity_base=order.quantity,
                max_quantity_base=instrument.max_quantity,
                max_quote=instrument.max_notional,
            )
        value_krw = notional * case.view.krw_per_quote(order.leg)
        if value_krw > case.limits.order_krw_max:
            yield _refuse(
                RefusalCode.ORDER_CAP,
                f"{order.leg} order over the absolute cap",
                order_krw=value_krw,
                order_krw_max=case.limits.order_krw_max,
            )


def _book(case: _Case) -> Iterator[Refusal]:
    for order in case.plan.orders:
        book = case.view.book(order.leg)
        sweep = book.sweep(order.side, order.quantity)
        if sweep.filled_base < order.quantity:
            yield _refuse(
                RefusalCode.THIN_BOOK,
                f"the {order.leg} book shows less than the order needs",
                needed_base=order.quantity,
                visible_base=sweep.filled_base,
            )
            continue
        yield from _slippage(case, order, sweep.quote / sweep.filled_base)


def _slippage(case: _Case, order: Order, expected: Decimal) -> Iterator[Refusal]:
    signal = case.plan.signal
    asked = signal.spot_price_krw if order.leg is Leg.SPOT else signal.hedge_price_usdt
    own = signal.max_slippage_bps
    allowed_bps = case.limits.slippage_bps_max if own is None else own
    reference = case.view.book(order.leg).mid if asked is None else asked
    worse = expected - reference if order.side is OrderSide.BUY else reference - expected
    worse_bps = worse / reference * BPS
    if worse_bps > allowed_bps:
        yield _refuse(
            RefusalCode.SLIPPAGE,
            f"expected {order.leg} price is {worse_bps:.2f} bps worse than the reference",
            expected=expected,
            reference=reference,
            slippage_bps=worse_bps,
            slippage_bps_max=allowed_bps,
        )


def _capital(case: _Case) -> Iterator[Refusal]:
    account, limits, plan = case.account, case.limits, case.plan
    if account.equity_krw is None or account.equity_krw <= 0:
        yield _refuse(RefusalCode.NO_CAPITAL_FIGURE, "total capital is not known or not positive")
        return
    hedge_krw = plan.hedge_value_usdt * case.view.fx.krw_per_usdt
    after_krw = account.pair_value_krw + max(plan.spot_value_krw, hedge_krw)
    allowed_krw = account.equity_krw * limits.position_fraction
    if after_krw > allowed_krw:
        yield _refuse(
            RefusalCode.POSITION_LIMIT,
            "open pairs after the trade would be over their part of capital",
            position_after_krw=after_krw,
            position_max_krw=allowed_krw,
            equity_krw=account.equity_krw,
        )
    loss_limit_krw = account.equity_krw * limits.daily_loss_fraction
    if -account.day_pnl_krw >= loss_limit_krw:
        yield _refuse(
            RefusalCode.DAILY_LOSS,
            "the daily loss limit is reached",
            day_pnl_krw=account.day_pnl_krw,
            loss_max_krw=loss_limit_krw,
        )
    if -account.hour_pnl_krw >= limits.hourly_loss_krw_max:
        yield _refuse(
            RefusalCode.HOURLY_LOSS,
            "the hourly loss cap is reached",
            hour_pnl_krw=account.hour_pnl_krw,
            loss_max_krw=limits.hourly_loss_krw_max,
        )
    turnover_krw = account.day_turnover_krw + plan.spot_value_krw + hedge_krw
    if turnover_krw > limits.daily_turnover_krw_max:
        yield _refuse(
            RefusalCode.DAILY_TURNOVER,
            "the value traded today would be over its cap",
            turnover_after_krw=turnover_krw,
            turnover_max_krw=limits.daily_turnover_krw_max,
        )


def _funds(case: _Case) -> Iterator[Refusal]:
    account, view, plan = case.account, case.view, case.plan
    needed_krw = sum(
        (
            (order.quote_amount or order.quantity * (order.price or view.spot_book.mid))
            * (ONE + view.spot.taker_fee_rate)
            for order in plan.orders
            if order.leg is Leg.SPOT and order.side is OrderSide.BUY
        ),
        Decimal(0),
    )
    if needed_krw > account.krw_available:
        yield _refuse(
            RefusalCode.INSUFFICIENT_KRW,
            "not enough free KRW on Upbit, fee included",
            needed_krw=needed_krw,
            available_krw=account.krw_available,
        )


def _margin(case: _Case) -> Iterator[Refusal]:
    account, limits, plan = case.account, case.limits, case.plan
    fee_usdt = plan.hedge_value_usdt * case.view.hedge.taker_fee_rate
    balance_usdt = account.margin_balance_usdt - fee_usdt
    notional_usdt = account.hedge_notional_usdt + plan.hedge_value_usdt
    if balance_usdt <= 0:
        yield _refuse(
            RefusalCode.INSUFFICIENT_MARGIN,
            "no margin balance on Binance",
            margin_balance_usdt=account.margin_balance_usdt,
            fee_usdt=fee_usdt,
        )
        return
    leverage = notional_usdt / balance_usdt
    if leverage > limits.leverage_max:
        yield _refuse(
            RefusalCode.LEVERAGE_LIMIT,
            "hedge notional over margin balance would be too high",
            leverage_after=leverage.quantize(Decimal("0.001")),
            leverage_max=limits.leverage_max,
            notional_after_usdt=notional_usdt,
            margin_balance_usdt=balance_usdt,
        )
    # The exchange's figure may be older than the newest short; our own estimate never is.
    held_usdt = max(account.maintenance_usdt, account.hedge_notional_usdt * limits.maintenance_rate)
    maintenance_usdt = held_usdt + plan.hedge_value_usdt * limits.maintenance_rate
    ratio = maintenance_usdt / balance_usdt
    if ratio > limits.margin_ratio_max:
        yield _refuse(
            RefusalCode.MARGIN_RATIO,
            "maintenance margin over margin balance would be too high",
            margin_ratio_after=ratio.quantize(Decimal("0.0001")),
            margin_ratio_max=limits.margin_ratio_max,
        )


_ENTRY_RULES: tuple[Rule, ...] = (_stop, _state, _fresh, _sizes, _book, _capital, _funds, _margin)
