"""Signs of life and takeovers: only one of engine and watchdog may ever act."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.storage.base import ChainBroken, Entry, StoreUnavailable
from trading_platform_order.storage.liveness import (
    Heartbeat,
    ProcessState,
    TakeoverState,
    Who,
)
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.side_files.beat_file import BeatFile, beat_path
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader
from trading_platform_order.storage.sqlite.writers.liveness import (
    SqliteLivenessStore,
    open_liveness_store,
)


def beat(number: int, *, who: Who = Who.ENGINE, yielded: int = 0, boot: str = "1") -> Heartbeat:
    return Heartbeat(who=who, boot=boot, beat=number, at_us=number, yielded=yielded)


@pytest.fixture
def watch() -> SqliteLivenessStore:
    connection = Database.memory()
    SqliteStore(connection, build="test", durability="normal")
    return SqliteLivenessStore(connection)


@in_virtual_time
async def test_a_beat_replaces_the_one_before_and_tells_of_an_open_takeover(
    watch: SqliteLivenessStore,
) -> None:
    assert await watch.heartbeat(Who.ENGINE) is None
    assert await watch.beat(beat(1)) is None
    await watch.beat(beat(1, who=Who.WATCHDOG))
    assert await watch.beat(beat(2)) is None
    assert await watch.heartbeat(Who.ENGINE) == beat(2)
    made = await watch.request_takeover("silent", at_us=5)
    assert (made.generation, made.state) == (1, TakeoverState.REQUESTED)
    assert await watch.request_takeover("again", at_us=6) == made
    assert await watch.beat(beat(3)) == made


@in_virtual_time
async def test_a_takeover_fails_while_the_engine_beats_and_works_when_it_made_way(
    watch: SqliteLivenessStore,
) -> None:
    await watch.beat(beat(1))
    made = await watch.request_takeover("loss", at_us=5)
    await watch.beat(beat(2))
    assert not await watch.begin_acting(made.generation, engine=beat(1))
    await watch.beat(beat(3, yielded=made.generation))
    assert await watch.begin_acting(made.generation, engine=beat(1))
    assert await watch.begin_acting(made.generation, engine=beat(1)), "again after a restart"


@in_virtual_time
async def test_a_takeover_works_when_the_engine_has_not_beaten_since(
    watch: SqliteLivenessStore,
) -> None:
    await watch.beat(beat(1))
    made = await watch.request_takeover("silent", at_us=5)
    assert await watch.begin_acting(made.generation, engine=beat(1))


@in_virtual_time
async def test_a_takeover_ends_when_it_is_finished_and_when_it_is_relieved(
    watch: SqliteLivenessStore,
) -> None:
    made = await watch.request_takeover("silent", at_us=5)
    await watch.finish_takeover(made.generation)
    assert await watch.open_takeover() == made, "it was not begun"
    assert await watch.begin_acting(made.generation, engine=None)
    await watch.finish_takeover(made.generation)
    assert await watch.open_takeover() is None
    second = await watch.request_takeover("next", at_us=9)
    assert second.generation == 2
    await watch.relieve()
    assert await watch.open_takeover() is None
    assert not await watch.begin_acting(second.generation, engine=None), "an engine goes on"
    await watch.relieve()
    assert (await watch.request_takeover("third", at_us=9)).generation == 3


@in_virtual_time
async def test_a_days_baseline_is_recorded_once(watch: SqliteLivenessStore) -> None:
    assert await watch.baseline("2026-11-26") is None
    assert await watch.set_baseline("2026-11-26", "one", at_us=1)
    assert not await watch.set_baseline("2026-11-26", "two", at_us=2)
    assert await watch.baseline("2026-11-26") == "one"


async def test_a_removed_store_is_noticed_though_the_open_file_still_works(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await SqliteStore(path, build="test").close()
    watch = open_liveness_store(path)
    await watch.beat(beat(1))
    path.unlink()
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        await watch.beat(beat(2))
    await SqliteStore(path, build="test").close()
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        await watch.heartbeat(Who.ENGINE)
    await watch.close()


async def test_two_processes_see_each_others_beats(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test")
    engine, watchdog = open_liveness_store(path), open_liveness_store(path)
    await engine.beat(beat(1))
    assert await watchdog.heartbeat(Who.ENGINE) == beat(1)
    made = await watchdog.request_takeover("silent", at_us=1)
    assert await engine.beat(beat(2)) == made
    assert await watchdog.begin_acting(made.generation, engine=beat(2))
    await engine.relieve()
    assert await watchdog.open_takeover() is None
    for one in (engine, watchdog, store):
        await one.close()


IDLE_BEATS = 1_200  # ten minutes
WAL_BYTES_MAX = 2 * 1024 * 1024 // 6


async def test_an_idle_engine_writes_little_into_the_log(tmp_path: Path) -> None:
    """Engine and watchdog, what is held is worth something else at every beat."""
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test", durability="normal")
    engine, watchdog = open_liveness_store(path), open_liveness_store(path)
    log = path.with_name(f"{path.name}-wal")
    before = log.stat().st_size
    for number in range(1, IDLE_BEATS + 1):
        worth = f"{number}000"
        await engine.beat(replace(beat(number), exposure_krw=worth, unresolved=0))
        await watchdog.beat(replace(beat(number, who=Who.WATCHDOG), exposure_krw=worth))
        await store.project()
    assert 0 < log.stat().st_size - before < WAL_BYTES_MAX
    seen = await watchdog.heartbeat(Who.ENGINE)
    assert seen == replace(beat(IDLE_BEATS), exposure_krw=f"{IDLE_BEATS}000")
    for one in (engine, watchdog, store):
        await one.close()


async def test_what_more_than_the_count_has_changed_is_a_row_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test", durability="normal")
    engine = open_liveness_store(path)
    by_rows = SqliteLivenessStore(Database.open(path))
    await engine.beat(beat(1))
    await engine.beat(beat(2))
    assert await by_rows.heartbeat(Who.ENGINE) == beat(1)
    assert await engine.heartbeat(Who.ENGINE) == beat(2)
    for number, changed in enumerate(
        (
            beat(3, yielded=1),
            beat(4, boot="2"),
            replace(beat(5, boot="2"), state=ProcessState.ENDED),
            replace(beat(6, boot="2"), latched=True),
            replace(beat(7, boot="2"), unresolved=1),
        )
    ):
        await engine.beat(changed)
        assert await by_rows.heartbeat(Who.ENGINE) == changed, number
    for one in (engine, store):
        await one.close()


async def test_a_file_of_another_boot_or_none_is_no_sign_of_life(tmp_path: Path) -> None:
    """As beside a store that was restored from a backup, or where it cannot be written."""
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test", durability="normal")
    engine = open_liveness_store(path)
    file = BeatFile(beat_path(path, "main"))
    await engine.beat(beat(3))
    assert file.write(beat(900, boot="another"))
    assert await engine.heartbeat(Who.ENGINE) == beat(3)
    file.close()
    await engine.close()
    beat_path(path, "main").unlink()
    beat_path(path, "main").mkdir()
    engine = open_liveness_store(path)
    await engine.beat(beat(4))
    await engine.beat(beat(5))
    assert await engine.heartbeat(Who.ENGINE) == beat(5)
    for one in (engine, store):
        await one.close()


def test_half_a_sign_of_life_is_none(tmp_path: Path) -> None:
    file = BeatFile(tmp_path / "beats")
    assert file.read(Who.ENGINE) is None
    assert file.write(beat(1))
    assert file.write(beat(2, who=Who.WATCHDOG))
    content = bytearray((tmp_path / "beats").read_bytes())
    content[20] ^= 1
    (tmp_path / "beats").write_bytes(content)
    assert file.read(Who.ENGINE) is None
    assert file.read(Who.WATCHDOG) == beat(2, who=Who.WATCHDOG)
    assert not file.write(beat(1, boot="long" * 200))
    file.close()


async def test_a_replica_knows_what_is_durable_before_the_engine_projects(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test")
    body = '{"strategy":"kimchi","symbol":"BTC","spot_base":"1","short_base":"1"}'
    row = Entry(trade_id="", kind="position_changed", version=1, body=body)
    await store.append([row], at_us=1)
    replica = Replica()
    reader = open_reader(path)
    assert await replica.follow(reader) == 1
    assert [held["spot_base"] for held in replica.query("v_positions")] == ["1"]
    assert await reader.query("v_positions") == []
    await store.append([row], at_us=2)
    assert await replica.follow(reader) == 1
    assert await replica.follow(reader) == 0
    replica.restart()
    assert replica.query("v_positions") == []
    assert await replica.follow(reader) == 2
    assert [held["spot_base"] for held in replica.query("v_positions")] == ["1"]
    await reader.close()
    await store.close()


async def test_a_replica_refuses_a_journal_that_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, build="test")
    await store.append([Entry(trade_id="", kind="x", version=1, body="{}")], at_us=1)
    await store.close()
    with closing(Database.open(path)) as connection:
        connection.execute("DROP TRIGGER journal_no_update")
        connection.execute("UPDATE journal SET body = '{\"a\":1}'")
    reader = open_reader(path)
    with pytest.raises(ChainBroken):
        await Replica().follow(reader)
    await reader.close()


def test_the_words_of_a_beat_are_stable() -> None:
    assert [life.value for life in ProcessState] == ["starting", "running", "yielded", "ended"]
