"""What is wrong with single symbols: one that cannot be prepared, a row that cannot be read.

Such a symbol is closed for entries, told to operators and tried again; the engine serves the
others, and its exits never ask here. Each finder shows all that it finds at once, so that nothing
it forgot stays in force. What was seen in reads counts only once it has lasted: a single answer may
be lost.
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
    lasts_from_s: float


class SymbolTroubles:
    """By finder and base asset; :data:`ALL` for a row that names nobody."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._found: dict[str, dict[str, _Trouble]] = {}

    @property
    def is_empty(self) -> bool:
        """Nobody finds anything now, not even what has to last first."""
        return not any(self._found.values())

    def show(self, finder: str, found: Mapping[str, str], *, at_once: bool = False) -> None:
        """All that this finder finds now, with reasons; ``at_once``: it need not last first."""
        before = self._found.get(finder, {})
        now_s = self._monotonic()
        lasts_s = 0.0 if at_once else LASTS_S
        self._found[finder] = {
            base: _Trouble(
                reason=reason,
                since_s=(since_s := before[base].since_s if base in before else now_s),
                lasts_from_s=since_s + lasts_s,
            )
            for base, reason in found.items()
        }

    def lasting(self) -> dict[str, str]:
        """By base asset, why it is not ready."""
        now_s = self._monotonic()
        found: dict[str, str] = {}
        for seen in self._found.values():
            for base, one in seen.items():
                if now_s >= one.lasts_from_s:
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
