"""What the private streams told of holdings and of other hands' orders, kept beside what is read.

A stream is the exchange's own word, as a read is: its news carries the position that is left, and
of an execution the id, the price and the fee. Where it tells both, nothing must be read to know
that a leg is gone, and at which price.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import attrs

from trading_platform_order.domain.order import Fill, Leg
from trading_platform_order.domain.outcome import ReadFailed

KEPT = 200
"""Executions remembered of one base asset; whoever trades it besides us may fill it with more."""


@attrs.define(kw_only=True, eq=False, repr=False)
class ToldByStream:
    """By base asset."""

    _quantities: dict[tuple[str, Leg], tuple[Decimal, int]] = attrs.field(factory=dict, init=False)
    _executions: defaultdict[str, deque[Fill]] = attrs.field(
        factory=lambda: defaultdict(lambda: deque(maxlen=KEPT)), init=False
    )

    def note_quantity(self, base: str, leg: Leg, quantity: Decimal, *, begun: int) -> None:
        """So much is there.

        Args:
            base: asset.
            leg: which.
            quantity: base units; of the hedge how much is short.
            begun: how often something of the asset had begun.
        """
        self._quantities[base, leg] = quantity, begun

    def note_executions(self, base: str, fills: Iterable[Fill]) -> None:
        """Of an order that is no trade's; an execution may be told twice."""
        self._executions[base].extend(fills)

    def quantity(self, base: str, leg: Leg, *, begun: int) -> Decimal | None:
        """What was told last; ``None`` if something of the asset has begun since."""
        told = self._quantities.get((base, leg))
        return None if told is None or told[1] != begun else told[0]

    def take_quantity(self, base: str, leg: Leg) -> Decimal | None:
        """What was told last, whatever has begun since; it is told once."""
        told = self._quantities.pop((base, leg), None)
        return None if told is None else told[0]

    def executions(self, base: str, *, since: datetime) -> tuple[Fill, ...]:
        """Each once, in the order of time."""
        return _in_order(fill for fill in self._executions.get(base, ()) if fill.at >= since)

    def beside(
        self, base: str, read: tuple[Fill, ...] | ReadFailed, *, since: datetime
    ) -> tuple[Fill, ...] | ReadFailed:
        """Executions that were read, and those that were told.

        A read that failed stays a failure only while nothing was told since that moment.
        """
        told = self.executions(base, since=since)
        if isinstance(read, ReadFailed):
            return told or read
        return _in_order((*told, *read))


def _in_order(fills: Iterable[Fill]) -> tuple[Fill, ...]:
    known = {fill.trade_id: fill for fill in fills}
    return tuple(sorted(known.values(), key=lambda fill: (fill.at, fill.trade_id)))
