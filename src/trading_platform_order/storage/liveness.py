"""What engine and watchdog tell each other through the store: signs of life, and who may act.

Only one of the two acts at any time. The engine beats; each beat is one transaction that also tells
it whether the watchdog has taken over, and an engine that finds a takeover sends nothing more. The
watchdog takes over in one transaction that fails if the engine has beaten meanwhile, and records
every order in one that fails once the engine has adopted the takeover. So neither can act on a
picture in which the other one was still at work.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


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

    ``REQUESTED`` the engine shall make way. ``ACTING`` the watchdog cancels and reduces.
    ``DONE`` it has finished. ``ADOPTING`` the engine is back: the watchdog may do nothing more.
    ``ADOPTED`` its orders are in the journal.
    """

    REQUESTED = "requested"
    ACTING = "acting"
    DONE = "done"
    ADOPTING = "adopting"
    ADOPTED = "adopted"


OPEN_STATES = (TakeoverState.REQUESTED, TakeoverState.ACTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """One time that the watchdog acts in the engine's place.

    Attributes:
        generation: 1, 2, 3 … per account; part of the orders' ids.
    """

    generation: int
    reason: str
    at_us: int
    state: TakeoverState


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverOrder:
    """One order of the watchdog.

    Attributes:
        body: JSON, as the watchdog wrote it.
        status: ``planned`` until its end is known, then ``ended``.
        executed: base quantity, decimal text, once ended.
    """

    client_order_id: str
    generation: int
    at_us: int
    body: str
    status: str = "planned"
    executed: str = "0"


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

    # -- takeovers, the watchdog's side -----------------------------------------------------------

    @abstractmethod
    async def request_takeover(self, reason: str, *, at_us: int) -> Takeover:
        """Ask the engine to make way; an open takeover is returned as it is."""

    @abstractmethod
    async def begin_acting(self, generation: int, *, engine: Heartbeat | None) -> bool:
        """Take over, if the engine made way or has not beaten since ``engine`` was read.

        Returns:
            False: the engine is alive and has not made way, or has adopted the takeover.
        """

    @abstractmethod
    async def plan_orders(self, orders: Sequence[TakeoverOrder]) -> bool:
        """Make intents durable; false (and nothing written) if the takeover is not ``ACTING``."""

    @abstractmethod
    async def end_order(self, client_order_id: str, *, executed: str) -> None:
        """The end of an order is known."""

    @abstractmethod
    async def finish_takeover(self, generation: int) -> None:
        """Nothing is left to do."""

    @abstractmethod
    async def unadopted(self) -> list[tuple[Takeover, list[TakeoverOrder]]]:
        """Takeovers whose orders the journal does not know yet, oldest first."""

    # -- takeovers, the engine's side -------------------------------------------------------------

    @abstractmethod
    async def begin_adopting(self) -> list[tuple[Takeover, list[TakeoverOrder]]]:
        """From here on the watchdog may do nothing more; returns what it did."""

    @abstractmethod
    async def finish_adopting(self, generation: int) -> None:
        """Its orders are in the journal."""

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

    def __init__(self, *, watch: LivenessStore, who: Who, monotonic: Callable[[], float]) -> None:
        self._watch = watch
        self._who = who
        self._monotonic = monotonic
        self._moved_at = monotonic()
        self.last: Heartbeat | None = None

    def through(self, watch: LivenessStore) -> None:
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
