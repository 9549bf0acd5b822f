"""The simulated exchanges that ``tporder run`` starts inside: paper mode, and testnet's Upbit leg.

Their accounts are in a file of their own beside the journal, as real accounts are with the
exchanges: orders, stops, positions, balances and ids outlive the engine's process, however it ends.
"""

import asyncio
import io
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from exchange_simulator.exchanges import Opening
from exchange_simulator.kept_state import StateFile, StateUnreadable
from exchange_simulator.serve import serve
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.generated import FX_SOURCE
from trading_platform_order.runtime.settings.settings import SettingsRefused

BAR_SECONDS = 60.0
SIMULATOR_READY_S = 20.0


def paper_state_path(db: Path, account: str) -> Path:
    """Where the simulated accounts are kept: beside the database."""
    return db.with_name(f"{db.name}.{account}.paper")


def inner_state(path: Path, *, journal_is_new: bool, keeps: bool) -> StateFile:
    """The simulated accounts as they were left.

    Accounts without their journal would be somebody else's positions to a new engine: beside a new
    journal they begin anew, and the old file is put aside.

    Args:
        path: of the file.
        journal_is_new: nothing was ever journalled on this account.
        keeps: false for whoever only looks, maybe beside a running engine.

    Raises:
        SettingsRefused: the file is damaged.
    """
    if journal_is_new and path.exists():
        if not keeps:
            return StateFile(path.with_name(f"{path.name}.none"), may_write=False)
        path.replace(path.with_name(f"{path.name}.old"))
    try:
        return StateFile(path, may_write=keeps)
    except StateUnreadable as problem:
        raise SettingsRefused(f"the paper accounts are damaged: {problem}") from None


def read_ready(path: Path) -> Mapping[str, Any]:
    """Addresses and keys of a simulator that runs.

    Raises:
        SettingsRefused: the file is missing or another program's.
    """
    try:
        ready = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsRefused(
            f"paper.ready_file {path} cannot be used ({error}); start `tporder simulator serve "
            f"--ready-file {path}` first, or leave the setting empty"
        ) from None
    if not isinstance(ready, dict) or not {"upbit", "binance", "keys"} <= set(ready):
        raise SettingsRefused(f"paper.ready_file {path} is not a ready file of the simulator")
    return ready


@asynccontextmanager
async def inner_simulator(
    *,
    markets: Mapping[str, list[Bar]],
    market_name: str,
    opening: Opening,
    state: StateFile,
) -> AsyncIterator[Mapping[str, Any]]:
    """Serve both exchanges while the context lasts; gives the addresses and keys."""
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="tporder-") as folder:
        ready_file = Path(folder) / "ready.json"
        async with asyncio.TaskGroup() as group:
            group.create_task(
                serve(
                    markets=markets,
                    market_name=market_name,
                    state=state,
                    ready_file=ready_file,
                    bar_seconds=BAR_SECONDS,
                    stop=stop,
                    opening=opening,
                    learns_ticks=any(bars[0].fx_source != FX_SOURCE for bars in markets.values()),
                    output=io.StringIO(),
                ),
                name="simulator",
            )
            async with asyncio.timeout(SIMULATOR_READY_S):
                while not ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
                    await asyncio.sleep(0.02)
            try:
                yield read_ready(ready_file)
            finally:
                stop.set()
