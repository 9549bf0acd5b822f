"""``signal send``, ``signal withdraw`` and ``signal schema``."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack, aclosing, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import print_json, word
from trading_platform_order.cli.console.store_location import Place, at_place, reading, writing
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.control.command_send import ask, tell
from trading_platform_order.cli.history.explain import print_story, read_story
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.client.engine_socket import EngineSocket
from trading_platform_order.client.handing_in import (
    Halt,
    Outcome,
    SendOutcome,
    Sent,
    outcome_of,
    send,
)
from trading_platform_order.runtime.doors.command_consumer import WITHDRAW, WithdrawBody
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.signals.faults import MEANING, FaultCode
from trading_platform_order.signals.reader import Piece, read_pieces
from trading_platform_order.signals.remedies import REMEDIES
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.signals.schema import json_schema_text
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised

WAIT_MAX_S = 3_600.0
REASON_CHARS_MAX = 500

# The worst first: it names the command's exit.
_EXITS = {
    SendOutcome.BROKEN: ExitCode.BAD_INPUT,
    SendOutcome.CONFLICT: ExitCode.CONFLICT,
    SendOutcome.REFUSED: ExitCode.REFUSED,
    SendOutcome.DUPLICATE: ExitCode.DUPLICATE,
}
_HALTS = {Halt.INBOX_FULL: ExitCode.INBOX_FULL, Halt.TOO_MANY_FAULTS: ExitCode.BAD_INPUT}


@click.group(cls=Group)
def signal() -> None:
    """Hand in signals, take back what waits, print their schema."""


@signal.command(cls=TellingCommand)
def schema() -> None:
    """Print the JSON Schema of a signal."""
    click.echo(json_schema_text(), nl=False)


@signal.command("send", cls=TellingCommand)
@at_place
@click.argument("file")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, WAIT_MAX_S),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the engine's answer.",
)
@click.option(
    "--outcome",
    "to_the_end",
    is_flag=True,
    help="Wait, within the same time, for the end of the pair trade too, and tell what came of it.",
)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="The same, and every decision and fact after it, as `tporder explain` tells them.",
)
@json_option
def send_command(
    place: Place, *, file: str, wait_s: float, to_the_end: bool, explained: bool, as_json: bool
) -> ExitCode:
    """Hand in FILE (- for standard input): one JSON object, or one per line.

    A running engine takes each signal over its local socket and answers once its claim is durable.
    Without one each is durable in the inbox until an engine runs. Broken lines are named, and
    handed in too, so that their refusal is on record. Signals in research's own format are taken
    too; a HOLD is acknowledged and nothing else. The exit code is that of the worst line.
    """
    if explained and as_json:
        raise click.UsageError(words.EXPLAIN_OR_JSON())
    to_the_end = to_the_end or explained
    with _opened(file) as stream:
        pieces = _readable(file, stream, place.research)
        first = next(pieces, None)
        if first is None:
            fault = FaultCode.EMPTY
            text = words.FILE_FAULT(file=file, code=fault, fault=localised(MEANING[fault]))
            raise CliFault(ExitCode.BAD_INPUT, text, remedy=localised(REMEDIES[fault]))
        outcome = asyncio.run(_send(place, chain([first], pieces), wait_s, to_the_end))
    code = _exit(outcome)
    if as_json:
        print_json({"exit": code.name, "stopped": outcome.stopped, "signals": outcome.sent})
    else:
        firsts = asyncio.run(_firsts(place, outcome)) if to_the_end else {}
        _print(outcome, firsts, points_on=to_the_end and not explained)
    for item in outcome.sent:
        if item.result is SendOutcome.BROKEN:
            say(_fault(item), err=True)
    if explained:
        asyncio.run(_explain(place, outcome))
    if outcome.stopped:
        raise CliFault(code, localised(outcome.stopped))
    return code


async def _send(place: Place, pieces: Iterator[Piece], wait_s: float, to_the_end: bool) -> Outcome:
    knock = partial(knock_at, wake_path(place.db, place.account))
    engine = EngineSocket(place.db, place.account)
    async with writing(place, make=True) as inbox, aclosing(engine):
        return await send(inbox, knock, pieces, wait_s=wait_s, to_the_end=to_the_end, engine=engine)


async def _firsts(place: Place, outcome: Outcome) -> dict[str, Sent]:
    """What came of the signals that were sent again, when they were sent first."""
    again = {item.signal_id for item in outcome.sent if item.result is SendOutcome.DUPLICATE}
    if not again:
        return {}
    async with reading(place) as reader:
        found = {signal_id: await outcome_of(reader, signal_id) for signal_id in sorted(again)}
    return {signal_id: first for signal_id, first in found.items() if first is not None}


async def _explain(place: Place, outcome: Outcome) -> None:
    for signal_id in dict.fromkeys(item.signal_id for item in outcome.sent if item.signal_id):
        story = await read_story(place, signal_id)
        if story is not None:
            say("")
            print_story(story)


def _exit(outcome: Outcome) -> ExitCode:
    """The command's exit code: the worst there is."""
    if outcome.halt is not None:
        return _HALTS[outcome.halt]
    results = {item.result for item in outcome.sent}
    return next((code for result, code in _EXITS.items() if result in results), ExitCode.OK)


