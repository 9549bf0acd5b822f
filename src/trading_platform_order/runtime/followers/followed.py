"""Who follows the journal of a running engine: its log, and its metrics if a port is set."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from trading_platform_order.observability.feed import Feed, Follower
from trading_platform_order.observability.log import EngineLog
from trading_platform_order.runtime.doors.outcome_waits import OutcomeWaits
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.followers.owned_file import OwnedChanges
from trading_platform_order.runtime.settings.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A feed, and what runs beside the engine to show what comes of it.

    Without followers what is remembered stays in the feed: for a look, which commits nothing.
    """

    feed: Feed = field(default_factory=lambda: Feed(()))
    waits: OutcomeWaits = field(default_factory=OutcomeWaits)
    owned: OwnedChanges = field(default_factory=OwnedChanges)
    background: tuple[Callable[[Engine], Background], ...] = ()

    @classmethod
    def by(cls, log: EngineLog, settings: Settings) -> "Followed":
        """The log, and the metrics if they are wanted."""
        waits, owned = OutcomeWaits(), OwnedChanges()
        if not settings.metrics.port:
            return cls(feed=Feed((log, waits, owned)), waits=waits, owned=owned)
        # Its library is loaded only where it is used.
        from trading_platform_order.runtime.followers.metrics import Metrics  # noqa: PLC0415

        metrics = Metrics(settings, log=log)
        followers: tuple[Follower, ...] = (log, waits, owned, metrics.counters)
        return cls(feed=Feed(followers), waits=waits, owned=owned, background=(metrics.of,))

    def beside_it(self, announce: Callable[[str], None]) -> AbstractAsyncContextManager[None]:
        """Hand on what is remembered, until the end of the block; its failure ends nothing."""
        return beside(self.feed.run(), name="the log", announce=announce)
