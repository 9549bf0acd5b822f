"""A write lock held by another process: waited for, told, never taken for a failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from trading_platform_order.storage.base import Entry, StoreBusy, StoreLocked, StoreUnavailable
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore

ROW = Entry(trade_id="", kind="k", version=1, body="{}")
LEVELS = ("normal", "full")


@asynccontextmanager
async def locked(
    path: Path, level: str, *, limit_s: float = 10.0
) -> AsyncIterator[tuple[SqliteStore, Database, list[str]]]:
    """A store whose lock somebody else holds."""
    told: list[str] = []
    wait = LockWait(limit_s=limit_s, tell=told.append)
    store = SqliteStore(path / "s.db", build="b", durability=level, lock_wait=wait)
    holder = Database.open(path / "s.db")
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield store, holder, told
    finally:
        holder.abandon()
        holder.close()
        await store.close()


async def until_told(told: list[str]) -> None:
    async with asyncio.timeout(30):
        while not told:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("level", LEVELS)
async def test_it_is_waited_for_and_everything_else_goes_on(tmp_path: Path, level: str) -> None:
    async with locked(tmp_path, level) as (store, holder, _):
        writing = asyncio.ensure_future(store.append([ROW], at_us=1))
        turns = 0
        loop = asyncio.get_running_loop()
        until_s = loop.time() + 0.4
        while loop.time() < until_s:
            await asyncio.sleep(0.005)
            turns += 1
        assert turns >= 3, "the event loop stood still"
        assert not writing.done()
        assert await store.journal() == [], "reads wait for nobody"
        holder.execute("COMMIT")
        await writing
        await store.append([ROW], at_us=2)
        assert await store.verify_chain() == 2


@pytest.mark.parametrize("level", LEVELS)
async def test_who_decided_by_prices_gets_it_back_with_nothing_written(
    tmp_path: Path, level: str
) -> None:
    async with locked(tmp_path, level) as (store, holder, _):
        with pytest.raises(StoreBusy):
            await store.append([ROW], at_us=1, patience_s=0.05)
        holder.execute("COMMIT")
        assert await store.journal() == []
        await store.append([ROW], at_us=2, patience_s=0.05)
        assert await store.verify_chain() == 1


async def test_it_is_told_while_it_lasts_and_when_it_is_over(tmp_path: Path) -> None:
    async with locked(tmp_path, "full") as (store, holder, told):
        writing = asyncio.ensure_future(store.append([ROW], at_us=1))
        await until_told(told)
        assert ["write lock" in line for line in told] == [True]
        holder.execute("COMMIT")
        await writing
        assert "can be written again" in told[-1]
        assert len(told) == 2
        (alert,) = await store.pending_alerts()
        assert alert.alert.kind == "store_locked"
        await store.append([ROW], at_us=2)
        assert len(await store.pending_alerts()) == 1, "once"


async def test_operators_hear_of_it_also_when_something_else_was_written_first(
    tmp_path: Path,
) -> None:
    async with locked(tmp_path, "full") as (store, holder, told):
        writing = asyncio.ensure_future(store.project())
        await until_told(told)
        holder.execute("COMMIT")
        await writing
        assert await store.pending_alerts() == []
        await store.append([ROW], at_us=1)
        (alert,) = await store.pending_alerts()
        assert float(alert.alert.fields["held_s"]) >= 1.0


async def test_without_end_nobody_waits_and_that_is_no_failed_write(tmp_path: Path) -> None:
    async with locked(tmp_path, "full", limit_s=0.3) as (store, holder, _):
        with pytest.raises(StoreLocked, match="write lock"):
            await store.append([ROW], at_us=1)
        holder.execute("COMMIT")
        await store.append([ROW], at_us=2)
        assert await store.verify_chain() == 1


async def test_a_failed_write_is_not_waited_for(tmp_path: Path) -> None:
    async with locked(tmp_path, "full") as (store, holder, told):
        holder.execute(
            "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
        holder.execute("COMMIT")
        with pytest.raises(StoreUnavailable, match="SQLITE_CONSTRAINT") as failed:
            await store.append([ROW], at_us=1)
        assert not isinstance(failed.value, StoreBusy | StoreLocked)
        assert told == []


@pytest.mark.parametrize("level", LEVELS)
async def test_every_write_of_the_engine_waits(tmp_path: Path, level: str) -> None:
    async with locked(tmp_path, level) as (store, holder, _):
        writes = [
            asyncio.ensure_future(work)
            for work in (
                store.put_signal("{}", at_us=1),
                store.put_command("k", "{}", at_us=1),
                store.set_latch("stop", "r", at_us=1),
                store.clear_latch("holds:x", "r", at_us=1),
                store.finish_signal(1, result="done"),
                store.finish_command(1, result="done"),
                store.outbox("discord").finish_alert(1),
                store.outbox("discord").retry_alert(1, next_at_us=1, attempts=1),
                store.outbox("discord").drop_alerts(keep=0),
                store.project(),
                store.rebuild(),
            )
        ]
        await asyncio.sleep(0.25)
        assert [write for write in writes if write.done()] == []
        holder.execute("COMMIT")
        await asyncio.gather(*writes)
