"""The newest book of every symbol and the newest KRW value of a USDT, with their ages.

Both exchanges' market streams write here; sizing, risk and the core read one consistent view. The
board keeps times and judges none: whether something is too old is a risk decision. It never calls
an exchange, never looks at our calendar, and an older image never replaces a newer one. A stamp
beyond the exchange's own time by more than a limit is not believed: the image counts by its
arrival, and the next one replaces it whatever its stamp is.

What was asked for while a stream was silent is kept beside what the stream told, never in its
place, until the stream has told something as new.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from trading_platform_order.domain.market import (
    STREAMED,
    Ages,
    Book,
    ExchangeTime,
    FxRate,
    Instrument,
    PairView,
    Source,
    Sources,
)
from trading_platform_order.domain.market_premium import PairPrices
from trading_platform_order.domain.order import hedge_symbol, spot_symbol
from trading_platform_order.domain.venue import Venue

Part = TypeVar("Part", Book, FxRate)
AHEAD_S_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingData:
    """A view cannot be given; ``reason`` says what is missing, for the refusal."""

    reason: str


class _Held(NamedTuple, Generic[Part]):
    """An image, whose it is, and when it arrived on the clock that counts suspend, seconds."""

    part: Part
    venue: Venue
    arrived_s: float
    source: Source


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    at: datetime
    symbols: tuple[str, ...]
    done: asyncio.Future[None]


class MarketBoard:
    """The latest market, for one event loop."""

    def __init__(
        self,
        *,
        boottime: Callable[[], float],
        time_of: Callable[[Venue], ExchangeTime | None],
        ahead_s_max: float = AHEAD_S_MAX,
    ) -> None:
        """What it measures ages by.

        Args:
            boottime: seconds, suspend included; the market's in a replay.
            time_of: an exchange's time as last measured; ``None`` before that.
            ahead_s_max: a stamp further ahead of that time is not believed.
        """
        self._boottime = boottime
        self._time_of = time_of
        self._ahead_s_max = ahead_s_max
        self._books: dict[str, _Held[Book]] = {}
        self._fx: _Held[FxRate] | None = None
        self._asked_books: dict[str, _Held[Book]] = {}
        self._asked_fx: _Held[FxRate] | None = None
        # The last view of each base asset: one look asks for the same several times.
        self._views: dict[tuple[str, bool], PairView] = {}
        self._waiters: list[_Waiter] = []

    @property
    def fx(self) -> FxRate | None:
        """The newest rate that was streamed, if any was."""
        return None if self._fx is None else self._fx.part

    def book(self, symbol: str) -> Book | None:
        """The newest book of ``BTC-KRW`` or ``BTCUSDT`` that was streamed, if any was."""
        held = self._books.get(symbol)
        return None if held is None else held.part

    def update(self, event: Book | FxRate, venue: Venue, source: Source = Source.STREAM) -> bool:
        """Take an image in; ``False`` if it is older than the one held and was ignored.

        One of the same time replaces the held one: it arrived later.
        """
        arrived_s = self._boottime()
        if isinstance(event, Book):
            is_taken = self._take_book(_Held(event, venue, arrived_s, source))
        else:
            is_taken = self._take_rate(_Held(event, venue, arrived_s, source))
        if is_taken:
            self._views.clear()
            self._release()
        return is_taken

    def _take_book(self, new: _Held[Book]) -> bool:
        symbol = new.part.symbol
        books = self._books if new.source is Source.STREAM else self._asked_books
        held = books.get(symbol)
        if held is not None and self._is_older(new, held):
            return False
        books[symbol] = new
        asked = self._asked_books.get(symbol)
        if asked is not None and new.source is Source.STREAM and not self._is_older(new, asked):
            del self._asked_books[symbol]
        return True

    def _take_rate(self, new: _Held[FxRate]) -> bool:
        held = self._fx if new.source is Source.STREAM else self._asked_fx
        if held is not None and self._is_older(new, held):
            return False
        if new.source is Source.ASKED:
            self._asked_fx = new
            return True
        self._fx = new
        if self._asked_fx is not None and not self._is_older(new, self._asked_fx):
            self._asked_fx = None
        return True

    def _is_older(self, new: _Held[Part], held: _Held[Part]) -> bool:
        return new.part.at < held.part.at and self._is_believed(held, new.arrived_s)

    def view(
        self,
        base: str,
        now: datetime,
        spot: Instrument,
        hedge: Instrument,
        sources: frozenset[Source] = STREAMED,
    ) -> PairView | MissingData:
        """What the core needs to see of one base asset, or what is missing for it.

        Args:
            base: base asset.
            now: our calendar.
            spot: what Upbit lets us trade.
            hedge: what Binance does.
            sources: what counts. Without :attr:`Source.ASKED` only what was streamed; with it, the
                younger of both.
        """
        key = (base, Source.ASKED in sources and self._is_asked(base))
        last = self._views.get(key)
        if last is not None and last.now == now and last.spot is spot and last.hedge is hedge:
            return last
        found = self._find(*key)
        if isinstance(found, MissingData):
            return found
        spot_book, hedge_book, fx = found
        view = self._views[key] = PairView(
            base=base,
            now=now,
            spot_book=spot_book.part,
            hedge_book=hedge_book.part,
            fx=fx.part,
            ages=self._ages(spot_book, hedge_book, fx),
            spot=spot,
            hedge=hedge,
            sources=Sources(spot_book.source, hedge_book.source, fx.source),
        )
        return view

    def prices(self, base: str) -> PairPrices | None:
        """Both mids of a coin as streamed, traded or not; ``None`` without one."""
        found = self._find(base, with_asked=False)
        if isinstance(found, MissingData):
            return None
        spot, hedge, fx = found
        ages = self._ages(spot, hedge, fx)
        return PairPrices(
            spot_krw=spot.part.mid,
            hedge_usdt=hedge.part.mid,
            krw_per_usdt=fx.part.krw_per_usdt,
            age_s=max(ages.spot_s, ages.hedge_s),
        )

    def _is_asked(self, base: str) -> bool:
        """Anything of it had to be asked for, and no stream has told anything as new since."""
        if self._asked_fx is not None:
            return True
        asked = self._asked_books
        return bool(asked) and (spot_symbol(base) in asked or hedge_symbol(base) in asked)

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

    def _ages(self, spot: _Held[Book], hedge: _Held[Book], fx: _Held[FxRate]) -> Ages:
        now_s = self._boottime()
        spot_s, spot_ahead_s = self._age(spot, now_s)
        hedge_s, hedge_ahead_s = self._age(hedge, now_s)
        fx_s, fx_ahead_s = self._age(fx, now_s)
        return Ages(spot_s, hedge_s, fx_s, spot_ahead_s, hedge_ahead_s, fx_ahead_s)

    def _age(self, held: _Held[Part], now_s: float) -> tuple[float, float]:
        """How old it is, and how far its stamp is ahead; a stamp in the future makes nothing young.

        The time since it arrived also bounds what was stamped before the exchange was measured.
        """
        here_s = now_s - held.arrived_s
        time = self._time_of(held.venue)
        if time is None:
            return here_s, 0.0
        age_s, ahead_s = time.age_and_ahead_s(held.part.at, now_s)
        return max(here_s, age_s), ahead_s

    def _is_believed(self, held: _Held[Part], now_s: float) -> bool:
        time = self._time_of(held.venue)
        return time is None or time.ahead_s(held.part.at, now_s) <= self._ahead_s_max

    def _find(
        self, base: str, with_asked: bool
    ) -> tuple[_Held[Book], _Held[Book], _Held[FxRate]] | MissingData:
        spot_book = self._usable_book(spot_symbol(base), with_asked)
        if isinstance(spot_book, MissingData):
            return spot_book
        hedge_book = self._usable_book(hedge_symbol(base), with_asked)
        if isinstance(hedge_book, MissingData):
            return hedge_book
        fx = self._younger(self._fx, self._asked_fx) if with_asked else self._fx
        if fx is None:
            return MissingData(reason="no KRW-USDT rate yet")
        return spot_book, hedge_book, fx

    def _usable_book(self, symbol: str, with_asked: bool) -> _Held[Book] | MissingData:
        held = self._books.get(symbol)
        if with_asked:
            held = self._younger(held, self._asked_books.get(symbol))
        if held is None:
            return MissingData(reason=f"no book of {symbol} yet")
        if not (held.part.bids and held.part.asks):
            return MissingData(reason=f"the book of {symbol} has an empty side")
        return held

    def _younger(
        self, streamed: _Held[Part] | None, asked: _Held[Part] | None
    ) -> _Held[Part] | None:
        if streamed is None or asked is None:
            return streamed or asked
        now_s = self._boottime()
        return asked if self._age(asked, now_s)[0] < self._age(streamed, now_s)[0] else streamed

    def _missing(self, at: datetime, symbols: tuple[str, ...]) -> list[str]:
        missing = [
            symbol
            for symbol in symbols
            if (held := self._books.get(symbol)) is None or held.part.at < at
        ]
        if self._fx is None or self._fx.part.at < at:
            missing.append("KRW-USDT")
        return missing

    def _release(self) -> None:
        for waiter in self._waiters:
            if not waiter.done.done() and not self._missing(waiter.at, waiter.symbols):
                waiter.done.set_result(None)
