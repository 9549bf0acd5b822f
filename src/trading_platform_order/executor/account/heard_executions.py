"""Executions by other hands that the private stream told, kept beside what can be read.

The list of executions is one endpoint that may fail or lag, and the stream is another source of the
same: its news carries the exchange's id, price and fee. Either is enough to say at which price a
leg went.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime

import attrs

from trading_platform_order.domain.order import Fill
from trading_platform_order.domain.outcome import ReadFailed

KEPT = 200
"""Executions remembered of one base asset; whoever trades it besides us may fill it with more."""


@attrs.define(kw_only=True, eq=False, repr=False)
class HeardExecutions:
    """By base asset."""

    _fills: defaultdict[str, deque[Fill]] = attrs.field(
        factory=lambda: defaultdict(lambda: deque(maxlen=KEPT)), init=False
    )

    def note(self, base: str, fills: Iterable[Fill]) -> None:
        """The stream told them; an execution may be told twice."""
        self._fills[base].extend(fills)

    def beside(
        self, base: str, read: tuple[Fill, ...] | ReadFailed, *, since: datetime
    ) -> tuple[Fill, ...] | ReadFailed:
        """What was read and what was heard, each execution once, in the order of time.

        A read that failed stays a failure only while nothing was heard since that moment.
        """
        heard = {f.trade_id: f for f in self._fills.get(base, ()) if f.at >= since}
        if isinstance(read, ReadFailed):
            if not heard:
                return read
            read = ()
        known = heard | {fill.trade_id: fill for fill in read}
        return tuple(sorted(known.values(), key=lambda fill: (fill.at, fill.trade_id)))
