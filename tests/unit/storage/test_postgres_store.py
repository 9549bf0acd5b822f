"""What is PostgreSQL's own: schema and rights, the account's lock, a connection that is lost."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.e2e.postgres_server import Postgres
from tests.fakes.stores import PostgresBed
from tests.unit.storage.test_storage_journal import claim, entry
from trading_platform_order.storage.base import (
    ClaimResult,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.lease import LeaseLost
from trading_platform_order.storage.postgres import migrations
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.database import PostgresDatabase
from trading_platform_order.storage.postgres.store import PostgresStore, open_inbox, open_reader
from trading_platform_order.storage.sqlite import migrations as sqlite_migrations
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.upkeep.whole_store import table_shapes

pytestmark = pytest.mark.xdist_group("postgres")

_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND application_name = 'tporder'"
)


@pytest.fixture
async def postgres_bed(postgres: Postgres) -> AsyncIterator[PostgresBed]:
    made = PostgresBed(postgres.url())
    yield made
    await made.close()


@pytest.fixture
def second(postgres_bed: PostgresBed) -> Iterator[PostgresDatabase]:
    """Another program's connection."""
    opened = PostgresDatabase(postgres_bed.address)
    yield opened
    opened.close()


# -- schema -----------------------------------------------------------------------------------


def test_both_kinds_of_store_have_the_same_tables_indexes_and_numbers(
    postgres_bed: PostgresBed,
) -> None:
    postgres_bed.open()
    schema = postgres_bed.address.schema
    columns: dict[str, dict[str, tuple[bool, bool]]] = {}
    for table, column, kind, nullable in postgres_bed.execute(
        "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES'"
        " FROM information_schema.columns AS c JOIN information_schema.tables AS t"
        " USING (table_schema, table_name) WHERE c.table_schema = ? AND table_type = 'BASE TABLE'"
        " ORDER BY c.table_name, c.ordinal_position",
        (schema,),
    ):
        columns.setdefault(table, {})[column] = (kind == "text", nullable)
    keys: dict[str, tuple[str, ...]] = {}
    for table, column in postgres_bed.execute(
        "SELECT table_name, column_name FROM information_schema.key_column_usage"
        " WHERE table_schema = ? AND constraint_name LIKE '%_pkey' ORDER BY ordinal_position",
        (schema,),
    ):
        keys[table] = (*keys.get(table, ()), column)
    there = Database.memory(sqlite_migrations.empty_database())
    ours = {shape.name: shape for shape in table_shapes()}
    assert set(columns) == {*ours, "renewals"}, "which is a file beside a store in SQLite"
    for name, shape in ours.items():
        required = {
            column: bool(must or pk)
            for column, must, pk in there.execute(
                'SELECT name, "notnull", pk FROM pragma_table_info(?)', (name,)
            )
        }
        assert list(columns[name]) == list(shape.columns), name
        for column, is_text in shape.columns.items():
            assert columns[name][column] == (is_text, not required[column]), (name, column)
        assert keys[name] == shape.key, name
    made = {
        name
        for (name,) in postgres_bed.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = ?", (schema,)
        )
        if not name.endswith("_pkey")
    }
    wanted = {
        name
        for (name,) in there.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
    }
    there.close()
    assert made == wanted
    first = migrations.scripts()[0][0]
    assert [number for number, _, _ in migrations.scripts()] == [
        number for number, _, _ in sqlite_migrations.scripts() if number >= first
    ]


def test_a_newer_store_and_a_foreign_schema_are_refused(postgres_bed: PostgresBed) -> None:
    postgres_bed.open()
    postgres_bed.execute("INSERT INTO schema_version VALUES (999, 'future')")
    for opening in (postgres_bed.open, postgres_bed.reader, postgres_bed.inbox):
        with pytest.raises(SchemaMismatch, match=r"version 999.*newer program"):
            opening()
    postgres_bed.execute("DROP TABLE schema_version")
    with pytest.raises(SchemaMismatch, match="has a table acknowledgements already"):
        postgres_bed.open()


