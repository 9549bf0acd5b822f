"""What the engine does about an alert, and whether an operator is needed, for every urgent kind.

One line each, for a telephone at 3 a.m.; docs/OPERATIONS.md says more. The kinds that are missing
here ask nothing of anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trading_platform_order.domain.alarms.incident import NOW, OPERATOR
from trading_platform_order.domain.alert import Alert, AlertKind

DONE_BY_OPERATORS = frozenset({AlertKind.RESUMED})
"""Urgent so that they are not lost, but an operator did it: nobody has to acknowledge them."""


class Need(StrEnum):
    """When an operator is needed."""

    NOW = "now"
    IF_IT_LASTS = "if it lasts"
    NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Of one kind.

    Attributes:
        doing: what the engine does by itself; empty if nothing.
        deadline: for :attr:`Need.IF_IT_LASTS`: from when on.
        action: what to do.
    """

    need: Need
    doing: str = ""
    deadline: str = ""
    action: str


def _now(doing: str, action: str) -> Guidance:
    return Guidance(need=Need.NOW, doing=doing, action=action)


def _if(doing: str, deadline: str, action: str) -> Guidance:
    return Guidance(need=Need.IF_IT_LASTS, doing=doing, deadline=deadline, action=action)


def _not(doing: str, action: str) -> Guidance:
    return Guidance(need=Need.NOT, doing=doing, action=action)


_KEPT = "entries wait, exits pass"
_BY_HAND = "balance the legs by hand on the exchange that works"
_LOOK = "look at both exchanges, then tporder resume"

