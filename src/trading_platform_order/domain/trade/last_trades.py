"""When each base asset was last traded: what is asked of trades that have left memory."""

from dataclasses import dataclass, field
from datetime import datetime

from trading_platform_order.domain.trade.pair_trade import PairTrade


@dataclass(slots=True, kw_only=True)
class LastTrades:
    """By base asset, over all trades there ever were."""

    _opened: dict[str, datetime] = field(default_factory=dict)
    _moved: dict[str, datetime] = field(default_factory=dict)

    def note(self, trade: PairTrade) -> None:
        """A trade opened, or something happened to it."""
        base, opened_at, moved_at = trade.base, trade.opened_at, trade.last_event_at
        before = self._opened.get(base)
        if before is None or opened_at > before:
            self._opened[base] = opened_at
        before = self._moved.get(base)
        if before is None or moved_at > before:
            self._moved[base] = moved_at

    def opened_at(self, base: str) -> datetime | None:
        """When the last trade of a base asset opened; ``None`` if there was none."""
        return self._opened.get(base)

    def moved_since(self, moment: datetime) -> set[str]:
        """Base assets of which anything happened to a trade since then."""
        return {base for base, at in self._moved.items() if at >= moment}
