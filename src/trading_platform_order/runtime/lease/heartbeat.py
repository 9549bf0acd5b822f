"""The engine's sign of life, the lease it sends under, and making way for the watchdog.

The engine beats through the store, off the order path. A beat that reached the store renews the
lease for some seconds; without it nothing is sent any more, so that an engine that hung and wakes
up cannot trade on a picture in which it was still alone. A beat that finds a takeover ends the
engine: whoever runs it starts it again, and the new one waits for the watchdog's end
(:func:`let_watchdog_finish`) before it takes the account.

With each beat the account's lease is renewed (``storage/lease.py``), also while the beat itself
waits for a lock: it is what a standby times. A renewal that finds another holder ends the engine as
well.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

from trading_platform_order.storage.base import StoreBusy, StoreUnavailable
from trading_platform_order.storage.lease import AccountLease
from trading_platform_order.storage.liveness import (
    Heartbeat,
    LivenessStore,
    Observed,
    ProcessState,
    SignsOfLife,
    Takeover,
    Who,
)
from trading_platform_order.transport.clock import Clock, epoch_us

LOCK_PAUSE_S = 0.1


class MadeWay(Exception):  # noqa: N818 - a fact, named as the docs do
    """Watchdog or successor act in this engine's place; started again, it waits for its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a beat tells besides.

    Attributes:
        unresolved: trades under way.
        exposure_krw: value of what is held.
        latched: the engine knows that the emergency stop is set.
    """

    unresolved: int
    exposure_krw: str
    latched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatSettings:
    """How often, and for how long a beat counts.

    Attributes:
        beat_s: pause between beats.
        lease_s: how long after the last beat the engine still sends.
        takeover_wait_s: how long a starting engine lets a living watchdog finish.
        watchdog_silent_s: a watchdog whose beat stands still for so long is dead.
        expected: operators are told when the watchdog is dead.
        lock_wait_s: how long a beat waits for a lock that another process holds; the lease ends by
            itself meanwhile.
    """

    beat_s: float = 0.5
    lease_s: float = 3.0
    takeover_wait_s: float = 60.0
    watchdog_silent_s: float = 10.0
    expected: bool = False
    lock_wait_s: float = 60.0


class SendingLease:
    """May the engine send? One comparison, asked before every order.

    It is measured by the clock that counts suspend: who slept may have been replaced meanwhile.
    """

    def __init__(self, boottime: Callable[[], float], lease_s: float) -> None:
        """``boottime``: counts suspend. ``lease_s``: how long a beat counts."""
        self._boottime = boottime
        self._lease_s = lease_s
        self._until = 0.0

    def renew(self, beaten_at: float) -> None:
        """A beat begun at ``beaten_at`` (seconds since boot) reached the store."""
        self._until = beaten_at + self._lease_s

    def end(self) -> None:
        """Nothing is sent from now on."""
        self._until = 0.0

    def may_send(self) -> bool:
        """The last beat is fresh enough."""
        return self._boottime() < self._until


class EngineHeartbeat:
    """Beats for one engine.

    Args:
        on_problem: told in one line what an operator should know.
        on_silence: called when the watchdog that is expected has given no sign of life for too long
            (true), and when it gives one again (false).
        account_lease: the account's; ``None`` where nobody can take it from this engine.
        epoch: this engine's.
    """

    def __init__(
        self,
        *,
        watch: SignsOfLife,
        clock: Clock,
        boot: str,
        settings: HeartbeatSettings,
        on_problem: Callable[[str], None] = lambda _: None,
        on_silence: Callable[[bool], Awaitable[None]] | None = None,
        account_lease: AccountLease | None = None,
        epoch: int = 0,
    ) -> None:
        self._account_lease = account_lease
        self._epoch = epoch
        self._watch = watch
        self._clock = clock
        self._boot = boot
        self._settings = settings
        self._on_problem = on_problem
        self._on_silence = on_silence
        self._alone = False
        self._beat = 0
        self._state = ProcessState.STARTING
        self.lease = SendingLease(clock.boottime, settings.lease_s)
        self.watchdog = Observed(watch=watch, who=Who.WATCHDOG, monotonic=clock.monotonic)

    async def begin(self) -> None:
        """Before anything is read: who finds a watchdog at work leaves the account to it.

        Raises:
            MadeWay: it lives. One that gives no sign of life is relieved.
        """
        seen = await self._watch.heartbeat(Who.WATCHDOG)
        dead_at = self._clock.monotonic() + self._settings.watchdog_silent_s
        yielded = 0
        while True:
            await self._renew()
            takeover = await self._watch.beat(self._heartbeat(None, yielded))
            if takeover is None:
                return
            if await self._watch.heartbeat(Who.WATCHDOG) != seen:
                await self._make_way(takeover, None)
            if self._clock.monotonic() >= dead_at:
                await self._watch.relieve()
                return
            yielded = takeover.generation
            await asyncio.sleep(self._settings.beat_s)

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beat beside a long work of the start; nothing may be sent yet.

        What fails inside is raised as it is.

        Raises:
            MadeWay: a watchdog takes over meanwhile: it need not wait for the end of that work.
        """
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(self._beat_on(), name="signs of life at the start")
                yield
                task.cancel()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _beat_on(self) -> None:
        while True:
            await self._renew()
            takeover = await self._watch.beat(self._heartbeat(None, 0))
            if takeover is not None:
                await self._make_way(takeover, None)
            await asyncio.sleep(self._settings.beat_s)

    def ready(self) -> None:
        """The engine serves: from now on its beats say that all is well."""
        self._state = ProcessState.RUNNING

    async def first(self) -> None:
        """The beat that opens the lease."""
        await self._beat_once(None)

    async def run(self, figures: Callable[[], Figures]) -> None:
        """Beat until cancelled.

        Raises:
            MadeWay: the watchdog has taken over.
            StoreUnavailable: no sign of life can be written; trading stops.
        """
        while True:
            await self._beat_once(figures())
            await self._mind_the_watchdog()
            await asyncio.sleep(self._settings.beat_s)

    async def _mind_the_watchdog(self) -> None:
        if not self._settings.expected or self._on_silence is None:
            return  # nobody would be told, and a look is a hop to the store's thread
        await self.watchdog.look()
        alone = self.watchdog.silent_s() >= self._settings.watchdog_silent_s
        if alone is not self._alone:
            self._alone = alone
            await self._on_silence(alone)

    async def end(self) -> None:
        """Stopped on purpose: nobody needs to act at once."""
        self.lease.end()
        try:
            await self._watch.beat(self._heartbeat(None, 0, ProcessState.ENDED))
        except StoreUnavailable as problem:
            self._on_problem(f"the end of the engine could not be noted: {problem}")

    async def _beat_once(self, figures: Figures | None) -> None:
        beaten_at, takeover = await self._beat_through(figures)
        if takeover is None:
            self.lease.renew(beaten_at)
            return
        await self._make_way(takeover, figures)

    async def _make_way(self, takeover: Takeover, figures: Figures | None) -> NoReturn:
        self.lease.end()
        await self._watch.beat(self._heartbeat(figures, takeover.generation, ProcessState.YIELDED))
        raise MadeWay(
            f"the watchdog took over: {takeover.reason}; start the engine again, it waits for the "
            "watchdog"
        )

    async def _beat_through(self, figures: Figures | None) -> tuple[float, Takeover | None]:
        """The beat that reached the store: when it was begun, and what it found.

        A lock that another process holds is no death: it holds everybody's writes alike.
        """
        until_s = self._clock.monotonic() + self._settings.lock_wait_s
        while True:
            beaten_at = self._clock.boottime()
            try:
                await self._renew()
                return beaten_at, await self._watch.beat(self._heartbeat(figures, 0))
            except StoreBusy:
                if self._clock.monotonic() >= until_s:
                    raise
                await asyncio.sleep(min(self._settings.beat_s, LOCK_PAUSE_S))

    async def _renew(self) -> None:
        """One more sign that the account is held; found to be another's, nothing is sent any more.

        Raises:
            MadeWay: a successor holds the account.
        """
        if self._account_lease is None or await self._account_lease.renew(self._epoch):
            return
        self.lease.end()
        found = await self._account_lease.lease()
        why = "the lease is gone" if found is None else found.reason
        raise MadeWay(
            f"a successor holds the account ({why}); it goes on with everything that was open. "
            "Start this engine again with --standby"
        )

    def _heartbeat(
        self, figures: Figures | None, yielded: int, state: ProcessState | None = None
    ) -> Heartbeat:
        self._beat += 1
        told = figures or Figures(unresolved=0, exposure_krw="0", latched=False)
        return Heartbeat(
            who=Who.ENGINE,
            boot=self._boot,
            beat=self._beat,
            at_us=epoch_us(self._clock.now()),
            state=state or self._state,
            unresolved=told.unresolved,
            exposure_krw=told.exposure_krw,
            latched=told.latched,
            yielded=yielded,
        )


