"""How often engines that close have failed, kept where it outlives the watchdog.

Such an engine works in the watchdog's own process. What ends it hard (memory that runs out, a fault
of the interpreter) ends the watchdog with it, and the next watchdog begins the same way. So each
one is counted before it begins, and taken off again unless it failed.
"""

from typing import Protocol

from trading_platform_order.domain.value import value


@value
class Failures:
    """Of one takeover.

    Attributes:
        takeover: its generation; 0 for none.
        failed: engines that closed and have ended, or died, with something left.
        uneven_since_s: when legs were first seen to differ, on the clock that counts suspend.
    """

    takeover: int = 0
    failed: int = 0
    uneven_since_s: float | None = None


class FailureNotes(Protocol):
    """Where a watchdog leaves them for the next one."""

    def load(self) -> Failures:
        """As they were left since this machine was booted; none if they cannot be read."""
        ...

    def save(self, failures: Failures) -> None:
        """Replace them; never raises, and what cannot be written is told."""
        ...


class FailureMemory:
    """For watchdogs of one process: simulations."""

    def __init__(self) -> None:
        self._kept = Failures()

    def load(self) -> Failures:
        """As they were left."""
        return self._kept

    def save(self, failures: Failures) -> None:
        """Replace them."""
        self._kept = failures
