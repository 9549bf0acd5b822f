"""Prices to close by: fresh ones if they can be had, the last known ones if not, never none.

A close must not be refused for want of prices. While a book is stale it is asked for by REST; after
some seconds without an answer the close goes by what was seen last, in slices of the depth that was
there, or of the cap on one order where there never was a book.
"""

from collections.abc import Mapping
from decimal import Decimal

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.market import (
    ANY_SOURCE,
    Ages,
    Book,
    FxRate,
    Instrument,
    Level,
    PairView,
)
from trading_platform_order.domain.money import SPOT_VOLUME_STEP, ZERO
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.value import value
from trading_platform_order.executor.ports import ExecutorPorts

PATIENCE_S = 3.0
"""So long a usable book is waited for."""


@value
class DecisionView:
    """The market a signal is decided by.

    Attributes:
        is_blind: at least one book is not usable; prices and depth are those of before.
    """

    view: PairView
    is_blind: bool = False


class ClosingPrices:
    """Of one engine."""

    def __init__(
        self, *, ports: ExecutorPorts, book: AccountBook, book_age_s_max: float, slice_krw: Decimal
    ) -> None:
        """``slice_krw``: value of one order of a close for which no order book was ever seen."""
        self._ports = ports
        self._book = book
        self._age_s_max = book_age_s_max
        self._slice_krw = slice_krw
        self._missing_since_s: dict[str, float] = {}

    def view(self, base: str) -> DecisionView | None:
        """The market to close by now; ``None`` while a usable book may still come."""
        now_s = self._ports.clock.monotonic()
        view = self._ports.market.view(base, self._ports.clock.now(), ANY_SOURCE)
        if view is not None and self._is_usable(view):
            self._missing_since_s.pop(base, None)
            return DecisionView(view=view)
        self._ports.market.ask_for_books(base)
        since_s = self._missing_since_s.setdefault(base, now_s)
        if now_s - since_s < PATIENCE_S:
            return None
        return DecisionView(view=view or self._invented(base), is_blind=True)

    def _is_usable(self, view: PairView) -> bool:
        return view.books_age_s <= self._age_s_max

    def _invented(self, base: str) -> PairView:
        """Books of one level each at the last known price, and filters that what is held fits."""
        now = self._ports.clock.now()
        spot_mid, hedge_mid = self._book.mids.get(base, (ZERO, ZERO))
        rate = self._book.pnl.krw_per_usdt or Decimal(1)
        spot_mid = spot_mid if spot_mid > 0 else self._slice_krw
        hedge_mid = hedge_mid if hedge_mid > 0 else spot_mid / rate
        known = self._ports.market.instruments(base)
        size = self._slice_krw / spot_mid
        books: Mapping[Leg, Book] = {
            leg: Book(
                symbol=leg_symbol(leg, base),
                bids=(Level(price, size),),
                asks=(Level(price, size),),
                at=now,
            )
            for leg, price in ((Leg.SPOT, spot_mid), (Leg.HEDGE, hedge_mid))
        }
        return PairView(
            base=base,
            now=now,
            ages=Ages(),
            spot_book=books[Leg.SPOT],
            hedge_book=books[Leg.HEDGE],
            fx=FxRate(krw_per_usdt=rate, at=now, source="the last rate that was seen"),
            spot=known.get(Leg.SPOT) or self._filters(Leg.SPOT, base),
            hedge=known.get(Leg.HEDGE) or self._filters(Leg.HEDGE, base),
        )

    def _filters(self, leg: Leg, base: str) -> Instrument:
        """Nobody told them: what was bought fits the steps it was bought in."""
        step = SPOT_VOLUME_STEP
        if leg is Leg.HEDGE:
            held = [h.short for (_, b), h in self._book.ledger.holdings.items() if b == base]
            step = min((_step_of(quantity) for quantity in held if quantity), default=step)
        return Instrument(
            venue=self._ports.exchanges.venue(leg),
            symbol=leg_symbol(leg, base),
            price_tick=Decimal(1),
            quantity_step=step,
            min_quantity=step,
            max_quantity=ZERO,
            min_notional=ZERO,
            max_notional=ZERO,
            taker_fee_rate=ZERO,
        )


def _step_of(quantity: Decimal) -> Decimal:
    exponent = quantity.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else Decimal(1)