def test_without_a_store_nobody_reads(postgres_bed: PostgresBed) -> None:
    with pytest.raises(StoreUnavailable, match="no store in schema"):
        open_reader(postgres_bed.address)
    with pytest.raises(StoreUnavailable, match="no store in schema"):
        open_inbox(postgres_bed.address)


async def test_the_owner_of_one_schema_needs_no_other_right(
    postgres: Postgres, postgres_bed: PostgresBed
) -> None:
    schema = postgres_bed.address.schema
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE engine LOGIN")
        connection.execute(f'CREATE SCHEMA "{schema}" AUTHORIZATION engine'.encode())
    mine = replace(postgres_bed.address, url=postgres.url(user="engine"))
    store = PostgresStore(mine, build="b")
    assert await store.append([entry()], at_us=1, claim=claim()) is ClaimResult.CLAIMED
    await store.close()
    again = PostgresStore(mine, build="b")
    assert (again.started_clean, await again.verify_chain()) == (True, 1)
    await again.close()
    with pytest.raises(StoreUnavailable, match="permission denied"):
        PostgresStore(replace(mine, schema="elsewhere"), build="b")
    await postgres_bed.close()
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("DROP ROLE engine")


def test_a_password_is_in_no_message(postgres: Postgres) -> None:
    fine = f"postgresql://nobody_here@127.0.0.1:{postgres.port}/nowhere"
    for url in (fine, "postgresql://me:s3cret@[half/x", "s3cret and more"):
        address = Address(url=url, username="", password="s3cret", schema="x")
        assert "s3cret" not in repr(replace(address, url=fine))
        with pytest.raises(StoreUnavailable) as refused:
            open_reader(address)
        assert "s3cret" not in str(refused.value)


# -- one writer for an account ----------------------------------------------------------------


async def test_who_takes_the_account_waits_for_an_append_that_is_under_way(
    postgres_bed: PostgresBed, second: PostgresDatabase
) -> None:
    """Else a row could be committed behind the back of a successor that has read the journal."""
    store = postgres_bed.open()
    await store.append([entry()], at_us=1)
    taken = threading.Event()

    def take() -> None:
        with second.transaction("main"):
            second.execute("UPDATE leases SET epoch = epoch + 1")
        taken.set()

    with store._database.transaction("main"):
        taking = asyncio.get_running_loop().run_in_executor(None, _patiently, take)
        await asyncio.sleep(0.3)
        assert not taken.is_set()
    await taking
    with pytest.raises(LeaseLost):
        await store.append([entry()], at_us=2)
    assert await postgres_bed.reader().verify_chain() == 1


def _patiently(work: object) -> None:
    while True:
        try:
            assert callable(work)
            work()
        except StoreUnavailable:
            continue
        return


async def test_accounts_do_not_wait_for_each_other(
    postgres_bed: PostgresBed, second: PostgresDatabase
) -> None:
    store = postgres_bed.open("other")
    with second.transaction("main"):
        assert await store.append([entry()], at_us=1, patience_s=0.0) is ClaimResult.CLAIMED


async def test_a_row_of_a_stranger_is_refused_by_the_database_itself(
    postgres_bed: PostgresBed, second: PostgresDatabase
) -> None:
    store = postgres_bed.open()
    await store.append([entry()], at_us=1)
    copied = "INSERT INTO journal SELECT account, seq + 1, at_us, trade_id, kind, version, body,"
    with pytest.raises(LeaseLost):
        second.execute(f"{copied} prev_hash, hash, build, epoch + 1 FROM journal")
    with pytest.raises(StoreUnavailable, match="append-only"):
        second.execute("TRUNCATE journal")


async def test_an_append_is_one_round_trip(postgres_bed: PostgresBed, tmp_path: Path) -> None:
    """Whoever waits for an order waits for the network once, however much is written."""
    store = postgres_bed.open()
    database = store._database
    assert isinstance(database, PostgresDatabase)
    libpq = database.connection.pgconn
    with (tmp_path / "trace").open("w+b") as file:
        libpq.trace(file.fileno())
        await store.append([entry(), entry(), entry()], at_us=1, claim=claim())
        libpq.untrace()
        file.seek(0)
        trace = file.read().decode()
    assert trace.count("\tSync") == 1, "the server answers when it is asked to"
    assert trace.count("ReadyForQuery") == 1
    assert await store.verify_chain() == 3


