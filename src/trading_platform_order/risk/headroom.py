"""How far each limit of an entry is from being reached, for whoever watches. Pure; refuses nothing.

One minus what is used of a limit: 1 when nothing is, 0 when it is reached, below 0 when passed. The
figures are those that the entry rules judge, before a trade and without it.
"""

from collections.abc import Mapping
from decimal import Decimal

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.risk.limits import RiskLimits

Headroom = Mapping[RefusalCode, Decimal]


def of_account(account: AccountView, limits: RiskLimits) -> Headroom:
    """By the code with which an entry beyond it is refused; what is not known is left out."""
    entries = Decimal(account.minute_entries)
    off_s = Decimal(str(abs(account.clock_off_s)))
    found = {
        RefusalCode.HOURLY_LOSS: _left(-account.hour_pnl_krw, limits.hourly_loss_krw_max),
        RefusalCode.DAILY_TURNOVER: _left(account.day_turnover_krw, limits.daily_turnover_krw_max),
        RefusalCode.ENTRY_RATE: _left(entries, Decimal(limits.entries_per_minute_max)),
        RefusalCode.EXCHANGE_FAILING: _left(
            Decimal(account.api_errors), Decimal(limits.api_errors_max)
        ),
        RefusalCode.CLOCK: _left(off_s, Decimal(str(limits.clock_off_s_max))),
    }
    equity_krw = account.equity_krw
    if equity_krw is not None:
        found |= {
            RefusalCode.DAILY_LOSS: _left(
                -account.day_pnl_krw, equity_krw * limits.daily_loss_fraction
            ),
            RefusalCode.POSITION_LIMIT: _left(
                account.pair_value_krw, equity_krw * limits.position_fraction
            ),
        }
    balance_usdt, notional_usdt = account.margin_balance_usdt, account.hedge_notional_usdt
    maintenance_usdt = max(account.maintenance_usdt, notional_usdt * limits.maintenance_rate)
    return found | {
        RefusalCode.LEVERAGE_LIMIT: _left(notional_usdt, balance_usdt * limits.leverage_max),
        RefusalCode.MARGIN_RATIO: _left(maintenance_usdt, balance_usdt * limits.margin_ratio_max),
    }


def of_symbol(account: AccountView, limits: RiskLimits) -> Headroom:
    """The same of the limits that each symbol has for itself."""
    found = {RefusalCode.DUST_LIMIT: _left(account.symbol_dust_krw, limits.dust_krw_max)}
    if account.equity_krw is not None:
        allowed_krw = account.equity_krw * limits.symbol_fraction
        found[RefusalCode.SYMBOL_LIMIT] = _left(account.symbol_value_krw, allowed_krw)
    return found


def _left(used: Decimal, limit: Decimal) -> Decimal:
    """A gain uses nothing; where nothing is allowed, nothing is left."""
    if limit <= 0:
        return ZERO
    return ONE - max(used, ZERO) / limit
