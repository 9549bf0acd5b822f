"""Whole processes: servers that end on a signal, a pipe that is read as it is written."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import heard, offline_env, signal_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.http import HttpRequest, HttpResponse

LIMIT_S = 60


async def start(
    *args: str | Path, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "trading_platform_order.cli.main", *map(str, args)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**offline_env(), **(env or {})},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_simulator_serves_until_told_to_end(
    number: signal.Signals, tmp_path: Path
) -> None:
    ready_file = tmp_path / "ready.json"
    server = await start("simulator", "serve", "--ready-file", ready_file, "--seed", "7")
    assert server.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        ready = json.loads(await server.stdout.readline())
        http = AiohttpTransport()
        answer = await http.send(HttpRequest(method="GET", url=ready["control"] + "/state"))
        await http.close()
        server.send_signal(number)
        _, errors = await server.communicate()

    assert isinstance(answer, HttpResponse)
    assert answer.status == 200
    assert ready == json.loads(ready_file.read_text())
    assert server.returncode == ExitCode.OK
    assert errors.decode() == "market: BTC, 4032 bars, generated from seed 7; Ctrl-C ends it\n"


async def test_a_ready_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    server = await start("simulator", "serve", "--ready-file", tmp_path / "no" / "ready.json")
    async with asyncio.timeout(LIMIT_S):
        _, errors = await server.communicate()

    assert server.returncode == ExitCode.ENGINE_PROBLEM
    assert "cannot serve:" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_an_engine_takes_signals_and_ends_when_told(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    env = {"TPORDER_STORE_PATH": str(db)}
    signal_text = json.dumps(
        {
            "id": "sig-1",
            "strategy": "kimp",
            "action": "ENTER",
            "symbol": "BTC",
            "created_at": datetime.now(UTC).isoformat(),
            "expires_at": "2099-01-01T00:00:00Z",
            "notional_krw": "500000",
        }
    )
    engine = await start("run", env=env)
    assert engine.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        ready = await heard(engine.stdout, b"engine ready")
        second = await start("run", env=env)
        _, second_errors = await second.communicate()
        sender = await start("signal", "send", "-", env=env)
        sent, _ = await sender.communicate(signal_text.encode())
        engine.send_signal(signal.SIGTERM)
        rest, errors = await engine.communicate()

    assert json.loads(ready)["event"] == (
        f"engine ready: paper mode on a generated market (seed 1), BTC, journal {db}"
    )
    assert second.returncode == ExitCode.ACCOUNT_TAKEN
    assert "one account has one engine" in second_errors.decode()
    assert sender.returncode == ExitCode.OK
    assert sent.startswith(b"line 1: sig-1: claimed: pair trade ")
    assert (engine.returncode, errors) == (ExitCode.OK, b"")
    assert b"engine stopped" in rest


async def test_each_line_of_a_pipe_is_stored_as_it_arrives(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    await open_inbox(db).close()
    sender = await start("signal", "send", "-", "--db", db, "--wait", "0")
    assert sender.stdin is not None
    sender.stdin.write(signal_to_json(signal_of("first")).encode() + b"\n")
    async with asyncio.timeout(LIMIT_S):
        while await waiting(db) < 1:  # noqa: ASYNC110 - what another process would do
            await asyncio.sleep(0.005)
        stdout, _ = await sender.communicate(signal_to_json(signal_of("second")).encode())

    assert sender.returncode == ExitCode.OK
    told = [line for line in stdout.decode().splitlines() if line.startswith("line ")]
    assert [line.split(": ")[1] for line in told] == ["first", "second"]
    assert await waiting(db) == 2


async def waiting(db: Path) -> int:
    reader = open_reader(db)
    try:
        return (await reader.overview()).waiting_signals
    finally:
        await reader.close()
