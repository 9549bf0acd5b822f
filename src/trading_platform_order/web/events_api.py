"""`GET /v1/events`: everything that happens, as server-sent events; resumed by `Last-Event-ID`."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.web.event_stream import Place
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.signals_api import (
    BUSY,
    STREAM_BEAT_S,
    STREAM_S_MAX,
    UNREADABLE,
    UNSIGNED,
    require_stream,
)
from trading_platform_order.web.world import WebWorld, World

LAST = "last-event-id"
AFTER = QueryParameter(
    pattern=r"^[0-9]{1,18}-[0-9]{1,18}$", description="go on behind this event's id"
)


@get(
    "/v1/events",
    media_type="text/event-stream",
    responses={400: UNREADABLE, 401: UNSIGNED, 503: BUSY},
)
async def all_events(
    request: Request[Any, Any, Any], world: World, after: Annotated[str | None, AFTER] = None
) -> ServerSentEvent:
    """Trades, refusals, alerts and starts as they become durable, and `standing` when it changes.

    With the header `Last-Event-ID` (or `after`) from behind that event on, without one from now on.
    """
    require_stream(world)
    return ServerSentEvent(_events(world, await _place(world, request.headers.get(LAST) or after)))


async def _place(world: WebWorld, asked: str | None) -> Place:
    head = await world.events.head()
    if asked is None:
        return head
    place = Place.read(asked)
    if place is None or not place.is_behind(head):
        raise RequestRefused(
            HTTPStatus.BAD_REQUEST,
            "no_such_event",
            f"no event of this store has the id {asked[:40]!r}",
            "go on without Last-Event-ID",
        )
    return place


async def _events(world: WebWorld, place: Place) -> AsyncIterator[ServerSentEventMessage]:
    loop, stream = asyncio.get_running_loop(), world.events
    ends_at, standing = loop.time() + STREAM_S_MAX, ""
    with world.streams.one(), stream.listening():
        yield ServerSentEventMessage(comment="listening", data=None)
        while loop.time() < ends_at and not world.streams.is_closing:
            changes = stream.changes
            if stream.standing != standing:
                standing = stream.standing
                yield ServerSentEventMessage(event="standing", data=standing)
            try:
                page = await stream.after(place)
            except StoreUnavailable:
                return  # whoever listens connects again, and is told why
            for event in page.events:
                yield ServerSentEventMessage(id=str(event.place), event=event.name, data=event.data)
            place = page.place
            if not page.is_full and not await stream.wait(changes, limit_s=STREAM_BEAT_S):
                yield ServerSentEventMessage(comment="beat", data=None)