@signal.command("withdraw", cls=TellingCommand)
@at_place
@click.argument("signal_id", metavar="ID")
@click.option("--reason", default="", metavar="TEXT", help="Why; stored for good.")
@json_option
def withdraw_command(place: Place, *, signal_id: str, reason: str, as_json: bool) -> ExitCode:
    """Take back the signal ID while it waits: a close above all (`tporder status` shows them).

    The pair stays open, and its strategy may enter again. Of a close that has begun and can send
    nothing now, the rest is taken back. What was sent is never taken back. It needs an engine that
    runs.
    """
    body = WithdrawBody(signal_id=signal_id, reason=" ".join(reason.split())[:REASON_CHARS_MAX])
    answer = asyncio.run(ask(place, WITHDRAW, body))
    return tell(place, answer, about=signal_id, as_json=as_json, signal_id=signal_id)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        stream = sys.stdin.buffer
        if stream.isatty():
            say(words.READING_TERMINAL(), err=True)
        yield stream
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(Path(file).open("rb"))
        except (OSError, ValueError) as error:
            raise _unreadable(file, error) from None
        yield opened


def _readable(file: str, stream: BinaryIO, rules: ResearchRules) -> Iterator[Piece]:
    try:
        yield from read_pieces(stream, rules)
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(file: str, error: Exception) -> CliFault:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return CliFault(
        ExitCode.BAD_INPUT,
        words.CANNOT_READ(file=file, reason=reason),
        remedy=words.NAME_A_FILE(),
    )


def _print(outcome: Outcome, firsts: dict[str, Sent], *, points_on: bool) -> None:
    for item in outcome.sent:
        if item.result is SendOutcome.BROKEN:
            continue
        told = {"line": item.line, "result": _result(item), "detail": localised(item.detail)}
        if item.signal_id:
            say(words.SENT_NAMED(**told, signal=item.signal_id))
        else:
            say(words.SENT(**told))
        if item.remedy:
            say(words.SENT_REMEDY(text=localised(item.remedy)))
        first = firsts.get(item.signal_id)
        if first is not None:
            say(words.SENT_BEFORE(result=_result(first), detail=localised(first.detail)))
        if points_on and item.signal_id:
            say(words.SENT_EXPLAIN(signal=item.signal_id))
    if any(item.result is SendOutcome.QUEUED for item in outcome.sent):
        say(words.SENT_REMEDY(text=words.START_FOR_QUEUED()))


def _result(item: Sent) -> str:
    result = word(words.RESULTS, item.result)
    return words.SENT_CODE(result=result, code=item.code) if item.code else result


def _fault(item: Sent) -> str:
    told = {"line": item.line, "code": item.code, "detail": localised(item.detail)}
    fault = words.BROKEN_LINE(**told)
    if item.field:
        fault = words.BROKEN_FIELD(**told, field=item.field)
    if item.signal_id:
        fault = words.BROKEN_SIGNAL(fault=fault, signal=item.signal_id)
    return f"{fault}\n{words.SENT_REMEDY(text=localised(item.remedy))}"
