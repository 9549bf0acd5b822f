"""A program that knows only research's own signals, at every door of a running paper engine."""

import asyncio
import json
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.test_examples import environment
from tests.unit.cli.cli_world import heard
from trading_platform_order.client import AsyncClient, SendOutcome, Sent
from trading_platform_order.storage.sqlite.store import open_reader

SECRET = "planted-secret-" + "x" * 32
LIMIT_S = 120
SIGNALS = 200
REPEATS = 3


class Processes:
    """`tporder run` and `tporder web` beside it, and everything they said."""

    def __init__(self, root: Path) -> None:
        self.db, self.folder = root / "t.db", root / "signals"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._environment = environment(self.db) | {
            "TPORDER_FOLDER_PATH": str(self.folder),
            "TPORDER_WEB_PORT": self.url.rpartition(":")[2],
            "TPORDER_WEB_SIGNALS_SECRET": SECRET,
        }
        self.said = ""

    @asynccontextmanager
    async def run(self, command: str, ready: str) -> AsyncIterator[None]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "trading_platform_order.cli.main", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
        )
        assert process.stdout is not None
        try:
            self.said += (await heard(process.stdout, ready.encode())).decode()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            out, _ = await process.communicate()
            self.said += out.decode()
        assert process.returncode == 0, self.said

    @asynccontextmanager
    async def all(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(asyncio.timeout(LIMIT_S))
            await stack.enter_async_context(self.run("run", "engine ready"))
            await stack.enter_async_context(self.run("web", "web ready"))
            yield

    def clients(self) -> tuple[AsyncClient, AsyncClient]:
        return AsyncClient(self.db), AsyncClient.over_http(self.url, secret=SECRET)


def now(action: str, **more: object) -> dict[str, object]:
    return {"symbol": "BTC", "action": action, "timestamp": datetime.now(UTC), **more}


async def through_client(client: AsyncClient, action: str) -> Sent:
    return await client.wait(await client.send(now(action)), timeout_s=30)


async def through_folder(processes: Processes, action: str) -> Sent:
    file = processes.folder / f".{action}"
    file.write_text(json.dumps(now(action) | {"timestamp": str(datetime.now(UTC))}))
    file.rename(processes.folder / f"{action}.json")
    answer = processes.folder / "done" / f"{action}.json.answer.json"
    while not answer.exists():  # noqa: ASYNC110 - files are looked at
        await asyncio.sleep(0.01)
    return Sent(
        line=1,
        signal_id=json.loads(answer.read_text())["signals"][0]["signal_id"],
        inbox_id=0,
        result=SendOutcome.CLAIMED,
    )


async def test_research_trades_at_every_door(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    async with processes.all():
        local, http = processes.clients()
        async with local, http:
            told = [
                await through_client(client, action)
                for client in (local, http)
                for action in ("BUY", "SELL")
            ]
            told += [
                await local.wait(await through_folder(processes, action))
                for action in ("BUY", "SELL")
            ]
            held = await local.send({"action": "HOLD", "symbol": "BTC"})

    assert ["is hedged" in sent.detail for sent in told] == [True, False] * 3, told
    assert ["is flat" in sent.detail for sent in told] == [False, True] * 3, told
    assert held.result is SendOutcome.HOLD
    assert SECRET not in processes.said


def sent_signals(count: int) -> list[dict[str, Any]]:
    """Entries and exits of some symbols and levels in one second, in any order, with repeats."""
    began = datetime.now(UTC)
    signals = [
        now(
            "BUY" if index % 2 else "SELL",
            level=index % 3,
            timestamp=(began + timedelta(microseconds=index // 6)).isoformat(),
        )
        for index in range(count)
    ]
    many = signals * REPEATS
    random.Random(1).shuffle(many)  # noqa: S311 - an order, no secret
    return many


async def test_many_signals_over_two_connections_are_traded_at_most_once(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    async with processes.all():
        local, http = processes.clients()
        async with local, http:
            waiting = sent_signals(SIGNALS)
            results = [
                sent
                for half in await asyncio.gather(
                    *(
                        send_all(client, waiting[index::2])
                        for index, client in enumerate((local, http))
                    )
                )
                for sent in half
            ]
    reader = open_reader(processes.db)
    trades = []
    async for row in reader.journal_all():
        body = json.loads(row.body)
        if row.kind == "trade_opened":
            trades.append(body["signal"]["id"])
    claims = [str(row["signal_id"]) for row in await reader.query("v_signals", limit=100_000)]
    await reader.close()

    ids = {sent.signal_id for sent in results}
    assert len(ids) == SIGNALS
    assert len(results) == SIGNALS * REPEATS
    assert {sent.result for sent in results} <= {SendOutcome.CLAIMED, SendOutcome.REFUSED}
    assert sorted(claims) == sorted(ids), "each is on record once"
    assert len(trades) == len(set(trades)) > 0


async def send_all(client: AsyncClient, signals: list[dict[str, Any]]) -> list[Sent]:
    return [await client.send(one, wait_s=20) for one in signals]
