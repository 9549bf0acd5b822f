"""What a body was is what is read, however it is stored."""

import hashlib
import json
from importlib import resources
from pathlib import Path

import pytest

from tests.fakes.history import BASES, BEGAN_AT, make_history, trade_events, write_history
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.storage.base import Entry, StoreUnavailable
from trading_platform_order.storage.packed_body import (
    KINDS_IN_PLAIN,
    BodyDamaged,
    pack_body,
    unpack_body,
)
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.storage.sqlite.upkeep.by_hand import ask

BODIES = [entry_of(*event).body for event in trade_events(0, BEGAN_AT, BASES[0])]


@pytest.mark.parametrize("body", ["", "{}", "가" * 500, "x" * 10_000, *BODIES])
def test_a_body_comes_back_as_it_was(body: str) -> None:
    assert unpack_body(pack_body("trade_opened", body)) == body


def test_an_opened_trade_takes_a_sixth_of_its_text() -> None:
    assert len(pack_body("trade_opened", BODIES[0])) < len(BODIES[0]) / 6


def test_what_sql_looks_into_stays_text() -> None:
    for kind in KINDS_IN_PLAIN:
        assert pack_body(kind, BODIES[0]) == BODIES[0]


@pytest.mark.parametrize("where", ["cut", "changed", "number", "empty"])
def test_a_damaged_one_is_noticed(where: str) -> None:
    stored = pack_body("trade_opened", BODIES[0])
    assert isinstance(stored, bytes)
    damaged = {
        "cut": stored[:-9],
        "changed": stored[:1] + b"\xff\xff" + stored[3:],
        "number": b"\x63" + stored[1:],
        "empty": b"",
    }[where]
    with pytest.raises(BodyDamaged):
        unpack_body(damaged)


def test_the_dictionary_is_never_edited() -> None:
    """Every row that was packed with it would be lost."""
    folder = resources.files("trading_platform_order.storage")
    digest = hashlib.sha256((folder / "body_dictionary_1.txt").read_bytes()).hexdigest()
    assert digest == "12241963744e7e372c26f4ba4ba534d43ec20888bda89ebd1d582d401c2ae9ac"


async def test_older_rows_stay_as_they_are_and_the_chain_goes_on() -> None:
    """A store of before: text in every column, with rows of today behind it."""
    database = Database.memory()
    store = SqliteStore(database, build="test", durability="normal")
    await write_history(store, 3)
    rows = await store.journal()
    before = Database.memory()
    older = SqliteStore(before, build="test", durability="normal")
    for row in rows:
        before.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(row))
    await older.close()
    older = SqliteStore(before, build="test", durability="normal")
    await older.append([Entry(trade_id="", kind="k", version=1, body=BODIES[0])], at_us=1)
    assert await older.verify_chain() == len(rows) + 1
    assert (await older.journal())[:-1] == rows
    assert (await older.journal(len(rows)))[0].prev_hash == rows[-1].hash
    assert (await store.journal(trade_id=rows[3].trade_id))[2] == rows[3]


async def test_a_damaged_row_is_told_by_its_number() -> None:
    database = Database.memory()
    store = SqliteStore(database, build="test", durability="normal")
    await write_history(store, 1)
    database.execute("DROP TRIGGER journal_no_update")
    database.execute("UPDATE journal SET body = x'01ff' WHERE seq = 2")
    with pytest.raises(StoreUnavailable, match="journal row 2"):
        await store.journal()


async def test_a_row_can_be_read_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "tporder.db"
    await make_history(path, 1)
    sql = "SELECT unpacked(body) FROM journal WHERE kind = 'trade_opened'"
    [(body,)] = ask(path, sql, limit=1, limit_s=10.0).rows
    assert json.loads(body)["policy"]["mode"] == "p"
