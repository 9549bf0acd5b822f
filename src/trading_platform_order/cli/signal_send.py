"""Handing in signals: every text goes into the durable inbox first, then its fate is waited for.

Broken texts go in too, so that the engine journals their refusal and nothing that was sent is lost.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.signal_hints import REMEDIES
from trading_platform_order.cli.signal_outcome import (
    has_ended,
    refusal_remedy,
    refusal_text,
    trade_text,
)
from trading_platform_order.cli.store_location import Place, writing
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.client_order_id import trade_key
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.reader import Piece
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import (
    MAX_RAW_BYTES,
    Inbox,
    InboxFull,
    InboxResult,
    Reader,
)
from trading_platform_order.transport.clock import SystemClock, epoch_us

BROKEN_MAX = 100
POLL_FIRST_S = 0.01
POLL_MAX_S = 0.2


class SendOutcome(StrEnum):
    """What is known of a signal that was handed in."""

    CLAIMED = "claimed"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    QUEUED = "queued"
    BROKEN = "broken"


# The worst first: it names the command's exit.
_EXITS = {
    SendOutcome.BROKEN: ExitCode.BAD_INPUT,
    SendOutcome.CONFLICT: ExitCode.CONFLICT,
    SendOutcome.REFUSED: ExitCode.REFUSED,
    SendOutcome.DUPLICATE: ExitCode.DUPLICATE,
}


# Refused under this id, but not the signal that was claimed under it: another content, or a text
# too broken to be one.
_OF_OTHERS = {RefusalCode.SIGNAL_CONFLICT, RefusalCode.INVALID_SIGNAL}


class Sent(msgspec.Struct, frozen=True, kw_only=True, rename={"remedy": "cure"}):
    """One signal's text and what came of it; printed as JSON under names that programs know.

    Attributes:
        line: where it begins in the input, from 1.
        signal_id: empty where the text had no readable one.
        inbox_id: its place in the inbox.
        code: of the fault or refusal.
        field: the faulty field; empty where the whole text is at fault.
        detail: the same for operators.
        remedy: what to do about a fault or refusal.
        has_ended: its pair trade has settled, or waits for an operator.
    """

    line: int
    signal_id: str
    inbox_id: int
    result: SendOutcome
    code: str = ""
    field: str = ""
    detail: str = ""
    remedy: str = ""
    has_ended: bool = False


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of the whole input.

    Attributes:
        stopped: why reading ended before the input did; nothing from there on was stored.
    """

    sent: list[Sent] = field(default_factory=list)
    stopped: str = ""
    stopped_exit: ExitCode = ExitCode.OK

    @property
    def exit(self) -> ExitCode:
        """The command's exit code: the worst there is."""
        if self.stopped_exit is not ExitCode.OK:
            return self.stopped_exit
        results = {item.result for item in self.sent}
        return next((code for outcome, code in _EXITS.items() if outcome in results), ExitCode.OK)


async def send(
    place: Place, pieces: Iterator[Piece], *, wait_s: float, to_the_end: bool = False
) -> Outcome:
    """Hand in all of it, then wait at most ``wait_s`` for what the engine says.

    ``to_the_end``: wait for the end of each pair trade as well, and tell what came of it.
    """
    async with writing(place, make=True) as inbox:
        outcome = await _put_all(place, inbox, pieces)
        await _wait(inbox, outcome, wait_s, to_the_end=to_the_end)
    return outcome


async def _put_all(place: Place, inbox: Inbox, pieces: Iterator[Piece]) -> Outcome:
    outcome, broken, wake = Outcome(), 0, wake_path(place.db, place.account)
    for piece in pieces:
        try:
            inbox_id = await inbox.put_signal(
                _kept(piece.text), at_us=epoch_us(SystemClock().now())
            )
        except InboxFull as full:
            outcome.stopped = f"line {piece.line} and all after it were not stored: {full}"
            outcome.stopped_exit = ExitCode.INBOX_FULL
            return outcome
        knock_at(wake)
        outcome.sent.append(_sent(piece, inbox_id))
        broken += isinstance(piece.found, SignalFault)
        if broken >= BROKEN_MAX:
            # A wrong file must not fill the inbox, where it would keep real signals out.
            outcome.stopped = (
                f"{broken} faults: is this a file of signals? "
                f"Nothing after line {piece.line} was read or stored"
            )
            outcome.stopped_exit = ExitCode.BAD_INPUT
            return outcome
    return outcome


