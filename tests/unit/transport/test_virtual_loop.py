"""Virtual time: waits cost nothing, and nothing can wait for ever without being noticed."""

import asyncio
import weakref

import pytest

from trading_platform_order.transport.virtual_loop import (
    NothingWillHappen,
    run_virtual,
)


def test_a_wait_too_short_for_the_clock_still_moves_it() -> None:
    async def wait_for(deadline_s: float) -> int:
        loop = asyncio.get_running_loop()
        turns = 0
        while (left_s := deadline_s - loop.time()) > 0:
            turns += 1
            await asyncio.sleep(left_s)
        return turns

    async def main() -> int:
        await asyncio.sleep(1026.376000068)
        return await wait_for(asyncio.get_running_loop().time() + 1e-12)

    assert run_virtual(main()) <= 2


def test_a_loop_that_never_waits_is_noticed() -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110 - what is looked for
            await asyncio.sleep(0)

    with pytest.raises(NothingWillHappen, match="time stands still"):
        run_virtual(main())


def test_a_deadlock_is_noticed() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NothingWillHappen, match="no timer"):
        run_virtual(main())


def test_timers_of_one_moment_fire_in_the_order_they_were_set() -> None:
    fired: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(40):
            # Others that stand in between, and are gone again, must not change the order.
            others = [loop.call_at(0.5 + number % 7, fired.append, -1) for _ in range(number % 5)]
            loop.call_at(10.0, fired.append, number)
            for other in others:
                other.cancel()
        await asyncio.sleep(20.0)

    run_virtual(main())
    assert fired == list(range(40))


def test_a_callback_that_fails_is_told_and_the_rest_is_done() -> None:
    told: list[object] = []
    done: list[int] = []

    def fail() -> None:
        raise ValueError("as it happens")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        loop.call_soon(fail)
        loop.call_later(1.0, fail)
        loop.call_soon(done.append, 1)
        loop.call_later(1.0, done.append, 2)
        await asyncio.sleep(2.0)

    run_virtual(main())
    assert [str(error) for error in told] == ["as it happens"] * 2
    assert done == [1, 2]


def test_what_was_still_planned_keeps_nothing_alive() -> None:
    class Thing:
        def do(self) -> None: ...

    async def main() -> weakref.ref[Thing]:
        thing = Thing()
        asyncio.get_running_loop().call_later(10.0, thing.do)
        return weakref.ref(thing)

    assert run_virtual(main())() is None