# -- a connection that is lost ----------------------------------------------------------------


async def test_a_writer_that_lost_its_connection_writes_no_more(
    postgres_bed: PostgresBed, second: PostgresDatabase
) -> None:
    store = postgres_bed.open()
    inbox, reader = postgres_bed.inbox(), postgres_bed.reader()
    await store.append([entry()], at_us=1, claim=claim())
    postgres_bed.execute(f"{_END_OTHERS} AND pid <> {_pid(second)}")
    with pytest.raises(StoreUnavailable):
        await store.append([entry()], at_us=2)
    with pytest.raises(StoreUnavailable, match="earlier write failed"):
        await store.append([entry()], at_us=3)
    for verb in (lambda: inbox.put_signal("{}", at_us=1), reader.latches):
        with pytest.raises(StoreUnavailable):
            await verb()  # the first one after learns it
    number = await inbox.put_signal("{}", at_us=2)
    assert await reader.signal_result(number) is None
    again = postgres_bed.open()
    assert not again.started_clean
    assert await again.append([], at_us=4, claim=claim()) is ClaimResult.DUPLICATE
    assert await again.append([entry()], at_us=4) is ClaimResult.CLAIMED
    assert await again.verify_chain() == 2


async def test_a_transaction_is_not_ended_on_another_connection(postgres_bed: PostgresBed) -> None:
    postgres_bed.open()
    database = postgres_bed.inbox()._database
    assert isinstance(database, PostgresDatabase)
    latch = "INSERT INTO latches (account, kind, reason, at_us) VALUES ('main', ?, '', 1)"
    with pytest.raises(StoreUnavailable), database.transaction("main"):  # noqa: PT012 - all of it
        database.execute(latch, ("one",))
        postgres_bed.execute(f"{_END_OTHERS} AND pid = {_pid(database)}")
        with contextlib.suppress(StoreUnavailable):
            database.execute(latch, ("two",))
        with pytest.raises(StoreUnavailable, match="has gone"):
            database.execute(latch, ("three",))
    assert database.execute("SELECT kind FROM latches") == []


def test_a_transaction_that_the_server_undid_is_not_taken_for_done(
    postgres_bed: PostgresBed,
) -> None:
    postgres_bed.open()
    database = postgres_bed.inbox()._database
    with (
        pytest.raises(StoreUnavailable, match="did not commit, but said ROLLBACK"),
        database.transaction("main"),
        contextlib.suppress(StoreUnavailable),
    ):
        database.execute("INSERT INTO latches (account) VALUES ('main')")


def _pid(database: PostgresDatabase) -> int:
    [(pid,)] = database.execute("SELECT pg_backend_pid()")
    return int(pid)


async def test_a_server_that_dies_at_any_moment_keeps_whole_commits(postgres: Postgres) -> None:
    """Each append is there as a whole or not at all, and what was answered is there."""
    bed = PostgresBed(postgres.url())
    answered: list[str] = []
    for start in range(3):
        store = bed.open()
        try:
            for number in range(10_000):
                if number == 20:
                    killing = asyncio.get_running_loop().run_in_executor(None, postgres.kill)
                name = f"s{start}-{number}"
                await store.append([entry(), entry()], at_us=1, claim=claim(name))
                answered.append(name)
        except StoreUnavailable:
            await killing
        postgres.start()
        bed = bed.after_restart()
    store = bed.open()
    claimed = [name for name in answered if await store.claim_of(name) is not None]
    assert claimed == answered
    [(claims,)] = bed.execute("SELECT count(*) FROM claims")
    assert await store.verify_chain() == 2 * claims
    assert len(answered) <= claims <= len(answered) + 3
    await bed.close()
