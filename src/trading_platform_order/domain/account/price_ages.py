"""How old the prices are that what is held is valued at: of the streams alone, and of any source.

What was asked for values what is held while a stream is silent; it does not make the stream alive.
"""

from collections.abc import Iterable

from trading_platform_order.domain.market import STREAMED, PairView, Source


class PriceAges:
    """When each base asset was last priced, seconds of the clock that counts suspend."""

    def __init__(self) -> None:
        self._streamed_s: dict[str, float] = {}
        self._any_s: dict[str, float] = {}

    def note(self, view: PairView, now_s: float) -> None:
        """A view was taken; one with a book that was asked for says nothing of the streams."""
        priced_s = now_s - view.books_age_s
        self._any_s[view.base] = priced_s
        if {view.sources.spot, view.sources.hedge} <= STREAMED:
            self._streamed_s[view.base] = priced_s

    def oldest_s(
        self, held: Iterable[str], now_s: float, sources: frozenset[Source]
    ) -> float | None:
        """Age of the oldest price, seconds; ``None`` if one of them never had any.

        Args:
            held: base assets.
            now_s: of the clock that counts suspend.
            sources: prices of which count.
        """
        priced_s = self._any_s if Source.ASKED in sources else self._streamed_s
        oldest_s = 0.0
        for base in held:
            if base not in priced_s:
                return None
            oldest_s = max(oldest_s, now_s - priced_s[base])
        return oldest_s
