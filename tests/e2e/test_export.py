"""The export to a real PostgreSQL with the storage repository's tables, of both versions."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.e2e.paper_engine import engine, traded
from tests.e2e.postgres_server import LIMIT_S, OWNER, Postgres
from tests.e2e.storage_schema import FLAG, TABLES
from tests.fakes.exported import ours
from tests.fakes.storage_tables import differences
from tests.unit.cli.cli_world import offline_env
from trading_platform_order.exporter.destination import (
    Cursor,
    DestinationAway,
    ExportedElsewhere,
)
from trading_platform_order.exporter.layout_1_0 import Layout10
from trading_platform_order.exporter.postgres import PostgresStorage
from trading_platform_order.storage.base import Latch
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader

pytestmark = pytest.mark.xdist_group("postgres")
VERSIONS = ("1.0", "3.0")
ROLE = "exporter"
TPORDER = (sys.executable, "-m", "trading_platform_order.cli.main")


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a replay whose two trades are one round trip."""
    folder = tmp_path_factory.mktemp("demo")
    arguments = [*TPORDER, "demo", "--bars", "300", "--out", str(folder), "--json"]
    subprocess.run(  # noqa: S603 - our own command
        arguments, check=True, env=offline_env(), capture_output=True, timeout=LIMIT_S * 2
    )
    return folder / "demo.db"


def with_rights(version: str) -> tuple[str, ...]:
    """Tables, and a role that may do what the documents say and nothing more."""
    names = "orders, positions, " + ("fills" if version == "1.0" else "trades")
    return (
        *TABLES[version],
        *FLAG,
        f"GRANT SELECT, INSERT, UPDATE ON {names}, system_status TO {ROLE}",
        """CREATE TABLE tporder_export (account text PRIMARY KEY, layout text NOT NULL,
            seq bigint NOT NULL, hash text NOT NULL, updated_at timestamptz NOT NULL)""",
        f"GRANT SELECT, INSERT, UPDATE ON tporder_export TO {ROLE}",
    )


@pytest.fixture(scope="module", autouse=True)
def role(postgres: Postgres) -> None:
    """Without any right that it is not given."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN".encode())


def settings(
    postgres: Postgres, database: str, db: Path, version: str, **more: str
) -> dict[str, str]:
    """The exporter's environment."""
    url = f"postgresql://127.0.0.1:{postgres.port}/{database}"
    return {
        **offline_env(),
        "TPORDER_STORE_PATH": str(db),
        "TPORDER_EXPORTER_URL": url,
        "TPORDER_EXPORTER_USERNAME": ROLE,
        "TPORDER_EXPORTER_LAYOUT": version,
        "TPORDER_EXPORTER_POLL_S": "0.05",
        **{f"TPORDER_EXPORTER_{name.upper()}": value for name, value in more.items()},
    }


