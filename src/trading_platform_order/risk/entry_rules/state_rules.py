"""Entry rules on states: the stop, the allow-list, streams, exchanges, and how often we act."""

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def not_stopped(case: Case) -> Refusal | None:
    """The emergency stop is not latched."""
    reason = case.account.stopped_reason
    if reason is not None:
        return refuse(RefusalCode.STOPPED, f"emergency stop: {reason}", reason=reason)
    return None


def allowed(case: Case) -> Refusal | None:
    """The symbol is on the allow-list, and no trade of it waits for an operator."""
    symbol = case.plan.signal.symbol
    if case.limits.symbols and symbol not in case.limits.symbols:
        listed = ", ".join(sorted(case.limits.symbols))
        return refuse(
            RefusalCode.SYMBOL_NOT_ALLOWED, f"{symbol} is not one of: {listed}", symbol=symbol
        )
    if case.account.symbol_halted:
        return refuse(
            RefusalCode.UNRESOLVED_TRADE, f"a halted trade in {symbol} waits for an operator"
        )
    return None


def not_hindered(case: Case) -> Refusal | None:
    """No monitor found a reason to begin nothing here now."""
    return next(iter(case.account.entry_blocks), None)


def exchanges_ready(case: Case) -> Refusal | None:
    """Fills can be heard, both exchanges answer, have room for our requests, trade the symbol."""
    account, limits = case.account, case.limits
    if not account.streams_up:
        return refuse(RefusalCode.STREAM_DOWN, "a private stream is not connected")
    if account.api_errors >= limits.api_errors_max:
        return refuse(
            RefusalCode.EXCHANGE_FAILING,
            f"{account.api_errors} private calls of an exchange failed in a row",
            api_errors=account.api_errors,
            api_errors_max=limits.api_errors_max,
        )
    if not (0 < account.rate_room <= 1 and account.rate_room >= limits.rate_room_min):
        return refuse(
            RefusalCode.RATE_BUDGET,
            f"only {account.rate_room:.0%} of an exchange's request budget is free",
            rate_room=round(account.rate_room, 3),
            rate_room_min=limits.rate_room_min,
        )
    return _market(case, case.view.spot) or _market(case, case.view.hedge)


def _market(case: Case, instrument: Instrument) -> Refusal | None:
    if not instrument.is_trading:
        return refuse(
            RefusalCode.NOT_TRADING, f"{instrument.venue} does not trade {instrument.symbol}"
        )
    alerts = [name for name in instrument.cautions if name not in case.limits.cautions_allowed]
    warning = "; ".join(filter(None, (instrument.warning, *alerts)))
    if warning:
        return refuse(
            RefusalCode.MARKET_WARNING,
            f"{instrument.venue} warns of {instrument.symbol}: {warning}",
            warning=warning,
        )
    return None


def not_too_often(case: Case) -> Refusal | None:
    """A sender that has gone wild is stopped by its own pace."""
    account, limits = case.account, case.limits
    if account.minute_entries >= limits.entries_per_minute_max:
        return refuse(
            RefusalCode.ENTRY_RATE,
            "too many entries within a minute",
            minute_entries=account.minute_entries,
            entries_per_minute_max=limits.entries_per_minute_max,
        )
    if account.same_recently >= limits.repeat_max:
        return refuse(
            RefusalCode.REPEATED,
            "the same entry was executed too often",
            same_recently=account.same_recently,
            repeat_max=limits.repeat_max,
            repeat_window_s=limits.repeat_window_s,
        )
    return None
