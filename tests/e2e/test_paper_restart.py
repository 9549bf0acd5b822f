"""Paper mode over restarts of the process, clean and killed: its exchanges forget nothing."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.e2e.paper_engine import LIMIT_S, engine, outcome_of_stop, traded
from trading_platform_order.storage.sqlite.store import open_reader


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_orders_stops_positions_and_ids_outlive_the_process(
    how: signal.Signals, tmp_path: Path
) -> None:
    db = tmp_path / "t.db"
    async with asyncio.timeout(LIMIT_S):
        async with engine(db, how):
            await traded(db, "in", "ENTER")
            await asyncio.sleep(1.5)  # the stop on the hedge
        async with engine(db, how):
            await traded(db, "out", "EXIT")
            stop_ends = await outcome_of_stop(db)
            await traded(db, "in-again", "ENTER")
    reader = open_reader(db)
    fills = await reader.query("v_fills")
    orders = await reader.query("v_orders")
    alerts = [str(row["kind"]) for row in await reader.query("v_alerts")]
    latches = [latch.kind for latch in await reader.latches()]
    await reader.close()

    assert {row["client_order_id"] for row in fills} == {row["client_order_id"] for row in orders}
    assert all(row["filled_quantity"] == row["executed_quantity"] for row in orders)
    ids = [(row["exchange"], row["exchange_trade_id"]) for row in fills]
    assert len(ids) == len(set(ids))
    assert stop_ends == "CANCELED", "the exchange knew the stop of before the restart"
    assert latches == []
    assert set(alerts) <= {"entry", "exit", "engine_started", "engine_stopped"}
