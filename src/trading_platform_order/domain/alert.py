"""Alerts: what operators are told. A value: delivery is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from trading_platform_order.domain.value import value


class AlertKind(StrEnum):
    """The alerts the system knows how to word; others are worded from their fields alone."""

    ENTRY = "entry"
    EXIT = "exit"
    REFUSAL = "refusal"
    SIGNAL_CONFLICT = "signal_conflict"
    ONE_LEG_FAILED = "one_leg_failed"
    ORDER_UNKNOWN = "order_unknown"
    LATE_ORDER = "late_order"
    ID_COLLISION = "id_collision"
    TRADE_HALTED = "trade_halted"
    MISMATCH = "mismatch"
    STRAY_ORDER = "stray_order"
    MACHINE_CHANGED = "machine_changed"
    EMERGENCY_STOP = "emergency_stop"
    FLATTENING = "flattening"
    CLOSE_WAITS = "close_waits"
    STOP_LOSS = "stop_loss"
    STOP_LOSS_REACHED = "stop_loss_reached"
    MARGIN_WARNING = "margin_warning"
    MARGIN_REDUCED = "margin_reduced"
    RESUMED = "resumed"
    ONE_LEG_GONE = "one_leg_gone"
    UNPROTECTED = "unprotected"
    ENGINE_SILENT = "engine_silent"
    ENGINE_BACK = "engine_back"
    WATCHDOG_SILENT = "watchdog_silent"
    WATCHDOG_BACK = "watchdog_back"
    ENGINE_NOT_READY = "engine_not_ready"
    WATCHDOG_HOLDS = "watchdog_holds"
    WATCHDOG_ACTED = "watchdog_acted"
    WATCHDOG_STUCK = "watchdog_stuck"
    WATCHDOG_DONE = "watchdog_done"
    WATCHDOG_UNFIT = "watchdog_unfit"
    LAST_RESORT_STARTED = "last_resort_started"
    LAST_RESORT_ENDED = "last_resort_ended"
    LOSS_UNCONFIRMED = "loss_unconfirmed"
    STORE_GONE = "store_gone"
    STORE_LOCKED = "store_locked"
    UNKNOWN_ORDERS = "unknown_orders"
    TAKEN_BACK = "taken_back"
    MAINTENANCE = "maintenance"
    DEADLINE = "deadline"
    WALLET_SUSPENDED = "wallet_suspended"
    ACCOUNT_SETTING = "account_setting"
    FUNDING = "funding"
    KEY_EXPIRES = "key_expires"
    FROZEN_BOOK = "frozen_book"
    EXCHANGE_CLOSED = "exchange_closed"
    EXCHANGE_OPEN = "exchange_open"
    SYMBOL_NOT_READY = "symbol_not_ready"
    SYMBOL_READY = "symbol_ready"
    CLOCK_OFF = "clock_off"
    CLOCK_RIGHT = "clock_right"
    PAIR_UNCONFIRMED = "pair_unconfirmed"
    TAKEN_OVER = "taken_over"
    HOLDER_STUCK = "holder_stuck"
    SET_ASIDE = "set_aside"
    REHEARSAL_FAILED = "rehearsal_failed"
    ENGINE_STARTED = "engine_started"
    ENGINE_STOPPED = "engine_stopped"
    DAILY_REPORT = "daily_report"
    TEST = "test"


@value
class Alert:
    """Something an operator should know.

    Attributes:
        kind: one of :class:`AlertKind`, or another word.
        urgent: money is exposed or trading stopped; must never be lost.
        fields: name to text, in the order to show; no secrets.
    """

    kind: str
    urgent: bool
    fields: Mapping[str, str] = field(default_factory=dict)

    def began_us(self, at_us: int) -> int | None:
        """When what lasts began, by its field ``since`` (``90 s``); ``None`` for what does not."""
        number, _, unit = self.fields.get("since", "").partition(" ")
        if unit != "s" or not number.isdecimal():
            return None
        return at_us - int(number) * 1_000_000


@value
class PendingAlert:
    """An alert that waits in the durable outbox.

    Attributes:
        id: the outbox row.
        attempts: deliveries tried so far without success.
        created_at_us: calendar time of the event that caused it, microseconds.
    """

    id: int
    alert: Alert
    attempts: int
    created_at_us: int
