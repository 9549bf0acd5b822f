"""Delivers the durable alert outbox to a Discord webhook; never in a trade's path.

At least once: an alert leaves the outbox only when Discord has answered 2xx for it, so a delivery
whose answer was lost is sent again. A dead webhook costs nobody anything but the messages: this
task alone waits, urgent alerts stay in the outbox for as long as it takes, others are given up
(and counted) when more than ``backlog_max`` of them wait.

The webhook's address is its password: it is in no text that leaves here.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from trading_platform_order.domain.alert import PendingAlert
from trading_platform_order.notifications.messages import embed_of, plain_text_of
from trading_platform_order.transport.clock import Clock, epoch_us
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

_PAGE = 20
_SUCCESS = range(200, 300)
_BAD_REQUEST = 400
_TOO_MANY = 429
# As an embed first, then so often as plain text; urgent alerts are tried for ever.
_MISFIT_ATTEMPTS_MAX = 3
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class AlertOutbox(Protocol):
    """The part of the store this notifier needs."""

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
class DiscordLimits:
    """How fast, how long and how patiently.

    Attributes:
        burst: at most so many requests in ``burst_window_s`` (5 per 2 s, as Discord's headers
            tell for webhooks); what the headers say rules besides.
        timeout_s: of one request.
        backoff_first_s: wait after the first failure; doubles up to ``backoff_max_s``.
        retry_after_max_s: the longest 429 wait that is believed.
        backlog_max: non-urgent alerts kept while the webhook does not take them.
        poll_interval_s: how often the outbox is looked at when nobody knocks.
    """

    burst: int = 5
    burst_window_s: float = 2.0
    timeout_s: float = 10.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 60.0
    retry_after_max_s: float = 3_600.0
    backlog_max: int = 500
    poll_interval_s: float = 1.0


@dataclass(slots=True, kw_only=True)
class DeliveryCounts:
    """What became of alerts since the start, for status and metrics."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


