"""What the API stands on: one account's store, and who may ask for what."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import msgspec
from litestar.di import NamedDependency

from trading_platform_order.client.handing_in import Sent, Straight
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import Inbox
from trading_platform_order.web.counters import WebCounters
from trading_platform_order.web.event_stream import EventStream
from trading_platform_order.web.key import Key
from trading_platform_order.web.page.state import PageState
from trading_platform_order.web.stop_door import StopDoor

__all__ = ["Key", "Listening", "Problem", "Streams", "WebWorld", "World"]

PLACES_MAX = 10_000
ASK_EVERY_S = 1.0


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not carried out.

    Attributes:
        code: stable, snake case.
        message: the same for operators.
        remedy: what helps.
    """

    code: str
    message: str
    remedy: str


@dataclass(slots=True)
class Streams:
    """Event streams that are open.

    Attributes:
        is_closing: the process ends: whatever waits answers with what is known.
    """

    count: int = 0
    is_closing: bool = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """One more while it lasts."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


@dataclass(slots=True)
class Listening:
    """Whether an engine listens, asked at most once a second: a knock costs it a look."""

    heard: bool = False
    until_s: float = -inf

    def ask(self, knock: Callable[[], bool], now_s: float) -> bool:
        """``now_s``: of a monotonic clock."""
        if now_s >= self.until_s:
            self.heard, self.until_s = knock(), now_s + ASK_EVERY_S
        return self.heard


@dataclass(frozen=True, slots=True, kw_only=True)
class WebWorld:
    """Handed to every handler.

    Attributes:
        knock: wakes the engine; true if one heard it.
        engine: takes signals straight, while one runs.
        events: what becomes durable.
        status: what `tporder status --json` shows.
        claim_wait_s: how long a signal's answer waits for the engine.
        unread_s: how long an answer may stay unread.
        live_file: where the engine writes its newest figures.
        page: what the page alone needs.
        stop_door: stops also while the store does not answer.
        places: where signals lie in the inbox that no engine has answered yet, by their content.
    """

    account: str
    inbox: Inbox
    knock: Callable[[], bool]
    engine: Straight
    events: EventStream
    rules: ResearchRules
    status: Callable[[], Awaitable[Mapping[str, Any]]]
    stop_file: Path | None
    claim_wait_s: float
    unread_s: float
    live_file: Path
    page: PageState
    stop_door: StopDoor
    counters: WebCounters = field(default_factory=WebCounters)
    places: dict[str, Sent] = field(default_factory=dict)
    streams: Streams = field(default_factory=Streams)
    listening: Listening = field(default_factory=Listening)

    def remember(self, content: str, sent: Sent) -> None:
        """A repetition waits for the same answer, and is not handed in again."""
        if len(self.places) >= PLACES_MAX:
            del self.places[next(iter(self.places))]
        self.places[content] = sent


World = NamedDependency[WebWorld]
