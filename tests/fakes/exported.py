"""An exporter over a store file, run until everything is in; and our own figures of that store."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.data.recorded_journals import Rows, store_of
from trading_platform_order.executor.journal.replay import Replayed, replay
from trading_platform_order.exporter.destination import Destination
from trading_platform_order.exporter.figures import Figures
from trading_platform_order.exporter.layout import Layout
from trading_platform_order.exporter.stop_exchange import StopExchange
from trading_platform_order.exporter.worker import Exporter
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import SystemClock

LIMIT_S = 60.0


def stored(rows: Rows, path: Path) -> Path:
    """A store file that holds this journal."""
    store = store_of(rows)
    database = store._database
    target = Database.open(path)
    database.copy_to(target)
    target.execute("PRAGMA journal_mode=WAL")
    target.close()
    database.close()
    return path


def exporter(
    path: Path,
    destination: Destination,
    layout: Layout,
    *,
    account: str = "main",
    stops: StopExchange | None = None,
    figures: Figures | None = None,
    tell: Callable[[str], None] = lambda _: None,
    batch_rows: int = 500,
) -> Exporter:
    """One that looks often."""
    return Exporter(
        path=path,
        account=account,
        destination=destination,
        layout=layout,
        stops=stops,
        clock=SystemClock(),
        poll_s=0.02,
        figures=figures or Figures(),
        tell=tell,
        batch_rows=batch_rows,
        retry_first_s=0.005,
    )


async def run_until(running: Exporter, is_reached: Callable[[], bool]) -> None:
    """As a process does that is ended from outside once this holds."""
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        task = group.create_task(running.run())
        while not is_reached():  # noqa: ASYNC110 - what is waited for is outside this process
            await asyncio.sleep(0.005)
        task.cancel()


async def ours(path: Path, *, account: str = "main") -> tuple[Replica, Replayed, int]:
    """Views and books of a store, and the number of its last row."""
    reader = open_reader(path, account=account)
    try:
        replica = Replica(account)
        await replica.follow(reader)
        return replica, await replay(reader), replica.head_seq
    finally:
        await reader.close()
