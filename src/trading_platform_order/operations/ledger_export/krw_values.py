"""What things were worth in KRW, and who says so.

A KRW is worth a KRW. A USDT is worth what Upbit's KRW-USDT market told last before the moment: each
trade recorded that rate when it was decided, and the account every time it was valued. A coin is
worth the middle of Upbit's book at the last decision before the moment. Nothing is looked up
elsewhere: what the journal does not know has no value, and says so.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.trade.trade_events import TradeOpened

OWN = "KRW itself"
NOT_KNOWN = "not known: no price of it in the journal before"
OPENING = "the account's opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """KRW for one unit of something.

    Attributes:
        krw: ``None``: not known.
        source: which market or book it is from, in words.
        at: when it was told; ``None`` for KRW and for what is not known.
    """

    krw: Decimal | None
    source: str
    at: datetime | None = None

    def value(self, amount: Decimal) -> Decimal | None:
        """Of an amount, KRW."""
        return None if self.krw is None else amount * self.krw


@dataclass(slots=True, kw_only=True)
class _PriceHistory:
    at: list[datetime] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)

    def note(self, price: Price) -> None:
        if price.at is None or (self.at and price.at < self.at[-1]):
            return
        self.at.append(price.at)
        self.prices.append(price)


class KrwValues:
    """Prices as the journal tells them, asked for by moment."""

    def __init__(self) -> None:
        self._history: defaultdict[str, _PriceHistory] = defaultdict(_PriceHistory)

    def note(self, event: object) -> None:
        """A row of the journal, in its order."""
        match event:
            case ae.AccountOpened():
                self._usdt(event.krw_per_usdt, OPENING, event.at)
            case ae.FxMarked():
                self._usdt(event.krw_per_usdt, event.source, event.at)
            case TradeOpened():
                decision, base = event.decision, event.signal.symbol
                self._usdt(decision.krw_per_usdt, decision.fx_source, decision.at)
                source = f"middle of Upbit's KRW-{base} book at a decision"
                price = Price(krw=decision.spot_mid_krw, source=source, at=decision.at)
                self._history[base].note(price)
            case _:
                pass

    def _usdt(self, krw: Decimal, source: str, at: datetime) -> None:
        self._history["USDT"].note(Price(krw=krw, source=source, at=at))

    def of(self, asset: str, at: datetime) -> Price:
        """What one unit was worth at a moment."""
        if asset == "KRW":
            return Price(krw=Decimal(1), source=OWN)
        told = self._history.get(asset)
        index = 0 if told is None else bisect_right(told.at, at)
        if told is None or index == 0:
            return Price(krw=None, source=NOT_KNOWN)
        return told.prices[index - 1]