GUIDANCE: Mapping[str, Guidance] = {
    AlertKind.ONE_LEG_FAILED: _if(
        "it completes or takes back the other leg",
        "if no entry or exit of this signal is told within 1 min",
        _BY_HAND,
    ),
    AlertKind.ORDER_UNKNOWN: _if(
        "it asks the exchange without end; the coin takes no signal meanwhile",
        "if this is told again after 5 min",
        "look for the id on the exchange's order page; never send the order by hand",
    ),
    AlertKind.LATE_ORDER: _if(
        "the trade is open again and is balanced",
        "if it has not settled within 1 min",
        _BY_HAND,
    ),
    AlertKind.ID_COLLISION: _now(
        "it sends nothing for this order",
        "tporder stop, then find who else uses our order ids",
    ),
    AlertKind.SIGNAL_CONFLICT: _now(
        "it did not trade the second one", "stop the sender: two programs share signal ids"
    ),
    AlertKind.REFUSAL: _now(
        "it did not trade the EXIT; the pair stays open",
        "send the EXIT again, or tporder close",
    ),
    AlertKind.TRADE_HALTED: _now(
        f"the trade sends nothing more; the stop is set: {_KEPT}",
        "tporder explain, mend the cause, then tporder resume",
    ),
    AlertKind.MISMATCH: _now(
        f"the stop is set: {_KEPT}", "compare the position on Binance with tporder positions"
    ),
    AlertKind.STRAY_ORDER: _now(
        f"the stop is set: {_KEPT}; the coin takes no signal",
        "make sure that no other engine runs, close what the order left, then tporder resume",
    ),
    AlertKind.MACHINE_CHANGED: _now(
        "it trades on", "make sure that the other machine's engine is off for good"
    ),
    AlertKind.EMERGENCY_STOP: _now(f"{_KEPT}", _LOOK),
    AlertKind.FLATTENING: _if(
        "it closes both legs", "if no exit is told within 1 min", "close both legs by hand"
    ),
    AlertKind.CLOSE_WAITS: _now(
        "it keeps both legs and tries again every second",
        "read what it waits for; close both legs by hand if it cannot be mended",
    ),
    AlertKind.EXCHANGE_CLOSED: _if(
        "no entries; closes wait, both legs are kept",
        "if a close waits (tporder status), or at once for a dead key or hedge mode",
        "maintenance and bans: wait; a key: make a valid one and restart",
    ),
    AlertKind.STOP_LOSS: _if(
        "it closes both legs", "if no exit is told within 1 min", "close both legs by hand"
    ),
    AlertKind.STOP_LOSS_REACHED: _now(
        "it keeps the pair, which is hedged", "decide: keep it, or tporder close"
    ),
    AlertKind.MARGIN_WARNING: _now(
        "below the next limit it reduces both legs",
        "move USDT to Binance futures before the coin rises on, or close pairs",
    ),
    AlertKind.MARGIN_REDUCED: _now(
        "it closes a part of both legs", "move USDT to Binance futures, or close pairs"
    ),
    AlertKind.RESUMED: _not("it takes entries again", "an operator lifted the stop"),
    AlertKind.ONE_LEG_GONE: _if(
        "it closes the other leg at once", "if no exit is told within 1 min", _BY_HAND
    ),
    AlertKind.UNPROTECTED: _if(
        "it sets the stop order again",
        "if it is told again",
        "set a stop on Binance by hand, or close the pair",
    ),
    AlertKind.WATCHDOG_SILENT: _if(
        "it trades on without a second pair of eyes", "within the hour", "start tporder watchdog"
    ),
    AlertKind.CLOCK_OFF: _now(
        "no entries; exits pass", "switch time synchronisation on (chrony, systemd-timesyncd)"
    ),
    AlertKind.FUNDING: _if(
        "it keeps the pair", "before the next settlement", "keep it, or tporder close"
    ),
    AlertKind.KEY_EXPIRES: _if(
        "it trades on until the key ends", "before that day", "make a new key and restart"
    ),
    AlertKind.FROZEN_BOOK: _if(
        "no entries of the coin", "if it lasts for minutes", "look at the exchange's page"
    ),
    AlertKind.PAIR_UNCONFIRMED: _now(
        "no entries of the coin", "compare the coin on both exchanges, then tporder pairs"
    ),
    AlertKind.WALLET_SUSPENDED: _if(
        "it keeps the pair, which is hedged",
        "before the premium moves on",
        "decide: keep it, or tporder close",
    ),
    AlertKind.DEADLINE: _if(
        "it closes the pair before the end", "before the date", "tporder close, rather early"
    ),
    AlertKind.MAINTENANCE: _if(
        "no entries near it; pairs are kept", "before it begins", "see that margin is to spare"
    ),
    AlertKind.ACCOUNT_SETTING: _now(
        "no entries until it is right", "set it back on the exchange's page"
    ),
    AlertKind.SYMBOL_NOT_READY: _if(
        "no entries of the coin; its closes are tried", "if an exit waits", "tporder close"
    ),
    AlertKind.STORE_LOCKED: _if(
        "it sends nothing until the database is free",
        "if it lasts for a minute",
        "end the program that holds the database",
    ),
    AlertKind.ENGINE_SILENT: _now("the watchdog holds or closes what is open", "start the engine"),
    AlertKind.ENGINE_NOT_READY: _now(
        "the watchdog looks after what is open", "read the engine's log"
    ),
    AlertKind.WATCHDOG_HOLDS: _now("the watchdog holds what is hedged", "start the engine"),
    AlertKind.WATCHDOG_ACTED: _if(
        "the watchdog closes what is open",
        "if watchdog_done is not told within 1 min",
        "close by hand; not before",
    ),
    AlertKind.WATCHDOG_STUCK: _now("the watchdog goes on trying", "close both legs by hand"),
    AlertKind.LAST_RESORT_STARTED: _now(
        "deploy/last_resort.py closes all that is owned, because no engine could",
        "do not trade by hand meanwhile; wait for last_resort_ended",
    ),
    AlertKind.LAST_RESORT_ENDED: _now(
        "its orders are in no journal; the stop is set",
        "compare both accounts, have the error mended, then resume",
    ),
    AlertKind.WATCHDOG_DONE: _now(
        "nothing more; the stop is set", "find out why the engine died, then start it and resume"
    ),
    AlertKind.WATCHDOG_UNFIT: _now(
        "the watchdog could not act if it had to", "mend its keys or settings"
    ),
    AlertKind.LOSS_UNCONFIRMED: _now(
        "nothing is closed for it", "find out where the money went: transfers, another program"
    ),
    AlertKind.TAKEN_OVER: _not(
        "the standby goes on with all that was open",
        "find out why the other engine failed, start it again as the standby",
    ),
    AlertKind.HOLDER_STUCK: _now(
        "a hung engine cannot be ended from here", "end its process or container by hand"
    ),
    AlertKind.SET_ASIDE: _now(
        "it ended two engines, so its coin is not traded; everything else is only closed",
        "close that coin by hand or by deploy/last_resort.py, and have the error mended",
    ),
    AlertKind.REHEARSAL_FAILED: _now(
        "it rehearses no more; the next signal may end it by the same error",
        "run tporder stop, keep the log, and have the error mended",
    ),
    AlertKind.STORE_GONE: _now(
        "nothing can be judged without the store", "mend the disk or the path"
    ),
    AlertKind.UNKNOWN_ORDERS: _now(
        "the watchdog stops trading", "find who sends orders with our ids"
    ),
    AlertKind.ENTRY: _not("the legs were taken back", "it cost fees and spread: tporder explain"),
    AlertKind.EXIT: _if(
        "a leg is left and is closed when it can be",
        "if positions shows it after 1 min",
        _BY_HAND,
    ),
}


def guidance_of(alert: Alert) -> Guidance | None:
    """For an urgent alert; one whose field says that an operator is needed now outranks its kind.

    An urgent kind that nobody wrote a line for still asks for an operator.
    """
    if not alert.urgent:
        return None
    found = GUIDANCE.get(alert.kind, _now("", "read it, and look at tporder status"))
    if alert.fields.get(OPERATOR) == NOW and found.need is Need.IF_IT_LASTS:
        return Guidance(need=Need.NOW, doing=found.doing, action=found.action)
    return found
