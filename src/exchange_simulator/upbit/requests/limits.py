"""Request limits by group and window, and the block that follows ignoring them.

Upbit docs rate-limits @2026-10: each answer carries ``Remaining-Req``; over the limit is 429 with
a plain text body; repeated 429 become 418 for some time. The format of the 418 is not documented.
Requests with an ``Origin`` header are slowed down to one in ten seconds (quotation and streams).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exchange_simulator.clock import Clock

LIMITS_PER_S = {
    "default": 30,
    "order": 12,
    "order-test": 8,
    "market": 10,
    "candle": 10,
    "trade": 10,
    "ticker": 10,
    "orderbook": 10,
    "websocket-connect": 5,
}
_CANCEL_ALL = "order-cancel-all"
_CANCEL_ALL_EVERY_S = 2.0
_ORIGIN_EVERY_S = 10.0
_MESSAGES_PER_S = 5
_MESSAGES_PER_MINUTE = 100
_MINUTE_S = 60.0
_REFUSALS_BEFORE_BLOCK = 20
_REFUSALS_WINDOW_S = 10.0
BLOCK_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the limits say of one request: a status (0: go on) and the header to send."""

    status: int
    text: str
    remaining_header: str


class RateLimits:
    """Counts per group and whole second of the stopwatch."""

    def __init__(self, *, clock: Clock, enforced: bool) -> None:
        self._clock = clock
        self.enforced = enforced
        self._second = -1
        self._used: dict[str, int] = {}
        self._last_at: dict[str, float] = {}
        self._refused_at: list[float] = []
        self._blocked_until = 0.0

    def count(self, group: str, *, has_origin: bool = False) -> Verdict:
        """Count one request of the group."""
        now = self._clock.monotonic()
        if self.enforced and now < self._blocked_until:
            left_s = int(self._blocked_until - now) + 1
            text = f"I'm a teapot. Blocked for {left_s} seconds."
            return Verdict(status=418, text=text, remaining_header=_header(group, 0))
        if has_origin and not self._has_passed("origin", _ORIGIN_EVERY_S, now):
            return self._refuse(group, now)
        if group == _CANCEL_ALL:
            if not self._has_passed(group, _CANCEL_ALL_EVERY_S, now):
                return self._refuse(group, now)
            return Verdict(status=0, text="", remaining_header=_header(group, 0))
        if int(now) != self._second:
            self._second = int(now)
            self._used.clear()
        used = self._used.get(group, 0) + 1
        limit = LIMITS_PER_S[group]
        if self.enforced and used > limit:
            return self._refuse(group, now)
        self._used[group] = used
        return _go_on(group, max(limit - used, 0))

    def block(self, seconds: float) -> None:
        """Answer 418 for so long from now."""
        self._blocked_until = self._clock.monotonic() + seconds

    def _has_passed(self, what: str, seconds: float, now: float) -> bool:
        last_at = self._last_at.get(what)
        if self.enforced and last_at is not None and now - last_at < seconds:
            return False
        self._last_at[what] = now
        return True

    def _refuse(self, group: str, now: float) -> Verdict:
        self._refused_at = [at for at in self._refused_at if at > now - _REFUSALS_WINDOW_S]
        self._refused_at.append(now)
        if len(self._refused_at) > _REFUSALS_BEFORE_BLOCK:
            self._blocked_until = now + BLOCK_S
            self._refused_at.clear()
        header = _header(group, 0)
        return Verdict(status=429, text="Too many API requests.", remaining_header=header)


class MessageLimit:
    """How many messages one connection may send: 5 a second and 100 a minute."""

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._sent_at: list[float] = []

    def allows(self) -> bool:
        """Count one message."""
        now = self._clock.monotonic()
        self._sent_at = [at for at in self._sent_at if at > now - _MINUTE_S]
        this_second = sum(int(at) == int(now) for at in self._sent_at)
        if self._limits.enforced and (
            this_second >= _MESSAGES_PER_S or len(self._sent_at) >= _MESSAGES_PER_MINUTE
        ):
            return False
        self._sent_at.append(now)
        return True


def has_origin(headers: Mapping[str, str]) -> bool:
    """Whether the request names an origin, as browsers do."""
    return any(name.lower() == "origin" for name in headers)


@lru_cache(maxsize=1_024)
def _go_on(group: str, remaining: int) -> Verdict:
    return Verdict(status=0, text="", remaining_header=_header(group, remaining))


def _header(group: str, remaining: int) -> str:
    # "min" is a fixed value that means nothing any more.
    return f"group={group}; min=1800; sec={remaining}"
