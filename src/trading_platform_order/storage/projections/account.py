"""Projections of what happens to the account: signals, positions, money."""

import msgspec

from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections.projection import Changes, Event, Look, Put, Values

# A conflicting signal has the id of another, whose own fate it must not touch.
# Refused under an id that may belong to another signal, whose own fate stays open.
_NOT_THE_OWNER = ("signal_conflict", "invalid_signal")


def signal_claimed(event: Event, _: Look) -> Changes:
    """Ours to execute; its fate follows."""
    return [_signal(event, event.body.child("signal"), result="claimed")]


def signal_accepted(event: Event, look: Look) -> Changes:
    """A trade opened for it."""
    return [_outcome(event, look, event.body.child("signal"), result="accepted")]


def signal_refused(event: Event, look: Look) -> Changes:
    """Not traded; broken ones carry what could be read of them."""
    body = event.body
    code, message = body.text("code"), body.text("message")
    values: Values = {
        "seq": event.row.seq,
        "signal_id": _text(body, "signal_id"),
        "strategy": _text(body, "strategy"),
        "action": _text(body, "action"),
        "symbol": _text(body, "symbol"),
        "code": code,
        "message": message,
        "figures": body.json_of("figures"),
        "at_us": event.row.at_us,
    }
    refusal = Put(table="refusals", values=values)
    return [refusal, _outcome(event, look, body, result="refused", code=code, detail=message)]


def _outcome(
    event: Event, look: Look, signal: Body, *, result: str, code: str = "", detail: str = ""
) -> Put:
    """The row of a signal claimed before, now with its fate; or a new one."""
    told = _signal(event, signal, result=result, code=code, detail=detail)
    if code in _NOT_THE_OWNER:
        return told
    key: Values = {"signal_id": told.values["signal_id"], "result": "claimed"}
    before = look("signals", key)
    if before is None:
        return told
    changes = ("result", "code", "detail", "trade_id")
    return Put(table="signals", values={**before, **{name: told.values[name] for name in changes}})


def _signal(event: Event, signal: Body, *, result: str, code: str = "", detail: str = "") -> Put:
    values: Values = {
        "seq": event.row.seq,
        "signal_id": _text(signal, "id") or _text(signal, "signal_id"),
        "strategy": _text(signal, "strategy"),
        "action": _text(signal, "action"),
        "symbol": _text(signal, "symbol"),
        "created_at": signal.time_or_none("created_at"),
        "received_at_us": event.row.at_us,
        "result": result,
        "code": code or None,
        "detail": detail,
        "trade_id": event.row.trade_id or None,
    }
    return Put(table="signals", values=values)


def _text(body: Body, name: str) -> str:
    return body.text_or_none(name) or ""


def position_changed(event: Event, _: Look) -> Changes:
    """What a strategy holds now."""
    body = event.body
    values: Values = {
        "strategy": body.text("strategy"),
        "symbol": body.text("symbol"),
        "seq": event.row.seq,
        "spot_base": body.amount("spot_base"),
        "short_base": body.amount("short_base"),
        "updated_at_us": event.row.at_us,
    }
    return [Put(table="positions", values=values)]


def funding_booked(event: Event, _: Look) -> Changes:
    """Each transaction counts once."""
    body = event.body
    values: Values = {
        "symbol": body.text("symbol"),
        "transaction_id": body.text("transaction_id"),
        "seq": event.row.seq,
        "amount_usdt": body.amount("amount_usdt"),
        "at": body.time("paid_at"),
    }
    return [Put(table="funding", values=values, if_absent=True)]


def foreign_movement(event: Event, _: Look) -> Changes:
    """A balance changed by nothing of ours; performance must leave it out."""
    body = event.body
    values: Values = {
        "seq": event.row.seq,
        "exchange": body.text("exchange"),
        "asset": body.text("asset"),
        "amount": body.amount("amount"),
        "reason": body.text("reason"),
        "at_us": event.row.at_us,
    }
    return [Put(table="transfers", values=values)]


def equity_recorded(event: Event, _: Look) -> Changes:
    """A valuation, with all its parts."""
    values: Values = {
        "seq": event.row.seq,
        "at_us": event.row.at_us,
        "equity_krw": event.body.amount("equity_krw"),
        "figures": msgspec.json.encode(event.body.values).decode(),
    }
    return [Put(table="equity", values=values)]
