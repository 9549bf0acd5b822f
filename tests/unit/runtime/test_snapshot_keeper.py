"""When the snapshot is renewed, and what happens when it was wrong."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from tests.fakes.history import make_history
from trading_platform_order.executor.journal.snapshot import pack, replay_quickly
from trading_platform_order.runtime.followers.snapshot_keeper import (
    KeeperPace,
    SnapshotKeeper,
    SnapshotWork,
    WorkEnded,
    run_process,
)
from trading_platform_order.runtime.followers.snapshot_process import DONE, FAILED, IS_WRONG
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.store import open_reader

PACE = KeeperPace(look_s=0, rows=10, rows_max=100, again_s=0)
TURNS = 50
"""Of the loop: without pauses a keeper looks several times in so many."""


@dataclass
class _Fixture:
    head: int = 0
    busy: bool = False
    codes: dict[SnapshotWork, int] = field(default_factory=dict)
    done: list[SnapshotWork] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def overview(self) -> SimpleNamespace:
        return SimpleNamespace(head_seq=self.head)

    async def work(self, work: SnapshotWork) -> WorkEnded:
        self.done.append(work)
        return WorkEnded(code=self.codes.get(work, DONE), text="the reason")

    async def on_wrong(self, text: str) -> None:
        self.wrong.append(text)

    async def run(self, *, started_from: int = 0) -> None:
        keeper = SnapshotKeeper(
            store=self,  # type: ignore[arg-type] # one figure is all that is asked
            run=self.work,
            is_busy=lambda: self.busy,
            started_from=started_from,
            on_wrong=self.on_wrong,
            tell=self.told.append,
            pace=PACE,
        )
        running = asyncio.create_task(keeper.run())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])


async def test_it_is_renewed_once_there_are_enough_new_rows() -> None:
    fixture = _Fixture(head=10)
    await fixture.run()
    assert fixture.done == [SnapshotWork.RENEW]


async def test_few_new_rows_are_no_reason() -> None:
    fixture = _Fixture(head=9)
    await fixture.run()
    assert fixture.done == []


async def test_it_waits_while_trades_are_under_way_but_not_for_ever() -> None:
    fixture = _Fixture(head=99, busy=True)
    await fixture.run()
    assert fixture.done == []
    fixture.head = 100
    await fixture.run()
    assert fixture.done == [SnapshotWork.RENEW]


async def test_what_a_start_was_read_from_is_verified_before_it_is_renewed() -> None:
    fixture = _Fixture(head=50)
    await fixture.run(started_from=40)
    assert fixture.done == [SnapshotWork.VERIFY, SnapshotWork.RENEW]


async def test_a_wrong_one_is_told_and_never_built_upon() -> None:
    fixture = _Fixture(head=500, codes={SnapshotWork.VERIFY: IS_WRONG})
    await fixture.run(started_from=40)
    assert fixture.done == [SnapshotWork.VERIFY]
    assert fixture.wrong == ["the reason"]


async def test_a_failure_is_told_and_tried_again_later() -> None:
    fixture = _Fixture(head=10, codes={SnapshotWork.RENEW: FAILED})
    await fixture.run()
    assert len(fixture.done) > 1
    assert "the next start takes longer" in fixture.told[0]


async def test_the_process_makes_a_snapshot_and_notices_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "tporder.db"
    await make_history(path, 3)
    place = SnapshotFile(snapshot_path(path, "main"))
    made = await run_process(SnapshotWork.RENEW, path, "main", rows_lost_in=0)
    assert made.code == DONE
    assert (await run_process(SnapshotWork.VERIFY, path, "main", rows_lost_in=0)).code == DONE
    reader = open_reader(path)
    state = await replay_quickly(reader, place)
    await reader.close()
    assert state.snapshot_rows == state.rows > 0
    state.book.ledger.krw += 1
    place.write(pack(state, account="main", rows_lost_in=0))
    wrong = await run_process(SnapshotWork.VERIFY, path, "main", rows_lost_in=0)
    assert wrong.code == IS_WRONG
    assert "says otherwise" in wrong.text


async def test_a_process_that_cannot_read_the_store_says_so(tmp_path: Path) -> None:
    failed = await run_process(SnapshotWork.RENEW, tmp_path / "none.db", "main", rows_lost_in=0)
    assert failed.code == FAILED
    assert "no store" in failed.text


async def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "tporder.db"
    ended = await run_process(SnapshotWork.RENEW, path, "main", rows_lost_in=0, limit_s=0.001)
    assert "not done within" in ended.text
