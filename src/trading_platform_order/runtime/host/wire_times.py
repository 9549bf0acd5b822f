"""When the bytes of each order were handed to the socket, for the time from signal to wire."""

from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 1_000


class WireTimes:
    """Remembers the latest thousand; pass :meth:`note` to the transport as ``on_wire``."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._times: OrderedDict[str, float] = OrderedDict()

    def note(self, label: str) -> None:
        """The bytes of this order left just now."""
        self._times[label] = self._monotonic()
        if len(self._times) > REMEMBERED:
            self._times.popitem(last=False)

    def of(self, label: str) -> float | None:
        """Monotonic seconds, or ``None`` if not known."""
        return self._times.get(label)
