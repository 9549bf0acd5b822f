"""Events to journal entries and back. Amounts are text, times ISO 8601; kinds are snake case.

Old journals replay for ever, so what a row is called and what stands in its body is written out
here and not left to the names of classes. A new field needs a default and a name in ``_BODIES``;
any other change needs a new version of the row, and the old one translated where it is read.
"""

from dataclasses import fields, replace
from typing import get_args

import msgspec

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order import Fill, Order
from trading_platform_order.domain.outcome import (
    NOT_ENOUGH_COINS,
    PRICE_OFF_STEP,
    REDUCE_ONLY_REJECTED,
)
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed, Share
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    StopCancelSent,
    StopMoved,
    StopPlanned,
    TrailingAsked,
)
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.storage.base import Entry, JournalRow

Event = te.TradeEvent | ae.AccountEvent
VERSION = 1


class JournalUnreadable(Exception):  # noqa: N818 - a fact about the journal
    """A row is of a kind or version this program does not know, or not of the agreed shape."""


_KINDS: dict[str, type[Event]] = {
    "trade_opened": te.TradeOpened,
    "orders_planned": te.OrdersPlanned,
    "order_accepted": te.OrderAccepted,
    "fill_seen": te.FillSeen,
    "order_ended": te.OrderEnded,
    "order_refused": te.OrderRefused,
    "order_unanswered": te.OrderUnanswered,
    "order_proven_absent": te.OrderProvenAbsent,
    "cancel_sent": te.CancelSent,
    "completion_stopped": te.CompletionStopped,
    "hedge_position_read": te.HedgePositionRead,
    "coins_read": te.CoinsRead,
    "holding_followed": te.HoldingFollowed,
    "human_called": te.OperatorCalled,
    "order_still_unresolved": te.OrderStillUnresolved,
    "trade_settled": te.TradeSettled,
    "trade_halted": te.TradeHalted,
    "trade_resumed": te.TradeResumed,
    "account_opened": ae.AccountOpened,
    "foreign_movement": ae.ForeignMovement,
    "signal_claimed": ae.SignalClaimed,
    "signal_refused": ae.SignalRefused,
    "funding_booked": ae.FundingBooked,
    "fx_marked": ae.FxMarked,
    "equity_recorded": ae.EquityRecorded,
    "position_changed": ae.PositionChanged,
    "engine_started": ae.EngineStarted,
    "emergency_stop_set": ae.EmergencyStopSet,
    "emergency_stop_lifted": ae.EmergencyStopLifted,
    "stray_order_found": ae.OrphanOrderFound,
    "hedge_closed": HedgeClosed,
    "coins_gone": CoinsGone,
    "stop_planned": StopPlanned,
    "stop_cancel_sent": StopCancelSent,
    "stop_moved": StopMoved,
    "trailing_asked": TrailingAsked,
}
"""The kind of a row and the event it holds: a class may be renamed, its kind never."""

