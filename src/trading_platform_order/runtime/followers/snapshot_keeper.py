"""Sees to it that the next start finds a young snapshot, and that this one's was right.

All of the work is done by another process (``snapshot_process``), so that the engine's loop has
nothing to do with it. It is begun seldom, while nothing is under way, and its failure costs nothing
but a slower start.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.followers.snapshot_process import DONE, IS_WRONG
from trading_platform_order.storage.base import Reader, Store
from trading_platform_order.storage.side_files.snapshots import SnapshotPlace

LIMIT_S = 3_600.0
"""A journal of ten million rows takes so long, at the least urgent priority."""
_ENDS_IN_S = 5.0


class SnapshotWork(StrEnum):
    """What is asked of the other process."""

    RENEW = "renew"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperPace:
    """When the snapshot is renewed.

    Attributes:
        look_s: pause between looks.
        rows: a start may have so many rows to replay, some 25,000 a second.
        rows_max: when there are so many it is renewed though trades are under way.
        again_s: pause after a failure.
    """

    look_s: float = 60.0
    rows: int = 5_000
    rows_max: int = 50_000
    again_s: float = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEnded:
    """How it ended; ``text``: what the process said last."""

    code: int
    text: str


Run = Callable[[SnapshotWork], Awaitable[WorkEnded]]


class SnapshotKeeper:
    """Beside an engine, until cancelled.

    Args:
        store: whose journal.
        run: does the work, in another process.
        is_busy: trades are under way.
        started_from: the row that this engine's own snapshot stood for; 0 if it had none.
        on_wrong: that snapshot was wrong, and so is what this engine knows: awaited.
        tell: told in one line what an operator should know.
    """

    def __init__(
        self,
        *,
        store: Reader,
        run: Run,
        is_busy: Callable[[], bool],
        started_from: int,
        on_wrong: Callable[[str], Awaitable[None]],
        tell: Callable[[str], None],
        pace: KeeperPace = KeeperPace(),
    ) -> None:
        self._store = store
        self._run = run
        self._is_busy = is_busy
        self._kept = started_from
        self._on_wrong = on_wrong
        self._tell = tell
        self._pace = pace

    async def run(self) -> None:
        """Verify what this engine started from, then renew it again and again."""
        await asyncio.sleep(self._pace.look_s)
        if self._kept:
            ended = await self._run(SnapshotWork.VERIFY)
            if ended.code == IS_WRONG:
                await self._on_wrong(ended.text)
                return
        while True:
            head = (await self._store.overview()).head_seq
            if self._is_due(head - self._kept) and not await self._renew(head):
                await asyncio.sleep(self._pace.again_s)
            await asyncio.sleep(self._pace.look_s)

    def _is_due(self, rows: int) -> bool:
        return rows >= self._pace.rows and (not self._is_busy() or rows >= self._pace.rows_max)

    async def _renew(self, head: int) -> bool:
        ended = await self._run(SnapshotWork.RENEW)
        if ended.code == DONE:
            self._kept = head
            return True
        self._tell(f"no snapshot was made: {ended.text}; the next start takes longer")
        return False


def snapshot_keeper(
    store: Store, path: Path, account: str, place: SnapshotPlace, tell: Callable[[str], None]
) -> Callable[[Engine], Background]:
    """The keeper of one engine's snapshot, which lies in ``place`` beside the store's ``path``."""

    def made(engine: Engine) -> Background:
        async def run(work: SnapshotWork) -> WorkEnded:
            return await run_process(work, path, account, rows_lost_in=store.rows_lost_in)

        async def on_wrong(text: str) -> None:
            place.drop()
            await engine.executor.account.latch(f"{text}: what this engine knows is wrong")

        return SnapshotKeeper(
            store=store,
            run=run,
            is_busy=lambda: engine.executor.running > 0,
            started_from=engine.snapshot_rows,
            on_wrong=on_wrong,
            tell=tell,
        )

    return made


async def run_process(
    work: SnapshotWork, path: Path, account: str, *, rows_lost_in: int, limit_s: float = LIMIT_S
) -> WorkEnded:
    """Do it in a process of its own, which ends with the caller."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trading_platform_order.runtime.followers.snapshot_process"),
        *(work, str(path), account, str(rows_lost_in)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
    )
    try:
        async with asyncio.timeout(limit_s):
            said, _ = await process.communicate()
    except TimeoutError:
        return WorkEnded(code=-1, text=f"not done within {limit_s:.0f} s")
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.wait_for(process.wait(), _ENDS_IN_S)
    lines = said.decode(errors="replace").strip().splitlines()
    return WorkEnded(code=process.returncode or 0, text=lines[-1] if lines else "no reason told")
