"""The engine of one account, put together: the same for live, paper, demo and simulation.

Only the ports differ. Everything that runs, runs in one task group: if any part of it breaks, all
of it stops, and a restart goes on from the journal.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from trading_platform_order import __version__
from trading_platform_order.domain.account_events import EngineStarted
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Venue, hedge_symbol, spot_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.signal import Signal
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.executor.journal_replay import replay
from trading_platform_order.executor.order_executor import OrderExecutor, Receipt
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.runtime.live_market import LiveMarket
from trading_platform_order.signals.schema import content_hash
from trading_platform_order.storage.base import Claim, Store
from trading_platform_order.transport.clock import Clock

PREPARE_RETRY_S = 1.0
PREPARE_RETRY_MAX_S = 60.0
PROJECT_EVERY_S = 0.5


class Background(Protocol):
    """Something that runs beside the engine until cancelled: notifier, inbox."""

    async def run(self) -> None:
        """Run until cancelled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineWorld:
    """Everything outside one engine."""

    exchanges: Mapping[Venue, BaseExchange]
    store: Store
    clock: Clock
    wire_time: Callable[[str], float | None]


class Engine:
    """One account's engine."""

    def __init__(
        self,
        *,
        world: EngineWorld,
        settings: ExecutorSettings,
        leverage: int,
        on_problem: Callable[[str], None] = lambda _: None,
        project_every_s: float = PROJECT_EVERY_S,
    ) -> None:
        self._world = world
        self._settings = settings
        self._leverage = leverage
        self._on_problem = on_problem
        self._project_every_s = project_every_s
        self.bases = tuple(sorted(settings.limits.symbols))
        self.exchanges = world.exchanges
        self.market = LiveMarket(bases=self.bases, exchanges=world.exchanges)
        self._executor: OrderExecutor | None = None

    @property
    def executor(self) -> OrderExecutor:
        """The executor, once the engine is ready.

        Raises:
            RuntimeError: before that.
        """
        if self._executor is None:
            raise RuntimeError("the engine is not ready yet")
        return self._executor

    async def run(
        self, ready: asyncio.Event, background: tuple[Callable[["Engine"], Background], ...] = ()
    ) -> None:
        """Serve until cancelled.

        Raises:
            JournalUnreadable: the journal was written by a newer program.
            StoreUnavailable: the journal cannot be written; nothing is traded without it.
        """
        replayed = await replay(self._world.store)
        # What is held must be closable, also when its symbol has left the allow-list.
        held = {base for (_, base), h in replayed.book.ledger.holdings.items() if h.spot or h.short}
        self.bases = tuple(sorted({*self.bases, *held}))
        self.market.watch(self.bases)
        self._executor = OrderExecutor(
            ports=ExecutorPorts(
                exchanges=self._world.exchanges,
                store=self._world.store,
                clock=self._world.clock,
                market=self.market,
                wire_time=self._world.wire_time,
            ),
            settings=self._settings,
            replayed=replayed,
        )
        await self._prepare()
        executor_ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.market.run(), name="market")
            group.create_task(self._executor.run(executor_ready), name="executor")
            group.create_task(self._project(), name="projector")
            await executor_ready.wait()
            await self._tell_start(self._executor)
            for make in background:
                group.create_task(make(self).run(), name="background")
            ready.set()

    async def _tell_start(self, executor: OrderExecutor) -> None:
        store = self._world.store
        started = EngineStarted(
            build=self._settings.build,
            mode=self._settings.mode,
            clean=store.started_clean,
            machine_changed=store.machine_changed,
            rows_may_be_lost=store.rows_may_be_lost,
            at=self._world.clock.now(),
        )
        moved = Alert(kind=AlertKind.MACHINE_CHANGED, urgent=True)
        await executor.keeper.journal(started, moved if store.machine_changed else None)

    async def _prepare(self) -> None:
        """Both exchanges must be set up right before anything is sent."""
        spot = tuple(spot_symbol(base) for base in self.bases)
        hedge = tuple(hedge_symbol(base) for base in self.bases)
        for venue, symbols in ((Venue.UPBIT, spot), (Venue.BINANCE, hedge)):
            pause_s = PREPARE_RETRY_S
            while True:
                problem = await self._world.exchanges[venue].prepare(
                    symbols, leverage=self._leverage
                )
                if not isinstance(problem, ReadFailed):
                    break
                self._on_problem(f"{venue}: {problem.reason}; next try in {pause_s:.0f} s")
                await asyncio.sleep(pause_s)
                # A wrong key asked for every second would end in a ban.
                pause_s = min(pause_s * 2, PREPARE_RETRY_MAX_S)

    async def _project(self) -> None:
        while True:
            await asyncio.sleep(self._project_every_s)
            await self._world.store.project()

    async def submit(self, signal: Signal, *, inbox_id: int | None = None) -> Receipt:
        """Execute a signal once; returns when its claim is durable."""
        return await self.executor.handle(signal, claim_of(signal, inbox_id=inbox_id))


def claim_of(signal: Signal, *, inbox_id: int | None = None) -> Claim:
    """The claim a signal makes."""
    return Claim(
        signal_id=signal.id,
        content_hash=content_hash(signal),
        strategy=signal.strategy,
        symbol=signal.symbol,
        action=signal.action.value,
        inbox_id=inbox_id,
    )


BUILD = f"tporder-{__version__}"
