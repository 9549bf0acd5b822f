"""The common case of a signal's text, read in one pass: the hot path's way into the same values.

It takes nothing on trust and refuses nothing. What it does not recognise at a glance (escapes,
letters beyond ASCII, metadata, a repeated field, ``null``, any fault) it leaves to the strict
parser, which alone says what a text means and names what is wrong with it. Values are read by the
table of the published schema, as the strict parser reads them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from trading_platform_order.domain.signal import SCHEMA_VERSION, Signal
from trading_platform_order.signals.faults import Misfit
from trading_platform_order.signals.fields import FIELDS, MAX_BYTES

_Unset = msgspec.UnsetType
_UNSET = msgspec.UNSET


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Names and JSON types of the schema, without metadata; no field may be null."""

    id: str
    strategy: str
    action: str
    symbol: str
    created_at: str
    expires_at: str | _Unset = _UNSET
    notional_krw: str | int | _Unset = _UNSET
    quantity_base: str | int | _Unset = _UNSET
    capital_fraction: str | int | _Unset = _UNSET
    spot_price_krw: str | int | _Unset = _UNSET
    hedge_price_usdt: str | int | _Unset = _UNSET
    max_slippage_bps: str | int | _Unset = _UNSET
    schema_version: int | _Unset = _UNSET


_decoder = msgspec.json.Decoder(_Wire, strict=True)
_read: dict[str, Callable[[str, object], Any]] = {
    name: FIELDS[name].read for name in _Wire.__struct_fields__
}
_ALWAYS = ("id", "strategy", "action", "symbol", "created_at")
_AMOUNTS = (
    *("notional_krw", "quantity_base", "capital_fraction"),
    *("spot_price_krw", "hedge_price_usdt", "max_slippage_bps"),
)
_SIZES = 3
"""So many of the amounts, the first ones, are sizes, of which there may be one."""


def read_quickly(raw: bytes | str) -> Signal | None:
    """The signal in ``raw``, if it is plainly one; ``None``: ask the strict parser."""
    if len(raw) > MAX_BYTES or not raw.isascii() or _has_escapes(raw):
        return None
    try:
        wire = _decoder.decode(raw)
        return _signal(wire, _quotes(raw))
    except (msgspec.MsgspecError, Misfit):
        return None


def _has_escapes(raw: bytes | str) -> bool:
    return b"\\" in raw if isinstance(raw, bytes) else "\\" in raw


def _quotes(raw: bytes | str) -> int:
    return raw.count(b'"') if isinstance(raw, bytes) else raw.count('"')


def _signal(wire: _Wire, quotes: int) -> Signal | None:
    # Without escapes every name and every text has two quotation marks. A field that is given
    # twice, of which the decoder tells only the last, has some too many.
    texts = 2 * len(_ALWAYS)
    amounts: dict[str, Any] = {}
    sizes = 0
    for place, name in enumerate(_AMOUNTS):
        value = getattr(wire, name)
        if value is _UNSET:
            continue
        texts += 2 if isinstance(value, str) else 1
        sizes += place < _SIZES
        amounts[name] = _read[name](name, value)
    expires_at: datetime | None = None
    if not isinstance(wire.expires_at, _Unset):
        texts += 2
        expires_at = _read["expires_at"]("expires_at", wire.expires_at)
    if not isinstance(wire.schema_version, _Unset):
        texts += 1
        _read["schema_version"]("schema_version", wire.schema_version)
    created_at = _read["created_at"]("created_at", wire.created_at)
    if quotes != 2 * texts or sizes > 1:
        return None
    if expires_at is not None and expires_at <= created_at:
        return None
    return Signal(
        id=_read["id"]("id", wire.id),
        strategy=_read["strategy"]("strategy", wire.strategy),
        action=_read["action"]("action", wire.action),
        symbol=_read["symbol"]("symbol", wire.symbol),
        created_at=created_at,
        expires_at=expires_at,
        schema_version=SCHEMA_VERSION,
        **amounts,
    )
