"""The canonical form of a signal, and the hash that tells a repeated signal from another one.

The hash stands in every journal with the claim, so the canonical form is for ever: the JSON object
of the wire form, names in order, without white space, letters beyond ASCII escaped. Equal amounts
and times count as equal however they were written.
"""

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

import msgspec

from trading_platform_order.domain.money import plain
from trading_platform_order.domain.signal import SCHEMA_VERSION, Signal


class _Canonical(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Its fields stand in the order of their names; ``action`` is never left out."""

    action: str
    capital_fraction: str | None = None
    created_at: str = ""
    expires_at: str | None = None
    hedge_price_usdt: str | None = None
    id: str = ""
    leg: str | None = None
    max_slippage_bps: str | None = None
    notional_krw: str | None = None
    quantity_base: str | None = None
    schema_version: int = -1
    spot_price_krw: str | None = None
    strategy: str = ""
    symbol: str = ""


_encode = msgspec.json.Encoder().encode


def content_hash(signal: Signal) -> str:
    """Tells a repeated signal (same id, same hash) from a conflicting one; never deduplicates."""
    return hashlib.sha256(_canonical(signal)).hexdigest()


def _canonical(signal: Signal) -> bytes:
    names = (signal.id, signal.strategy, signal.symbol)
    is_plain = all(name and name.isascii() and name.isprintable() for name in names)
    if signal.metadata or not is_plain:
        return json.dumps(wire_of(signal), sort_keys=True, separators=(",", ":")).encode()
    return _encode(
        _Canonical(
            signal.action.value,
            _amount(signal.capital_fraction),
            _time(signal.created_at),
            None if signal.expires_at is None else _time(signal.expires_at),
            _amount(signal.hedge_price_usdt),
            signal.id,
            None if signal.leg is None else signal.leg.value,
            _amount(signal.max_slippage_bps),
            _amount(signal.notional_krw),
            _amount(signal.quantity_base),
            signal.schema_version,
            _amount(signal.spot_price_krw),
            signal.strategy,
            signal.symbol,
        )
    )


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def wire_of(signal: Signal) -> dict[str, object]:
    """The signal as plain values of the schema."""
    wire: dict[str, object] = {"schema_version": SCHEMA_VERSION}
    for field in fields(signal):
        value = getattr(signal, field.name)
        if value is None or value == {}:
            continue
        if isinstance(value, Decimal):
            value = plain(value)
        elif isinstance(value, datetime):
            value = _time(value)
        wire[field.name] = value
    return wire
