"""An engine in paper mode as a process, and what its journal tells."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.e2e.fixture import BUSY_MACHINE
from tests.unit.cli.cli_world import heard, offline_env
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader

LIMIT_S = 60


@asynccontextmanager
async def engine(
    db: Path, how: signal.Signals, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[str]:
    """A process that is ready, and ends in this way; gives the line that says so."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trading_platform_order.cli.main", "run"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**offline_env(), **BUSY_MACHINE, **more, "TPORDER_STORE_PATH": str(db)},
    )
    assert process.stdout is not None
    try:
        yield (await heard(process.stdout, b"engine ready")).decode()
    finally:
        process.send_signal(how)
        await process.communicate()


async def traded(db: Path, name: str, action: str, *, base: str = "BTC") -> None:
    """Hand in a signal and wait until its trade has settled."""
    values: dict[str, Any] = {
        "schema_version": 1,
        "id": name,
        "strategy": "kimp",
        "action": action,
        "symbol": base,
        "created_at": datetime.now(UTC).isoformat(),
    }
    if action == "ENTER":
        values["notional_krw"] = "500000"
    inbox = open_inbox(db)
    await inbox.put_signal(json.dumps(values), at_us=1)
    while True:
        for row in await inbox.query("v_trades", where={"signal_id": name}):
            if row["state"] == "settled":
                await inbox.close()
                return
        refused = await inbox.query("v_refusals", where={"signal_id": name})
        assert not refused, refused
        await asyncio.sleep(0.1)


async def outcome_of_stop(db: Path) -> str:
    """What the exchange said at the end of the first conditional order."""
    reader = open_reader(db)
    while True:
        rows = [row async for row in reader.journal_all() if row.kind == "stop_moved"]
        moves = [json.loads(row.body) for row in rows]
        ends = [move["reason"] for move in moves if move["state"] != "waiting"]
        if ends:
            await reader.close()
            return str(ends[0])
        await asyncio.sleep(0.1)
