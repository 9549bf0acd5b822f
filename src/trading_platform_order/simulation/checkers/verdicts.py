"""Judges of what the engine decided: was an order it called absent or refused really not there?

The exchanges remember every order they ever took, so each verdict of the journal can be held
against them, also where a later repair made the books agree again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.simulation.checkers.invariants import placed_orders

EXITS_MAY_BE_REFUSED = frozenset(
    {
        RefusalCode.INVALID_SIGNAL,
        RefusalCode.SIGNAL_CONFLICT,
        RefusalCode.EXPIRED,
        RefusalCode.NOTHING_OPEN,
        RefusalCode.BELOW_MINIMUM,
        RefusalCode.SYMBOL_NOT_ALLOWED,
        RefusalCode.SUPERSEDED,
        RefusalCode.WITHDRAWN,
    }
)
"""Why an EXIT may go untraded if it is so (``refused_exits.py``); other codes are for entries."""

ROWS_LOST = frozenset({RefusalCode.STRAY_ORDER})
"""Only where commits are lost can there be an order of ours that the journal does not know."""


def verdicts_were_true(
    state: Mapping[str, Any], absent: Collection[str], refused: Collection[str]
) -> Iterable[str]:
    """No order that the journal calls absent or refused was ever filled, on either exchange."""
    filled = {order.client_order_id for order in placed_orders(state) if order.executed > 0}
    for name in sorted(filled & set(absent)):
        yield f"{name} was called absent, but it was filled"
    for name in sorted(filled & set(refused)):
        yield f"{name} was called refused, but it was filled"


def exits_were_not_held_back(
    refused: Iterable[tuple[str, Action, str]], *, rows_lost: bool = False
) -> Iterable[str]:
    """No EXIT is refused by a rule that is meant for entries (the stop above all)."""
    allowed = EXITS_MAY_BE_REFUSED | ROWS_LOST if rows_lost else EXITS_MAY_BE_REFUSED
    for signal_id, action, code in refused:
        if action is Action.EXIT and code not in allowed:
            yield f"EXIT {signal_id} was refused: {code}"
