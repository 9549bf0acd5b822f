"""What is wrong with single symbols: one that cannot be prepared, a row that cannot be read.

Such a symbol is closed for entries, told to operators and tried again; the engine serves the
others, and its exits never ask here. Each finder hands in all that it finds together: what it does
not find any more is not in force any more. What was seen in reads counts only once it has lasted: a
single answer may be lost.
"""

from collections.abc import Callable, Mapping

from trading_platform_order.domain.hindrances.entry_blocks import ALL
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value

LASTS_S = 10.0
"""A reading that fails for so long is no passing trouble of the network."""


@value
class _Trouble:
    reason: str
    since_s: float
    counts_from_s: float


class SymbolTroubles:
    """By finder and base asset; :data:`ALL` for a row that names no symbol."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._found: dict[str, dict[str, _Trouble]] = {}

    @property
    def is_empty(self) -> bool:
        """No finder finds anything now, not even what does not count yet."""
        return not any(self._found.values())

    def replace_found(
        self, finder: str, found: Mapping[str, str], *, at_once: bool = False
    ) -> None:
        """Keep what this finder finds now, instead of what it found before.

        Args:
            finder: who looked.
            found: all that is wrong, by base asset, with reasons.
            at_once: it counts now, and not only once it has lasted ``LASTS_S``.
        """
        before, now_s = self._found.get(finder, {}), self._monotonic()
        troubles: dict[str, _Trouble] = {}
        for base, reason in found.items():
            since_s = before[base].since_s if base in before else now_s
            counts_from_s = since_s if at_once else since_s + LASTS_S
            troubles[base] = _Trouble(reason=reason, since_s=since_s, counts_from_s=counts_from_s)
        self._found[finder] = troubles

    def lasting(self) -> dict[str, str]:
        """Why a base asset is not ready, of each for which something counts now."""
        now_s = self._monotonic()
        found: dict[str, str] = {}
        for seen in self._found.values():
            for base, one in seen.items():
                if now_s >= one.counts_from_s:
                    found[base] = "; ".join(filter(None, (found.get(base), one.reason)))
        return found

    def refusals(self, base: str) -> tuple[Refusal, ...]:
        """Why an ENTER of this base asset is refused."""
        if self.is_empty:
            return ()
        lasting = self.lasting()
        return tuple(_refusal(base, lasting[key]) for key in (ALL, base) if key in lasting)


def _refusal(base: str, reason: str) -> Refusal:
    return Refusal(
        code=RefusalCode.SYMBOL_NOT_READY,
        message=f"{base} is not ready: {reason}",
        figures={"symbol": base, "reason": reason},
    )
