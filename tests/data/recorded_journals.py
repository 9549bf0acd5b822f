"""Journals that this project's own simulation wrote: they must replay to the same ledger for ever.

    python -m tests.data.recorded_journals NUMBER

plays some scenarios and writes ``journal_vNUMBER.jsonl`` (the rows) and ``journal_vNUMBER.json``
(what they lead to). A recording is never written again: when new kinds of rows come, a new one is
made beside the old, with plays that bring them about. Together they hold every kind.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading_platform_order.domain.money import plain
from trading_platform_order.executor.journal.event_codec import event_kinds
from trading_platform_order.executor.journal.replay import Replayed, replay
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed, TestBedSetup
from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.migrations import empty_database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.virtual_loop import run_virtual

FOLDER = Path(__file__).parent
SCENARIOS = (
    "the-owner-sells-our-coins-and-the-engine-dies",
    "liquidation-of-the-hedge",
    "maintenance-on-upbit",
)
Play = Callable[[Scene], Awaitable[None]]


Rows = tuple[JournalRow, ...]


def recordings() -> list[int]:
    """The numbers of all recordings."""
    return sorted(int(path.stem.removeprefix("journal_v")) for path in FOLDER.glob("*.jsonl"))


def recorded(number: int) -> dict[str, Rows]:
    """The journals of a recording by the scenario that wrote them."""
    rows: dict[str, list[JournalRow]] = {}
    for line in _file(number, "jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        rows.setdefault(fields.pop("scenario"), []).append(JournalRow(**fields))
    return {name: tuple(found) for name, found in rows.items()}


def store_of(rows: Rows) -> SqliteStore:
    """A store that holds this journal and nothing else."""
    connection = Database.memory(empty_database())
    marks = ", ".join("?" for _ in JournalRow._fields)
    connection.execute_many(
        f"INSERT INTO journal ({', '.join(JournalRow._fields)}) VALUES ({marks})",  # noqa: S608 - ours
        rows,
    )
    return SqliteStore(connection, build="replay", durability="normal")


def expected(number: int) -> dict[str, Any]:
    """What each journal of a recording led to when it was written."""
    found: dict[str, Any] = json.loads(_file(number, "json").read_text(encoding="utf-8"))
    return found


def books_of(state: Replayed) -> dict[str, Any]:
    """Everything that money depends on, as plain JSON."""
    book, ledger = state.book, state.book.ledger
    return {
        "krw": plain(ledger.krw),
        "usdt": plain(ledger.usdt),
        "coins": _texts(ledger.coins.items()),
        "fee_assets": _texts(ledger.fee_assets.items()),
        "holdings": {
            f"{strategy} {base}": [plain(held.spot), plain(held.short)]
            for (strategy, base), held in sorted(ledger.holdings.items())
        },
        "shorts": {
            base: [plain(short.quantity), plain(short.entry_value)]
            for base, short in sorted(ledger.shorts.items())
        },
        "pnl_krw": {name: plain(getattr(book.parts(), name)) for name in PARTS},
        "trades": {
            trade_id: [trade.state, trade.outcome, *map(plain, (held.spot, held.short))]
            for trade_id, trade in sorted(state.trades.items())
            for held in (trade.holding,)
        },
        "unfated": sorted(state.unresolved_signals),
    }


PARTS = ("premium", "funding", "fees", "fx", "fx_idle", "slippage")


def _texts(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, str]:
    return {name: plain(amount) for name, amount in sorted(amounts)}


def _file(number: int, ending: str) -> Path:
    return FOLDER / f"journal_v{number}.{ending}"


# -- recording ------------------------------------------------------------------------------------


async def _a_close_that_waits(scene: Scene) -> None:
    """Upbit's book holds half of an EXIT; while the rest waits an operator closes its hedge."""
    await scene.hedged()
    scene.testbed.show_again()
    scene.testbed.world.upbit.shrink_book(f"KRW-{BASE}", Decimal("0.003"), told=True)
    await scene.wait(0.1)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait(0.2)
    scene.owner.close_our_short(f"{BASE}USDT", scene.short())
    await scene.wait(8.0)
    await scene.wait_open(30.0)
    await scene.quiet()
    scene.expect(that=scene.coins() == 0, otherwise="coins are left")


async def _a_stop_and_its_end(scene: Scene) -> None:
    """The emergency stop is set while a pair is open, outlives a crash, and is lifted."""
    await scene.hedged()
    await scene.stop("an operator, for the recording")
    await scene.wait(0.1)
    await scene.crash()
    await scene.lift("an operator, who has looked")
    await scene.quiet()


async def _journal_of(play: Play, setup: TestBedSetup, report: RunReport) -> Rows:
    testbed = TestBed(report, setup)
    testbed.open()
    try:
        await testbed.start()
        await play(Scene(testbed))
        return tuple([row async for row in testbed.reader().journal_all()])
    finally:
        await testbed.close()


def record(number: int) -> None:
    """Write a recording.

    Raises:
        SystemExit: it exists already, or a kind of row is in none of its journals.
    """
    if _file(number, "jsonl").exists():
        raise SystemExit(f"recording {number} exists; it must stay as it is: take another number")
    plays: dict[str, tuple[Play, TestBedSetup]] = {
        found.name: (found.play, found.setup)
        for found in all_scenarios()
        if found.name in SCENARIOS
    }
    plays["a-close-that-waits"] = (_a_close_that_waits, TestBedSetup())
    plays["a-stop-and-its-end"] = (_a_stop_and_its_end, TestBedSetup())
    journals = {
        name: run_virtual(_journal_of(play, setup, RunReport(seed=name)))
        for name, (play, setup) in plays.items()
    }
    kinds = {row.kind for journal in journals.values() for row in journal}
    known = {row.kind for old in recordings() for rows in recorded(old).values() for row in rows}
    if missing := set(event_kinds()) - kinds - known:
        raise SystemExit(f"kinds that none of the journals holds: {', '.join(sorted(missing))}")
    lines = [
        json.dumps({"scenario": name, **row._asdict()}, ensure_ascii=False)
        for name, journal in journals.items()
        for row in journal
    ]
    _file(number, "jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    books = {
        name: books_of(asyncio.run(replay(store_of(journal)))) for name, journal in journals.items()
    }
    _file(number, "json").write_text(json.dumps(books, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(int(sys.argv[1]))
