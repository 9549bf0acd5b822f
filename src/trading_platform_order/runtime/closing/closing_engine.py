"""The engine's own code at work for a watchdog: the same in life and in simulation.

It is a whole engine with its replay, resolution and closes, set to ``reduce_only``. It gives no
sign of life of an engine: whoever looks for one finds that it is gone, and who acts in its place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.watchdog.ports import CannotClose

STARTS = ("the engine that closes starts",)
BOOKS = ("something is being booked, or waits",)


class ClosingAtWork:
    """See :class:`trading_platform_order.watchdog.ports.ClosingEngine`."""

    def __init__(self, engine: Engine, running: asyncio.Task[None]) -> None:
        self._engine = engine
        self._running = running
        #: signals are taken and closes are begun
        self.serves = False

    def left(self) -> tuple[str, ...]:
        """What there is still to do, in words; nothing once all is done that can be.

        Raises:
            CannotClose: the engine has ended by itself.
        """
        if self._running.done():
            raise CannotClose(f"the engine that closes ended: {_why(self._running)}")
        if not self.serves:
            return STARTS
        executor = self._engine.executor
        under_way = [f"trade {one.trade_id} is under way" for one in executor.running_trades()]
        halted = [
            f"trade {one.trade_id} gave up: {one.detail}"
            for one in executor.unsettled
            if one.state is TradeState.HALTED and self._engine.is_to_close(one)
        ]
        waits = [f"{name} waits: {w.reason}" for name, w in executor.closes.waiting().items()]
        left = (*waits, *under_way, *halted, *executor.left_to_close())
        return left or (() if executor.is_idle else BOOKS)

    @property
    def is_idle(self) -> bool:
        """Nothing is under way or waits: what is left will not be done by this one."""
        return self.serves and self._engine.executor.is_idle


class _Serves:
    """Begun by the engine once signals may come: from then on it can be said what is left."""

    def __init__(self, work: ClosingAtWork) -> None:
        self._work = work

    async def run(self) -> None:
        self._work.serves = True


@asynccontextmanager
async def at_work(
    engine: Engine, background: tuple[Callable[[Engine], Background], ...] = ()
) -> AsyncIterator[ClosingAtWork]:
    """Run an engine that only closes, until the block ends.

    Args:
        engine: not running yet.
        background: what runs beside it, once signals are taken.
    """
    started: list[ClosingAtWork] = []
    parts = (*background, lambda _: _Serves(started[0]))
    running = asyncio.ensure_future(engine.run(asyncio.Event(), parts))
    work = ClosingAtWork(engine, running)
    started.append(work)
    try:
        yield work
    finally:
        running.cancel()
        await asyncio.wait([running])
    if running.cancelled():
        with suppress(StoreUnavailable):
            await engine.end()


def _why(task: asyncio.Task[None]) -> str:
    error = None if task.cancelled() else task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
