"""Request limits by group and second, and the block that follows ignoring them.

Upbit docs rate-limits @2026-10: each answer carries ``Remaining-Req``; over the limit is 429 with
a plain text body; repeated 429 become 418 for some time. The format of the 418 is not documented.
"""

from dataclasses import dataclass

from trading_platform_order.transport.clock import Clock

LIMITS_PER_S = {
    "default": 30,
    "order": 12,
    "order-test": 8,
    "market": 10,
    "ticker": 10,
    "orderbook": 10,
}
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
        self._enforced = enforced
        self._second = -1
        self._used: dict[str, int] = {}
        self._refused_at: list[float] = []
        self._blocked_until = 0.0

    def count(self, group: str) -> Verdict:
        """Count one request of the group."""
        now = self._clock.monotonic()
        if self._enforced and now < self._blocked_until:
            left_s = int(self._blocked_until - now) + 1
            text = f"I'm a teapot. Blocked for {left_s} seconds."
            return Verdict(status=418, text=text, remaining_header=_header(group, 0))
        if int(now) != self._second:
            self._second = int(now)
            self._used.clear()
        used = self._used.get(group, 0) + 1
        limit = LIMITS_PER_S[group]
        if self._enforced and used > limit:
            self._note_refusal(now)
            header = _header(group, 0)
            return Verdict(status=429, text="Too many API requests.", remaining_header=header)
        self._used[group] = used
        return Verdict(status=0, text="", remaining_header=_header(group, max(limit - used, 0)))

    def _note_refusal(self, now: float) -> None:
        self._refused_at = [at for at in self._refused_at if at > now - _REFUSALS_WINDOW_S]
        self._refused_at.append(now)
        if len(self._refused_at) > _REFUSALS_BEFORE_BLOCK:
            self._blocked_until = now + BLOCK_S
            self._refused_at.clear()


def _header(group: str, remaining: int) -> str:
    # "min" is a fixed value that means nothing any more.
    return f"group={group}; min=1800; sec={remaining}"
