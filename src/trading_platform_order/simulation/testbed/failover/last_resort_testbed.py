"""A stage whose engines keep ``owned.json``, so that the last resort can be started on it."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from exchange_simulator.binance.requests.request import second_key_of
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import event_in
from trading_platform_order.runtime.engine import Background, Engine, EngineWorld
from trading_platform_order.runtime.followers.owned_file import (
    OwnedAccount,
    OwnedChanges,
    OwnedFile,
)
from trading_platform_order.runtime.paper.in_process_transport import InProcessHttp
from trading_platform_order.runtime.startup.after_last_resort import AfterLastResort
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.crash_ports import (
    CrashableHttp,
    CrashableStore,
    CrashPoint,
)
from trading_platform_order.simulation.testbed.failover.dog_closing import DogClosing
from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.failover.last_resort_program import LastResortProgram
from trading_platform_order.simulation.testbed.in_process_pair import URLS
from trading_platform_order.simulation.testbed.setup import TestBedSetup
from trading_platform_order.storage.base import Entry
from trading_platform_order.watchdog.ports import LastResort

HORIZON_MS = 5_000


class LastResortTestBed(FailoverTestBed):
    """See above.

    Attributes:
        owned: the file.
        said: what the last resort printed, by all its starts.
        at_work: one that a watchdog started; it outlives a watchdog that dies.
    """

    def __init__(self, report: RunReport, setup: TestBedSetup, *, random: Random) -> None:
        super().__init__(report, setup, random=random)
        self.owned = self.store_path.with_name(f"{self.store_path.name}.files") / "owned.json"
        self.said: list[str] = []
        self.at_work: asyncio.Task[str] | None = None
        self._changes = OwnedChanges()
        self.observers.append(self._follow)

    def open(self) -> None:
        """As any stage, with a folder for the file."""
        super().open()
        self.owned.parent.mkdir(parents=True, exist_ok=True)

    def _engine_world(self) -> EngineWorld:
        world = super()._engine_world()
        return replace(world, deaths=AfterLastResort(self.deaths, self.owned))

    def _follow(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        for entry in entries:
            self._changes.event(event_in(entry), entry.trade_id, None)

    def _background(self) -> tuple[Callable[[Engine], Background], ...]:
        return (*super()._background(), self._owned_file(self.engine_store))

    def beside_closing(self, store: CrashableStore) -> tuple[Callable[[Engine], Background], ...]:
        """A watchdog's engine keeps the file as well."""
        return (self._owned_file(store),)

    def _owned_file(self, store: CrashableStore) -> Callable[[Engine], Background]:
        mode = self.setup.settings.policy.mode
        account = OwnedAccount(
            account="main", mode="paper", prefix=f"t{mode}-", horizon_ms=HORIZON_MS, pairs={}
        )

        async def write(path: Path, content: bytes) -> None:
            # Named anew at once or not at all: what loses power is looked at elsewhere.
            await store.crash_point.point()
            fresh = path.with_name(path.name + ".new")
            fresh.write_bytes(content)
            fresh.replace(path)

        return lambda engine: OwnedFile(
            engine,
            account=account,
            changes=self._changes,
            store=store,
            clock=self.clock,
            path=self.owned,
            announce=self.note,
            write=write,
        )

    def last_resort(self, crash_point: CrashPoint) -> LastResortProgram:
        """One start of it; it is reached by a key of its own."""
        gates = {URLS[Venue(name)][0]: gate for name, gate in self.world.gateways.items()}
        keys = self.keys
        return LastResortProgram(
            [
                *(str(self.owned), "--really", "--upbit-url", URLS[Venue.UPBIT][0]),
                *("--binance-url", URLS[Venue.BINANCE][0]),
            ],
            environment={
                "LAST_RESORT_UPBIT_ACCESS_KEY": keys.upbit_access_key,
                "LAST_RESORT_UPBIT_SECRET_KEY": keys.upbit_secret_key,
                "LAST_RESORT_BINANCE_API_KEY": second_key_of(keys.binance_api_key),
                "LAST_RESORT_BINANCE_SECRET_KEY": keys.binance_secret_key,
            },
            http=CrashableHttp(InProcessHttp(gates), crash_point, self.listeners),
            clock=self.clock,
            say=self._says,
        )

    def _last_resort_of(self, closing: DogClosing) -> LastResort:
        return _OfWatchdog(self, closing, self.dog_crash_point)

    def _says(self, text: str) -> None:
        # A seed tells the same story in every process: the folder is another one in each.
        self.said.append(text.replace(str(self.owned), self.owned.name))
        self.note(f"last resort: {self.said[-1]}")

    async def close(self) -> None:
        """End everything, and leave no file behind."""
        await self.kill_dog()
        await self.end_last_resort()
        await super().close()
        self._forget_files()

    @property
    def is_closing(self) -> bool:
        """One that a watchdog started is at work."""
        return self.at_work is not None and not self.at_work.done()

    @property
    def has_closed(self) -> bool:
        """One that a watchdog started has closed everything."""
        work = self.at_work
        return work is not None and work.done() and not work.cancelled() and not work.result()

    async def end_last_resort(self) -> None:
        """The one that a watchdog started is gone at once."""
        if self.at_work is not None:
            self.at_work.cancel()
            await asyncio.wait([self.at_work])

    def _forget_files(self) -> None:
        shutil.rmtree(self.owned.parent, ignore_errors=True)


class _OfWatchdog:
    """See :class:`trading_platform_order.watchdog.ports.LastResort`."""

    def __init__(
        self, testbed: LastResortTestBed, closing: DogClosing, crash_point: CrashPoint
    ) -> None:
        self._testbed = testbed
        self._closing = closing
        self._crash_point = crash_point

    def why_not(self) -> str:
        """Without the file it does not know what is ours."""
        return "" if self._testbed.owned.exists() else "there is no owned.json"

    def words(self) -> str:
        """Its last line."""
        return self._testbed.said[-1] if self._testbed.said else ""

    async def run(self, reason: str) -> str:
        """Hold the account and have it close; a watchdog that is stopped ends it."""
        testbed = self._testbed
        lock = await self._closing.handed_over(reason)
        testbed.note(f"the watchdog starts the last resort: {reason}")
        work = testbed.at_work = asyncio.ensure_future(testbed.last_resort(CrashPoint()).run())
        work.add_done_callback(lambda _: lock.release())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            if not self._crash_point.dead.is_set():
                await testbed.end_last_resort()
            raise
