"""Finding out that the private stream has gone mute although its socket is open.

Silence alone proves nothing: an account at rest has no events. But an accepted order has events,
so a stream that has said nothing between an order's sending and some seconds after its acceptance
is mute, and is replaced. Any message counts as a sign of life, and one may well come before the
order's answer.
"""

import asyncio


class MuteWatch:
    """Compares what the stream says with what it must say.

    Args:
        wait_s: how long after an order's acceptance the stream may stay silent.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._heard = 0
        self._timer: asyncio.TimerHandle | None = None
        self._mute: asyncio.Event | None = None

    def started(self) -> None:
        """A new connection is listened to."""
        self._stop_timer()
        self._mute = asyncio.Event()

    def ended(self) -> None:
        """Nothing is listened to any more."""
        self._stop_timer()
        self._mute = None

    def mark(self) -> int:
        """Take this when an order leaves, for :meth:`expect`."""
        return self._heard

    def heard(self) -> None:
        """The stream said something."""
        self._heard += 1
        self._stop_timer()

    def expect(self, mark: int) -> None:
        """An order that left at ``mark`` was accepted: the stream must have told or tell soon."""
        if self._mute is None or self._timer is not None or self._heard != mark:
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._wait_s, self._mute.set)

    async def wait(self) -> None:
        """Return when the connection of the last :meth:`started` proves mute."""
        if self._mute is not None:
            await self._mute.wait()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
