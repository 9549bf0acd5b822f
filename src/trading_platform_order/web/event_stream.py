"""What became durable, for whoever listens: trades, refusals, alerts, and how the engine stands.

A place in the stream is a pair of numbers: the last journal row and the last alert that were told.
Every event carries the place behind it. Whoever goes on from there is told each later one once,
read from the store: no matter which process told the one before, or how long ago.

One look serves all that listen, and there is none while nobody does. Reads are short and on a
connection of their own: they stand in front of no write.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from trading_platform_order.client.signal_outcome import refusal_text, trade_text
from trading_platform_order.domain.account.account_events import EngineStarted, SignalRefused
from trading_platform_order.domain.alert import PendingAlert
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.storage.base import JournalRow, Reader, StoreUnavailable

LOOK_S = 0.2
STANDING_S = 2.0
ROWS_AT_ONCE = 500
ALERTS_AT_ONCE = 100
DIGITS_MAX = 18
_TRADE_STATES = {
    "trade_opened": "executing",
    "trade_settled": "settled",
    "trade_halted": "halted",
    "trade_resumed": "executing",
}

Standing = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Behind a journal row and an alert."""

    seq: int
    alert: int

    def __str__(self) -> str:
        """As `id` of an event."""
        return f"{self.seq}-{self.alert}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """From an event's `id`; ``None`` if it is none."""
        seq, _, alert = text.partition("-")
        parts = (seq, alert)
        if not all(one.isascii() and one.isdigit() and len(one) <= DIGITS_MAX for one in parts):
            return None
        return cls(seq=int(seq), alert=int(alert))

    def is_behind(self, head: "Place") -> bool:
        """Nothing told it yet that the store does not have."""
        return self.seq <= head.seq and self.alert <= head.alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        place: behind it.
        name: `trade`, `refusal`, `alert` or `engine`.
        data: a JSON object.
    """

    place: Place
    name: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some events, and the place behind them and all that is told to nobody.

    Attributes:
        is_full: there may be more.
    """

    events: list[Event]
    place: Place
    is_full: bool


class EventStream:
    """Of one account."""

    def __init__(self, reader: Reader, standing: Standing) -> None:
        """``standing``: how the engine stands, as in `now` of `tporder status --json`."""
        self._reader = reader
        self._read_standing = standing
        self._listeners = 0
        self._changes = 0
        self._changed = asyncio.Event()
        #: as JSON text; empty before the first look
        self.standing = ""

    @property
    def changes(self) -> int:
        """Grows when there is something new."""
        return self._changes

    async def head(self) -> Place:
        """Behind everything there is."""
        newest = await self._reader.query("v_alerts", limit=1)
        alert = int(newest[0]["seq"] or 0) if newest else 0
        return Place(seq=(await self._reader.overview()).head_seq, alert=alert)

    async def after(self, place: Place) -> Page:
        """What comes next.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        events = []
        rows = await self._reader.journal(place.seq, limit=ROWS_AT_ONCE)
        for row in rows:
            place = replace(place, seq=row.seq)
            told = await self._of_row(row)
            if told is not None:
                events.append(Event(place=place, name=told[0], data=_json(told[1])))
        alerts = await self._reader.alerts_after(place.alert, limit=ALERTS_AT_ONCE)
        for alert in alerts:
            place = replace(place, alert=alert.id)
            events.append(Event(place=place, name="alert", data=_json(_of_alert(alert))))
        is_full = len(rows) == ROWS_AT_ONCE or len(alerts) == ALERTS_AT_ONCE
        return Page(events=events, place=place, is_full=is_full)

    async def wait(self, changes: int, *, limit_s: float) -> bool:
        """Until there is more than after so many changes; false if ``limit_s`` was not enough."""
        try:
            async with asyncio.timeout(limit_s):
                while self._changes == changes:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Somebody listens while it lasts."""
        self._listeners += 1
        self.tell()
        try:
            yield
        finally:
            self._listeners -= 1

    def tell(self) -> None:
        """Let everybody look."""
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for news while it lasts."""
        task = asyncio.create_task(self._run(), name="event stream")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))

    async def _run(self) -> None:
        seen: Place | None = None
        loop, standing_s = asyncio.get_running_loop(), 0.0
        while True:
            if not self._listeners:
                seen = None
                await self._changed.wait()
                continue
            try:
                if loop.time() - standing_s >= STANDING_S:
                    standing_s = loop.time()
                    await self._look_at_standing()
                seen = await self._look(seen)
            except StoreUnavailable:
                pass  # whoever listens finds it out, and is told by the end of the stream
            await asyncio.sleep(LOOK_S)

    async def _look(self, seen: Place | None) -> Place:
        """The newest of each; a look costs the same however much there is."""
        if seen is None:
            seen = await self.head()
            self.tell()  # whatever came between the listeners' last look and this one
            return seen
        rows = await self._reader.journal(seen.seq, limit=ROWS_AT_ONCE)
        alerts = await self._reader.alerts_after(seen.alert, limit=ALERTS_AT_ONCE)
        if not rows and not alerts:
            return seen
        self.tell()
        return Place(
            seq=rows[-1].seq if rows else seen.seq, alert=alerts[-1].id if alerts else seen.alert
        )

    async def _look_at_standing(self) -> None:
        found = dict(await self._read_standing())
        found.pop("figures_age_s", None)  # it changes by itself
        text = _json(found)
        if text != self.standing:
            self.standing = text
            self.tell()

    async def _of_row(self, row: JournalRow) -> tuple[str, dict[str, Any]] | None:
        if row.kind in _TRADE_STATES:
            return "trade", await self._of_trade(row)
        if row.kind not in {"signal_refused", "engine_started"}:
            return None
        event = event_of(row)
        told: dict[str, Any] = {"seq": row.seq, "at_us": row.at_us}
        match event:
            case SignalRefused():
                names = ("signal_id", "strategy", "symbol", "action", "code")
                told |= {name: getattr(event, name) for name in names}
                return "refusal", told | {"detail": refusal_text(event)}
            case EngineStarted():
                return "engine", told | {"mode": event.mode, "build": event.build}
            case _:
                return None

    async def _of_trade(self, row: JournalRow) -> dict[str, Any]:
        """As it stood behind this row, whenever it is told."""
        rows = [one async for one in self._reader.journal_all(row.trade_id) if one.seq <= row.seq]
        events = [event_of(one) for one in rows]
        told: dict[str, Any] = {
            "seq": row.seq,
            "at_us": row.at_us,
            "trade_id": row.trade_id,
            "state": _TRADE_STATES[row.kind],
        }
        if isinstance(opened := events[0], TradeOpened):
            signal = opened.signal
            told |= {"signal_id": signal.id, "strategy": signal.strategy}
            told |= {"symbol": signal.symbol, "action": signal.action}
        return told | {"detail": trade_text(row.trade_id, events)}


def _of_alert(pending: PendingAlert) -> dict[str, Any]:
    alert = pending.alert
    return {
        "id": pending.id,
        "at_us": pending.created_at_us,
        "kind": alert.kind,
        "urgent": alert.urgent,
        "fields": alert.fields,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
