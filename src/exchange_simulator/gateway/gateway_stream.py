"""One WebSocket between a simulated exchange and a client, with latency, faults and a bound."""

import asyncio
import re
from collections import deque
from collections.abc import Callable

from exchange_simulator.faults.armed import UNHARMED_MESSAGE, ArmedFaults
from exchange_simulator.faults.odd_rows import odd_messages
from exchange_simulator.gateway.delays import DelayLine
from exchange_simulator.ports import (
    EndsConnections,
    StreamSession,
    ends_connections,
)

# Both exchanges' names of a message's time, in their long and short forms: epoch milliseconds.
_STAMP = re.compile(r'("(?:timestamp|tms|E|T)":\s?)(\d{13})\b')


def stamped_ahead(text: str, seconds: float) -> str:
    """The message with its times moved into the future."""
    return _STAMP.sub(lambda found: f"{found[1]}{int(found[2]) + round(seconds * 1_000)}", text)


class GatewayStream:
    """Messages in order, both ways. The exchange writes by :meth:`deliver`; a face takes.

    Attributes:
        target: path with query, as the client asked for it.
        closed_reason: ``None`` while open.
    """

    def __init__(
        self,
        target: str,
        faults: ArmedFaults,
        *,
        latency_s: float,
        queue_max: int,
        on_end: Callable[["GatewayStream"], None],
    ) -> None:
        self.target = target
        self.closed_reason: str | None = None
        self._handed_over = 0
        self._confirmed = 0
        self._faults = faults
        self._latency_s = latency_s
        self._queue_max = queue_max
        self._on_end = on_end
        self._session: StreamSession | None = None
        self._ends: EndsConnections | None = None
        self._muted = False
        self._held_back: str | None = None
        self._follow: asyncio.TimerHandle
        self._outbox: deque[str] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._to_client: DelayLine[str] = DelayLine(self._arrive_at_client)
        self._to_exchange: DelayLine[str] = DelayLine(self._arrive_at_exchange)

    # -- the exchange's side --------------------------------------------------------------------

    def attach(self, session: StreamSession) -> None:
        """Join the exchange's end; messages may have been delivered before."""
        self._session = session
        if self.closed_reason is not None:
            session.on_close()
            return
        self._ends = session if ends_connections(session) else None
        if self._ends is not None:
            self._ends.on_open(self.cut)

    def deliver(self, text: str) -> None:
        """The exchange pushes a message; dropped once the stream is closed or mute."""
        if self._muted or self.closed_reason is not None:
            return
        plan = self._faults.on_message(self.target, text)
        if plan is UNHARMED_MESSAGE and self._held_back is None:
            self._to_client.push(text, self._latency_s)
            return
        if plan.mute:
            self._muted = True
            return
        if plan.ahead_s:
            text = stamped_ahead(text, plan.ahead_s)
        if plan.swap_within_s is not None and self._held_back is None:
            self._hold_back(text, plan.swap_within_s)
            return
        for _ in range(plan.copies):
            self._to_client.push(text, self._latency_s + plan.delay_s)
        for odd in odd_messages(text) if plan.is_followed else ():
            self._to_client.push(odd, self._latency_s + plan.delay_s)
        self._let_follow()

    def _hold_back(self, text: str, wait_s: float) -> None:
        self._held_back = text
        self._follow = asyncio.get_running_loop().call_later(wait_s, self._let_follow)

    def _let_follow(self) -> None:
        """What was held back comes behind what just went, or because nothing did."""
        text, self._held_back = self._held_back, None
        if text is not None and self.closed_reason is None:
            self._follow.cancel()
            self._to_client.push(text, self._latency_s)

    def cut(self, reason: str) -> None:
        """Break off: whatever was not taken yet is lost."""
        if self.closed_reason is not None:
            return
        self.closed_reason = reason
        if self._held_back is not None:
            self._follow.cancel()
            self._held_back = None
        self._outbox.clear()
        self._to_client.clear()
        self._to_exchange.clear()
        self._confirmed = self._handed_over
        self._wake()
        if self._session is not None:
            self._session.on_close()
        self._on_end(self)

    # -- the client's side ----------------------------------------------------------------------

    def send(self, text: str) -> None:
        """The client sends a message."""
        if self.closed_reason is None:
            self._to_exchange.push(text, self._latency_s)

    def ping(self) -> None:
        """The client sent a ping frame."""
        if self.closed_reason is None and self._ends is not None:
            self._ends.on_ping()

    async def take(self) -> str | None:
        """The next message for the client; ``None`` once the stream is closed."""
        while not self._outbox:
            if self.closed_reason is not None:
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._outbox.popleft()

    @property
    def waiting(self) -> int:
        """How many messages the client could take now."""
        return len(self._outbox)

    def is_quiet(self) -> bool:
        """Nothing is on its way in either direction."""
        return not (
            self._outbox
            or self._held_back is not None
            or len(self._to_client)
            or len(self._to_exchange)
            or self._confirmed < self._handed_over
        )

    def hand_over(self) -> int:
        """A face puts a taken message into a socket: it is on its way until confirmed.

        Returns:
            The message's number, for :meth:`confirm`.
        """
        self._handed_over += 1
        return self._handed_over

    def confirm(self, number: int) -> None:
        """The client has read everything up to this message."""
        self._confirmed = min(max(self._confirmed, number), self._handed_over)

    # -------------------------------------------------------------------------------------------

    def _arrive_at_client(self, text: str) -> None:
        if len(self._outbox) >= self._queue_max:
            self.cut(f"the client left {self._queue_max} messages unread")
            return
        self._outbox.append(text)
        self._wake()

    def _arrive_at_exchange(self, text: str) -> None:
        if self._session is not None:
            self._session.on_message(text)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