def _kept(text: str) -> str:
    """What the inbox takes of a text; a clipped one is far too large to become a signal."""
    return text.encode()[:MAX_RAW_BYTES].decode(errors="ignore")


def _sent(piece: Piece, inbox_id: int) -> Sent:
    found = piece.found
    if isinstance(found, Signal):
        return Sent(
            line=piece.line, signal_id=found.id, inbox_id=inbox_id, result=SendOutcome.QUEUED
        )
    return Sent(
        line=piece.line,
        signal_id=found.signal_id,
        inbox_id=inbox_id,
        result=SendOutcome.BROKEN,
        code=found.code,
        field=found.field,
        detail=found.message,
        remedy=REMEDIES[found.code],
    )


async def _wait(reader: Reader, outcome: Outcome, wait_s: float, *, to_the_end: bool) -> None:
    loop = asyncio.get_running_loop()
    deadline, pause_s = loop.time() + wait_s, POLL_FIRST_S
    while True:
        waiting = 0
        for index, item in enumerate(outcome.sent):
            if item.result is SendOutcome.QUEUED or (to_the_end and _is_under_way(item)):
                outcome.sent[index] = await _look(reader, item)
                waiting += outcome.sent[index].result is SendOutcome.QUEUED
                waiting += to_the_end and _is_under_way(outcome.sent[index])
        left_s = deadline - loop.time()
        if not waiting or left_s <= 0:
            break
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 2, POLL_MAX_S)
    for index, item in enumerate(outcome.sent):
        if item.result is SendOutcome.QUEUED:
            detail = "durable in the inbox; no engine answered yet"
            outcome.sent[index] = replace(item, detail=detail)


def _is_under_way(item: Sent) -> bool:
    """Claimed, and its end is not known yet."""
    return item.result is SendOutcome.CLAIMED and not item.has_ended


async def _look(reader: Reader, item: Sent) -> Sent:
    answer = await reader.signal_result(item.inbox_id)
    if answer is None:
        return item
    result, detail = InboxResult(answer[0]), answer[1]
    match result:
        case InboxResult.DUPLICATE:
            told = "claimed before with the same content; not traded again"
            return replace(item, result=SendOutcome.DUPLICATE, detail=told)
        case InboxResult.CONFLICT:
            told = "this id was used before with other content; not traded, an operator is told"
            code = RefusalCode.SIGNAL_CONFLICT
            return replace(item, result=SendOutcome.CONFLICT, code=code, detail=told)
        case _:
            return await _outcome_of(
                reader, item, refused=result is InboxResult.REFUSED, detail=detail
            )


async def _outcome_of(reader: Reader, item: Sent, *, refused: bool, detail: str) -> Sent:
    """A claimed signal is refused or traded in the same commit, or waits for its turn."""
    for row in reversed(await reader.rows_naming(item.signal_id)):
        event = event_of(row) if row.kind == "signal_refused" else None
        if isinstance(event, SignalRefused) and event.code not in _OF_OTHERS:
            told, remedy = refusal_text(event), refusal_remedy(event.code)
            return replace(
                item, result=SendOutcome.REFUSED, code=event.code, detail=told, remedy=remedy
            )
    if refused:
        return replace(item, result=SendOutcome.REFUSED, detail=detail)
    claim = await reader.claim_of(item.signal_id)
    told = "durably; it waits for its turn"
    if claim is not None:
        key = trade_key(strategy=claim.strategy, signal_id=claim.signal_id, symbol=claim.symbol)
        rows = [row async for row in reader.journal_all(key)]
        if rows:
            told = trade_text(key, [event_of(row) for row in rows])
            return replace(item, result=SendOutcome.CLAIMED, detail=told, has_ended=has_ended(rows))
    return replace(item, result=SendOutcome.CLAIMED, detail=told)
