"""``explain``: every decision and fact of one signal, in time order, from the journal itself."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
import msgspec

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import age_text, print_json
from trading_platform_order.cli.console.store_location import Place, at_place, reading
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.event_text import Teller
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.account.account_events import SignalClaimed
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.executor.journal.event_codec import JournalUnreadable, event_of
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.storage.base import JournalRow, Reader
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words import explain as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Locale, time_text, using
from trading_platform_order.words.width import WIDTH, wrapped

_INDENT, _HANGING = 2, 2
TOLD_S = 5.0
"""A signal that the engine took later than this is said to have waited for it, or on its way."""
OLD_S = 60.0
"""Of a signal that was older when it came, times count from there: its age would hide them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One journal row, told.

    Attributes:
        offset_ms: since the signal was created; ``None`` where nobody knows when that was.
    """

    row: JournalRow
    at: datetime
    offset_ms: float | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that the journal holds of one signal id.

    Attributes:
        signal: ``None`` if it was refused before it could be read.
    """

    signal_id: str
    signal: Signal | None
    trade_id: str | None
    steps: tuple[Step, ...]


async def rows_of_signal(reader: Reader, signal_id: str) -> list[JournalRow]:
    """The trade's rows and the account's rows that name the signal, in journal order."""
    rows = await reader.rows_naming(signal_id)
    claim = await reader.claim_of(signal_id)
    if claim is not None:
        key = trade_key(strategy=claim.strategy, signal_id=signal_id, symbol=claim.symbol)
        rows += [row async for row in reader.journal_all(key)]
    return sorted(rows, key=lambda row: row.seq)


def tell_story(signal_id: str, rows: list[JournalRow]) -> Story:
    """Tell rows of one signal."""
    teller = Teller()
    signal: Signal | None = None
    told: list[tuple[JournalRow, datetime, list[str]]] = []
    for row in rows:
        try:
            event = event_of(row)
        except JournalUnreadable:
            # A newer program's row must not hide all the others.
            told.append(
                (row, moment_of(row.at_us), [words.UNKNOWN_ROW(kind=row.kind, body=row.body)])
            )
            continue
        if isinstance(event, SignalClaimed | TradeOpened) and signal is None:
            signal = event.signal
        told.append((row, event.at, teller.tell(event)))
    start = None if signal is None else signal.created_at
    steps = tuple(
        Step(
            row=row,
            at=at,
            offset_ms=None if start is None else (at - start).total_seconds() * 1_000,
            lines=tuple(lines),
        )
        for row, at, lines in told
    )
    trade_id = next((row.trade_id for row in rows if row.trade_id), None)
    return Story(signal_id=signal_id, signal=signal, trade_id=trade_id, steps=steps)


async def read_story(place: Place, signal_id: str) -> Story | None:
    """What the journal holds of one signal; ``None`` if that is nothing."""
    async with reading(place) as reader:
        rows = await rows_of_signal(reader, signal_id)
    return tell_story(signal_id, rows) if rows else None


async def _read(place: Place, signal_id: str) -> list[JournalRow]:
    async with reading(place) as reader:
        rows = await rows_of_signal(reader, signal_id)
        if not rows:
            waiting = (await reader.overview()).waiting_signals
            raise CliFault(
                ExitCode.NOT_FOUND,
                words.NO_SIGNAL(signal=repr(signal_id), account=place.account, db=place.db),
                remedy=words.CHECK_THE_ID(waiting=waiting),
            )
    return rows


@click.command(cls=TellingCommand)
@at_place
@click.argument("signal_id")
@json_option
def explain(place: Place, *, signal_id: str, as_json: bool) -> None:
    """Every decision and fact from signal to settlement, in time order.

    Beside each time stands how long that was after the signal was created; after it came, if it was
    older than a minute then.
    """
    rows = asyncio.run(_read(place, signal_id))
    if as_json:
        with using(Locale()):  # programs read English whatever operators read
            print_json(story_json(tell_story(signal_id, rows)))
    else:
        print_story(tell_story(signal_id, rows))


def print_story(story: Story) -> None:
    """Tell it to an operator."""
    shown: list[tuple[str, tuple[str, ...]]] = []
    came_ms = story.steps[0].offset_ms or 0.0
    from_ms = came_ms if came_ms > OLD_S * 1_000 else 0.0
    if story.signal is not None:
        created = words.SIGNAL_CREATED(strategy=story.signal.strategy)
        signal = json.dumps(json.loads(signal_to_json(story.signal)), ensure_ascii=False)
        late = words.CAME_LATE if from_ms else words.CAME_AFTER
        told = [created, signal]
        if story.signal.reason is not None:
            told.insert(1, words.SIGNAL_REASON(reason=localised(story.signal.reason)))
        if came_ms > TOLD_S * 1_000:
            told.append(late(age=age_text(came_ms / 1_000)))
        shown.append((_head(story.signal.created_at, 0.0), tuple(told)))
    for step in story.steps:
        offset_ms = None if step.offset_ms is None else step.offset_ms - from_ms
        shown.append((_head(step.at, offset_ms), step.lines))
    before = ""
    for head, lines in shown:
        if head != before:
            say(head)
        before = head
        for line in lines:
            first, *rest = wrapped(line, WIDTH - _INDENT - _HANGING)
            say(f"{' ' * _INDENT}{first}")
            for more in rest:
                say(f"{' ' * (_INDENT + _HANGING)}{more}")


def _head(at: datetime, offset_ms: float | None) -> str:
    offset = "?" if offset_ms is None else f"{offset_ms:+,.3f} ms"
    return f"{time_text(at, exact=True)}  {offset}"


def story_json(story: Story) -> dict[str, Any]:
    """For programs; the page of `tporder web` shows the same."""
    signal = None if story.signal is None else msgspec.json.decode(signal_to_json(story.signal))
    return {
        "signal_id": story.signal_id,
        "trade_id": story.trade_id,
        "signal": signal,
        "reason": None
        if story.signal is None or story.signal.reason is None
        else localised(story.signal.reason),
        "steps": [
            {
                "seq": step.row.seq,
                "at": step.at,
                "offset_ms": step.offset_ms,
                "kind": step.row.kind,
                "text": step.lines,
                "body": msgspec.Raw(step.row.body.encode()),
            }
            for step in story.steps
        ],
    }
