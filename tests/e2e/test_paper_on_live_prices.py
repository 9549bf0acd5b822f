"""Paper mode on the public streams of exchanges in another process, over loopback."""

import asyncio
import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.e2e.paper_engine import LIMIT_S, engine, outcome_of_stop, traded
from tests.unit.cli.cli_world import clean_env, tporder
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.http import HttpRequest, HttpResponse

TPORDER = (sys.executable, "-m", "trading_platform_order.cli.main")
SIDES = {"BUY": "asks", "SELL": "bids"}
Sizes = dict[Decimal, Decimal]


def inherited() -> dict[str, str]:
    hidden = clean_env()
    return {name: value for name, value in os.environ.items() if name not in hidden}


@asynccontextmanager
async def exchanges(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """Both exchanges in another process; gives where they are."""
    ready_file = folder / "ready.json"
    process = await asyncio.create_subprocess_exec(
        *(*TPORDER, "simulator", "serve", "--ready-file", str(ready_file), "--bar-seconds", "600"),
        stdout=asyncio.subprocess.DEVNULL,
        env=inherited(),
    )
    try:
        while not ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
            await asyncio.sleep(0.02)
        yield json.loads(ready_file.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


def addresses(ready: Mapping[str, Any]) -> dict[str, str]:
    return {
        "TPORDER_PAPER_MARKET": "live",
        "TPORDER_UPBIT_REST_URL": ready["upbit"]["rest"],
        "TPORDER_UPBIT_WS_URL": ready["upbit"]["ws"],
        "TPORDER_BINANCE_REST_URL": ready["binance"]["rest"],
        "TPORDER_BINANCE_WS_URL": ready["binance"]["ws"],
    }


async def read(url: str) -> Any:  # noqa: ANN401 - JSON
    http = AiohttpTransport()
    answer = await http.send(HttpRequest(method="GET", url=url))
    await http.close()
    assert isinstance(answer, HttpResponse)
    return json.loads(answer.body, parse_float=Decimal)


async def shown(ready: Mapping[str, Any]) -> dict[tuple[str, str], Sizes]:
    """What the other process offers at each price, by exchange and our side."""
    rows = (await read(f"{ready['upbit']['rest']}/v1/orderbook?markets=KRW-BTC"))[0]
    depth = await read(f"{ready['binance']['rest']}/fapi/v1/depth?symbol=BTCUSDT&limit=50")
    found: dict[tuple[str, str], Sizes] = {}
    for side, name in (("BUY", "ask"), ("SELL", "bid")):
        found["upbit", side] = {
            Decimal(row[f"{name}_price"]): Decimal(row[f"{name}_size"])
            for row in rows["orderbook_units"]
        }
        found["binance", side] = {
            Decimal(price): Decimal(size) for price, size in depth[SIDES[side]]
        }
    return found


async def test_it_trades_inside_the_books_it_was_shown_and_outlives_a_kill(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    async with asyncio.timeout(2 * LIMIT_S), exchanges(tmp_path) as ready:
        books = await shown(ready)
        before = await read(f"{ready['control']}/state")
        async with engine(db, signal.SIGKILL, addresses(ready)) as first_line:
            assert "live prices of both exchanges" in first_line
            await traded(db, "in", "ENTER")
            await asyncio.sleep(2.5)  # the stop on the hedge
        async with engine(db, signal.SIGTERM, addresses(ready)):
            await traded(db, "out", "EXIT")
            stop_ends = await outcome_of_stop(db)
            status = await asyncio.to_thread(tporder, "status", "--db", db)
        after = await read(f"{ready['control']}/state")
    reader = open_reader(db)
    fills = await reader.query("v_fills")
    orders = await reader.query("v_orders")
    latches = [latch.kind for latch in await reader.latches()]
    await reader.close()

    taken: defaultdict[tuple[str, str, Decimal], Decimal] = defaultdict(Decimal)
    for row in fills:
        key = str(row["exchange"]), str(row["side"]), Decimal(str(row["price"]))
        taken[key] += Decimal(str(row["quantity"]))
    assert {key[:2] for key in taken} == set(books), "two legs, in and out"
    for (venue, side, price), quantity in taken.items():
        assert quantity <= books[venue, side].get(price, Decimal(0)) * Decimal("1.01")
    assert all(row["filled_quantity"] == row["executed_quantity"] for row in orders)
    assert stop_ends == "CANCELED", "the exchange knew the stop of before the restart"
    assert latches == []
    assert "mode paper on live prices of both exchanges" in " ".join(status.output.split())
    for name in ("balances", "orders"):
        assert before["upbit"][name] == after["upbit"][name], "nothing was sent to the others"
    assert before["binance"]["orders"] == after["binance"]["orders"]


async def test_without_a_network_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    nowhere = "127.0.0.1:9"
    ready = {
        name: {"rest": f"http://{nowhere}", "ws": f"ws://{nowhere}"}
        for name in ("upbit", "binance")
    }
    process = await asyncio.create_subprocess_exec(
        *(*TPORDER, "run"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**inherited(), **addresses(ready), "TPORDER_STORE_PATH": str(tmp_path / "t.db")},
    )
    async with asyncio.timeout(LIMIT_S):
        _, errors = await process.communicate()
    said = errors.decode()
    assert process.returncode not in {0, None}
    assert "Traceback" not in said
    assert "no live market for paper mode" in said
    assert "TPORDER_PAPER_MARKET=generated" in said
