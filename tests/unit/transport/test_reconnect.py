"""The one loop of all streams: pauses, silence, and ends that take their time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from trading_platform_order.transport.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_once,
)
from trading_platform_order.transport.virtual_loop import run_virtual
from trading_platform_order.transport.websocket import Closed


class Line:
    """A connection that says one thing after a while, then nothing; its close may hang."""

    def __init__(self, *, speaks_after_s: float, close_s: float = 0.0) -> None:
        self._speaks_after_s = speaks_after_s
        self._close_s = close_s
        self._spoke = False
        self._closed = asyncio.Event()

    async def send(self, text: str) -> None:
        """Nobody answers."""

    async def receive(self) -> bytes | Closed:
        if not self._spoke:
            await asyncio.sleep(self._speaks_after_s)
            self._spoke = True
            return b"{}"
        await self._closed.wait()
        return Closed(reason="by us")

    async def close(self) -> None:
        self._closed.set()
        await asyncio.sleep(self._close_s)

    async def connect(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> "Line":
        del url, headers, timeout_s
        return self


def listened(line: Callable[[], Line], *, idle_s: float) -> tuple[Lost, float]:
    async def scenario() -> tuple[Lost, float]:
        loop = asyncio.get_running_loop()
        began_s = loop.time()

        async def watch(listener: Listener) -> None:
            await listener.end_if_silent(idle_s)

        lost = await listen_once(
            line(), url="wss://x", timeout_s=1.0, on_message=lambda _: None, watch=watch
        )
        return lost, round(loop.time() - began_s, 3)

    return run_virtual(scenario())


def test_silence_is_counted_from_the_last_message() -> None:
    lost, took_s = listened(lambda: Line(speaks_after_s=7.0), idle_s=30.0)
    assert (lost.reason, took_s) == ("silent for 30 s", 37.0)


def test_a_close_that_hangs_holds_up_nothing_for_long() -> None:
    lost, took_s = listened(lambda: Line(speaks_after_s=0.0, close_s=900.0), idle_s=5.0)
    assert (lost.reason, took_s) == ("silent for 5 s", 6.0)


def attempts(connect_once: Callable[[], Awaitable[Lost]], count: int) -> tuple[list[float], int]:
    """When each of so many attempts began, and how often the loss was told."""

    async def scenario() -> tuple[list[float], int]:
        loop = asyncio.get_running_loop()
        began_s: list[float] = []
        told: list[str] = []
        enough = asyncio.Event()

        async def once() -> Lost:
            began_s.append(round(loop.time(), 3))
            if len(began_s) == count:
                enough.set()
            return await connect_once()

        task = asyncio.create_task(keep_connected(once, tell_down=told.append))
        await enough.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return [at - began_s[0] for at in began_s], len(told)

    return run_virtual(scenario())


def test_an_attempt_that_took_long_needs_no_pause_and_is_told_once() -> None:
    async def hangs() -> Lost:
        await asyncio.sleep(6.0)
        return Lost(reason="time-out", was_up=False)

    began_s, told = attempts(hangs, 4)
    assert [round(at, 3) for at in began_s] == [0.0, 6.1, 12.2, 18.3]
    assert told == 1
