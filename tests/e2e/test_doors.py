"""A program that knows only research's own signals, at every door of a running paper engine."""

import asyncio
import json
import random
import signal
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.test_examples import environment
from tests.unit.cli.cli_world import heard
from trading_platform_order.client import AsyncClient, SendOutcome, Sent
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.signals.arrival.local_socket import socket_path
from trading_platform_order.storage.sqlite.store import open_reader

SECRET = "planted-secret-" + "x" * 32
LIMIT_S = 120
SIGNALS = 100
REPEATS = 3
STRAIGHT = 2_500
STRAIGHT_REPEATS = 4


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


def sent_signals(count: int, repeats: int = REPEATS) -> list[dict[str, Any]]:
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
    many = signals * repeats
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
    trades, claims = await on_record(processes.db)
    ids = {sent.signal_id for sent in results}
    assert len(ids) == SIGNALS
    assert len(results) == SIGNALS * REPEATS
    assert {sent.result for sent in results} <= {SendOutcome.CLAIMED, SendOutcome.REFUSED}
    assert sorted(claims) == sorted(ids), "each is on record once"
    assert len(trades) == len(set(trades)) > 0


async def on_record(db: Path) -> tuple[list[str], list[str]]:
    """The ids of the signals that were traded, and of those that were claimed."""
    reader = open_reader(db)
    events = [event_of(row) async for row in reader.journal_all()]
    trades = [event.signal.id for event in events if isinstance(event, TradeOpened)]
    claims = [str(row["signal_id"]) for row in await reader.query("v_signals", limit=100_000)]
    await reader.close()
    return trades, claims


async def pipelined(path: Path, signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All over one connection of the local socket, without waiting for answers."""
    reader, writer = await asyncio.open_unix_connection(path)

    async def write() -> None:
        for one in signals:
            writer.write(json.dumps(one, default=str).encode() + b"\n")
            await writer.drain()
        writer.write_eof()

    async def read() -> list[dict[str, Any]]:
        return [json.loads(line) async for line in reader]

    _, answers = await asyncio.gather(write(), read())
    writer.close()
    found: list[dict[str, Any]] = answers
    return found


async def test_ten_thousand_signals_over_two_sockets_are_answered_once_and_alike(
    tmp_path: Path,
) -> None:
    processes = Processes(tmp_path)
    path = socket_path(processes.db, "main")
    async with asyncio.timeout(LIMIT_S), processes.run("run", "engine ready"):
        waiting = sent_signals(STRAIGHT, STRAIGHT_REPEATS)
        halves = await asyncio.gather(*(pipelined(path, waiting[index::2]) for index in range(2)))
        async with asyncio.timeout(20):  # what was opened last may be under way
            await projected(processes.db)
    trades, claims = await on_record(processes.db)

    first: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for answers in halves:
        assert [one["line"] for one in answers] == list(range(1, len(waiting) // 2 + 1))
        for one in answers:
            first[one["signal_id"]].append(one)
    assert len(first) == STRAIGHT
    for alike in first.values():
        assert len(alike) == STRAIGHT_REPEATS
        assert sum(not one["repeated"] for one in alike) == 1
        assert len({(one["result"], one["code"]) for one in alike}) == 1
    assert sorted(claims) == sorted(first), "each is on record once"
    assert len(trades) == len(set(trades)) > 0


async def projected(db: Path) -> None:
    """Until the views have seen the whole journal."""
    reader = open_reader(db)
    while (seen := await reader.overview()).projected_seq < seen.head_seq:  # noqa: ASYNC110 - a file
        await asyncio.sleep(0.1)
    await reader.close()


async def send_all(client: AsyncClient, signals: list[dict[str, Any]]) -> list[Sent]:
    return [await client.send(one, wait_s=20) for one in signals]
