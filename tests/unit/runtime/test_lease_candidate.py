"""Who may take an account, when, and what happens to a holder that hangs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from tests.fakes.fixture import LoopClock
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.runtime.host.holder import Ended
from trading_platform_order.runtime.lease.lease_candidate import (
    LOOK_S,
    Candidate,
    Grounds,
    TakingSettings,
)
from trading_platform_order.storage.lease import Holder, Lease, LeaseTaken

HERE = Holder(machine="m", boot="b", pid_namespace="pid:[1]", pid=9, started=90, has_lock=True)
THERE = Holder(machine="m", boot="b", pid_namespace="pid:[1]", pid=7, started=70, has_lock=True)
LEASE = Lease(epoch=3, holder=THERE, renewal=1, reason="", at_us=0, is_released=False)


@dataclass(slots=True)
class Scene:
    """One account, its holder, and what a candidate did to it."""

    current: Lease | None = LEASE
    lives: bool = True
    has_lock: bool = False
    ends: Ended = Ended.GONE
    writable: bool = True
    killed_at_s: float | None = None
    told: list[str] = field(default_factory=list)
    paged: list[tuple[float, str]] = field(default_factory=list)

    def try_lock(self) -> bool:
        self.has_lock |= not self.lives
        return self.has_lock

    async def lease(self) -> Lease | None:
        return self.current

    def is_alive(self, holder: Holder) -> bool | None:
        visible = holder.pid_namespace == HERE.pid_namespace
        return self.lives if visible else None

    async def end(self, holder: Holder) -> Ended:
        assert holder == (self.current.holder if self.current else None)
        self.killed_at_s = asyncio.get_running_loop().time()
        self.lives = self.lives and self.ends is not Ended.GONE
        return self.ends

    def can_write(self) -> bool:
        return self.writable

    async def renews(self, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until_s:
            if self.current is not None:
                self.current = replace(self.current, renewal=self.current.renewal + 1)
            await asyncio.sleep(0.5)


def candidate(scene: Scene, boottime: Callable[[], float] | None = None) -> Candidate:
    loop = asyncio.get_running_loop()
    return Candidate(
        standing=scene,
        here=HERE,
        boottime=boottime or LoopClock().boottime,
        settings=TakingSettings(),
        tell=scene.told.append,
        page=lambda text, _: scene.paged.append((loop.time(), text)),
    )


async def waits(scene: Scene, limit_s: float = 60.0) -> tuple[float, Grounds]:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(limit_s):
        found = await candidate(scene).grounds()
    return loop.time(), found


@in_virtual_time
async def test_a_new_account_and_one_that_was_let_go_are_free_at_once() -> None:
    for current in (None, replace(LEASE, is_released=True)):
        took_s, found = await waits(Scene(current=current, lives=False))
        assert took_s < LOOK_S
        assert found.has_lock
        assert not found.is_alive


@in_virtual_time
async def test_the_account_of_a_dead_process_is_taken_at_the_next_look() -> None:
    scene = Scene()
    standing_by = asyncio.ensure_future(waits(scene))
    renewing = asyncio.ensure_future(scene.renews(5.0))
    await asyncio.sleep(5.0)
    renewing.cancel()
    scene.lives = False
    took_s, found = await standing_by
    assert took_s <= 5.0 + LOOK_S + 0.01
    assert "process 7 (epoch 3) is gone" in found.reason
    assert scene.killed_at_s is None
    assert scene.told == ["standing by: the account is held by process 7 (epoch 3)"]


@in_virtual_time
async def test_a_holder_that_hangs_is_killed_after_its_lease_lapsed_and_never_before() -> None:
    scene = Scene()
    renewing = asyncio.ensure_future(scene.renews(20.0))
    took_s, found = await waits(scene)
    renewing.cancel()
    assert scene.killed_at_s is not None
    assert 25.5 <= scene.killed_at_s <= 26.0
    assert took_s <= scene.killed_at_s + LOOK_S + 0.01
    assert found.has_lock
    assert not found.is_alive, "it is gone for certain"
    assert not scene.paged


@in_virtual_time
async def test_a_candidate_that_stood_still_itself_judges_nothing_by_that_time() -> None:
    """After a pause of the whole machine the holder is about to renew, as it always was."""
    scene, loop = Scene(), asyncio.get_running_loop()
    asleep_s = 0.0
    standing_by = asyncio.ensure_future(candidate(scene, lambda: loop.time() + asleep_s).grounds())
    renewing = asyncio.ensure_future(scene.renews(60.0))
    await asyncio.sleep(3.1)
    asleep_s = 7_200.0
    await asyncio.sleep(20.0)
    assert scene.killed_at_s is None
    standing_by.cancel()
    renewing.cancel()


@in_virtual_time
async def test_a_holder_in_another_namespace_is_paged_and_loses_the_account_all_the_same() -> None:
    stranger = replace(THERE, pid_namespace="pid:[2]")
    scene = Scene(current=replace(LEASE, holder=stranger), ends=Ended.OUT_OF_REACH)
    _, found = await waits(scene)
    assert found.is_alive
    assert not found.has_lock
    assert found.lease is not None
    assert found.lease.epoch == 3
    [(_, page)] = scene.paged
    assert "another PID namespace: end that container by hand" in page


@in_virtual_time
async def test_nothing_is_taken_while_a_hung_holder_has_the_databases_write_lock() -> None:
    scene = Scene(ends=Ended.NOT_ALLOWED, writable=False)
    standing_by = asyncio.ensure_future(waits(scene, 4_000.0))
    await asyncio.sleep(1_000.0)
    assert not standing_by.done()
    gaps_s = [after - before for (before, _), (after, _) in pairwise(scene.paged)]
    assert gaps_s == pytest.approx([60, 120, 240, 480], abs=LOOK_S)
    assert "NOBODY TRADES UNTIL THEN" in scene.paged[0][1]
    scene.writable = True
    _, found = await standing_by
    assert found.is_alive


@in_virtual_time
async def test_without_standing_by_a_living_engine_without_its_lock_file_is_left_alone() -> None:
    scene = Scene(current=replace(LEASE, holder=replace(THERE, has_lock=False)), has_lock=True)
    with pytest.raises(LeaseTaken, match="process 7"):
        await candidate(scene).now()
    scene.lives = False
    assert (await candidate(scene).now()).lease == scene.current
