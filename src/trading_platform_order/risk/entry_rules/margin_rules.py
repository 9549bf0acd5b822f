"""Entry rules on free money and margin, on both exchanges, fees included, after the trade."""

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal

from trading_platform_order.domain.money import ONE
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse
from trading_platform_order.risk.monitors.margin import runway_shortfall_usdt

CENT = Decimal("0.01")


def funds(case: Case) -> Iterator[Refusal]:
    """Upbit has the KRW of the spot order and its fee free."""
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
        yield refuse(
            RefusalCode.INSUFFICIENT_KRW,
            "not enough free KRW on Upbit, fee included",
            needed_krw=needed_krw,
            available_krw=account.krw_available,
        )


def margin(case: Case) -> Iterator[Refusal]:
    """Binance has margin for the short, its fee, and for a rise of the coin."""
    account, plan = case.account, case.plan
    fee_usdt = plan.hedge_value_usdt * case.view.hedge.taker_fee_rate
    balance_usdt = account.margin_balance_usdt - fee_usdt
    if balance_usdt <= 0:
        yield refuse(
            RefusalCode.INSUFFICIENT_MARGIN,
            "no margin balance on Binance",
            margin_balance_usdt=account.margin_balance_usdt,
            fee_usdt=fee_usdt,
        )
        return
    yield from _leverage(case, balance_usdt)
    yield from _ratio(case, balance_usdt)
    yield from _runway(case, balance_usdt)
    yield from _free(case, fee_usdt)


def _notional_usdt(case: Case) -> Decimal:
    return case.account.hedge_notional_usdt + case.plan.hedge_value_usdt


def _leverage(case: Case, balance_usdt: Decimal) -> Iterator[Refusal]:
    notional_usdt = _notional_usdt(case)
    leverage = notional_usdt / balance_usdt
    if leverage > case.limits.leverage_max:
        yield refuse(
            RefusalCode.LEVERAGE_LIMIT,
            "hedge notional over margin balance would be too high",
            leverage_after=leverage.quantize(Decimal("0.001")),
            leverage_max=case.limits.leverage_max,
            notional_after_usdt=notional_usdt,
            margin_balance_usdt=balance_usdt,
        )


def _ratio(case: Case, balance_usdt: Decimal) -> Iterator[Refusal]:
    account, limits = case.account, case.limits
    # The exchange's figure may be older than the newest short; our own estimate never is.
    held_usdt = max(account.maintenance_usdt, account.hedge_notional_usdt * limits.maintenance_rate)
    maintenance_usdt = held_usdt + case.plan.hedge_value_usdt * limits.maintenance_rate
    ratio = maintenance_usdt / balance_usdt
    if ratio > limits.margin_ratio_max:
        yield refuse(
            RefusalCode.MARGIN_RATIO,
            "maintenance margin over margin balance would be too high",
            margin_ratio_after=ratio.quantize(Decimal("0.0001")),
            margin_ratio_max=limits.margin_ratio_max,
        )


def _runway(case: Case, balance_usdt: Decimal) -> Iterator[Refusal]:
    limits = case.limits
    rise = max(limits.runway_fraction, case.account.runway_fraction_min)
    notional_usdt = _notional_usdt(case)
    missing_usdt = runway_shortfall_usdt(
        balance_usdt=balance_usdt,
        notional_usdt=notional_usdt,
        maintenance_rate=limits.maintenance_rate,
        rise=rise,
    )
    if missing_usdt > 0:
        move_usdt = missing_usdt.quantize(CENT, rounding=ROUND_UP)
        yield refuse(
            RefusalCode.MARGIN_RUNWAY,
            f"a rise of {rise:%} would not be survived; "
            f"move {move_usdt} USDT to Binance futures first",
            usdt_to_move=move_usdt,
            runway_fraction=rise,
            notional_after_usdt=notional_usdt,
            margin_balance_usdt=balance_usdt,
        )


def _free(case: Case, fee_usdt: Decimal) -> Iterator[Refusal]:
    """Initial margin and fee, against our own count and what Binance told, if it is young."""
    account, leverage = case.account, case.limits.hedge_leverage
    needed_usdt = case.plan.hedge_value_usdt / leverage + fee_usdt
    free_usdt = account.margin_balance_usdt - account.hedge_notional_usdt / leverage
    if account.margin_available_usdt is not None:
        free_usdt = min(free_usdt, account.margin_available_usdt)
    if needed_usdt > free_usdt:
        yield refuse(
            RefusalCode.INSUFFICIENT_MARGIN,
            "not enough free margin on Binance, fee included",
            needed_usdt=needed_usdt,
            available_usdt=free_usdt,
        )
