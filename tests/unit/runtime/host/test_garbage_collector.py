"""The collector is kept off the hot path while an engine serves, and only then."""

import asyncio
import gc
import weakref

import pytest

from trading_platform_order.runtime.host.garbage_collector import (
    LOOKS_MAX,
    YOUNG_OBJECTS,
    collect_in_idle_time,
    quiet_memory,
)


def test_what_exists_is_set_aside_and_put_back() -> None:
    before, frozen_before = gc.get_threshold(), gc.get_freeze_count()
    with quiet_memory():
        assert gc.get_freeze_count() > frozen_before + 10_000
        assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_failure_inside_puts_it_back_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError, match="inside"), quiet_memory():
        raise RuntimeError("inside")
    assert gc.get_threshold() == before


class _Rubbish:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.myself = self


@pytest.mark.parametrize(("busy", "looks", "is_freed"), [(False, 1, True), (True, 1, False)])
async def test_everything_is_collected_while_nothing_is_under_way(
    busy: bool, looks: int, is_freed: bool
) -> None:
    with quiet_memory():
        gone = weakref.ref(_Rubbish())
        task = asyncio.create_task(collect_in_idle_time(lambda: busy, look_s=0))
        for _ in range(2 * looks + 1):
            await asyncio.sleep(0)
        task.cancel()
        assert (gone() is None) is is_freed


async def test_trades_without_end_do_not_keep_rubbish_for_ever() -> None:
    with quiet_memory():
        gone = weakref.ref(_Rubbish())
        task = asyncio.create_task(collect_in_idle_time(lambda: True, look_s=0))
        for _ in range(2 * LOOKS_MAX + 2):
            await asyncio.sleep(0)
        task.cancel()
        assert gone() is None