_BODIES: dict[type, str] = {
    te.TradeOpened: "trade_id signal start target decision policy orders at",
    te.OrdersPlanned: "orders reason at",
    te.OrderAccepted: "client_order_id exchange_order_id executed_quantity at",
    te.FillSeen: "fill at",
    te.OrderEnded: "client_order_id exchange_order_id executed_quantity at",
    te.OrderRefused: "client_order_id code message retryable retry_after_s hindrance at",
    te.OrderUnanswered: "client_order_id reason at refused_as",
    te.OrderProvenAbsent: "client_order_id evidence at",
    te.CancelSent: "client_order_id reason at",
    te.CompletionStopped: "reason withdrawn at",
    te.HedgePositionRead: "short_before short_now fills at",
    te.CoinsRead: "coins_before coins_now at",
    te.HoldingFollowed: "spot short at",
    te.OperatorCalled: "reason at",
    te.OrderStillUnresolved: "client_order_id number age_s reason at",
    te.TradeSettled: "outcome holding naked_ms naked_krw_max signal_to_wire_us at",
    te.TradeHalted: "reason at",
    te.TradeResumed: "reason at",
    ae.AccountOpened: "krw usdt coins krw_per_usdt at",
    ae.ForeignMovement: "exchange asset amount reason at moved_on",
    ae.SignalClaimed: "signal part_base at",
    ae.SignalRefused: "signal_id strategy action symbol code message figures at",
    ae.FundingBooked: "symbol transaction_id amount_usdt paid_at at",
    ae.FxMarked: "krw_per_usdt source at",
    ae.EquityRecorded: (
        "equity_krw trading_pnl_krw premium_krw funding_krw fees_krw fx_krw fx_idle_krw "
        "slippage_krw krw_per_usdt at"
    ),
    ae.PositionChanged: "strategy symbol spot_base short_base at",
    ae.EngineStarted: "build mode clean machine_changed rows_may_be_lost market at",
    ae.EmergencyStopSet: "reason set_at at",
    ae.EmergencyStopLifted: "reason at",
    ae.OrphanOrderFound: (
        "exchange symbol client_order_id exchange_order_id side executed_quantity is_open "
        "created_at reason at"
    ),
    HedgeClosed: "event_id base cause shares decision at",
    CoinsGone: "event_id base shares price_krw at",
    StopPlanned: "stop reason at",
    StopCancelSent: "client_order_id reason at",
    StopMoved: "client_order_id state exchange_order_id reason at",
    TrailingAsked: "base callback_bps reason at",
    Order: (
        "id client_order_id exchange symbol side type quantity price quote_amount "
        "time_in_force reduce_only leg purpose attempt signal_id created_at status "
        "executed_quantity exchange_order_id detail"
    ),
    Fill: "exchange symbol client_order_id trade_id side quantity price fee fee_asset at fee_quote",
    Signal: (
        "id strategy action symbol created_at expires_at notional_krw quantity_base "
        "capital_fraction spot_price_krw hedge_price_usdt max_slippage_bps metadata "
        "schema_version leg"
    ),
    te.Holding: "spot short",
    te.DecisionPrices: (
        "spot_mid_krw hedge_mid_usdt krw_per_usdt fx_source at spot_age_ms hedge_age_ms"
    ),
    te.TradePolicy: (
        "mode style exposure_time_s exposure_krw completion_slippage_bps working_limit_s "
        "look_up_after_s fast_attempts slow_attempts slow_retry_s retry_first_s "
        "uneven_retry_first_s call_after_s exit_walk_bps walk_widens gives_way ahead walked_s"
    ),
    ProtectiveStopOrder: (
        "client_order_id base kind quantity trigger_price_usdt callback_bps created_at state "
        "exchange_order_id detail"
    ),
    Share: "strategy quantity fill",
}
"""What the body of a row holds, and the values nested in it: names that stand in every journal."""


def _check_names() -> None:
    """Hold the events against the written names.

    Raises:
        TypeError: an event, or a value nested in one, has other names than its rows.
    """
    if unnamed := set(get_args(Event)) ^ set(_KINDS.values()):
        raise TypeError(f"journal: events without a kind, or kinds without an event: {unnamed}")
    for cls, names in _BODIES.items():
        actual = [field.name for field in fields(cls)]
        if actual != names.split():
            raise TypeError(
                f"journal: {cls.__name__} has the fields {actual}, its rows {names.split()}; old "
                "journals hold the latter, so a field is added with a default and never renamed"
            )


_check_names()
_NAMES: dict[type[Event], str] = {cls: kind for kind, cls in _KINDS.items()}
_encoder = msgspec.json.Encoder()
_decoders = {kind: msgspec.json.Decoder(cls) for kind, cls in _KINDS.items()}


_REFUSED_BEFORE = {
    "binance:-2022": REDUCE_ONLY_REJECTED,
    "insufficient_funds_ask": NOT_ENOUGH_COINS,
    "invalid_price_ask": PRICE_OFF_STEP,
    "invalid_price_bid": PRICE_OFF_STEP,
}
"""What refusals that the core acts by were called in rows of before 2026-12."""


def _in_words_of_today(event: Event) -> Event:
    if isinstance(event, te.OrderRefused) and event.code in _REFUSED_BEFORE:
        return replace(event, code=_REFUSED_BEFORE[event.code])
    return event


def event_kinds() -> dict[str, type[Event]]:
    """Every kind of journal row and the event it holds."""
    return dict(_KINDS)


def durable_names() -> dict[type, tuple[str, ...]]:
    """The names in the body of every event, and of every value nested in one."""
    return {cls: tuple(names.split()) for cls, names in _BODIES.items()}


def entry_of(event: Event, trade_id: str = "") -> Entry:
    """The journal entry of an event; ``trade_id`` is empty for events of the account."""
    return Entry(
        trade_id=trade_id,
        kind=_NAMES[type(event)],
        version=VERSION,
        body=_encoder.encode(event).decode(),
    )


def event_in(entry: Entry) -> Event:
    """The event of an entry that this program made itself."""
    return _decoders[entry.kind].decode(entry.body)


def event_of(row: JournalRow) -> Event:
    """The event of a journal row.

    Raises:
        JournalUnreadable: unknown kind or version, or a body that does not fit.
    """
    decoder = _decoders.get(row.kind)
    if decoder is None or row.version != VERSION:
        raise JournalUnreadable(
            f"journal row {row.seq}: {row.kind} version {row.version} is unknown to this program; "
            "start the version that wrote it, or a newer one"
        )
    try:
        return _in_words_of_today(decoder.decode(row.body))
    except msgspec.ValidationError as error:
        raise JournalUnreadable(f"journal row {row.seq}: {row.kind}: {error}") from error
