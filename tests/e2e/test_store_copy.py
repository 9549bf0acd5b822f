"""A store goes into PostgreSQL and back, and says the same on all three sides."""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result

from tests.data.recorded_journals import recorded
from tests.e2e.postgres_server import Postgres
from tests.fakes.exported import stored
from tests.unit.cli.cli_world import tporder
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.storage.base import Claim, ClaimResult, Entry
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.storage.postgres.store import PostgresStore
from trading_platform_order.storage.sqlite.connection import open_existing
from trading_platform_order.storage.sqlite.database import READ_ONLY, READ_WRITE
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.storage.sqlite.upkeep.by_hand import retell_views
from trading_platform_order.storage.sqlite.upkeep.whole_store import rows_of, table_shapes

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Trades, orders and fills; signals, a stop and an alert of which something is to be kept."""
    name = "the-owner-sells-our-coins-and-the-engine-dies"
    path = stored(recorded(1)[name], tmp_path / "store.db")

    async def hand_in() -> None:
        inbox = open_inbox(path)
        await inbox.put_signal('{"text": "한글\\u00e9"}', at_us=1)
        await inbox.set_latch("stop", "a reason", at_us=2)
        await inbox.close()

    asyncio.run(hand_in())
    retell_views(path, "main")
    return path


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Each table, but for what a copy says of being one."""
    with closing(open_existing(path, READ_ONLY)) as database:
        return {
            shape.name: [tuple(row) for row in rows_of(database, shape)]
            for shape in table_shapes()
            if shape.name not in {"epochs", "schema_version"}
        }


