"""What the watchdog sees of the engine, tick after tick: its beats, its lock, and its start."""

from collections.abc import Callable

from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.liveness import (
    Heartbeat,
    LivenessStore,
    Observed,
    ProcessState,
    Who,
)
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.watchdog.engine.liveness import Judgement, Signs, judge
from trading_platform_order.watchdog.ports import WatchdogPorts, WatchdogSettings


class EngineWatch:
    """Of one engine, over all its restarts."""

    def __init__(
        self,
        *,
        ports: WatchdogPorts,
        settings: WatchdogSettings,
        running: RunningTime,
        is_amid_trade: Callable[[], bool],
    ) -> None:
        """``running``: who stood still saw no sign of life, and no silence either.

        ``is_amid_trade``: a trade is under way by the journal.
        """
        self._ports = ports
        self._settings = settings
        self._is_amid_trade = is_amid_trade
        self._now = running.seconds
        self._observed: Observed | None = None
        self._gone_at = self._now()
        self._served_at = self._now()
        self._starting_since: float | None = None
        self._unready_since: float | None = None

    def through(self, watch: LivenessStore) -> None:
        """The store was opened."""
        if self._observed is None:
            self._observed = Observed(watch=watch, who=Who.ENGINE, monotonic=self._now)
        self._observed.through(watch)

    @property
    def last(self) -> Heartbeat | None:
        """Its last sign of life."""
        return None if self._observed is None else self._observed.last

    @property
    def name(self) -> str:
        """Of the engine as it is now; another one for every beat."""
        last = self.last
        return "" if last is None else f"{last.boot}/{last.beat}"

    async def look(self) -> Judgement:
        """Read its signs of life and judge.

        Raises:
            StoreUnavailable: they cannot be read.
        """
        if self._observed is None:
            raise StoreUnavailable("not opened yet")
        await self._observed.look()
        last, gone = self._observed.last, self._ports.engine_is_gone()
        if gone:
            self._gone_at = self._now()
        self._note_start(last)
        has_ended = gone and last is not None and last.state is ProcessState.ENDED
        started = self._starting_since
        signs = Signs(
            last=last,
            silent_s=self._observed.silent_s(),
            gone=gone,
            there_s=self._now() - self._gone_at,
            is_amid_trade=has_ended and self._is_amid_trade(),
            starting_s=0.0 if started is None else self._now() - started,
        )
        found = judge(signs, self._settings)
        if found.condition.serves_exits:
            self._served_at = self._now() - signs.silent_s
        if found.condition.has_ended:
            self._starting_since = None
        return found

    def alone_s(self) -> float:
        """How long nobody has been there to carry out an EXIT.

        A start is given its time once: one that dies and begins again over and over is nobody.
        """
        now = self._now()
        alone_s = now - self._served_at
        if self._unready_since is None:
            return alone_s
        return max(alone_s, now - self._unready_since - self._settings.start_patience_s)

    def _note_start(self, last: Heartbeat | None) -> None:
        if last is None or last.state in {ProcessState.RUNNING, ProcessState.ENDED}:
            self._starting_since = self._unready_since = None
        elif last.yielded:
            self._starting_since = None  # it waits for us
        elif last.state is ProcessState.STARTING:
            now = self._now()
            self._starting_since = now if self._starting_since is None else self._starting_since
            self._unready_since = now if self._unready_since is None else self._unready_since
