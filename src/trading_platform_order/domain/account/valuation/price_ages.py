"""How old the prices are that what is held is valued at: of the streams alone, and of any source.

What was asked for values what is held while a stream is silent; it does not make the stream alive.
"""

from collections.abc import Collection
from dataclasses import dataclass

from trading_platform_order.domain.market import STREAMED, PairView, Source


@dataclass(frozen=True, slots=True)
class _Oldest:
    """Which of these base assets was priced first, and when."""

    held: Collection[str]
    base: str
    priced_s: float


class _Times:
    """When each base asset was last priced; the oldest one is remembered until it is not."""

    def __init__(self) -> None:
        self._priced_s: dict[str, float] = {}
        self._oldest: _Oldest | None = None

    def note(self, base: str, priced_s: float) -> None:
        self._priced_s[base] = priced_s
        oldest = self._oldest
        if oldest is not None and (base == oldest.base or priced_s < oldest.priced_s):
            self._oldest = None

    def oldest_s(self, held: Collection[str]) -> float | None:
        """When the oldest was priced; ``None`` if one of them never was."""
        oldest = self._oldest
        if oldest is not None and oldest.held is held:
            return oldest.priced_s
        priced_s = self._priced_s
        if not all(base in priced_s for base in held):
            return None
        base = min(held, key=priced_s.__getitem__)
        self._oldest = _Oldest(held, base, priced_s[base])
        return priced_s[base]


class PriceAges:
    """When each base asset was last priced, seconds of the clock that counts suspend."""

    def __init__(self) -> None:
        self._streamed = _Times()
        self._any = _Times()

    def note(self, view: PairView, now_s: float) -> None:
        """A view was taken; one with a book that was asked for says nothing of the streams."""
        priced_s = now_s - view.books_age_s
        self._any.note(view.base, priced_s)
        if {view.sources.spot, view.sources.hedge} <= STREAMED:
            self._streamed.note(view.base, priced_s)

    def oldest_s(
        self, held: Collection[str], now_s: float, sources: frozenset[Source]
    ) -> float | None:
        """Age of the oldest price, seconds; ``None`` if one of them never had any.

        Args:
            held: base assets; asked for the same ones again, none of them is looked at.
            now_s: of the clock that counts suspend.
            sources: prices of which count.
        """
        if not held:
            return 0.0
        priced_s = (self._any if Source.ASKED in sources else self._streamed).oldest_s(held)
        return None if priced_s is None else max(0.0, now_s - priced_s)
