"""The rate limiter every adapter asks before a request leaves.

Each group has a sliding window of our own, set by configuration. What the exchange says about its
counters can only make us slower: another process may share the key, or its window may be stricter.
Nothing here ever lets a group send more than its configured budget.

Waiting callers stand in line per group, urgent ones (cancels, orders that reduce risk) before all
others; the reserved part of a budget is theirs alone. A block (429, 418) holds for urgent callers
too: sending into one only makes it longer.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """``limit`` units per ``window_s`` seconds; ``reserved`` of them only for urgent requests."""

    limit: int
    window_s: float
    reserved: int = 0


class Limiter(Protocol):
    """Hands out budget."""

    def take(self, group: str, *, weight: int = 1, urgent: bool = False) -> float:
        """Take budget now and return 0.0, or take nothing and return seconds until it may work."""
        ...

    def delay_s(self, group: str, *, urgent: bool = False) -> float:
        """Seconds until one unit may be taken; takes nothing."""
        ...

    async def acquire(self, group: str, *, weight: int = 1, urgent: bool = False) -> None:
        """Wait for budget and take it; urgent callers go first."""
        ...

    def room(self, *groups: str) -> float:
        """The part of these budgets that is free now, the least of them.

        0.0 if a request that is not urgent would wait for one.
        """
        ...

    def observe_remaining(self, group: str, remaining: int) -> None:
        """The exchange says this many are left in the present window (``Remaining-Req``)."""
        ...

    def observe_used(self, group: str, used: int) -> None:
        """The exchange says this many were used in the present window (``X-MBX-USED-…``)."""
        ...

    def block(self, group: str | None, seconds: float) -> None:
        """No request of the group (``None``: of any) for so long (429, 418, ``Retry-After``)."""
        ...


Budgets = Mapping[str, Budget]


# A timer may fire a clock tick early; waiting this much longer avoids a second turn.
_TIMER_GRACE_S = 1e-6


class TooManyWaiting(Exception):  # noqa: N818 - named by what happened, as the outcome values are
    """The line in front of a group is full: the caller's request has not left."""


class _Waiter:
    __slots__ = ("granted", "weight")

    def __init__(self, weight: int, granted: asyncio.Future[None]) -> None:
        self.weight = weight
        self.granted = granted


