"""Entry rules on capital: position, losses, turnover and dust, all after the trade."""

from collections.abc import Iterator
from decimal import Decimal

from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def capital(case: Case) -> Iterator[Refusal]:
    """Nothing is measured against a capital that is not known."""
    equity_krw = case.account.equity_krw
    if equity_krw is None or equity_krw <= 0:
        yield refuse(RefusalCode.NO_CAPITAL_FIGURE, "total capital is not known or not positive")
        return
    yield from _positions(case, equity_krw)
    yield from _losses(case, equity_krw)
    yield from _turnover(case)
    yield from _dust(case)


def _positions(case: Case, equity_krw: Decimal) -> Iterator[Refusal]:
    account, limits, added_krw = case.account, case.limits, case.pair_value_krw
    after_krw = account.pair_value_krw + added_krw
    allowed_krw = equity_krw * limits.position_fraction
    if after_krw > allowed_krw:
        yield refuse(
            RefusalCode.POSITION_LIMIT,
            "open pairs after the trade would be over their part of capital",
            position_after_krw=after_krw,
            position_max_krw=allowed_krw,
            equity_krw=equity_krw,
        )
    symbol_krw = account.symbol_value_krw + added_krw
    symbol_max_krw = equity_krw * limits.symbol_fraction
    if symbol_krw > symbol_max_krw:
        yield refuse(
            RefusalCode.SYMBOL_LIMIT,
            "pairs of this symbol after the trade would be over their part of capital",
            symbol_after_krw=symbol_krw,
            symbol_max_krw=symbol_max_krw,
            equity_krw=equity_krw,
        )


def _losses(case: Case, equity_krw: Decimal) -> Iterator[Refusal]:
    account, limits = case.account, case.limits
    loss_limit_krw = equity_krw * limits.daily_loss_fraction
    if -account.day_pnl_krw >= loss_limit_krw:
        yield refuse(
            RefusalCode.DAILY_LOSS,
            "the daily loss limit is reached",
            day_pnl_krw=account.day_pnl_krw,
            loss_max_krw=loss_limit_krw,
        )
    if -account.hour_pnl_krw >= limits.hourly_loss_krw_max:
        yield refuse(
            RefusalCode.HOURLY_LOSS,
            "the hourly loss cap is reached",
            hour_pnl_krw=account.hour_pnl_krw,
            loss_max_krw=limits.hourly_loss_krw_max,
        )


def _turnover(case: Case) -> Iterator[Refusal]:
    added_krw = case.plan.spot_value_krw + case.hedge_value_krw
    turnover_krw = case.account.day_turnover_krw + added_krw
    if turnover_krw > case.limits.daily_turnover_krw_max:
        yield refuse(
            RefusalCode.DAILY_TURNOVER,
            "the value traded today would be over its cap",
            turnover_after_krw=turnover_krw,
            turnover_max_krw=case.limits.daily_turnover_krw_max,
        )


def _dust(case: Case) -> Iterator[Refusal]:
    dust_krw = case.account.symbol_dust_krw
    if dust_krw > case.limits.dust_krw_max:
        yield refuse(
            RefusalCode.DUST_LIMIT,
            "too much of this symbol lies unmatched already",
            dust_krw=dust_krw,
            dust_krw_max=case.limits.dust_krw_max,
        )