def files(folder: Path) -> list[str]:
    """By name, without what stands beside the store."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("store.db"))


def copied(*arguments: str | Path) -> Result:
    """By the command."""
    return tporder("store", "copy", *arguments)


def test_there_and_back_every_row_is_the_same(
    postgres: Postgres, store: Path, tmp_path: Path
) -> None:
    url, back = postgres.url(postgres.new_database()), tmp_path / "back.db"
    there = copied(store, url)
    assert there.exit_code == 0, there.output
    with psycopg.connect(url) as connection:
        bodies = connection.execute(
            "SELECT count(*) FROM tporder.journal WHERE body::jsonb ? 'at'"
        ).fetchone()
    again = copied(url, back)
    assert again.exit_code == 0, again.output
    for arguments in ((url,), ("--db", store), ("--db", back)):
        verified = tporder("store", "verify", *arguments, "--json")
        assert verified.exit_code == 0, verified.output
        assert '"differing":[]' in verified.output
    assert everything(back) == everything(store)
    assert len(everything(store)["journal"]) == (bodies or [0])[0] > 0
    assert back.stat().st_mode & 0o777 == 0o600
    assert files(tmp_path) == ["back.db"]

    async def both() -> None:
        one, other = open_reader(store), open_reader(back)
        assert await one.verify_chain() == await other.verify_chain()
        assert await one.query("v_fills") == await other.query("v_fills") != []
        assert (await replay(one)).head_hash == (await replay(other)).head_hash
        await one.close()
        await other.close()

    asyncio.run(both())


def test_what_is_written_in_postgresql_comes_back_into_a_file(
    postgres: Postgres, store: Path, tmp_path: Path
) -> None:
    """The copy is a store like any other: its engine goes on where the file ended."""
    url, back = postgres.url(postgres.new_database()), tmp_path / "back.db"
    assert copied(store, url).exit_code == 0
    address = Address(url=url, username="", password="", schema="tporder")
    before = len(everything(store)["journal"])

    async def go_on() -> None:
        opened = PostgresStore(address, build="later")
        assert not opened.started_clean
        assert await opened.verify_chain() == before
        assert [one.kind for one in await opened.latches()] == ["stop"]
        [(earlier, _)] = await opened.pending_signals()
        number = await opened.put_signal("{}", at_us=3)
        assert number > earlier
        claim = Claim(
            signal_id="new",
            content_hash="h",
            strategy="k",
            symbol="BTC",
            action="ENTER",
            inbox_id=number,
        )
        entry = Entry(trade_id="", kind="noted", version=1, body='{"text":"한글"}')
        assert await opened.append([entry], at_us=4, claim=claim) is ClaimResult.CLAIMED
        await opened.project()
        await opened.close()

    asyncio.run(go_on())
    verified = tporder("store", "verify", url)
    assert verified.exit_code == 0, verified.output
    assert copied(url, back).exit_code == 0
    rows = everything(back)
    assert len(rows["journal"]) == before + 1
    assert [row[1] for row in rows["claims"] if row[1] == "new"] == ["new"]


def test_views_that_were_changed_in_postgresql_are_named(postgres: Postgres, store: Path) -> None:
    url = postgres.url(postgres.new_database())
    assert copied(store, url).exit_code == 0
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE tporder.orders SET filled_quantity = '7'")
    told = tporder("store", "verify", url)
    assert told.exit_code == 10
    assert "orders" in told.output
    absent = tporder("store", "verify", url, "--schema", "elsewhere")
    assert absent.exit_code == 10
    assert "no store in schema elsewhere" in absent.output


def test_an_occupied_schema_and_a_file_that_is_there_are_not_touched(
    postgres: Postgres, store: Path
) -> None:
    url = postgres.url(postgres.new_database())
    assert copied(store, url).exit_code == 0
    second = copied(store, url)
    assert second.exit_code == 10
    assert "has a table acknowledgements already" in second.output
    before = store.read_bytes()
    assert copied(url, store).exit_code == 3
    assert store.read_bytes() == before


def test_a_journal_that_was_changed_in_postgresql_is_not_restored(
    postgres: Postgres, store: Path, tmp_path: Path
) -> None:
    url = postgres.url(postgres.new_database())
    assert copied(store, url).exit_code == 0
    with psycopg.connect(url) as connection:
        connection.execute("DROP TRIGGER journal_append_only ON tporder.journal")
        connection.execute("UPDATE tporder.journal SET body = body || ' ' WHERE seq = 7")
    told = copied(url, tmp_path / "back.db")
    assert told.exit_code == 15
    assert "journal row 7" in told.output
    assert files(tmp_path) == []


def test_a_damaged_store_leaves_nothing_in_postgresql(postgres: Postgres, store: Path) -> None:
    with closing(open_existing(store, READ_WRITE)) as database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET at_us = at_us + 1 WHERE seq = 5")
    url = postgres.url(postgres.new_database())
    assert copied(store, url).exit_code == 15
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'tporder'"
        ).fetchone() == (0,)


@pytest.mark.parametrize(
    ("source", "target", "named"),
    [
        ("a.db", "b.db", "the other one postgresql"),
        ("a.db", "postgresql://me:secret@127.0.0.1/x", "can be read by every user"),
    ],
)
def test_what_cannot_be_meant_is_refused(source: str, target: str, named: str) -> None:
    told = copied(source, target)
    assert told.exit_code == 3
    assert named in told.output
    assert "secret" not in told.output


def test_what_is_no_address_is_not_verified() -> None:
    told = tporder("store", "verify", "somewhere.db")
    assert told.exit_code == 3
    assert "postgresql://" in told.output
    secret = tporder("store", "verify", "postgresql://me:secret@127.0.0.1/x")
    assert secret.exit_code == 3
    assert "secret" not in secret.output


def test_a_schema_is_made_or_migrated_by_its_owner(postgres: Postgres, store: Path) -> None:
    """No older store exists in PostgreSQL yet: what is migrated is a missing or a current one."""
    url = postgres.url(postgres.new_database())
    made = tporder("store", "migrate", url, "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["store"], told["before"], told["rows"]) == (url, 0, {})
    assert f"schema version {told['after']} already" in tporder("store", "migrate", url).output
    occupied = postgres.url(postgres.new_database())
    assert copied(store, occupied).exit_code == 0
    assert "already" in tporder("store", "migrate", occupied).output
    assert "postgresql://" in tporder("store", "migrate", "somewhere.db").output
