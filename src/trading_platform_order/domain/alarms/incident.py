"""Which alerts tell of one and the same incident, and when it got worse. Pure.

An **incident** is a kind and a subject (strategy, coin, exchange, signal, order …) that began at
one moment. Alerts of what lasts say by ``since`` how long it has lasted; one without it stands for
itself, and so does each incident that begins anew. What ends at a stated moment (``deadline``) is
one incident by that moment, whichever engine tells of it. An acknowledged incident is silent until
it gets **worse**: a higher severity, an amount that grew by more than ``GROWN_FRACTION``, or
another cause.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.alert import Alert, AlertKind

SAME_INCIDENT_US = 5_000_000
"""Two alerts of one incident may differ by so much in when it began: ``since`` is whole seconds."""

GROWN_FRACTION = Decimal("0.25")
"""An amount that grew by more than this part is worse; figures move a little with every price."""

SUBJECT = ("strategy", "symbol", "exchange", "signal_id", "client_order_id", "leg", "positions")
CAUSES = (
    *("hindrance", "reason", "waits", "cause"),
    *("engine", "holds", "waiting", "not_answered"),  # of the watchdog, what it holds and who waits
)
AMOUNTS = ("naked_krw", "usdt_to_move", "loss_krw", "spot_base", "short_base", "payable_24h_usdt")

REMINDER = "reminder"
"""Field of a repeat that nobody acknowledged yet: its number, from 1."""
REMINDER_OF = "reminder_of"
"""Field of a repeat: the id of the alert that it repeats."""
FIRST_US = "first_us"
"""Field of a repeat: when that alert was told, microseconds since 1970."""
OPERATOR = "operator"
"""Field that says when an operator is needed; ``now`` is worse than anything else."""
NOW = "now"

DEADLINE = "deadline"
"""Field that names when something ends, in the same words each time."""

_LEVELS: Mapping[str, int] = {"calm": 0, "warn": 1, "reduce": 2}
_FIGURE = re.compile(r"[-+]?\d[\d,.]*")


def subject_of(alert: Alert) -> tuple[str, ...]:
    """What it is about."""
    return tuple(alert.fields.get(name, "") for name in SUBJECT)


def is_same_incident(alert: Alert, at_us: int, other: Alert, other_us: int) -> bool:
    """Both tell of what began at the same moment; calendar times of both, microseconds."""
    if alert.kind != other.kind or subject_of(alert) != subject_of(other):
        return False
    deadline = alert.fields.get(DEADLINE)
    if deadline is not None:
        return deadline == other.fields.get(DEADLINE)
    began_us, other_began_us = alert.began_us(at_us), other.began_us(other_us)
    if began_us is None or other_began_us is None:
        return False
    return abs(began_us - other_began_us) <= SAME_INCIDENT_US


def is_worse(alert: Alert, seen: Alert) -> bool:
    """Than when an operator saw it."""
    if severity(alert) > severity(seen) or _causes(alert) != _causes(seen):
        return True
    return any(_grew(seen.fields.get(name), alert.fields.get(name)) for name in AMOUNTS)


def as_repeat(alert: Alert, of: int, *, first_us: int, number: int) -> Alert:
    """The same once more: ``of`` is the id of the alert that it repeats, told at ``first_us``."""
    told = {REMINDER: str(number), REMINDER_OF: str(of), FIRST_US: str(first_us)}
    return replace(alert, fields={**alert.fields, **told})


def severity(alert: Alert) -> tuple[bool, bool, int]:
    """What ranks above what: urgent, an operator is needed now, the level it names."""
    level = _LEVELS.get(alert.fields.get("level", ""), 0)
    return alert.urgent, alert.fields.get(OPERATOR) == NOW, level


def _causes(alert: Alert) -> tuple[str, ...]:
    # Without figures: a loss or a waiting time in the words changes all the time.
    return tuple(_FIGURE.sub("#", alert.fields.get(name, "")) for name in CAUSES)


def _grew(before: str | None, now: str | None) -> bool:
    if now is None:
        return False
    return _amount(now) > _amount(before or "0") * (1 + GROWN_FRACTION)


def _amount(text: str) -> Decimal:
    number = text.partition(" ")[0].replace(",", "")
    return abs(Decimal(number)) if _FIGURE.fullmatch(number) else Decimal(0)


ENDED_BY: Mapping[str, frozenset[str]] = {
    AlertKind.EXCHANGE_OPEN: frozenset({AlertKind.EXCHANGE_CLOSED}),
    AlertKind.SYMBOL_READY: frozenset({AlertKind.SYMBOL_NOT_READY}),
    AlertKind.WATCHDOG_BACK: frozenset({AlertKind.WATCHDOG_SILENT}),
    AlertKind.CLOCK_RIGHT: frozenset({AlertKind.CLOCK_OFF}),
    AlertKind.ENGINE_BACK: frozenset(
        {AlertKind.ENGINE_SILENT, AlertKind.ENGINE_NOT_READY, AlertKind.WATCHDOG_HOLDS}
    ),
    AlertKind.WATCHDOG_DONE: frozenset(
        {
            AlertKind.ENGINE_SILENT,
            AlertKind.ENGINE_NOT_READY,
            AlertKind.WATCHDOG_HOLDS,
            AlertKind.WATCHDOG_ACTED,
            AlertKind.WATCHDOG_STUCK,
        }
    ),
    AlertKind.TAKEN_OVER: frozenset({AlertKind.HOLDER_STUCK}),
    AlertKind.RESUMED: frozenset(
        {
            AlertKind.EMERGENCY_STOP,
            AlertKind.TRADE_HALTED,
            AlertKind.WATCHDOG_ACTED,
            AlertKind.WATCHDOG_STUCK,
            AlertKind.WATCHDOG_DONE,
            AlertKind.UNKNOWN_ORDERS,
        }
    ),
}
"""By the kind that says it is over: the kinds that it ends, of the same exchange and coin."""

_ENDED_BY_SETTLING = frozenset(
    {
        AlertKind.ONE_LEG_FAILED,
        AlertKind.ORDER_UNKNOWN,
        AlertKind.LATE_ORDER,
        AlertKind.CLOSE_WAITS,
    }
)
_ENDED_BY_CLOSING = frozenset(
    {
        AlertKind.CLOSE_WAITS,
        AlertKind.STOP_LOSS,
        AlertKind.STOP_LOSS_REACHED,
        AlertKind.FLATTENING,
        AlertKind.MARGIN_REDUCED,
    }
)


def ends(alert: Alert, before: Alert) -> bool:
    """It says that what the alert before told of is over."""
    if before.kind in ENDED_BY.get(alert.kind, ()):
        return _agree(alert, before, ("symbol", "exchange"))
    if alert.kind not in {AlertKind.ENTRY, AlertKind.EXIT} or alert.urgent:
        return False
    if before.kind in _ENDED_BY_SETTLING and _agree(alert, before, ("signal_id",), needed=True):
        return True
    # Whatever signal closed the pair: what asked for its close is done.
    is_flat = alert.kind == AlertKind.EXIT and alert.fields.get("outcome") == "flat"
    names = ("strategy", "symbol")
    return is_flat and before.kind in _ENDED_BY_CLOSING and _agree(alert, before, names)


def _agree(alert: Alert, before: Alert, names: tuple[str, ...], *, needed: bool = False) -> bool:
    """Both name the same, or one of them names none (unless it is ``needed``)."""
    pairs = [(alert.fields.get(name), before.fields.get(name)) for name in names]
    return all(a == b if needed or (a and b) else True for a, b in pairs)
