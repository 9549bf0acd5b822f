"""Handing in signals: every text goes into the durable inbox first, then its outcome is waited for.

What every door does behind its own front: command line, Python client, watched folder, HTTP. Broken
texts go in too, so that the engine journals their refusal and nothing that was sent is lost; only a
HOLD does not, which asks for nothing. What is kept is the strict form, whichever was sent.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import msgspec
from msgspec.structs import replace

from trading_platform_order.client.signal_outcome import (
    has_ended,
    refusal_remedy,
    refusal_text,
    trade_text,
)
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.reader import Piece
from trading_platform_order.signals.remedies import REMEDIES
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.storage.base import (
    MAX_RAW_BYTES,
    Inbox,
    InboxFull,
    InboxResult,
    Reader,
)
from trading_platform_order.transport.clock import SystemClock, epoch_us

Knock = Callable[[], object]
BROKEN_MAX = 100
POLL_FIRST_S = 0.01
POLL_MAX_S = 0.2
WAITS = "durably; it waits for its turn"


class SendOutcome(StrEnum):
    """What is known of a signal that was handed in."""

    CLAIMED = "claimed"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    QUEUED = "queued"
    BROKEN = "broken"
    HOLD = "hold"  # research's word for nothing to do


class Halt(StrEnum):
    """Why reading ended before the input did."""

    INBOX_FULL = "inbox_full"
    TOO_MANY_FAULTS = "too_many_faults"


# Refused under this id, but not the signal that was claimed under it: another content, or a text
# too broken to be one.
_OF_OTHERS = {RefusalCode.SIGNAL_CONFLICT, RefusalCode.INVALID_SIGNAL}


class Sent(msgspec.Struct, frozen=True, kw_only=True, rename={"remedy": "cure"}):
    """One signal's text and what came of it; printed as JSON under names that programs know.

    Attributes:
        line: where it begins in the input, from 1.
        signal_id: empty where the text had no readable one.
        inbox_id: its place in the inbox; 0 for a HOLD, which is not put there.
        code: of the fault or refusal.
        field: the faulty field; empty where the whole text is at fault.
        detail: the same for operators.
        remedy: what to do about a fault or refusal.
        has_ended: its pair trade has settled, or waits for an operator.
        repeated: it was claimed before, and this is what came of it then.
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
    repeated: bool = False

    @property
    def is_final(self) -> bool:
        """Nothing more comes of it."""
        under_way = {SendOutcome.QUEUED, SendOutcome.CLAIMED, SendOutcome.DUPLICATE}
        return self.has_ended or self.result not in under_way


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of the whole input.

    Attributes:
        stopped: why reading ended before the input did; nothing from there on was stored.
        halt: the same as a code.
        in_doubt: handed in twice, because the engine was asked and did not answer.
    """

    sent: list[Sent] = field(default_factory=list)
    stopped: str = ""
    halt: Halt | None = None
    in_doubt: Sent | None = None


class Unanswered(Exception):  # noqa: N818 - neither taken nor refused
    """An engine has been asked, and did not answer in time: it may have claimed the signal."""


class Straight(Protocol):
    """A way into a running engine beside the inbox."""

    async def hand(self, text: str) -> Sent | None:
        """The engine's answer, which is durable; ``None`` if there is no engine.

        Raises:
            Unanswered: it may have taken the signal.
        """
        ...


async def send(
    inbox: Inbox,
    knock: Knock,
    pieces: Iterator[Piece],
    *,
    wait_s: float,
    to_the_end: bool = False,
    engine: Straight | None = None,
) -> Outcome:
    """Hand in all of it, then wait at most ``wait_s`` for what the engine says.

    Args:
        inbox: takes what no engine answers at once.
        knock: wakes the engine.
        pieces: what is handed in.
        wait_s: seconds.
        to_the_end: wait for the end of each pair trade as well, and tell what came of it.
        engine: asked first.
    """
    outcome = await hand_in(inbox, knock, pieces, engine)
    await wait(inbox, outcome.sent, wait_s=wait_s, to_the_end=to_the_end)
    await _settle_doubt(inbox, outcome)
    return outcome


async def _settle_doubt(reader: Reader, outcome: Outcome) -> None:
    """What was claimed at the first asking is no repetition of the sender's."""
    for index, item in enumerate(outcome.sent):
        doubted = outcome.in_doubt is not None and item.inbox_id == outcome.in_doubt.inbox_id
        if doubted and item.result is SendOutcome.DUPLICATE:
            first = await outcome_of(reader, item.signal_id)
            if first is not None:
                outcome.sent[index] = replace(first, line=item.line, inbox_id=item.inbox_id)


