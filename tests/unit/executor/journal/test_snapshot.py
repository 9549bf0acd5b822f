"""A snapshot is a cache: whatever is wrong with it, a start knows what the journal says."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.fakes.history import write_history
from trading_platform_order.executor.journal import snapshot
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.journal.snapshot import (
    book_at_start,
    book_of,
    pack,
    renew,
    replay_quickly,
    verify,
)
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.side_files.snapshots import (
    SnapshotFile,
    SnapshotMemory,
    snapshot_path,
)
from trading_platform_order.storage.sqlite.store import SqliteStore

TRADES = 31  # the last one is an entry: something is held


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    made = SqliteStore(":memory:", build="test", durability="normal")
    await write_history(made, TRADES)
    yield made
    await made.close()


async def _by_all_rows(store: SqliteStore) -> bytes:
    return _packed(await replay_quickly(store, None))


def _packed(state: Replayed) -> bytes:
    return pack(state, account="main", rows_lost_in=0)


async def _kept(store: SqliteStore) -> SnapshotMemory:
    place = SnapshotMemory()
    await renew(store, place, account="main")
    return place


async def test_a_start_from_a_snapshot_knows_what_all_rows_say(store: SqliteStore) -> None:
    place = await _kept(store)
    told: list[str] = []
    assert _packed(await replay_quickly(store, place, tell=told.append)) == await _by_all_rows(
        store
    )
    assert told == []


async def test_a_start_reads_only_the_rows_after_the_snapshot(store: SqliteStore) -> None:
    place = await _kept(store)
    await write_history(store, 3, first=TRADES)
    state = await replay_quickly(_Reads(store), place)  # type: ignore[arg-type]
    assert _packed(state) == await _by_all_rows(store)


class _Reads:
    """A store that shows how far back somebody reads."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def journal(
        self, after_seq: int = 0, trade_id: str | None = None, *, limit: int = 1_000
    ) -> object:
        assert trade_id is not None or after_seq >= TRADES * 10
        return await self._store.journal(after_seq, trade_id, limit=limit)


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _one_byte_off(content: bytes) -> bytes:
    where = len(content) - 20
    return content[:where] + bytes([content[where] ^ 1]) + content[where + 1 :]


def _with(**changes: object) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        first, _, rest = content.partition(b"\n")
        header = msgspec.structs.replace(
            msgspec.json.decode(first, type=snapshot.Header), **changes
        )
        return msgspec.json.encode(header) + b"\n" + rest

    return changed


@pytest.mark.parametrize(
    "wrong",
    [
        _cut,
        _one_byte_off,
        lambda _: b"",
        lambda _: b"rubbish\n{}",
        _with(hash="0" * 64),
        _with(seq=TRADES * 10),
        _with(seq=10_000_000),
        _with(code="of another program"),
        _with(format=snapshot.FORMAT + 1),
        _with(account="another"),
    ],
    ids=[
        *("killed half-way", "corrupt", "empty", "rubbish", "wrong hash", "another row"),
        *("ahead", "other code", "other format", "other account"),
    ],
)
async def test_a_wrong_snapshot_is_noticed_and_the_journal_replayed(
    store: SqliteStore, wrong: Callable[[bytes], bytes]
) -> None:
    place = await _kept(store)
    assert place.content is not None
    place.content = wrong(place.content)
    told: list[str] = []
    state = await replay_quickly(store, place, tell=told.append)
    assert _packed(state) == await _by_all_rows(store)
    assert len(told) == 1
    assert place.content is None  # it is not tried again


async def test_without_a_snapshot_the_journal_is_replayed(store: SqliteStore) -> None:
    told: list[str] = []
    state = await replay_quickly(store, SnapshotMemory(), tell=told.append)
    assert _packed(state) == await _by_all_rows(store)
    assert told == []


async def test_a_snapshot_of_before_a_restored_backup_is_noticed(store: SqliteStore) -> None:
    """The restored journal grew past the snapshot's row: only the hash tells."""
    place = await _kept(store)
    older = SqliteStore(":memory:", build="test", durability="normal")
    await write_history(older, 5)
    await write_history(older, TRADES + 10, first=8)
    told: list[str] = []
    state = await replay_quickly(older, place, tell=told.append)
    assert _packed(state) == await _by_all_rows(older)
    assert len(told) == 1
    await older.close()


async def test_news_of_a_settled_trade_find_it_in_the_journal(store: SqliteStore) -> None:
    """A fill that is told again long after changes nothing: its trade is read again."""
    place = await _kept(store)
    fill = next(row for row in await store.journal() if row.kind == "fill_seen")
    again = Entry(trade_id=fill.trade_id, kind=fill.kind, version=fill.version, body=fill.body)
    await store.append([again], at_us=fill.at_us)
    state = await replay_quickly(store, place)
    assert _packed(state) == await _by_all_rows(store)
    assert state.trades == {}


async def test_what_a_snapshot_says_is_held_against_all_rows(store: SqliteStore) -> None:
    place = await _kept(store)
    assert await verify(store, place) is None
    state = await replay_quickly(store, place)
    state.book.ledger.krw += 1  # a wrong figure, in an otherwise perfect snapshot
    place.content = _packed(state)
    assert await verify(store, place) is not None


async def test_a_loss_of_rows_that_was_found_later_is_counted_from_its_start(
    store: SqliteStore,
) -> None:
    place = await _kept(store)
    state = await replay_quickly(store, place, rows_lost_in=2)
    assert state.row_loss == replace((await replay_quickly(store, None, rows_lost_in=2)).row_loss)  # type: ignore[type-var]
    assert state.row_loss is not None
    assert state.row_loss.at is None


async def test_a_start_without_a_snapshot_folds_many_rows_once(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = SnapshotMemory()
    await book_at_start(store, place, account="main", rows_lost_in=0)
    assert place.content is None  # few rows are as soon read
    monkeypatch.setattr(snapshot, "MANY_ROWS", TRADES)
    book = await book_at_start(store, place, account="main", rows_lost_in=0)
    state = await replay_quickly(_Reads(store), place)  # type: ignore[arg-type]
    assert _packed(state) == await _by_all_rows(store)
    assert book.ledger == state.book.ledger == (await book_of(store, place)).ledger


def test_a_snapshot_that_cannot_be_written_is_told_and_the_old_one_stays(tmp_path: Path) -> None:
    path = snapshot_path(tmp_path / "tporder.db", "main")
    assert SnapshotFile(path).write(b"first") is None
    path.with_name(f"{path.name}.new").mkdir()
    assert "cannot be written" in (SnapshotFile(path).write(b"second") or "")
    assert SnapshotFile(path).read() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