class DiscordNotifier:
    """Runs as one task; see the module's docstring.

    Args:
        on_problem: told in one line, without secrets, when deliveries begin to fail or end failing.

    Raises:
        ValueError: the address is not https (http is taken on loopback only); it is not shown.
    """

    def __init__(
        self,
        *,
        http: HttpTransport,
        store: AlertOutbox,
        clock: Clock,
        webhook_url: str,
        limits: DiscordLimits | None = None,
        on_problem: Callable[[str], None] = lambda _: None,
    ) -> None:
        parts = urlsplit(webhook_url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe or not parts.hostname:
            raise ValueError("the Discord webhook address must begin with https://")
        self._http = http
        self._store = store
        self._clock = clock
        self._url = webhook_url
        self._secrets = (webhook_url, parts.path.rstrip("/"))
        self._limits = limits or DiscordLimits()
        self._on_problem = on_problem
        self._knocked = asyncio.Event()
        self._sent_at: deque[float] = deque(maxlen=self._limits.burst)
        self._not_before = 0.0
        self._failures = 0
        self._held: dict[int, float] = {}
        self._as_text: set[int] = set()
        self.counts = DeliveryCounts()
        self.last_problem = ""

    def __repr__(self) -> str:
        """Without the address."""
        return f"DiscordNotifier(counts={self.counts!r})"

    def knock(self) -> None:
        """An alert was put into the outbox; looked at soon, without waiting for the poll."""
        self._knocked.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self.counts.dropped += await self._store.drop_alerts(keep=self._limits.backlog_max)
            tried = await self.deliver_due()
            blocked_s = self.blocked_s()
            if blocked_s > 0:
                # In short steps, so that the backlog stays bounded during a long pause.
                await asyncio.sleep(min(blocked_s, self._limits.poll_interval_s))
            elif not tried:
                await self._wait()

    async def deliver_due(self) -> int:
        """Try waiting alerts until done, or until the webhook wants a pause; returns how many."""
        tried = 0
        for pending in await self._store.pending_alerts(_PAGE + len(self._held)):
            if self.blocked_s() > 0:
                break
            if self._now() >= self._held.get(pending.id, 0.0):
                tried += 1
                await self._deliver(pending)
        return tried

    def blocked_s(self) -> float:
        """Seconds until the webhook may be asked again; 0 if now."""
        full = len(self._sent_at) == self._limits.burst
        burst_ends = self._sent_at[0] + self._limits.burst_window_s if full else 0.0
        return max(0.0, max(self._not_before, burst_ends) - self._now())

    async def _deliver(self, pending: PendingAlert) -> None:
        self._sent_at.append(self._now())
        result = await self._http.send(self._request(pending))
        if not isinstance(result, HttpResponse):
            await self._failed(pending, result.reason)
            return
        self._obey(result.headers)
        if result.status in _SUCCESS:
            await self._succeeded(pending)
        elif result.status == _TOO_MANY:
            # Not the alert's fault and not the webhook's end: wait as told, count no failure.
            self._block(self._retry_after_s(result))
        elif result.status == _BAD_REQUEST:
            await self._misfit(pending)
        else:
            await self._failed(pending, f"HTTP {result.status}")

    async def _misfit(self, pending: PendingAlert) -> None:
        """This alert's own fault: others go on, and it is tried again later as plain text."""
        if not pending.alert.urgent and pending.attempts + 1 >= _MISFIT_ATTEMPTS_MAX:
            await self._store.finish_alert(pending.id, result="dropped")
            self.counts.dropped += 1
            self._forget(pending)
            return
        self._as_text.add(pending.id)
        self._held[pending.id] = self._now() + self._limits.backoff_max_s
        await self._note(pending, "HTTP 400", self._limits.backoff_max_s)

    async def _succeeded(self, pending: PendingAlert) -> None:
        await self._store.finish_alert(pending.id, result="sent")
        self.counts.sent += 1
        self._forget(pending)
        if self._failures:
            self._failures = 0
            self._on_problem("Discord deliveries work again")

    def _forget(self, pending: PendingAlert) -> None:
        self._held.pop(pending.id, None)
        self._as_text.discard(pending.id)

    async def _failed(self, pending: PendingAlert, reason: str) -> None:
        wait_s = self._backoff_s()
        self._block(wait_s)
        await self._note(pending, reason, wait_s)
        self._failures += 1
        if self._failures == 1:
            self._on_problem(f"Discord does not take alerts: {self.last_problem}")

    async def _note(self, pending: PendingAlert, reason: str, wait_s: float) -> None:
        self.counts.failed += 1
        self.last_problem = self._clean(reason)
        next_at = self._clock.now() + timedelta(seconds=wait_s)
        await self._store.retry_alert(
            pending.id, next_at_us=epoch_us(next_at), attempts=pending.attempts + 1
        )

    def _request(self, pending: PendingAlert) -> HttpRequest:
        if pending.id in self._as_text:
            shown: Mapping[str, object] = {"content": plain_text_of(pending)}
        else:
            shown = {"embeds": [embed_of(pending).to_wire()]}
        # No text of ours may ping anyone, whatever a signal's metadata holds.
        body = json.dumps({**shown, "allowed_mentions": {"parse": []}}, ensure_ascii=False)
        return HttpRequest(
            method="POST",
            url=self._url,
            headers={"Content-Type": "application/json"},
            body=body.encode(errors="replace"),
            timeout_s=self._limits.timeout_s,
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

    def _obey(self, headers: Mapping[str, str]) -> None:
        """``X-RateLimit-*``: with nothing left, wait for the window's end (Discord docs)."""
        remaining = _seconds(headers.get("x-ratelimit-remaining"))
        reset_s = _seconds(headers.get("x-ratelimit-reset-after"))
        if remaining == 0 and reset_s is not None:
            self._block(min(reset_s, self._limits.retry_after_max_s))

    def _retry_after_s(self, response: HttpResponse) -> float:
        """The body's ``retry_after`` (seconds), else the header's, else our own back-off.

        Before Discord stands a proxy that answers 429 without JSON.
        """
        told: float | None = None
        try:
            document = json.loads(response.body)
        except ValueError:
            document = None
        if isinstance(document, dict):
            told = _seconds(document.get("retry_after"))
        if told is None:
            told = _seconds(response.headers.get("retry-after"))
        if told is None:
            told = self._limits.backoff_max_s
        return min(told, self._limits.retry_after_max_s)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            if secret:
                text = text.replace(secret, "<webhook>")
        return text


def _seconds(value: object) -> float | None:
    """A duration from a header or JSON; not money, so a float is right."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
