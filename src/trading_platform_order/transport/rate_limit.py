"""Request budgets per group, corrected by what the exchange itself says.

To be kept by every adapter before a request leaves; cancels and risk-reducing orders are urgent and
may use the reserved part.
"""

from collections.abc import Mapping
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

    async def acquire(self, group: str, *, weight: int = 1, urgent: bool = False) -> None:
        """Wait for budget and take it; urgent callers go first."""
        ...

    def room(self, group: str) -> float:
        """The part of a budget that is free now; 0.0 if a request that is not urgent would wait."""
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
