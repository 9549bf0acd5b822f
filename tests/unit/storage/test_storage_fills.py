"""The read model of fills: none is lost by a trade id given twice, and what was lost comes back."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes.stores import StoreBed
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.relational.store import SqlStore
from trading_platform_order.storage.sqlite.database import Database, split_statements
from trading_platform_order.storage.sqlite.migrations import scripts
from trading_platform_order.storage.sqlite.store import SqliteStore

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC).isoformat()


def raw(kind: str, trade_id: str, **body: Any) -> Entry:  # noqa: ANN401 - JSON
    return Entry(trade_id=trade_id, kind=kind, version=1, body=json.dumps(body))


def opened(trade_id: str, order_id: str) -> Entry:
    signal = {
        "id": f"signal of {trade_id}",
        "strategy": "kimp",
        "action": "ENTER",
        "symbol": "BTC",
        "created_at": AT,
    }
    order = {
        "id": f"uuid of {order_id}",
        "client_order_id": order_id,
        "exchange": "upbit",
        "symbol": "BTC-KRW",
        "side": "BUY",
        "type": "MARKET",
        "quantity": "1",
        "quote_amount": "100",
        "leg": "spot",
        "purpose": "open",
        "attempt": 1,
        "created_at": AT,
    }
    return raw("trade_opened", trade_id, signal=signal, orders=[order])


def filled(trade_id: str, order_id: str, name: str = "1", **others: str) -> Entry:
    fill = {
        "exchange": "upbit",
        "symbol": "BTC-KRW",
        "client_order_id": order_id,
        "trade_id": name,
        "side": "BUY",
        "quantity": "1",
        "price": "100",
        "fee": "0.05",
        "fee_asset": "KRW",
        "at": AT,
    }
    return raw("fill_seen", trade_id, fill=fill | others)


TWO_TRADES = (
    opened("t1", "order-1"),
    filled("t1", "order-1"),
    opened("t2", "order-2"),
    filled("t2", "order-2"),
)


async def orders_of_fills(store: SqlStore) -> list[tuple[object, ...]]:
    fills = await store.query("v_fills")
    orders = {row["client_order_id"]: row for row in await store.query("v_orders")}
    return [
        (row["client_order_id"], orders[row["client_order_id"]]["filled_quantity"])
        for row in reversed(fills)
    ]


async def test_a_trade_id_given_to_two_orders_makes_two_fills(bed: StoreBed) -> None:
    store = bed.open()
    await store.append(TWO_TRADES, at_us=7)
    await store.project()

    assert await orders_of_fills(store) == [("order-1", "1"), ("order-2", "1")]


async def test_a_fill_told_twice_is_one(bed: StoreBed) -> None:
    store = bed.open()
    await store.append([opened("t1", "order-1"), *[filled("t1", "order-1")] * 3], at_us=7)
    await store.project()

    assert await orders_of_fills(store) == [("order-1", "1")]


async def test_a_fee_in_another_asset_has_its_value_in_the_quote_beside_it(bed: StoreBed) -> None:
    store = bed.open()
    hedge: dict[str, str] = {"exchange": "binance", "symbol": "BTCUSDT", "fee_asset": "BNB"}
    await store.append(
        [
            opened("t1", "order-1"),
            filled("t1", "order-1"),
            filled("t1", "order-1", "2", **hedge, fee_quote="0.0300"),
            filled("t1", "order-1", "3", **hedge),
        ],
        at_us=7,
    )
    await store.project()

    rows = await store.query("v_fills")
    assert {row["exchange_trade_id"]: row["fee_quote"] for row in rows} == {
        "1": "0.05",
        "2": "0.03",
        "3": None,
    }


async def test_an_older_store_gets_its_lost_fills_back(tmp_path: Path) -> None:
    """As versions up to 3 of the store left it: the second fill of an id was dropped."""
    path = tmp_path / "s.db"
    _make_version_3(path)
    store = SqliteStore(path, build="b", durability="normal")
    await store.project()

    assert await orders_of_fills(store) == [("order-1", "1"), ("order-2", "1")]
    await store.close()


def _make_version_3(path: Path) -> None:
    """A journal of the present, in a database that knows only the first three scripts."""
    connection = Database.open(path)
    connection.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT)")
    for number, name, sql in scripts():
        if number <= 3:
            for statement in split_statements(sql):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    connection.execute(
        "INSERT INTO fills VALUES ('main', 'upbit', 'BTC-KRW', '1', 2, 'order-1', 't1', 'spot', "
        "'BUY', '1', '100', '0.05', 'KRW', ?)",
        (AT,),
    )
    connection.execute("INSERT INTO projection VALUES ('main', 4)")
    for seq, entry in enumerate(TWO_TRADES, start=1):
        connection.execute(
            "INSERT INTO journal (account, seq, at_us, trade_id, kind, version, body, prev_hash, "
            "hash, build, epoch) VALUES ('main', ?, 7, ?, ?, 1, ?, '', '', 'b', 1)",
            (seq, entry.trade_id, entry.kind, entry.body),
        )
    connection.close()


async def test_rebuild_repairs_damaged_read_models(bed: StoreBed) -> None:
    store = bed.open()
    await store.append(TWO_TRADES, at_us=7)
    await store.project()
    bed.execute("DELETE FROM fills WHERE client_order_id = 'order-2'")
    bed.execute("UPDATE orders SET filled_quantity = '0'")
    bed.execute("INSERT INTO positions VALUES ('main', 'x', 'BTC', 1, '9', '9', 1)")

    assert await store.rebuild() == len(TWO_TRADES)

    assert await orders_of_fills(store) == [("order-1", "1"), ("order-2", "1")]
    assert await store.query("v_positions") == []


async def test_a_long_journal_is_told_in_turn_with_everything_else(bed: StoreBed) -> None:
    """An upgrade tells the whole journal anew while the engine serves: it must get its turns."""
    store = bed.open()
    for number in range(40):
        name = f"t{number}"
        await store.append(
            [opened(name, name), *[filled(name, name, str(n)) for n in range(25)]], at_us=7
        )
    turns = 0

    async def serve() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    serving = asyncio.create_task(serve())
    assert await store.project() == 40 * 26
    serving.cancel()
    assert turns >= 5, "one turn after each 200 rows"