class NoSigns:
    """For an engine that acts in another one's place: it holds the account, and is not that one."""

    async def beat(self, heartbeat: Heartbeat) -> Takeover | None:
        """Nothing is written."""

    async def heartbeat(self, who: Who) -> Heartbeat | None:
        """Nobody is looked at."""

    async def relieve(self) -> None:
        """There is nobody to relieve."""


async def let_watchdog_finish(
    watch: LivenessStore,
    *,
    clock: Clock,
    boot: str,
    settings: HeartbeatSettings,
    tell: Callable[[str], None],
) -> bool:
    """Before the account is taken: wait while a living watchdog is at work in the engine's place.

    It carries every close out by the engine's own code, so there is nothing to do better; but one
    that takes too long may have a dead key where ours is alive, and is relieved.

    Args:
        watch: where the two see each other.
        clock: for how long.
        boot: names this start in its signs of life.
        settings: how long the watchdog is let.
        tell: told in one line that it is waited for.

    Returns:
        It was relieved, or is dead: its lease may have to be waited for.
    """
    until_s = clock.monotonic() + settings.takeover_wait_s
    observed = Observed(watch=watch, who=Who.WATCHDOG, monotonic=clock.monotonic)
    beat = told = 0
    while (takeover := await watch.open_takeover()) is not None:
        await observed.look()
        is_dead = observed.silent_s() >= settings.watchdog_silent_s
        if is_dead or clock.monotonic() >= until_s:
            await watch.relieve()
            return True
        if told != takeover.generation:
            told = takeover.generation
            tell(f"the watchdog is at work ({takeover.reason}); waiting for it")
        beat += 1
        # From now on somebody starts: nothing else is taken over meanwhile.
        await watch.beat(
            Heartbeat(
                who=Who.ENGINE,
                boot=boot,
                beat=beat,
                at_us=epoch_us(clock.now()),
                state=ProcessState.STARTING,
                yielded=takeover.generation,
            )
        )
        await asyncio.sleep(settings.beat_s)
    return False
