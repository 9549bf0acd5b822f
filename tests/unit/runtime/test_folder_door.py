"""A file moved into the folder is traded once, and its answer lies beside it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.unit.cli.cli_world import CREATED, append, claim_of, opened, refused_of
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.doors.folder_door import ANSWER, FolderDoor, folder_door
from trading_platform_order.runtime.settings.settings import FolderSection, Settings
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import LocalWake
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.signals.schema import parse_signal
from trading_platform_order.storage.sqlite.store import SqliteStore

RESEARCH = '{"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T09:00:00Z", "price": 1.5}'
STRICT = (
    '{"id": "out", "strategy": "kimp", "action": "EXIT", "symbol": "BTC",'
    ' "created_at": "2026-11-22T09:01:00Z"}'
)
LIMIT_S = 10


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - files are looked at, as the door does
        await asyncio.sleep(0.005)


class FolderFixture:
    """The door, with something that answers as an engine does."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "signals"
        self.store = SqliteStore(root / "t.db", build="b", durability="normal")
        self.claimed: list[str] = []
        self.problems: list[str] = []
        for name in ("", "done", "refused"):
            (self.folder / name).mkdir()

    @asynccontextmanager
    async def run(self, *, answers: bool = True, answer_s: float = 5) -> AsyncIterator[None]:
        wake = LocalWake()
        door = FolderDoor(
            folder=self.folder,
            inbox=self.store,
            knock=wake.knock,
            rules=ResearchRules(),
            poll_s=0.005,
            answer_s=answer_s,
            on_problem=self.problems.append,
        )
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
            tasks = [group.create_task(door.run())]
            if answers:
                tasks.append(group.create_task(self._engine(wake)))
            yield
            for task in tasks:
                task.cancel()

    async def _engine(self, wake: LocalWake) -> None:
        async for item in InboxSource(self.store, wake, poll_interval_s=60):
            await self.answer(item.inbox_id, item.raw)

    async def answer(self, inbox_id: int, raw: str) -> None:
        signal = parse_signal(raw)
        if not isinstance(signal, Signal):
            await self.store.finish_signal(inbox_id, result="refused", detail="unreadable")
            return
        if await self.store.claim_of(signal.id) is not None:
            await self.store.finish_signal(inbox_id, result="duplicate", detail=signal.id)
            return
        self.claimed.append(signal.id)
        claim = claim_of(signal, inbox_id)
        if signal.symbol == "ETH":
            await append(self.store, refused_of(signal.id, "order_cap", "too large"), claim=claim)
            return
        key = trade_key(strategy=signal.strategy, signal_id=signal.id, symbol=signal.symbol)
        await append(self.store, opened(signal, (), CREATED), key, claim)

    def move_in(self, name: str, text: str) -> None:
        unfinished = self.folder / f".{name}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.rename(self.folder / name)

    async def in_inbox(self, count: int) -> None:
        while len(await self.store.pending_signals()) < count:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)

    async def answered(self, where: str) -> dict[str, Any]:
        path = self.folder / f"{where}{ANSWER}"
        gone = self.folder / path.name.removesuffix(ANSWER)
        await until(lambda: path.exists() and not gone.exists())
        answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return answer


async def test_a_file_is_traded_and_moves_to_done_with_its_answer(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    async with fixture.run():
        fixture.move_in("one.json", RESEARCH)
        fixture.move_in("two.jsonl", f'{STRICT}\n{{"action": "HOLD", "symbol": "BTC"}}\n')
        one, two = await fixture.answered("done/one.json"), await fixture.answered("done/two.jsonl")

    assert [item["result"] for item in one["signals"]] == ["claimed"]
    assert one["signals"][0]["signal_id"].startswith("research-")
    assert [item["result"] for item in two["signals"]] == ["claimed", "hold"]
    assert (fixture.folder / "done" / "one.json").read_text(encoding="utf-8") == RESEARCH
    assert len(fixture.claimed) == 2
    assert fixture.problems == []


async def test_what_is_not_traded_moves_to_refused_with_what_helps(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    async with fixture.run():
        fixture.move_in("eth", STRICT.replace("BTC", "ETH"))
        fixture.move_in("broken", f"{STRICT[:-1]}\n{STRICT}\n".replace("out", "next"))
        fixture.move_in("empty", "\n")
        fixture.move_in("large", "\n" * (4 * 1024 * 1024 + 1))
        eth, broken = (
            await fixture.answered("refused/eth"),
            await fixture.answered("refused/broken"),
        )
        empty, large = (
            await fixture.answered("refused/empty"),
            await fixture.answered("refused/large"),
        )

    assert eth["signals"][0]["code"] == "order_cap"
    assert [item["result"] for item in broken["signals"]] == ["broken", "claimed"]
    assert all(one["signals"][0]["cure"] for one in (eth, broken))
    assert empty["signals"] == []
    assert "bytes" in large["stopped"]


async def test_a_crash_between_inbox_and_move_repeats_harmlessly(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    async with fixture.run(answers=False):
        fixture.move_in("in.json", RESEARCH)
        await fixture.in_inbox(1)
    assert (fixture.folder / "in.json").exists()

    async with fixture.run():
        answer = await fixture.answered("done/in.json")
        fixture.move_in("in.json", RESEARCH)
        await until(lambda: len(list((fixture.folder / "done").iterdir())) == 4)

    assert answer["signals"][0]["result"] == "claimed"
    assert len(fixture.claimed) == 1


async def test_an_answer_that_does_not_come_keeps_no_other_file_back(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    async with fixture.run(answers=False, answer_s=600):
        fixture.move_in("a", RESEARCH)
        fixture.move_in("b", STRICT)
        await fixture.in_inbox(2)
    async with fixture.run(answers=False, answer_s=0):
        answer = await fixture.answered("done/a")
    assert answer["signals"][0]["result"] == "queued"


async def test_what_is_no_finished_file_is_left_alone(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    outside = tmp_path / "outside"
    outside.write_text(STRICT, encoding="utf-8")
    (fixture.folder / "link").symlink_to(outside)
    os.mkfifo(fixture.folder / "pipe")
    growing = fixture.folder / "growing"
    async with fixture.run():
        for name in ("x.tmp", "x.part", ".hidden"):
            (fixture.folder / name).write_text(STRICT, encoding="utf-8")
        half = len(RESEARCH) // 2
        with growing.open("w", encoding="utf-8") as stream:
            for part in (RESEARCH[:half], RESEARCH[half:]):
                stream.write(part)
                stream.flush()
        await fixture.answered("done/growing")

    left = {path.name for path in fixture.folder.iterdir()}
    assert left == {"done", "refused", "link", "pipe", "x.tmp", "x.part", ".hidden"}
    assert len(fixture.claimed) == 1


async def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    fixture = FolderFixture(tmp_path)
    (fixture.folder / "done").rmdir()
    async with fixture.run():
        fixture.move_in("in.json", RESEARCH)
        await until(lambda: bool(fixture.problems))
        await asyncio.sleep(0.03)  # some more looks

    assert len(fixture.problems) == 1
    assert len(fixture.claimed) == 1


def test_a_folder_that_cannot_be_made_is_told_and_keeps_no_engine_from_starting(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SqliteStore(tmp_path / "t.db", build="b", durability="normal")
    told: list[str] = []
    settings = Settings(folder=FolderSection(path=str(tmp_path / "file" / "signals")))
    assert folder_door(settings, store, LocalWake(), told.append) == []
    assert [line for line in told if "no signal is taken from it" in line] == told
    assert len(told) == 1