async def hand_in(
    inbox: Inbox, knock: Knock, pieces: Iterator[Piece], engine: Straight | None = None
) -> Outcome:
    """Hand in all of it, to the engine or into the inbox; durable on return.

    After one that the engine did not answer everything goes into the inbox, to keep the order.
    """
    outcome, broken = Outcome(), 0
    for piece in pieces:
        if isinstance(piece.found, Hold):
            outcome.sent.append(hold_answer(piece.line))
            continue
        kept = _kept(piece)
        answer, is_in_doubt = None, False
        try:
            answer = None if engine is None else await engine.hand(kept)
        except Unanswered:
            is_in_doubt = True
        if answer is not None:
            outcome.sent.append(_answered(piece, answer))
        else:
            engine = None
            try:
                inbox_id = await inbox.put_signal(kept, at_us=epoch_us(SystemClock().now()))
            except InboxFull as full:
                outcome.stopped = f"line {piece.line} and all after it were not stored: {full}"
                outcome.halt = Halt.INBOX_FULL
                return outcome
            knock()
            outcome.sent.append(_sent(piece, inbox_id))
            if is_in_doubt:
                outcome.in_doubt = outcome.sent[-1]
        broken += isinstance(piece.found, SignalFault)
        if broken >= BROKEN_MAX:
            # A wrong file must not fill the inbox, where it would keep real signals out.
            outcome.stopped = (
                f"{broken} faults: is this a file of signals? "
                f"Nothing after line {piece.line} was read or stored"
            )
            outcome.halt = Halt.TOO_MANY_FAULTS
            return outcome
    return outcome


def _answered(piece: Piece, answer: Sent) -> Sent:
    """By the engine; a repetition is named as the inbox names it."""
    if isinstance(piece.found, SignalFault):
        return fault_answer(piece.line, piece.found)
    item = replace(answer, line=piece.line, repeated=False)
    return duplicate_answer(item) if answer.repeated else item


def _kept(piece: Piece) -> str:
    """What the inbox takes: a good signal in the strict form, a faulty text as it came.

    A strict one is kept as it came too: what was sent is evidence. A clipped text is far too large
    to become a signal.
    """
    if isinstance(piece.found, Signal) and piece.is_translated:
        return signal_to_json(piece.found)
    return piece.text.encode()[:MAX_RAW_BYTES].decode(errors="ignore")


def hold_answer(line: int) -> Sent:
    """A HOLD is acknowledged at the door, and is nowhere on record."""
    return Sent(
        line=line,
        signal_id="",
        inbox_id=0,
        result=SendOutcome.HOLD,
        detail="acknowledged; nothing is traded",
        has_ended=True,
    )


def fault_answer(line: int, fault: SignalFault, *, inbox_id: int = 0) -> Sent:
    """What is wrong with a text, and what to do about it."""
    return Sent(
        line=line,
        signal_id=fault.signal_id,
        inbox_id=inbox_id,
        result=SendOutcome.BROKEN,
        code=fault.code,
        field=fault.field,
        detail=fault.message,
        remedy=REMEDIES[fault.code],
    )


def conflict_answer(item: Sent) -> Sent:
    """Its id was used for something else."""
    told = "this id was used before with other content; not traded, an operator is told"
    code = RefusalCode.SIGNAL_CONFLICT
    return replace(item, result=SendOutcome.CONFLICT, code=code, detail=told)


def refused_answer(item: Sent, refusal: SignalRefused | Refusal) -> Sent:
    """The engine does not trade it."""
    return replace(
        item,
        result=SendOutcome.REFUSED,
        code=refusal.code,
        detail=refusal_text(refusal),
        remedy=refusal_remedy(refusal.code),
    )


def duplicate_answer(item: Sent) -> Sent:
    """It was claimed before."""
    told = "claimed before with the same content; not traded again"
    return replace(item, result=SendOutcome.DUPLICATE, detail=told)


def _sent(piece: Piece, inbox_id: int) -> Sent:
    found = piece.found
    assert not isinstance(found, Hold)  # noqa: S101 - for the type checker
    if isinstance(found, SignalFault):
        return fault_answer(piece.line, found, inbox_id=inbox_id)
    return Sent(line=piece.line, signal_id=found.id, inbox_id=inbox_id, result=SendOutcome.QUEUED)


