"""Delivers a durable outbox of alerts over one channel; never in a trade's path.

At least once: an alert leaves the outbox only when the channel has taken it, so a delivery whose
answer was lost is sent again. A dead channel costs nobody anything but the messages: this task
alone waits, urgent alerts stay in the outbox for as long as it takes, others are given up (and
counted) when more than ``backlog_max`` of them wait.

Refused entries come in bursts: those of ``refusals_s`` are told in one message.

Everything about order and patience stands here; what a message looks like and what an answer means
is the channel's (``channel.py``). Each channel has its own worker: a slow one holds up no other.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, assert_never

from trading_platform_order.domain.alert import AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Channel, Message, Verdict
from trading_platform_order.notifications.situation import Situation
from trading_platform_order.transport.clock import Clock, epoch_us

_PAGE = 20
# Refusals that are gathered at most: they must not keep others out of a page.
_REFUSALS_PAGE = 50
# In its usual form first, then so often as plain text; urgent alerts are tried for ever.
_MISFIT_ATTEMPTS_MAX = 3


SituationOf = Callable[[PendingAlert], Awaitable[Situation]]


PictureOf = Callable[[PendingAlert], bytes]


def no_picture(_pending: PendingAlert) -> bytes:
    """Text alone."""
    return b""


def always(situation: Situation) -> SituationOf:
    """The same for every alert: where no engine runs."""

    async def of(_pending: PendingAlert) -> Situation:
        return situation

    return of


class AlertOutbox(Protocol):
    """The alerts that wait for one channel."""

    async def pending_alerts(self, limit: int = ...) -> Sequence[PendingAlert]:
        """Undelivered alerts, urgent ones first, then oldest first."""
        ...

    async def finish_alert(self, alert_id: int, *, result: str = ...) -> None:
        """The alert needs nothing more."""
        ...

    async def retry_alert(self, alert_id: int, *, next_at_us: int, attempts: int) -> None:
        """Note a failed delivery."""
        ...

    async def drop_alerts(self, *, keep: int) -> int:
        """Give up the oldest non-urgent alerts beyond ``keep``; returns how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLimits:
    """How patiently.

    Attributes:
        backoff_first_s: wait after the first failure; doubles up to ``backoff_max_s``.
        backlog_max: non-urgent alerts kept while the channel does not take them.
        poll_interval_s: how often the outbox is looked at when nobody knocks.
        refusals_s: how long refused entries are gathered; 0: each is told by itself.
    """

    backoff_first_s: float = 1.0
    backoff_max_s: float = 60.0
    backlog_max: int = 500
    poll_interval_s: float = 1.0
    refusals_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class DeliveryCounts:
    """What became of alerts since the start, for status and metrics."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


class OutboxWorker:
    """Runs as one task for one channel; see the module's docstring.

    Args:
        situation: asked before each message.
        on_problem: told in one line, without secrets, when deliveries begin to fail or end failing.
        picture: what goes with an alert. Only the first try has it: it must not keep the text.
    """

    def __init__(
        self,
        *,
        channel: Channel,
        outbox: AlertOutbox,
        clock: Clock,
        situation: SituationOf,
        limits: DeliveryLimits | None = None,
        on_problem: Callable[[str], None] = lambda _: None,
        picture: PictureOf = no_picture,
    ) -> None:
        self._channel = channel
        self._outbox = outbox
        self._clock = clock
        self._situation = situation
        self._limits = limits or DeliveryLimits()
        self._on_problem = on_problem
        self._picture = picture
        self._knocked = asyncio.Event()
        self._sent_at: deque[float] = deque(maxlen=channel.burst)
        self._not_before = 0.0
        self._failures = 0
        self._held: dict[int, float] = {}
        self._as_text: set[int] = set()
        self.counts = DeliveryCounts()
        self.last_problem = ""

    def __repr__(self) -> str:
        """Without the channel's address."""
        return f"OutboxWorker(channel={self._channel.name!r}, counts={self.counts!r})"

    def knock(self) -> None:
        """An alert was put into the outbox; looked at soon, without waiting for the poll."""
        self._knocked.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self.counts.dropped += await self._outbox.drop_alerts(keep=self._limits.backlog_max)
            tried = await self.deliver_due()
            blocked_s = self.blocked_s()
            if blocked_s > 0:
                # In short steps, so that the backlog stays bounded during a long pause.
                await asyncio.sleep(min(blocked_s, self._limits.poll_interval_s))
            elif not tried:
                await self._wait()

    async def deliver_due(self) -> int:
        """Try waiting alerts until done, or until the channel wants a pause; returns how many."""
        tried = 0
        found = await self._outbox.pending_alerts(_PAGE + _REFUSALS_PAGE + len(self._held))
        gathered = [pending for pending in found if self._is_gathered(pending)]
        for pending in found:
            if self.blocked_s() > 0:
                break
            if self._now() < self._held.get(pending.id, 0.0):
                continue
            if pending not in gathered:
                tried += 1
                await self._deliver(pending)
            elif pending is gathered[0] and self._is_ripe(gathered):
                tried += 1
                await self._deliver(pending, tuple(gathered[1:]))
        return tried

    def _is_gathered(self, pending: PendingAlert) -> bool:
        alert = pending.alert
        is_calm = alert.kind == AlertKind.REFUSAL and not alert.urgent
        return is_calm and self._limits.refusals_s > 0 and pending.id not in self._held

    def _is_ripe(self, gathered: Sequence[PendingAlert]) -> bool:
        age_us = epoch_us(self._clock.now()) - gathered[0].created_at_us
        return len(gathered) >= _REFUSALS_PAGE or age_us >= self._limits.refusals_s * 1_000_000

    def blocked_s(self) -> float:
        """Seconds until the channel may be asked again; 0 if now."""
        full = len(self._sent_at) == self._channel.burst
        burst_ends = self._sent_at[0] + self._channel.burst_window_s if full else 0.0
        return max(0.0, max(self._not_before, burst_ends) - self._now())

    async def _deliver(self, pending: PendingAlert, others: tuple[PendingAlert, ...] = ()) -> None:
        self._sent_at.append(self._now())
        message = Message(
            pending=pending,
            situation=await self._situation(pending),
            now_us=epoch_us(self._clock.now()),
            is_plain=pending.id in self._as_text,
            others=others,
            picture=b"" if pending.attempts else self._picture(pending),
        )
        delivery = await self._channel.send(message)
        self._block(delivery.pause_s)
        told = (pending, *others)
        match delivery.verdict:
            case Verdict.TAKEN:
                await self._succeeded(told)
            case Verdict.BUSY:
                pass  # the pause was all it asked for
            case Verdict.MISFIT:
                for one in told:
                    await self._misfit(one, delivery.reason)
            case Verdict.FAILED:
                await self._failed(told, delivery.reason)
            case other:
                assert_never(other)

    async def _misfit(self, pending: PendingAlert, reason: str) -> None:
        """This alert's own fault: others go on, and it is tried again later as plain text."""
        if not pending.alert.urgent and pending.attempts + 1 >= _MISFIT_ATTEMPTS_MAX:
            await self._outbox.finish_alert(pending.id, result="dropped")
            self.counts.dropped += 1
            self._forget(pending)
            return
        self._as_text.add(pending.id)
        self._held[pending.id] = self._now() + self._limits.backoff_max_s
        await self._note(pending, reason, self._limits.backoff_max_s)

    async def _succeeded(self, told: tuple[PendingAlert, ...]) -> None:
        for pending in told:
            await self._outbox.finish_alert(pending.id, result="sent")
            self.counts.sent += 1
            self._forget(pending)
        if self._failures:
            self._failures = 0
            self._on_problem(f"{self._channel.title} deliveries work again")

    def _forget(self, pending: PendingAlert) -> None:
        self._held.pop(pending.id, None)
        self._as_text.discard(pending.id)

    async def _failed(self, told: tuple[PendingAlert, ...], reason: str) -> None:
        wait_s = self._backoff_s()
        self._block(wait_s)
        for pending in told:
            await self._note(pending, reason, wait_s)
        self._failures += 1
        if self._failures == 1:
            self._on_problem(f"{self._channel.title} does not take alerts: {reason}")

    async def _note(self, pending: PendingAlert, reason: str, wait_s: float) -> None:
        self.counts.failed += 1
        self.last_problem = reason
        next_at = self._clock.now() + timedelta(seconds=wait_s)
        await self._outbox.retry_alert(
            pending.id, next_at_us=epoch_us(next_at), attempts=pending.attempts + 1
        )

    # -- pace -----------------------------------------------------------------------------------

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _block(self, seconds: float) -> None:
        self._not_before = max(self._not_before, self._now() + seconds)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._limits.poll_interval_s):
                await self._knocked.wait()
        except TimeoutError:
            return
        self._knocked.clear()

    def _backoff_s(self) -> float:
        doubled = self._limits.backoff_first_s * 2.0 ** min(self._failures, 30)
        return min(doubled, self._limits.backoff_max_s)
