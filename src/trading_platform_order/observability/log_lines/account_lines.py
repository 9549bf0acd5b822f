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
from trading_platform_order.observability.log_lines.lines import Level, Line, Row, Value

TOLD_BY_EVENTS = {
    AlertKind.ENTRY,
    AlertKind.EXIT,
    AlertKind.REFUSAL,
    AlertKind.ENGINE_STARTED,
    AlertKind.EMERGENCY_STOP,
    AlertKind.RESUMED,
}
"""The journal's own events tell more of them: they are no lines of their own."""

_ENDS = {
    AlertKind.EXCHANGE_OPEN,
    AlertKind.SYMBOL_READY,
    AlertKind.WATCHDOG_BACK,
    AlertKind.CLOCK_RIGHT,
    AlertKind.ENGINE_STOPPED,
    AlertKind.DAILY_REPORT,
}
"""Alerts that all is well again, or that ask for nothing."""

_STOP = (
    "order=stop.client_order_id symbol=stop.base kind=stop.kind quantity_base=stop.quantity "
    "trigger_price_usdt=stop.trigger_price_usdt callback_bps=stop.callback_bps reason"
)
ROWS: dict[type, Row] = {
    ae.SignalClaimed: Row(
        Level.INFO,
        "signal claimed, it waits",
        "signal=signal.id strategy=signal.strategy action=signal.action symbol=signal.symbol "
        "part_base",
    ),
    ae.SignalRefused: Row(
        Level.WARNING,
        "signal refused",
        "signal=signal_id strategy action symbol code message",
    ),
    ae.AccountOpened: Row(Level.INFO, "account opened", "krw usdt krw_per_usdt"),
    ae.ForeignMovement: Row(Level.WARNING, "foreign movement", "exchange asset amount reason"),
    ae.FundingBooked: Row(Level.INFO, "funding booked", "symbol amount_usdt"),
    ae.FxMarked: Row(Level.DEBUG, "rate marked", "krw_per_usdt source"),
    ae.EquityRecorded: Row(
        Level.DEBUG, "equity recorded", "equity_krw=equity_krw:0 trading_pnl_krw=trading_pnl_krw:0"
    ),
    ae.PositionChanged: Row(Level.INFO, "position", "strategy symbol spot_base short_base"),
    ae.EngineStarted: Row(Level.INFO, "engine started", "build mode market clean rows_may_be_lost"),
    ae.EmergencyStopSet: Row(Level.ERROR, "emergency stop set", "reason"),
    ae.EmergencyStopLifted: Row(Level.WARNING, "emergency stop lifted", "reason"),
    ae.OrphanOrderFound: Row(
        Level.ERROR,
        "order not in the journal",
        "order=client_order_id exchange side executed_base=executed_quantity reason",
    ),
    HedgeClosed: Row(Level.ERROR, "hedge closed from outside", "symbol=base cause event_id"),
    CoinsGone: Row(Level.ERROR, "coins gone", "symbol=base event_id"),
    StopPlanned: Row(Level.INFO, "protective stop planned", _STOP),
    StopCancelSent: Row(Level.INFO, "protective stop cancel sent", "order=client_order_id reason"),
    StopMoved: Row(Level.INFO, "protective stop", "order=client_order_id state reason"),
    TrailingAsked: Row(Level.INFO, "trailing stop asked for", "symbol=base callback_bps reason"),
}
"""How each kind of event is told; one that is not here by its name alone."""


def line_of_account(event: ae.AccountEvent) -> Line:
    """The line of an event of the account."""
    row = ROWS.get(type(event))
    if row is None:
        return Line(level=Level.DEBUG, event=type(event).__name__, at=event.at)
    fields = row.fields(event)
    if isinstance(event, ae.SignalRefused):
        fields |= dict(event.figures)
    return Line(level=row.level, event=row.words, at=event.at, fields=fields)


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
