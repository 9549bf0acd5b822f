"""The newest book of every symbol and the newest KRW value of a USDT, with their ages.

Both exchanges' market streams write here; sizing, risk and the core read one consistent view. The
board keeps times and judges none: whether something is too old is a risk decision. It never calls
an exchange, and an older image never replaces a newer one.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from trading_platform_order.domain.market import Book, FxRate, Instrument, PairView
from trading_platform_order.domain.order import hedge_symbol, spot_symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingData:
    """A view cannot be given; ``reason`` says what is missing, for the refusal."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Seconds since the exchange's time of each part; negative if its clock is ahead of ``now``."""

    spot_s: float
    hedge_s: float
    fx_s: float


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    at: datetime
    symbols: tuple[str, ...]
    done: asyncio.Future[None]


class MarketBoard:
    """The latest market, for one event loop."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}
        self._fx: FxRate | None = None
        # The last view of each base asset: one look asks for the same several times.
        self._views: dict[str, PairView] = {}
        self._waiters: list[_Waiter] = []

    @property
    def fx(self) -> FxRate | None:
        """The newest rate, if any was seen."""
        return self._fx

    def book(self, symbol: str) -> Book | None:
        """The newest book of ``BTC-KRW`` or ``BTCUSDT``, if any was seen."""
        return self._books.get(symbol)

    def update(self, event: Book | FxRate) -> bool:
        """Take an image in; ``False`` if it is older than the one held and was ignored.

        One of the same time replaces the held one: it arrived later.
        """
        if isinstance(event, Book):
            held = self._books.get(event.symbol)
            if held is not None and event.at < held.at:
                return False
            self._books[event.symbol] = event
        else:
            if self._fx is not None and event.at < self._fx.at:
                return False
            self._fx = event
        self._views.clear()
        self._release()
        return True

    def view(
        self, base: str, now: datetime, spot: Instrument, hedge: Instrument
    ) -> PairView | MissingData:
        """What the core needs to see of one base asset, or what is missing for it."""
        last = self._views.get(base)
        if last is not None and last.now == now and last.spot is spot and last.hedge is hedge:
            return last
        found = self._find(base)
        if isinstance(found, MissingData):
            return found
        spot_book, hedge_book, fx = found
        view = self._views[base] = PairView(
            base=base,
            now=now,
            spot_book=spot_book,
            hedge_book=hedge_book,
            fx=fx,
            spot=spot,
            hedge=hedge,
        )
        return view

    def ages(self, base: str, now: datetime) -> Ages | MissingData:
        """How old the parts of a view are."""
        found = self._find(base)
        if isinstance(found, MissingData):
            return found
        spot_s, hedge_s, fx_s = ((now - part.at).total_seconds() for part in found)
        return Ages(spot_s=spot_s, hedge_s=hedge_s, fx_s=fx_s)

    async def wait_for(self, at: datetime, *symbols: str, timeout_s: float) -> None:
        """Until the books of all ``symbols`` and the rate are from ``at`` or later.

        Raises:
            TimeoutError: not within ``timeout_s``; the text names what is still missing.
        """
        if not self._missing(at, symbols):
            return
        waiter = _Waiter(at=at, symbols=symbols, done=asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.done
        except TimeoutError:
            missing = ", ".join(self._missing(at, symbols))
            raise TimeoutError(f"no market data from {at.isoformat()} for {missing}") from None
        finally:
            self._waiters.remove(waiter)

    def _find(self, base: str) -> tuple[Book, Book, FxRate] | MissingData:
        spot_book = self._usable_book(spot_symbol(base))
        if isinstance(spot_book, MissingData):
            return spot_book
        hedge_book = self._usable_book(hedge_symbol(base))
        if isinstance(hedge_book, MissingData):
            return hedge_book
        if self._fx is None:
            return MissingData(reason="no KRW-USDT rate yet")
        return spot_book, hedge_book, self._fx

    def _usable_book(self, symbol: str) -> Book | MissingData:
        book = self._books.get(symbol)
        if book is None:
            return MissingData(reason=f"no book of {symbol} yet")
        if not (book.bids and book.asks):
            return MissingData(reason=f"the book of {symbol} has an empty side")
        return book

    def _missing(self, at: datetime, symbols: tuple[str, ...]) -> list[str]:
        missing = [
            symbol
            for symbol in symbols
            if (book := self._books.get(symbol)) is None or book.at < at
        ]
        if self._fx is None or self._fx.at < at:
            missing.append("KRW-USDT")
        return missing

    def _release(self) -> None:
        for waiter in self._waiters:
            if not waiter.done.done() and not self._missing(waiter.at, waiter.symbols):
                waiter.done.set_result(None)
