"""Looks over the engine's shoulder at each commit and each order that leaves.

Some promises cannot be judged from how a run ends: an order that left before its intent was
durable, an entry begun under a latched stop or on a signal that was too old by then. They are
judged here, at the moment itself.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.checkers.order_ids import placed_ids
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.relational.inbox_table import LatchTable
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.http import HttpRequest

SEEN_WITHIN_US = 1_500_000
"""A latch that another process sets is seen by the engine within a second."""
LATE_S = 0.5
EXIT_LATE_S = 1.5
"""A calendar that is off by no more than a second is not corrected."""
_IN_JOURNAL = re.compile(r'"client_order_id":"([^"]+)"')


class CommitChecker:
    """Observes one stage."""

    def __init__(self, testbed: TestBed) -> None:
        self._testbed = testbed
        self._durable: set[str] = set()
        testbed.observers.append(self._committed)
        testbed.listeners.append(self._leaves)

    def _committed(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        for entry in entries:
            self._durable.update(_IN_JOURNAL.findall(entry.body))
            if entry.kind == "trade_opened":
                opened = msgspec.json.decode(entry.body, type=TradeOpened)
                begun = self._entered if opened.signal.action is Action.ENTER else self._closed
                self._testbed.report.violations += begun(opened.signal)

    def _entered(self, signal: Signal) -> Iterable[str]:
        testbed = self._testbed
        latches = LatchTable(database=testbed.connection, account="main").all_set()
        now = testbed.clock.now()
        for latch in latches:
            if latch.kind == STOP_LATCH and epoch_us(now) - latch.at_us > SEEN_WITHIN_US:
                yield f"entry {signal.id} was begun while the stop was latched: {latch.reason}"
        lives = timedelta(seconds=testbed.setup.settings.signal_ttl_s)
        late_s = (now - (signal.expires_at or signal.created_at + lives)).total_seconds()
        if late_s > LATE_S:
            yield f"entry {signal.id} was begun {late_s:.1f} s after its signal had expired"

    def _closed(self, signal: Signal) -> Iterable[str]:
        """By the exchanges' time, whatever our calendar says: ours may be an hour off."""
        if signal.expires_at is None:
            return
        late_s = (self._testbed.clock.now() - signal.expires_at).total_seconds()
        if late_s > EXIT_LATE_S:
            yield f"EXIT {signal.id} was begun {late_s:.1f} s after its end"

    def _leaves(self, request: HttpRequest) -> None:
        """The first byte of an order: its intent must be durable."""
        for name in placed_ids(request, with_stops=True):
            if name not in self._durable:
                self._durable.add(name)
                self._testbed.report.violations.append(f"{name} left before its intent was durable")
