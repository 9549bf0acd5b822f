"""The lines of the account, and of alerts. Pure; nothing is judged."""

from datetime import datetime

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed
from trading_platform_order.domain.protection.protective_stop import (
    StopCancelSent,
    StopMoved,
    StopPlanned,
    TrailingAsked,
)
from trading_platform_order.observability.lines import Level, Line, Value, shown

TOLD_BY_EVENTS = {AlertKind.ENTRY, AlertKind.EXIT, AlertKind.REFUSAL, AlertKind.ENGINE_STARTED}
"""The journal's own events tell more of them: they are no lines of their own."""

_ENDS = {
    AlertKind.RESUMED,
    AlertKind.EXCHANGE_OPEN,
    AlertKind.SYMBOL_READY,
    AlertKind.WATCHDOG_BACK,
    AlertKind.CLOCK_RIGHT,
    AlertKind.ENGINE_STOPPED,
    AlertKind.DAILY_REPORT,
}
"""Alerts that all is well again, or that ask for nothing."""


def line_of_account(event: ae.AccountEvent) -> Line:
    """The line of an event of the account."""
    level, words, fields = _row(event)
    return Line(level=level, event=words, at=event.at, fields=fields)


def line_of_alert(alert: Alert, at: datetime) -> Line | None:
    """The line of an alert; ``None`` if events tell it."""
    if alert.kind in TOLD_BY_EVENTS:
        return None
    level = Level.ERROR if alert.urgent else Level.WARNING
    if alert.kind in _ENDS:
        level = Level.INFO
    fields: dict[str, Value] = {"alert": alert.kind}
    for name, text in alert.fields.items():
        fields["signal" if name == "signal_id" else name] = text
    return Line(level=level, event=alert.kind.replace("_", " "), at=at, fields=fields)


def _row(event: ae.AccountEvent) -> tuple[Level, str, dict[str, Value]]:  # noqa: C901, PLR0911, PLR0912 - one row an event
    match event:
        case ae.SignalClaimed():
            signal = event.signal
            figures = shown(
                signal=signal.id,
                strategy=signal.strategy,
                action=signal.action,
                symbol=signal.symbol,
                part_base=event.part_base,
            )
            return Level.INFO, "signal claimed, it waits", figures
        case ae.SignalRefused():
            figures = shown(
                signal=event.signal_id,
                strategy=event.strategy,
                action=event.action,
                symbol=event.symbol,
                code=event.code,
                message=event.message,
            )
            return Level.WARNING, "signal refused", figures | dict(event.figures)
        case ae.AccountOpened():
            figures = shown(krw=event.krw, usdt=event.usdt, krw_per_usdt=event.krw_per_usdt)
            return Level.INFO, "account opened", figures
        case ae.ForeignMovement():
            figures = shown(
                exchange=event.exchange,
                asset=event.asset,
                amount=event.amount,
                reason=event.reason,
            )
            return Level.WARNING, "foreign movement", figures
        case ae.FundingBooked():
            figures = shown(symbol=event.symbol, amount_usdt=event.amount_usdt)
            return Level.INFO, "funding booked", figures
        case ae.FxMarked():
            figures = shown(krw_per_usdt=event.krw_per_usdt, source=event.source)
            return Level.DEBUG, "rate marked", figures
        case ae.EquityRecorded():
            figures = shown(
                equity_krw=round(event.equity_krw), trading_pnl_krw=round(event.trading_pnl_krw)
            )
            return Level.DEBUG, "equity recorded", figures
        case ae.PositionChanged():
            figures = shown(
                strategy=event.strategy,
                symbol=event.symbol,
                spot_base=event.spot_base,
                short_base=event.short_base,
            )
            return Level.INFO, "position", figures
        case ae.EngineStarted():
            figures = shown(
                build=event.build,
                mode=event.mode,
                market=event.market,
                clean=event.clean,
                rows_may_be_lost=event.rows_may_be_lost,
            )
            return Level.INFO, "engine started", figures
        case ae.EmergencyStopSet():
            return Level.ERROR, "emergency stop set", shown(reason=event.reason)
        case ae.EmergencyStopLifted():
            return Level.WARNING, "emergency stop lifted", shown(reason=event.reason)
        case ae.OrphanOrderFound():
            figures = shown(
                order=event.client_order_id,
                exchange=event.exchange,
                side=event.side,
                executed_base=event.executed_quantity,
                reason=event.reason,
            )
            return Level.ERROR, "order not in the journal", figures
        case _:
            return _guard(event)


def _guard(event: ae.AccountEvent) -> tuple[Level, str, dict[str, Value]]:  # noqa: PLR0911 - one row an event
    match event:
        case HedgeClosed():
            figures = shown(symbol=event.base, cause=event.cause, event_id=event.event_id)
            return Level.ERROR, "hedge closed from outside", figures
        case CoinsGone():
            figures = shown(symbol=event.base, event_id=event.event_id)
            return Level.ERROR, "coins gone", figures
        case StopPlanned():
            stop = event.stop
            figures = shown(
                order=stop.client_order_id,
                symbol=stop.base,
                kind=stop.kind,
                quantity_base=stop.quantity,
                trigger_price_usdt=stop.trigger_price_usdt,
                callback_bps=stop.callback_bps,
                reason=event.reason,
            )
            return Level.INFO, "protective stop planned", figures
        case StopCancelSent():
            figures = shown(order=event.client_order_id, reason=event.reason)
            return Level.INFO, "protective stop cancel sent", figures
        case StopMoved():
            figures = shown(order=event.client_order_id, state=event.state, reason=event.reason)
            return Level.INFO, "protective stop", figures
        case TrailingAsked():
            figures = shown(symbol=event.base, callback_bps=event.callback_bps, reason=event.reason)
            return Level.INFO, "trailing stop asked for", figures
        case _:
            return Level.DEBUG, type(event).__name__, {}
