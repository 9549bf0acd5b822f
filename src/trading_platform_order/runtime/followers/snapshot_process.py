"""``python -m …snapshot_process``: renews or verifies the snapshot of one account, and ends.

It is a process of its own, and the least urgent one of its machine: folding rows takes the
interpreter for itself, and in a thread of the engine it would hold up orders. It only reads the
store, and writes nothing but the snapshot. It gets no settings, and so no secrets.
"""

import asyncio
import os
import sys
from pathlib import Path

from trading_platform_order.domain.trade.pair_trade import IllegalTransition
from trading_platform_order.executor.journal.event_codec import JournalUnreadable
from trading_platform_order.executor.journal.snapshot import renew, verify
from trading_platform_order.executor.journal.state_codec import NotKept
from trading_platform_order.storage.base import SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.store import open_reader

NICE = 19
DONE, FAILED, IS_WRONG = 0, 1, 3


async def _carry_out(work: str, path: Path, account: str, rows_lost_in: int) -> int:
    reader = open_reader(path, account=account)
    try:
        place = SnapshotFile(snapshot_path(path, account))
        if work == "renew":
            await renew(reader, place, account=account, rows_lost_in=rows_lost_in, tell=print)
            return DONE
        wrong = await verify(reader, place)
    finally:
        await reader.close()
    if wrong is None:
        return DONE
    print(wrong)  # noqa: T201 - this is how the engine hears of it
    return IS_WRONG


def main(arguments: list[str]) -> int:
    """``work store account rows_lost_in``; the exit code tells how it ended."""
    os.nice(NICE)
    work, path, account, rows_lost_in = arguments
    try:
        return asyncio.run(_carry_out(work, Path(path), account, int(rows_lost_in)))
    except (
        *(NotKept, JournalUnreadable, IllegalTransition),
        *(StoreUnavailable, SchemaMismatch),
    ) as problem:
        print(problem)  # noqa: T201 - as above
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
