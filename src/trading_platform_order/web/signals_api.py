"""Signals over HTTP: handed in, answered after the durable claim, followed to their end."""

import asyncio
from collections.abc import AsyncIterator
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from trading_platform_order.client.handing_in import (
    POLL_MAX_S,
    Halt,
    SendOutcome,
    Sent,
    follow,
    hand_in,
    outcome_of,
)
from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.signals.content import content_hash
from trading_platform_order.signals.reader import Piece
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.world import Problem, WebWorld, World

POLL_WAIT_S_MAX = 60.0
STREAMS_MAX = 32
STREAM_S_MAX = 600.0
STREAM_BEAT_S = 15.0
PART_S = 0.5
SIGNAL_ID = Annotated[str, PathParameter(pattern=r"^[!-~]{1,128}$", description="a signal's id")]
STATUSES = {
    SendOutcome.CLAIMED: HTTPStatus.OK,
    SendOutcome.DUPLICATE: HTTPStatus.OK,
    SendOutcome.HOLD: HTTPStatus.OK,
    SendOutcome.QUEUED: HTTPStatus.ACCEPTED,
    SendOutcome.BROKEN: HTTPStatus.BAD_REQUEST,
    SendOutcome.CONFLICT: HTTPStatus.CONFLICT,
    SendOutcome.REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
}
UNSIGNED = ResponseSpec(Problem, description="not signed, or not so that it counts")
UNREADABLE = ResponseSpec(Problem, description="it cannot be read")
UNKNOWN = ResponseSpec(Problem, description="no such signal")
BUSY = ResponseSpec(Problem, description="not taken now; try it later")


class Until(StrEnum):
    """What is waited for."""

    ANSWERED = "answered"  # claimed or refused
    ENDED = "ended"  # its pair trade has settled, or waits for an operator


@post(
    "/v1/signals",
    status_code=HTTPStatus.OK,
    responses={
        202: ResponseSpec(Sent, description="durable in the inbox; no engine claimed it yet"),
        400: ResponseSpec(Sent, description="it cannot be read; the refusal is on record"),
        401: UNSIGNED,
        409: ResponseSpec(Sent, description="its id was used before with other content"),
        422: ResponseSpec(Sent, description="the engine refused it; nothing is traded"),
        503: BUSY,
    },
)
async def send_signal(request: Request[Any, Any, Any], world: World) -> Response[Sent]:
    """Hand in one signal, of the schema or of research's format.

    Answered once its claim is durable, or once the signal is durable in the inbox if no engine
    claims it in time; the same id again is answered as the first time.
    """
    loop = asyncio.get_running_loop()
    waits_until = loop.time() + world.claim_wait_s
    sent = await _handed_in(world, await request.body())
    if sent.result in {SendOutcome.QUEUED, SendOutcome.DUPLICATE}:
        left_s = max(0.0, waits_until - loop.time())
        sent = await follow(world.inbox, sent, wait_s=left_s, to_the_end=False)
    if sent.result is SendOutcome.QUEUED and not sent.detail:
        told = "durable in the inbox; no engine answered yet"
        sent = msgspec.structs.replace(sent, detail=told)
    world.counters.signal(sent.result, straight=not sent.inbox_id)
    return Response(sent, status_code=STATUSES[sent.result])


async def _handed_in(world: WebWorld, raw: bytes) -> Sent:
    found = read_any(raw, world.rules)
    if isinstance(found, Signal):
        claim = await world.inbox.claim_of(found.id)
        if claim is not None and claim.content_hash == content_hash(found):
            first = await outcome_of(world.inbox, found.id)
            if first is not None:
                return msgspec.structs.replace(first, repeated=True)
        waits = world.places.get(content_hash(found))
        if waits is not None:
            return waits
    pieces = iter([Piece(line=1, raw=raw, found=found)])
    outcome = await hand_in(world.inbox, world.knock, pieces, world.engine)
    if outcome.halt is Halt.INBOX_FULL:
        raise RequestRefused(
            HTTPStatus.SERVICE_UNAVAILABLE, "inbox_full", outcome.stopped, "does the engine run?"
        )
    (sent,) = outcome.sent
    if isinstance(found, Signal) and sent.inbox_id:
        world.remember(content_hash(found), sent)
    return sent


@get(
    "/v1/signals/{signal_id:str}",
    responses={400: UNREADABLE, 401: UNSIGNED, 404: UNKNOWN, 503: BUSY},
)
async def signal_outcome(
    signal_id: SIGNAL_ID,
    world: World,
    until: FromQuery[Until] = Until.ANSWERED,
    wait_s: Annotated[float, QueryParameter(ge=0, le=POLL_WAIT_S_MAX)] = 0.0,
) -> Sent:
    """What became of a signal; a long poll with ``wait_s``."""
    sent = await _known(world, signal_id)
    return await _followed(world, sent, wait_s=wait_s, to_the_end=until is Until.ENDED)


@get(
    "/v1/signals/{signal_id:str}/events",
    media_type="text/event-stream",
    responses={400: UNREADABLE, 401: UNSIGNED, 404: UNKNOWN, 503: BUSY},
)
async def signal_events(signal_id: SIGNAL_ID, world: World) -> ServerSentEvent:
    """The same as server-sent events: `outcome` at once and at each change, until the end."""
    sent = await _known(world, signal_id)
    require_stream(world)
    return ServerSentEvent(_events(world, sent))


def require_stream(world: WebWorld) -> None:
    """One more stream may be opened.

    Raises:
        RequestRefused: too many are open.
    """
    if world.streams.count >= STREAMS_MAX:
        raise RequestRefused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "busy",
            f"{STREAMS_MAX} streams are open",
            "use the long poll, or try it later",
        )


async def _events(world: World, sent: Sent) -> AsyncIterator[ServerSentEventMessage]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + STREAM_S_MAX
    before: Sent | None = None
    with world.streams.one():
        while loop.time() < ends_at:
            if sent == before:
                yield ServerSentEventMessage(comment="beat", data=None)
            else:
                data = msgspec.json.encode(sent).decode()
                yield ServerSentEventMessage(event="outcome", data=data)
            if sent.is_final or world.streams.is_closing:
                return
            before = sent
            sent = await _changed(world, sent)


async def _changed(world: WebWorld, sent: Sent) -> Sent:
    """As soon as anything is another than it was, at the latest after a beat."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + STREAM_BEAT_S
    while True:
        found = await follow(world.inbox, sent, wait_s=0, to_the_end=True)
        if found != sent or loop.time() >= ends_at or world.streams.is_closing:
            return found
        await asyncio.sleep(POLL_MAX_S)


async def _followed(world: WebWorld, sent: Sent, *, wait_s: float, to_the_end: bool) -> Sent:
    """In parts, so that the end of this process is not waited for."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + wait_s
    while True:
        left_s = max(0.0, ends_at - loop.time())
        part_s = min(left_s, PART_S)
        sent = await follow(world.inbox, sent, wait_s=part_s, to_the_end=to_the_end)
        is_answered = sent.result is not SendOutcome.QUEUED and not to_the_end
        if sent.is_final or is_answered or left_s <= part_s or world.streams.is_closing:
            return sent


async def _known(world: World, signal_id: str) -> Sent:
    sent = await outcome_of(world.inbox, signal_id)
    if sent is not None:
        return sent
    waits = next((one for one in world.places.values() if one.signal_id == signal_id), None)
    if waits is None:
        raise RequestRefused(
            HTTPStatus.NOT_FOUND,
            "no_such_signal",
            "no signal of this id was claimed, and none was handed in here",
            "check the id",
        )
    return waits
