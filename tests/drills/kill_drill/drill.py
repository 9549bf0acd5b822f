"""One drill: lives and kills, then everything is closed and judged."""

import asyncio
import contextlib
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.drills.kill_drill.in_flight import InFlight
from tests.drills.kill_drill.judging import judge
from tests.drills.kill_drill.logged_process import DrillBroken, LoggedProcess
from tests.drills.kill_drill.processes import WAY_S, DrillFixture, until_ready
from tests.drills.kill_drill.report import DrillReport
from tests.drills.kill_drill.stream import Stream
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader

SETTLE_LIMIT_S = 120.0
LOOK_EVERY_S = 0.005
AIM_LIMIT_S = 20.0
"""So long an aimed kill waits for an order to leave."""
ORDERS_BEFORE = 8
"""An aimed kill lets up to so many orders leave."""


class Moment(StrEnum):
    """When a kill strikes."""

    IN_FLIGHT = "an order is on its way"
    STARTING = "the engine starts"
    ANY = "whenever"


CARDS = (Moment.IN_FLIGHT,) * 15 + (Moment.STARTING,) * 2 + (Moment.ANY,) * 3
"""Of twenty kills so many of each; chance only orders them, so that a drill keeps its word."""


class Drill:
    """One drill."""

    def __init__(self, fixture: DrillFixture, *, kills: int, seed: int) -> None:
        self._fixture = fixture
        self._kills = kills
        self._random = Random(seed)  # noqa: S311 - a drill that can be repeated, not a secret
        self._starts_s: list[float] = []
        self._orders = InFlight(fixture.database)
        self.report = DrillReport(seed=seed)

    async def run(self) -> DrillReport:
        """Kill, close, judge."""
        began = time.monotonic()
        await self._fixture.start_exchanges()
        await self._fixture.slow_down()
        inbox = open_inbox(self._fixture.database)
        try:
            stream = Stream(self._fixture.database, inbox, self._random)
            await self._kill_beside(stream)
            await self._close_all(stream)
        finally:
            await inbox.close()
        reader = open_reader(self._fixture.database)
        try:
            await judge(reader, await self._fixture.state(), stream.acknowledged, self.report)
        finally:
            await reader.close()
        self.report.start_s = sorted(self._starts_s)[len(self._starts_s) // 2]
        self.report.seconds = round(time.monotonic() - began, 1)
        return self.report

    async def _kill_beside(self, stream: Stream) -> None:
        sending = asyncio.create_task(stream.run())
        moments = self._moments()
        try:
            while self.report.kills < self._kills:
                await self._one_life(next(moments))
                if sending.done():
                    sending.result()
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    def _moments(self) -> Iterator[Moment]:
        while True:
            yield from self._random.sample(CARDS, len(CARDS))

    async def _one_life(self, moment: Moment) -> None:
        began = time.monotonic()
        engine = await self._fixture.start_engine()
        if moment is Moment.STARTING:
            await asyncio.sleep(self._random.uniform(0.1, 1.0))
            self.report.kills_starting += 1
        else:
            await until_ready(engine)
            self._starts_s.append(time.monotonic() - began)
            await (self._until_in_flight() if moment is Moment.IN_FLIGHT else self._any_life())
        await self._kill(engine)

    async def _kill(self, engine: LoggedProcess) -> None:
        if engine.returncode is not None:
            raise DrillBroken(f"the engine ended by itself with {engine.returncode}")
        engine.send_signal(signal.SIGKILL)
        await engine.wait()
        self.report.kills += 1

    async def _any_life(self) -> None:
        """Mostly too short to resolve an order whose answer died with the engine before."""
        is_long = self._random.random() < 0.2
        life_s = self._random.uniform(3.0, 6.0) if is_long else self._random.expovariate(1 / 0.7)
        await asyncio.sleep(life_s)

    async def _until_in_flight(self) -> None:
        """Until some orders have left, and then at any moment of the way of one."""
        orders = self._orders
        await orders.look()
        orders.forget()
        first = orders.planned + self._random.randint(1, ORDERS_BEFORE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AIM_LIMIT_S):
                while not (await orders.look() and orders.planned >= first):  # noqa: ASYNC110 - a file has no event
                    await asyncio.sleep(LOOK_EVERY_S)
                # All the way there and half of the way back: a busy machine is late by some tenths.
                await asyncio.sleep(self._random.uniform(0.0, 1.5 * WAY_S))
                while not await orders.look():  # noqa: ASYNC110 - as above
                    await asyncio.sleep(LOOK_EVERY_S)

    async def _close_all(self, stream: Stream) -> None:
        engine = await self._fixture.start_engine()
        await until_ready(engine)
        await self._at_rest()
        for _ in range(2):
            await stream.close_all()
            await self._at_rest()

    async def _at_rest(self) -> None:
        """No signal waits, no trade is under way, three looks in a row."""
        calm = 0
        try:
            async with asyncio.timeout(SETTLE_LIMIT_S):
                while calm < 3:
                    await asyncio.sleep(0.3)
                    calm = calm + 1 if await self._is_quiet() else 0
        except TimeoutError:
            raise DrillBroken(f"not at rest within {SETTLE_LIMIT_S} s") from None

    async def _is_quiet(self) -> bool:
        reader = open_reader(self._fixture.database)
        try:
            replayed = await replay(reader)
            waiting = (await reader.overview()).waiting_signals
        finally:
            await reader.close()
        running = any(t.state is TradeState.EXECUTING for t in replayed.trades.values())
        return not running and not replayed.unresolved_signals and not waiting


async def drill(*, kills: int, seed: int) -> DrillReport:
    """Run one in a temporary folder; leaves nothing behind.

    Raises:
        DrillBroken: a process did not start, or nothing came to rest.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-drill-"))
        fixture = DrillFixture(Path(folder))
        stack.push_async_callback(fixture.close)
        return await Drill(fixture, kills=kills, seed=seed).run()
