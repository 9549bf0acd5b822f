"""What is SQLite's own: its file, its durability, its threads, a connection left in a mess."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.storage.test_storage_journal import BUILD, claim, entry
from trading_platform_order.storage.base import ClaimResult, StoreUnavailable
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader


async def test_a_half_done_transaction_of_a_crashed_owner_is_undone() -> None:
    with closing(Database.memory()) as connection:
        store = SqliteStore(connection, build=BUILD, durability="normal")
        await store.append([entry()], at_us=1)
        connection.execute("BEGIN")
        connection.execute("INSERT INTO claims VALUES ('main', 's1', 'c', 'k', 'BTC', 'ENTER', 1)")

        opened_again = SqliteStore(connection, build=BUILD, durability="normal")

        assert await opened_again.claim_of("s1") is None


async def test_a_full_durability_store_keeps_order_among_concurrent_appends(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deep" / "er" / "store.db"
    store = SqliteStore(path, build=BUILD)  # FULL is the default

    async with asyncio.TaskGroup() as group:
        for number in range(400):  # more than may wait at once
            group.create_task(store.append([entry(f"k{number}"), entry("x")], at_us=number))

    assert await store.verify_chain() == 800
    kinds = [row.kind async for row in store.journal_all() if row.kind != "x"]
    assert kinds == [f"k{number}" for number in range(400)]
    await store.close()
    reader = open_reader(path)
    assert await reader.verify_chain() == 800
    await reader.close()


async def test_a_cancelled_append_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", build=BUILD)
    for number in range(50):
        task = asyncio.create_task(
            store.append([entry(), entry()], at_us=number, claim=claim(f"s{number}"))
        )
        for _ in range(number % 5):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    claimed = [n for n in range(50) if await store.claim_of(f"s{n}") is not None]
    assert await store.verify_chain() == 2 * len(claimed)
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", build=BUILD, durability="normal")
    await store.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await store.append([entry()], at_us=1)


def test_a_store_that_cannot_be_opened_says_which(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(StoreUnavailable, match=r"cannot open the store .*file/store\.db"):
        SqliteStore(tmp_path / "file" / "store.db", build=BUILD)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is no database at all" * 100)

    with pytest.raises(StoreUnavailable, match="not a database"):
        SqliteStore(path, build=BUILD)


@pytest.mark.parametrize("durability", ["normal", "full"])
async def test_rehearsed_rows_are_written_nowhere(tmp_path: Path, durability: str) -> None:
    store = SqliteStore(tmp_path / "s.db", build=BUILD, durability=durability)
    await store.append([entry("one")], at_us=5)
    before = await store.journal()

    for _ in range(3):
        store.rehearse([entry("never"), entry("never")], at_us=6)

    assert await store.journal() == before
    assert await store.append([entry("two")], at_us=7, claim=claim()) is ClaimResult.CLAIMED
    assert await store.verify_chain() == 2
    await store.close()
