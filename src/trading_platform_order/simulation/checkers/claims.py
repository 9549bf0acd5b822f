"""Notes of one world as it goes: when each signal was claimed, and whose each order is.

Everything is stamped with the world's own stopwatch at the moment its row became durable: the
engine's calendar may be wrong, and a claim may wait for long before its trade begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry


class _Row(msgspec.Struct):
    """What is looked for in the rows of any kind."""

    signal: Signal | None = None
    signal_id: str = ""
    orders: tuple[Order, ...] = ()
    code: str = ""
    base: str = ""


_TAKES = frozenset({"hedge_closed", "coins_gone", "hedge_position_read", "coins_read"})


@dataclass(slots=True, kw_only=True)
class Claimed:
    """One signal.

    Attributes:
        claimed_s: when its first row became durable.
        begun_s: when its trade was opened; ``None`` while it waits.
        refused: the code, if it was refused; ``refused_s``: when.
    """

    signal: Signal
    claimed_s: float
    begun_s: float | None = None
    refused: str = ""
    refused_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Whose an order is."""

    signal: Signal
    venue: Venue
    base: str


@dataclass(slots=True)
class ClaimRecorder:
    """Observes one stage.

    Attributes:
        signals: by id.
        orders: by client order id.
        taken: base assets of which another hand took a leg, or a protective stop did.
    """

    testbed: TestBed
    signals: dict[str, Claimed] = field(default_factory=dict)
    orders: dict[str, Owned] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    _trades: dict[str, Signal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.testbed.observers.append(self._committed)

    def _committed(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        for entry in entries:
            if entry.kind in _TAKES:
                signal = self._trades.get(entry.trade_id)
                row = msgspec.json.decode(entry.body, type=_Row)
                self.taken.add(row.base or (signal.symbol if signal else ""))
            if '"signal' in entry.body or '"orders":[' in entry.body:
                self._take(entry, msgspec.json.decode(entry.body, type=_Row))

    def _take(self, entry: Entry, row: _Row) -> None:
        now_s = self.testbed.clock.monotonic()
        if row.signal is not None:
            claimed = self.signals.setdefault(
                row.signal.id, Claimed(signal=row.signal, claimed_s=now_s)
            )
            if entry.kind == "trade_opened":
                claimed.begun_s = now_s
                self._trades[entry.trade_id] = row.signal
        elif row.signal_id in self.signals and entry.kind == "signal_refused":
            claimed = self.signals[row.signal_id]
            claimed.refused, claimed.refused_s = row.code, now_s
        for order in row.orders:
            signal = self._trades.get(entry.trade_id)
            if signal is not None:
                self.orders[order.client_order_id] = Owned(
                    signal=signal, venue=order.exchange, base=signal.symbol
                )

    @property
    def exits(self) -> list[Claimed]:
        """All EXITs that were claimed, oldest first."""
        return [c for c in self.signals.values() if c.signal.action is Action.EXIT]
