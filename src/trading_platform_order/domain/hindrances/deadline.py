"""When a coin ends on an exchange: its delisting on Upbit, the delivery of its contract on Binance.

An announcement that no interface tells is written down by an operator, as a durable latch whose
kind holds exchange, base asset and moment (UTC), so that every process reads the same one.
"""

from datetime import UTC, datetime

from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue

PREFIX = "delisting:"
_FORMAT = "%Y-%m-%dT%H:%MZ"


@value
class Deadline:
    """From when on an exchange trades a base asset no more; whole minutes, UTC."""

    exchange: Venue
    base: str
    at: datetime

    @property
    def latch(self) -> str:
        """The kind of the latch that keeps it."""
        return f"{PREFIX}{self.exchange.value}:{self.base}:{self._moment}"

    @property
    def text(self) -> str:
        """For operators."""
        return f"{self.base} ends on {self.exchange.value} at {self._moment}"

    @property
    def _moment(self) -> str:
        return self.at.astimezone(UTC).strftime(_FORMAT)


def deadline_of(latch: str) -> Deadline | None:
    """The end that a latch's kind names; ``None`` if it names none."""
    if not latch.startswith(PREFIX):
        return None
    venue, _, rest = latch.removeprefix(PREFIX).partition(":")
    base, _, moment = rest.partition(":")
    try:
        return Deadline(
            exchange=Venue(venue),
            base=base,
            at=datetime.strptime(moment, _FORMAT).replace(tzinfo=UTC),
        )
    except ValueError:
        return None