class _Group:
    """One budget's window, what the exchange added to it, and its two lines."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.taken: deque[tuple[float, int]] = deque()
        self.taken_units = 0
        self.foreign_units = 0
        self.foreign_until = -math.inf
        self.blocked_until = -math.inf
        self.urgent_line: deque[_Waiter] = deque()
        self.line: deque[_Waiter] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def forget_old(self, now: float) -> None:
        while self.taken and self.taken[0][0] + self.budget.window_s <= now:
            self.taken_units -= self.taken.popleft()[1]
        if self.foreign_until <= now:
            self.foreign_units = 0

    def allowed(self, *, urgent: bool) -> int:
        return self.budget.limit if urgent else self.budget.limit - self.budget.reserved

    def free(self) -> int:
        return self.budget.limit - self.taken_units - self.foreign_units

    def delay(self, now: float, weight: int, *, urgent: bool) -> float:
        """Seconds until ``weight`` units fit, should nobody else take any; 0.0 for now."""
        if self.taken_units or self.foreign_units:
            self.forget_old(now)
        wait_s = self.blocked_until - now if self.blocked_until > now else 0.0
        excess = self.taken_units + self.foreign_units + weight - self.allowed(urgent=urgent)
        if excess <= 0:
            return wait_s
        ends = [(at + self.budget.window_s, units) for at, units in self.taken]
        ends.append((self.foreign_until, self.foreign_units))
        for end, units in sorted(ends):
            excess -= units
            if excess <= 0:
                return max(wait_s, end - now)
        return max(wait_s, self.budget.window_s)

    def add(self, now: float, weight: int) -> None:
        self.taken.append((now, weight))
        self.taken_units += weight


class RateLimiter:
    """Sliding windows per group; implements :class:`rate_limit.Limiter`.

    Args:
        budgets: by group name; an unknown group is a ``KeyError``.
        monotonic: seconds; the event loop's own time where the loop is virtual.
        waiting_max: how many callers may stand in one group's line.
    """

    def __init__(
        self, budgets: Budgets, monotonic: Callable[[], float], *, waiting_max: int = 1_000
    ) -> None:
        self._groups = {name: _Group(budget) for name, budget in budgets.items()}
        self._monotonic = monotonic
        self._waiting_max = waiting_max
        for name, budget in budgets.items():
            if not 0 <= budget.reserved < budget.limit or budget.window_s <= 0:
                raise ValueError(f"budget of group {name!r} makes no sense: {budget}")

    def take(self, group: str, *, weight: int = 1, urgent: bool = False) -> float:
        """Take budget now and return 0.0, or take nothing and return seconds until it may work.

        Nobody overtakes: with callers of the same or a higher rank in line nothing is taken.
        """
        state = self._groups[group]
        self._check_weight(group, state, weight, urgent=urgent)
        now = self._monotonic()
        wait_s = state.delay(now, weight, urgent=urgent)
        ahead = bool(state.urgent_line) if urgent else bool(state.urgent_line or state.line)
        if ahead:
            return max(wait_s, state.budget.window_s / state.budget.limit)
        if wait_s <= 0:
            state.add(now, weight)
            return 0.0
        return wait_s

    def delay_s(self, group: str, *, urgent: bool = False) -> float:
        """Seconds until one unit may be taken; takes nothing."""
        return self._groups[group].delay(self._monotonic(), 1, urgent=urgent)

    def room(self, *groups: str) -> float:
        """The part of these budgets that is free now, the least of them.

        0.0 if a request that is not urgent would wait for one.
        """
        now, least = self._monotonic(), 1.0
        for group in groups:
            state = self._groups[group]
            budget = state.budget
            if state.taken_units or state.foreign_units:
                state.forget_old(now)
            free = budget.limit - state.taken_units - state.foreign_units
            would_wait = free <= budget.reserved or state.blocked_until > now
            if would_wait or state.urgent_line or state.line:
                return 0.0
            least = min(least, free / budget.limit)
        return least

    async def acquire(self, group: str, *, weight: int = 1, urgent: bool = False) -> None:
        """Wait for budget and take it; urgent callers go first, the others in their order.

        Raises:
            TooManyWaiting: the line is full.
        """
        if self.take(group, weight=weight, urgent=urgent) <= 0:
            return
        state = self._groups[group]
        line = state.urgent_line if urgent else state.line
        if len(line) >= self._waiting_max:
            raise TooManyWaiting(f"{len(line)} requests wait for the rate limit of {group!r}")
        waiter = _Waiter(weight, asyncio.get_running_loop().create_future())
        line.append(waiter)
        self._serve_line(state)
        try:
            await waiter.granted
        finally:
            # A caller cancelled after its turn came leaves its units counted: slower, never over.
            if waiter in line:
                line.remove(waiter)
                self._serve_line(state)

    def observe_remaining(self, group: str, remaining: int) -> None:
        """The exchange says this many are left in the present window (``Remaining-Req``).

        Zero left means nothing leaves before the next window, urgent or not.
        """
        state = self._groups[group]
        now = self._monotonic()
        state.forget_old(now)
        if remaining <= 0:
            self.block(group, state.budget.window_s)
            return
        missing = state.free() - remaining
        if missing > 0:
            # Answers overtake each other, so a correction only grows while it lasts.
            state.foreign_units += missing
            state.foreign_until = now + state.budget.window_s
            self._serve_line(state)

    def observe_used(self, group: str, used: int) -> None:
        """The exchange says this many were used in the present window (``X-MBX-USED-…``)."""
        state = self._groups[group]
        now = self._monotonic()
        state.forget_old(now)
        state.foreign_units = max(0, used - state.taken_units)
        state.foreign_until = now + state.budget.window_s
        self._serve_line(state)

    def block(self, group: str | None, seconds: float) -> None:
        """No request of the group (``None``: of any) for so long (429, 418, ``Retry-After``)."""
        until = self._monotonic() + seconds
        for state in self._groups.values() if group is None else (self._groups[group],):
            state.blocked_until = max(state.blocked_until, until)
            self._serve_line(state)

    @staticmethod
    def _check_weight(group: str, state: _Group, weight: int, *, urgent: bool) -> None:
        if not 0 < weight <= state.allowed(urgent=urgent):
            raise ValueError(f"weight {weight} can never fit the budget of group {group!r}")

    def _serve_line(self, state: _Group) -> None:
        """Grant whoever is at the head as long as it fits, then set the alarm for the next."""
        if state.timer is not None:
            state.timer.cancel()
            state.timer = None
        now = self._monotonic()
        while state.urgent_line or state.line:
            urgent = bool(state.urgent_line)
            line = state.urgent_line if urgent else state.line
            wait_s = state.delay(now, line[0].weight, urgent=urgent)
            if wait_s > 0:
                loop = asyncio.get_running_loop()
                state.timer = loop.call_later(wait_s + _TIMER_GRACE_S, self._serve_line, state)
                return
            waiter = line.popleft()
            if not waiter.granted.done():
                state.add(now, waiter.weight)
                waiter.granted.set_result(None)
