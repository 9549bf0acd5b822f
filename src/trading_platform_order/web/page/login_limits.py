"""How often somebody may try to log in. Pure, apart from what it remembers.

Wrong tries count by where they come from: after five within five minutes the next one waits. All
together are bounded as well, so that many addresses are no way around it; an address from which
somebody has logged in before is left out of that, so that strangers cannot lock the operator out.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

TRIES_MAX = 5
ALL_TRIES_MAX = 50
WINDOW_S = 300.0
ADDRESSES_MAX = 1_000


@dataclass(slots=True)
class LoginLimits:
    """Wrong tries of the last minutes."""

    _wrong: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _all: list[float] = field(default_factory=list)
    _known: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def wait_s(self, address: str, now_s: float) -> float:
        """How long this address must wait; 0 if it may try now."""
        own = self._recent(self._wrong.get(address, []), now_s)
        if len(own) >= TRIES_MAX:
            return own[-TRIES_MAX] + WINDOW_S - now_s
        self._all = self._recent(self._all, now_s)
        if address not in self._known and len(self._all) >= ALL_TRIES_MAX:
            return self._all[-ALL_TRIES_MAX] + WINDOW_S - now_s
        return 0.0

    def trying(self, address: str, now_s: float) -> None:
        """Count a try before it is judged: many at once are many."""
        self._wrong[address] = [*self._recent(self._wrong.pop(address, []), now_s), now_s]
        self._all.append(now_s)
        _bound(self._wrong)

    def succeeded(self, address: str) -> None:
        """The right password: its tries before it are forgotten."""
        for tried_s in self._wrong.pop(address, []):
            if tried_s in self._all:
                self._all.remove(tried_s)
        self._known.pop(address, None)
        self._known[address] = None
        _bound(self._known)

    @staticmethod
    def _recent(tries: list[float], now_s: float) -> list[float]:
        return [tried_s for tried_s in tries if tried_s > now_s - WINDOW_S]


def _bound(kept: "OrderedDict[str, list[float]] | OrderedDict[str, None]") -> None:
    while len(kept) > ADDRESSES_MAX:
        kept.popitem(last=False)
