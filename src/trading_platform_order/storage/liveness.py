"""What engine and watchdog tell each other through the store: signs of life, and who may act.

Only one of the two acts at any time. Each beat of the engine also tells it whether the watchdog
wants the account, and an engine that finds so sends nothing more and ends. The watchdog begins in
one transaction that fails if the engine has beaten meanwhile, and then holds the account as any
engine does: by its lease (``storage/lease.py``), which fences whoever wakes up late.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Who(StrEnum):
    """Who gives a sign of life."""

    ENGINE = "engine"
    WATCHDOG = "watchdog"


class ProcessState(StrEnum):
    """What a sign of life says about its sender."""

    STARTING = "starting"  # it reads its journal and the exchanges, and serves nothing yet
    RUNNING = "running"
    YIELDED = "yielded"  # the engine found a takeover and sends nothing more
    ENDED = "ended"  # stopped on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life.

    Attributes:
        boot: names one run of the program; another one after every start.
        beat: grows with every beat of a boot.
        at_us: calendar time, microseconds; for operators. Whether it is old is told by whether
            ``beat`` moves, so that a jump of the calendar kills nobody.
        unresolved: trades under way.
        exposure_krw: value of what is held, decimal text.
        latched: the sender knows that the emergency stop is set, and obeys.
        yielded: the takeover it has made way for; 0 for none.
    """

    who: Who
    boot: str
    beat: int
    at_us: int
    state: ProcessState = ProcessState.RUNNING
    unresolved: int = 0
    exposure_krw: str = "0"
    latched: bool = False
    yielded: int = 0


class TakeoverState(StrEnum):
    """Where a takeover stands.

    ``REQUESTED`` the engine shall make way. ``ACTING`` the watchdog may take the account, and
    closes. ``DONE`` it has finished. ``ADOPTED`` an engine ended it: the watchdog may do nothing
    more. ``ADOPTING`` was that, too, while a watchdog's orders were not in the journal.
    """

    REQUESTED = "requested"
    ACTING = "acting"
    DONE = "done"
    ADOPTING = "adopting"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """One time that the watchdog acts in the engine's place.

    Attributes:
        generation: 1, 2, 3 … per account.
    """

    generation: int
    reason: str
    at_us: int
    state: TakeoverState


class SignsOfLife(Protocol):
    """Where an engine leaves its signs of life, and sees the watchdog's."""

    async def beat(self, heartbeat: Heartbeat) -> Takeover | None:
        """Write a sign of life; returns the takeover that is open at that moment, if any."""
        ...

    async def heartbeat(self, who: Who) -> Heartbeat | None:
        """The last sign of life."""
        ...

    async def relieve(self) -> None:
        """An engine goes on with everything: whatever takeover is open, is over."""
        ...


class LivenessStore(ABC):
    """The store as engine and watchdog use it to watch each other.

    Every verb raises ``StoreUnavailable`` if the store cannot be used.
    """

    # -- signs of life ----------------------------------------------------------------------------

    @abstractmethod
    async def beat(self, heartbeat: Heartbeat) -> Takeover | None:
        """Write a sign of life; returns the takeover that is open at that moment, if any."""

    @abstractmethod
    async def heartbeat(self, who: Who) -> Heartbeat | None:
        """The last sign of life."""

    # -- takeovers --------------------------------------------------------------------------------

    @abstractmethod
    async def request_takeover(self, reason: str, *, at_us: int) -> Takeover:
        """Ask the engine to make way; an open takeover is returned as it is."""

    @abstractmethod
    async def begin_acting(self, generation: int, *, engine: Heartbeat | None) -> bool:
        """Take over, if the engine made way or has not beaten since ``engine`` was read.

        Returns:
            False: the engine is alive and has not made way, or has ended the takeover.
        """

    @abstractmethod
    async def open_takeover(self) -> Takeover | None:
        """The one that is requested or acted on, if there is one."""

    @abstractmethod
    async def finish_takeover(self, generation: int) -> None:
        """Nothing is left to do."""

    @abstractmethod
    async def relieve(self) -> None:
        """An engine goes on with everything: whatever takeover is open, is over."""

    # -- the watchdog's own count -----------------------------------------------------------------

    @abstractmethod
    async def baseline(self, day: str) -> str | None:
        """What was recorded at the start of a day (JSON)."""

    @abstractmethod
    async def set_baseline(self, day: str, body: str, *, at_us: int) -> bool:
        """Record it once; false if it was recorded before (the first stays)."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the file."""


class Observed:
    """Whether another program lives: by whether its beat moves, on the observer's own stopwatch."""

    def __init__(self, *, watch: SignsOfLife, who: Who, monotonic: Callable[[], float]) -> None:
        self._watch = watch
        self._who = who
        self._monotonic = monotonic
        self._moved_at = monotonic()
        self.last: Heartbeat | None = None

    def through(self, watch: SignsOfLife) -> None:
        """The store was opened again."""
        self._watch = watch

    async def look(self) -> None:
        """Read its last sign of life."""
        seen = await self._watch.heartbeat(self._who)
        if seen != self.last:
            self.last = seen
            self._moved_at = self._monotonic()

    def silent_s(self) -> float:
        """Seconds since its beat last moved, as far as was looked."""
        return self._monotonic() - self._moved_at
