"""Events to journal entries and back. Amounts are text, times ISO 8601; kinds are snake case."""

import re
from typing import get_args

import msgspec

from trading_platform_order.domain.account_events import AccountEvent
from trading_platform_order.domain.trade_events import TradeEvent
from trading_platform_order.storage.base import Entry, JournalRow

Event = TradeEvent | AccountEvent
VERSION = 1


class JournalUnreadable(Exception):  # noqa: N818 - a fact about the journal
    """A row is of a kind or version this program does not know, or not of the agreed shape."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


_KINDS: dict[str, type[Event]] = {_snake(cls.__name__): cls for cls in get_args(Event)}
_NAMES: dict[type[Event], str] = {cls: kind for kind, cls in _KINDS.items()}
_encoder = msgspec.json.Encoder()
_decoders = {kind: msgspec.json.Decoder(cls) for kind, cls in _KINDS.items()}


def event_kinds() -> dict[str, type[Event]]:
    """Every kind of journal row and the event it holds."""
    return dict(_KINDS)


def entry_of(event: Event, trade_id: str = "") -> Entry:
    """The journal entry of an event; ``trade_id`` is empty for events of the account."""
    return Entry(
        trade_id=trade_id,
        kind=_NAMES[type(event)],
        version=VERSION,
        body=_encoder.encode(event).decode(),
    )


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
        return decoder.decode(row.body)
    except msgspec.ValidationError as error:
        raise JournalUnreadable(f"journal row {row.seq}: {row.kind}: {error}") from error