async def wait(reader: Reader, sent: list[Sent], *, wait_s: float, to_the_end: bool) -> None:
    """Look until each has an answer (or its end), at most for ``wait_s``; changes the list."""
    loop = asyncio.get_running_loop()
    deadline, pause_s = loop.time() + wait_s, POLL_FIRST_S
    while True:
        waiting = 0
        for index, item in enumerate(sent):
            if item.result is SendOutcome.QUEUED or (to_the_end and _is_under_way(item)):
                sent[index] = await _look(reader, item)
                waiting += sent[index].result is SendOutcome.QUEUED
                waiting += to_the_end and _is_under_way(sent[index])
        left_s = deadline - loop.time()
        if not waiting or left_s <= 0:
            break
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 2, POLL_MAX_S)
    for index, item in enumerate(sent):
        if item.result is SendOutcome.QUEUED:
            detail = "durable in the inbox; no engine answered yet"
            sent[index] = replace(item, detail=detail)


async def follow(reader: Reader, item: Sent, *, wait_s: float, to_the_end: bool) -> Sent:
    """Look until there is an answer (or the end of its pair trade), at most for ``wait_s``.

    A repetition is followed as what was claimed first.
    """
    loop = asyncio.get_running_loop()
    deadline, pause_s = loop.time() + wait_s, POLL_FIRST_S
    while True:
        item = await _followed(reader, item)
        is_answered = item.result is not SendOutcome.QUEUED and not to_the_end
        left_s = deadline - loop.time()
        if item.is_final or is_answered or left_s <= 0:
            return item
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 2, POLL_MAX_S)


async def _followed(reader: Reader, item: Sent) -> Sent:
    if item.result is SendOutcome.QUEUED and item.inbox_id:
        item = await _look(reader, item)
    if item.is_final or (item.result is SendOutcome.QUEUED and item.inbox_id):
        return item
    found = await outcome_of(reader, item.signal_id)
    if found is None:
        return item
    repeated = item.repeated or item.result is SendOutcome.DUPLICATE
    return replace(found, line=item.line, inbox_id=item.inbox_id, repeated=repeated)


def _is_under_way(item: Sent) -> bool:
    """Claimed, and its end is not known yet."""
    return item.result is SendOutcome.CLAIMED and not item.has_ended


async def _look(reader: Reader, item: Sent) -> Sent:
    if not item.inbox_id:  # claimed over the socket
        return await _outcome_of(reader, item, refused=False, detail="")
    answer = await reader.signal_result(item.inbox_id)
    if answer is None:
        return item
    result, detail = InboxResult(answer[0]), answer[1]
    match result:
        case InboxResult.DUPLICATE:
            return duplicate_answer(item)
        case InboxResult.CONFLICT:
            return conflict_answer(item)
        case _:
            return await _outcome_of(
                reader, item, refused=result is InboxResult.REFUSED, detail=detail
            )


async def first_answers(reader: Reader, sent: list[Sent]) -> None:
    """A repetition is answered as the first delivery was; changes the list.

    For doors whose senders repeat what they do not know to have arrived.
    """
    for index, item in enumerate(sent):
        if item.result is SendOutcome.DUPLICATE:
            first = await outcome_of(reader, item.signal_id)
            if first is not None:
                sent[index] = replace(first, line=item.line, inbox_id=item.inbox_id, repeated=True)


async def outcome_of(reader: Reader, signal_id: str) -> Sent | None:
    """What came of the signal that was claimed under this id; ``None`` if none was."""
    if await reader.claim_of(signal_id) is None:
        return None
    item = Sent(line=1, signal_id=signal_id, inbox_id=0, result=SendOutcome.CLAIMED)
    return await _outcome_of(reader, item, refused=False, detail="")


async def _outcome_of(reader: Reader, item: Sent, *, refused: bool, detail: str) -> Sent:
    """A claimed signal is refused or traded in the same commit, or waits for its turn."""
    claim = await reader.claim_of(item.signal_id)
    if claim is not None:
        key = trade_key(strategy=claim.strategy, signal_id=claim.signal_id, symbol=claim.symbol)
        rows = [row async for row in reader.journal_all(key)]
        if rows:
            told = trade_text(key, [event_of(row) for row in rows])
            return replace(item, result=SendOutcome.CLAIMED, detail=told, has_ended=has_ended(rows))
    # Last, because it looks through all rows of the account.
    for row in reversed(await reader.rows_naming(item.signal_id)):
        event = event_of(row) if row.kind == "signal_refused" else None
        if isinstance(event, SignalRefused) and event.code not in _OF_OTHERS:
            return refused_answer(item, event)
    if refused:
        return replace(item, result=SendOutcome.REFUSED, detail=detail)
    return replace(item, result=SendOutcome.CLAIMED, detail=WAITS)
