"""Copies of the database after each commit, to go back to: power that fails, a backup restored."""

from collections.abc import Sequence

from trading_platform_order.domain.alert import Alert
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.relational.epochs import Place
from trading_platform_order.storage.relational.journal_table import claim_of


class CommitHistory:
    """Remembers every commit of a stage from now on; begin when the engine is ready.

    Attributes:
        has_lost: commits were lost in this world.
        lost_at_s: when that was last, by the stopwatch.
    """

    def __init__(self, testbed: TestBed) -> None:
        self._testbed = testbed
        self._copies = [testbed.backup()]
        self._boots = 0
        self._is_due = False
        self.has_lost = False
        self.lost_at_s = 0.0
        testbed.observers.append(self._remember)
        testbed.before_restart.append(self._go_back)

    def _remember(self, _entries: Sequence[Entry], _alerts: Sequence[Alert]) -> None:
        self._copies.append(self._testbed.backup())

    def lose(self, commits: int, *, other_machine: bool) -> None:
        """The engine dies now; the next one finds a database without the last commits.

        Args:
            commits: how many, as far as there are that many.
            other_machine: it is a backup put on another machine; else the power failed.
        """
        if self._testbed.crash_point.dead.is_set():
            return
        self._boots += 1
        machine = f"machine {self._boots}" if other_machine else self._testbed.place.machine
        self._testbed.place = Place(machine=machine, boot=f"boot {self._boots}")
        kept = max(1, len(self._copies) - commits)
        del self._copies[kept:]
        self.has_lost = self._is_due = True
        self.lost_at_s = self._testbed.clock.monotonic()
        self._testbed.crash_point.die()

    def _go_back(self) -> None:
        if not self._is_due:
            return
        self._is_due = False
        testbed = self._testbed
        testbed.note("the last commits are gone")
        testbed.restore(self._copies[-1])
        # Whoever was answered for a claim that is lost now was answered in vain.
        testbed.acknowledged[:] = [
            name for name in testbed.acknowledged if claim_of(testbed.connection, "main", name)
        ]
