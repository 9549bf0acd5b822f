"""Entry rules on states: the stop, the allow-list, streams, exchanges, and how often we act."""

from collections.abc import Iterator

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def not_stopped(case: Case) -> Iterator[Refusal]:
    """The emergency stop is not latched."""
    reason = case.account.stopped_reason
    if reason is not None:
        yield refuse(RefusalCode.STOPPED, f"emergency stop: {reason}", reason=reason)


def allowed(case: Case) -> Iterator[Refusal]:
    """The symbol is on the allow-list, and no trade of it waits for an operator."""
    symbol = case.plan.signal.symbol
    if case.limits.symbols and symbol not in case.limits.symbols:
        listed = ", ".join(sorted(case.limits.symbols))
        yield refuse(
            RefusalCode.SYMBOL_NOT_ALLOWED, f"{symbol} is not one of: {listed}", symbol=symbol
        )
    if case.account.symbol_halted:
        yield refuse(
            RefusalCode.UNRESOLVED_TRADE, f"a halted trade in {symbol} waits for an operator"
        )


def not_hindered(case: Case) -> Iterator[Refusal]:
    """No monitor found a reason to begin nothing here now."""
    yield from case.account.entry_blocks


def exchanges_ready(case: Case) -> Iterator[Refusal]:
    """Fills can be heard, both exchanges answer, have room for our requests, trade the symbol."""
    account, limits = case.account, case.limits
    if not account.streams_up:
        yield refuse(RefusalCode.STREAM_DOWN, "a private stream is not connected")
    if account.api_errors >= limits.api_errors_max:
        yield refuse(
            RefusalCode.EXCHANGE_FAILING,
            f"{account.api_errors} private calls of an exchange failed in a row",
            api_errors=account.api_errors,
            api_errors_max=limits.api_errors_max,
        )
    if not (0 < account.rate_room <= 1 and account.rate_room >= limits.rate_room_min):
        yield refuse(
            RefusalCode.RATE_BUDGET,
            f"only {account.rate_room:.0%} of an exchange's request budget is free",
            rate_room=round(account.rate_room, 3),
            rate_room_min=limits.rate_room_min,
        )
    for instrument in (case.view.spot, case.view.hedge):
        yield from _market(case, instrument)


def _market(case: Case, instrument: Instrument) -> Iterator[Refusal]:
    if not instrument.is_trading:
        yield refuse(
            RefusalCode.NOT_TRADING, f"{instrument.venue} does not trade {instrument.symbol}"
        )
    alerts = [name for name in instrument.cautions if name not in case.limits.cautions_allowed]
    warning = "; ".join(filter(None, (instrument.warning, *alerts)))
    if warning:
        yield refuse(
            RefusalCode.MARKET_WARNING,
            f"{instrument.venue} warns of {instrument.symbol}: {warning}",
            warning=warning,
        )


def not_too_often(case: Case) -> Iterator[Refusal]:
    """A sender that has gone wild is stopped by its own pace."""
    account, limits = case.account, case.limits
    if account.minute_entries >= limits.entries_per_minute_max:
        yield refuse(
            RefusalCode.ENTRY_RATE,
            "too many entries within a minute",
            minute_entries=account.minute_entries,
            entries_per_minute_max=limits.entries_per_minute_max,
        )
    if account.same_recently >= limits.repeat_max:
        yield refuse(
            RefusalCode.REPEATED,
            "the same entry was executed too often",
            same_recently=account.same_recently,
            repeat_max=limits.repeat_max,
            repeat_window_s=limits.repeat_window_s,
        )