@contextmanager
def exporting(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that exports until it is left."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*TPORDER, "exporter"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        told, _ = process.communicate(timeout=LIMIT_S)
        sys.stdout.write(told.decode())  # shown where the test fails


def asked(postgres: Postgres, database: str, query: str) -> list[dict[str, Any]]:
    """Rows as the database's owner sees them."""
    with psycopg.connect(postgres.url(database), row_factory=dict_row) as connection:
        return connection.execute(query.encode()).fetchall()


def exported_seq(postgres: Postgres, database: str) -> int:
    """How far the export came."""
    return sum(row["seq"] for row in asked(postgres, database, "SELECT seq FROM tporder_export"))


def wait_until_exported(postgres: Postgres, database: str, seq: int) -> None:
    """Or fail."""
    end = time.monotonic() + LIMIT_S
    while exported_seq(postgres, database) < seq:
        assert time.monotonic() < end
        time.sleep(0.02)


def tables(postgres: Postgres, database: str, version: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that was exported."""
    names = ("orders", "positions", "fills" if version == "1.0" else "trades")
    return {name: asked(postgres, database, f"SELECT * FROM {name}") for name in names}  # noqa: S608 - ours


@pytest.mark.parametrize("version", VERSIONS)
def test_a_replay_there_equals_ours(postgres: Postgres, replayed: Path, version: str) -> None:
    """Done by a role that may touch nothing else."""
    replica, books, head = asyncio.run(ours(replayed))
    database = postgres.new_database(*with_rights(version))
    with exporting(settings(postgres, database, replayed, version)):
        wait_until_exported(postgres, database, head)
    there = tables(postgres, database, version)
    assert len(there["orders"]) == len(replica.query("v_orders")) > 0
    assert differences(version, there, replica, books) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_kills_of_exporter_and_database_lose_and_double_no_row(
    postgres: Postgres, replayed: Path, version: str
) -> None:
    """Eight times one or the other, at random moments; then once to the end."""
    chance = random.Random(f"kills {version}")  # noqa: S311 - no secret is made of it
    replica, books, head = asyncio.run(ours(replayed))
    database = postgres.new_database(*with_rights(version))
    environment = settings(postgres, database, replayed, version, batch_rows="1")
    for number in range(1, 9):
        with exporting(environment) as process:
            wait_until_exported(postgres, database, number * head // 10)
            time.sleep(chance.random() * 0.01)
            if number % 2:
                postgres.kill()
                postgres.start()
                wait_until_exported(postgres, database, number * head // 10 + 2)
            process.send_signal(signal.SIGKILL)
        assert exported_seq(postgres, database) > 0
    with exporting(environment):
        wait_until_exported(postgres, database, head)
    assert differences(version, tables(postgres, database, version), replica, books) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE orders DROP COLUMN strategy", "column public.orders.strategy is missing"),
        ("DROP TABLE positions", "table public.positions is missing"),
        (
            "ALTER TABLE orders ALTER COLUMN quantity TYPE integer",
            "column public.orders.quantity is integer, and must be numeric",
        ),
        (
            "ALTER TABLE orders ADD COLUMN desk text NOT NULL",
            "column public.orders.desk must be filled",
        ),
        (
            "ALTER TABLE orders ALTER COLUMN external_id TYPE varchar(12)",
            "column public.orders.external_id takes 12 characters",
        ),
        ("REVOKE INSERT ON fills FROM exporter", "right INSERT on public.fills is missing"),
        ("DROP TABLE system_status", "table public.system_status is missing"),
        (
            "ALTER TABLE positions DROP CONSTRAINT positions_pkey",
            "column public.positions.id is neither primary key nor unique",
        ),
    ],
)
def test_what_is_broken_is_named(
    postgres: Postgres, replayed: Path, change: str, named: str
) -> None:
    database = postgres.new_database(*with_rights("1.0"), change)
    ended = subprocess.run(  # noqa: S603 - our own command
        [*TPORDER, "exporter"],
        env=settings(postgres, database, replayed, "1.0"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 10
    assert named in ended.stderr
    assert exported_seq(postgres, database) == 0


def test_the_table_of_the_cursor_is_asked_for_where_it_may_not_be_made(
    postgres: Postgres, replayed: Path
) -> None:
    database = postgres.new_database(*with_rights("1.0"), "DROP TABLE tporder_export")
    ended = subprocess.run(  # noqa: S603 - our own command
        [*TPORDER, "exporter"],
        env=settings(postgres, database, replayed, "1.0"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 10
    assert 'CREATE TABLE IF NOT EXISTS "public"."tporder_export"' in ended.stderr


async def test_it_follows_an_engine_that_trades(postgres: Postgres, tmp_path: Path) -> None:
    """Beside it from the first row on, and before there is a store."""
    db = tmp_path / "store.db"
    database = postgres.new_database(*with_rights("3.0"))
    with exporting(settings(postgres, database, db, "3.0")):
        async with engine(db, signal.SIGTERM):
            await traded(db, "in", "ENTER")
            await traded(db, "out", "EXIT")
        replica, books, head = await ours(db)
        await asyncio.to_thread(wait_until_exported, postgres, database, head)
    there = tables(postgres, database, "3.0")
    assert [row["status"] for row in there["positions"]] == ["closed"]
    assert {row["trade_type"] for row in there["trades"]} == {"entry", "exit"}
    assert differences("3.0", there, replica, books) == []


def test_a_row_that_is_refused_ends_it_and_nothing_is_skipped(
    postgres: Postgres, replayed: Path
) -> None:
    """Neither the row nor what stands before it in the transaction, nor the cursor."""
    refusal = "ALTER TABLE fills ADD CONSTRAINT no_sales CHECK (side <> 'SELL')"
    database = postgres.new_database(*with_rights("1.0"), refusal)
    ended = subprocess.run(  # noqa: S603 - our own command
        [*TPORDER, "exporter"],
        env=settings(postgres, database, replayed, "1.0"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 10
    assert "constraint no_sales" in ended.stderr
    assert exported_seq(postgres, database) == 0
    assert tables(postgres, database, "1.0") == {"orders": [], "positions": [], "fills": []}


async def test_one_cursor_tells_exporters_apart(postgres: Postgres) -> None:
    database = postgres.new_database(*TABLES["1.0"])
    url = f"postgresql://127.0.0.1:{postgres.port}/{database}"
    address = Address(url=url, username=OWNER, password="", schema="public")
    mine, other = (PostgresStorage(address, account="main") for _ in range(2))
    now = datetime.now(UTC)
    first, second = Cursor(seq=5, hash="a"), Cursor(seq=9, hash="b")
    for storage in (mine, other):
        await storage.connect(Layout10("main"), with_flag=False)
        assert await storage.cursor() == Cursor()
    await mine.write([], before=Cursor(), after=first, at=now)
    for storage, before in ((other, Cursor()), (mine, second), (mine, Cursor(seq=5, hash="x"))):
        with pytest.raises(ExportedElsewhere):
            await storage.write([], before=before, after=second, at=now)
    assert await other.cursor() == first
    await other.write([], before=first, after=second, at=now)
    assert await mine.cursor() == second
    postgres.kill()
    postgres.start()
    with pytest.raises(DestinationAway):
        await mine.cursor()
    await mine.connect(Layout10("main"), with_flag=False)
    assert await mine.cursor() == second
    with psycopg.connect(postgres.url(database)) as connection:
        connection.execute("UPDATE tporder_export SET layout = '3.0'")
    with pytest.raises(ExportedElsewhere, match=r"exporter\.layout is 1\.0"):
        await mine.cursor()
    for storage in (mine, other):
        await storage.close()


# -- the shared emergency flag --------------------------------------------------------------------


def latches(db: Path) -> dict[str, Latch]:
    """Those that are set."""

    async def read() -> dict[str, Latch]:
        reader = open_reader(db)
        try:
            return {latch.kind: latch for latch in await reader.latches()}
        finally:
            await reader.close()

    return asyncio.run(read())


def wait_for(what: str, holds: Any) -> None:  # noqa: ANN401 - any function without arguments
    """Or fail, naming what did not come."""
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def tporder(db: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command on this store."""
    return subprocess.run(  # noqa: S603 - our own command
        [*TPORDER, *arguments],
        env={**offline_env(), "TPORDER_STORE_PATH": str(db)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def flag(postgres: Postgres, database: str) -> dict[str, Any]:
    """As stored; empty without a row."""
    rows = asked(postgres, database, "SELECT value FROM system_status")
    return dict(rows[0]["value"]) if rows else {}


def set_flag(postgres: Postgres, database: str, value: dict[str, Any]) -> None:
    """As another repository does."""
    with psycopg.connect(postgres.url(database)) as connection:
        connection.execute(
            "INSERT INTO system_status VALUES ('emergency_stop', %s, %s)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (json.dumps(value), datetime.now(UTC)),
        )


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """An empty store."""
    path = tmp_path / "store.db"
    asyncio.run(open_inbox(path).close())
    return path


def test_a_flag_of_others_stops_us_and_holds_until_they_clear_it(
    postgres: Postgres, db: Path
) -> None:
    database = postgres.new_database(*with_rights("3.0"))
    with exporting(settings(postgres, database, db, "3.0")):
        set_flag(postgres, database, {"active": True, "reason": "the desk\nsays stop"})
        wait_for("our stop", lambda: {"stop", "holds:emergency_flag"} <= latches(db).keys())
        reason = latches(db)["stop"].reason
        assert reason == "emergency_flag: set in the storage database: the desk says stop"
        refused = tporder(db, "resume", "--reason", "I looked")
        assert refused.returncode == 22
        assert "the desk says stop" in refused.stderr
        assert flag(postgres, database)["reason"] == "the desk\nsays stop"
        set_flag(postgres, database, {"active": False})
        wait_for("the hold's end", lambda: "holds:emergency_flag" not in latches(db))
        assert "stop" in latches(db)
        wait_for("our own name", lambda: flag(postgres, database).get("source") == "tporder/main")
        assert tporder(db, "resume", "--reason", "I looked").returncode == 0
        wait_for("the flag's end", lambda: flag(postgres, database)["active"] is False)
    assert latches(db) == {}


def test_our_stop_is_told_under_our_name_and_is_no_cause(postgres: Postgres, db: Path) -> None:
    database = postgres.new_database(*with_rights("1.0"))
    assert tporder(db, "stop", "--reason", "a test").returncode == 0
    with exporting(settings(postgres, database, db, "1.0")):
        wait_for("our flag", lambda: flag(postgres, database).get("active") is True)
        assert flag(postgres, database)["source"] == "tporder/main"
        assert flag(postgres, database)["reason"] == "a test"
        time.sleep(0.2)  # some turns more
        assert latches(db).keys() == {"stop"}
        assert tporder(db, "resume", "--reason", "over").returncode == 0
        wait_for("the flag's end", lambda: flag(postgres, database)["active"] is False)


def test_a_hold_ends_where_the_flag_is_not_looked_at_any_more(postgres: Postgres, db: Path) -> None:
    """The way out when the database is gone for good."""
    database = postgres.new_database(*with_rights("1.0"))
    set_flag(postgres, database, {"active": "maybe"})
    with exporting(settings(postgres, database, db, "1.0")):
        wait_for("our stop", lambda: "holds:emergency_flag" in latches(db))
    assert "neither true nor false" in latches(db)["stop"].reason
    gone = settings(postgres, "no_such_database", db, "1.0", emergency_flag="false")
    with exporting(gone):
        wait_for("the hold's end", lambda: "holds:emergency_flag" not in latches(db))
    assert "stop" in latches(db)
