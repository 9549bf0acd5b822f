"""``tporder record`` on the public streams of exchanges in another process, over loopback."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.test_paper_on_live_prices import TPORDER, addresses, exchanges, inherited
from tests.unit.cli.cli_world import heard, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.market.files.recording import Torn, lines_of, recorded_files

LIMIT_S = 60.0


@asynccontextmanager
async def recorder(
    folder: Path, ready: Mapping[str, Any]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(*TPORDER, "record", "--out", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**inherited(), **addresses(ready), "TPORDER_ENGINE_SYMBOLS": "BTC"},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            await heard(process.stdout, b"recording BTC")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_recorder_keeps_what_both_exchanges_tell(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    async with exchanges(tmp_path) as ready:
        async with recorder(folder, ready) as process:
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == ExitCode.OK
        (path,) = recorded_files(folder)
        torn: list[Torn] = []
        lines = list(lines_of(path, torn))
        assert torn == []
        found = {(line["kind"], line["symbol"]) for line in lines[1:]}
        assert {
            ("book", "KRW-BTC"),
            ("book", "KRW-USDT"),
            ("book", "BTCUSDT"),
            ("mark", "BTCUSDT"),
            ("filters", "BTCUSDT"),
        } <= found
        # Killed: what was written stays whole, and the next start reads it.
        async with recorder(folder, ready) as process:
            process.kill()
            await process.wait()
    told = tporder("record", "--out", folder, "--check")
    assert told.exit_code == ExitCode.OK
    assert "book" in told.output


async def test_nothing_is_recorded_of_exchanges_that_are_not_there(tmp_path: Path) -> None:
    nowhere = {"rest": "http://127.0.0.1:9", "ws": "ws://127.0.0.1:9"}
    env = addresses({"upbit": nowhere, "binance": nowhere})
    result = await asyncio.to_thread(
        tporder, "record", "--out", tmp_path / "rec", "--check", env=env
    )
    assert result.exit_code == ExitCode.NOT_FOUND
