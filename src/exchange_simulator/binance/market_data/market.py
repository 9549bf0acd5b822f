"""The market side: marks, invented books, funding times, and the public streams made of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.margin.position_key import symbol_of
from exchange_simulator.binance.market_data.market_news import MarketNews, is_news
from exchange_simulator.binance.market_data.symbols import (
    SymbolRules,
    derived_rules,
    known_rules,
)
from exchange_simulator.binance.market_data.tape import Tape
from exchange_simulator.binance.streaming import events
from exchange_simulator.binance.streaming.streams import OF_ALL
from exchange_simulator.binance.trading.matching import Emit, Matching
from exchange_simulator.binance.trading.order import round_8
from exchange_simulator.decimals import ZERO
from exchange_simulator.market.book import VARIATIONS, SimulatedBook, build_book
from exchange_simulator.market.listings import contract_of
from exchange_simulator.ports import MarketTick

#: about 4 BTC on the best level, as observed; further levels hold a little more each
TOP_QUOTE_USDT = Decimal(400_000)
GROWTH = Decimal("0.05")
FUNDING_INTERVAL_MS = 8 * 3_600_000
#: how many steps of quantity an invented trade of others is
OTHERS_STEPS = 10
_DEPTHS = {"depth5": 5, "depth10": 10, "depth20": 20}


class Market:
    """Prices of all contracts.

    Funding is settled when :meth:`advance` passes 00:00, 08:00 or 16:00 UTC, at the mark price of
    that step and at the rate announced in the step before (the present one if there was none).
    """

    def __init__(
        self,
        *,
        account: Account,
        matching: Matching,
        now_ms: Callable[[], int],
        emit: Emit,
        pays_funding: bool,
        tape: Tape,
    ) -> None:
        self.tape = tape
        self._news = MarketNews(tape=tape, now_ms=now_ms)
        self._account = account
        self._matching = matching
        self._now_ms = now_ms
        self._emit = emit
        self._pays_funding = pays_funding
        self._advanced_ms: int | None = None
        self._update_id = 400_900_000
        self.rules = known_rules()
        self.funding_rates: dict[str, Decimal] = {}
        #: by symbol, how much (base) others leave at the best price of each side,
        #: and how much further away (bps) the rest lies; 0: it is gone
        self.depth_max: dict[str, tuple[Decimal, int]] = {}
        #: symbols whose book is repeated as it is, whatever the market does
        self.frozen: set[str] = set()
        self._variations: dict[str, int] = {}
        #: when a book was received that comes from outside, epoch milliseconds; shown as its stamp
        self._books_ms: dict[str, int] = {}
        #: hear of every symbol's new low and high, after its resting orders were matched
        self.followers: list[Callable[[str, Decimal, Decimal], None]] = []

    # -- reading --------------------------------------------------------------------------------

    def rules_of(self, symbol: str) -> SymbolRules:
        """Filters of a symbol.

        Raises:
            Rejection: -1121.
        """
        rules = self.rules.get(symbol)
        if rules is None:
            raise Rejection(-1121)
        return rules

    def quoted(self) -> list[str]:
        """Symbols that have a price by now."""
        return list(self._matching.books)

    def book(self, symbol: str) -> SimulatedBook:
        """The present book; empty before the first tick."""
        return self._matching.books.get(symbol) or SimulatedBook()

    def book_ms(self, symbol: str) -> int:
        """The stamp of a book, epoch milliseconds: now, or when it was received from outside."""
        return self._books_ms.get(symbol) or self._now_ms()

    def next_funding_ms(self) -> int:
        """The next settlement, epoch milliseconds."""
        return (self._now_ms() // FUNDING_INTERVAL_MS + 1) * FUNDING_INTERVAL_MS

    def update_id(self) -> int:
        """Number of the last change of any book."""
        return self._update_id

    def changed(self) -> None:
        """Some book has changed."""
        self._update_id += 1

    def snapshot(self, stream: str) -> dict[str, Any] | None:
        """The present event of a stream; ``None`` if there is none or it is not simulated."""
        symbol, kind = _named(stream)
        book = self._matching.books.get(symbol)
        if book is None or is_news(stream):
            return None
        now_ms = self._now_ms()
        if kind == "bookTicker":
            tick = self._matching.ticks.get(symbol)
            return events.book_ticker(symbol, book, self._update_id, self.book_ms(symbol), tick)
        levels = _DEPTHS.get(kind)
        if levels is not None:
            at_ms = self.book_ms(symbol)
            return events.partial_depth(symbol, book, levels, self._update_id, at_ms)
        if kind == "markPrice":
            return events.mark_price(
                symbol,
                self._account.marks[symbol],
                self.funding_rates[symbol],
                self.next_funding_ms(),
                now_ms,
            )
        return None

    def begin(self, stream: str) -> None:
        """Somebody listens to a stream that nobody listened to."""
        self._news.begin(stream, self.book(_named(stream)[0]), self._update_id)

    def news(self, stream: str, symbol: str) -> list[dict[str, Any]]:
        """What a stream tells when a symbol has changed."""
        event = self.snapshot(f"{symbol}@bookTicker" if stream in OF_ALL else stream)
        if event is not None:
            return [event]
        return self._news.events(stream, symbol, self.book(symbol), self._update_id)

    @property
    def advanced_ms(self) -> int | None:
        """Until when funding is settled, epoch milliseconds; ``None`` before the first prices."""
        return self._advanced_ms

    def resume(self, advanced_ms: int | None) -> None:
        """Funding since this moment is still to be settled."""
        self._advanced_ms = advanced_ms

    # -- moving ---------------------------------------------------------------------------------

    def advance(self, ticks: Sequence[MarketTick]) -> list[str]:
        """Take new prices, match resting orders, settle funding; the symbols that changed."""
        ticks = [_of_contract(tick) for tick in ticks]
        announced = dict(self.funding_rates)
        symbols = [self._take(tick) for tick in ticks]
        for symbol, tick in zip(symbols, ticks, strict=True):
            self._matching.match_resting(symbol, low=tick.binance_low, high=tick.binance_high)
            for follower in self.followers:
                follower(symbol, tick.binance_low, tick.binance_high)
        self._settle_funding({**self.funding_rates, **announced})
        self.changed()
        return symbols

    def show_book(self, symbol: str, book: SimulatedBook) -> None:
        """A book from outside; until a mark comes the first one's middle is the mark."""
        middle = (book.bids[0].price + book.asks[0].price) / 2
        if symbol not in self.rules:
            self.rules[symbol] = derived_rules(symbol.removesuffix("USDT"), middle)
        self._matching.ticks[symbol] = self.rules[symbol].tick
        self._account.marks.setdefault(symbol, round_8(middle))
        self.funding_rates.setdefault(symbol, ZERO)
        self._matching.books[symbol] = book
        self._books_ms[symbol] = self._now_ms()

    def show_mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """A mark price from outside; funding that fell due meanwhile is settled."""
        announced = dict(self.funding_rates)
        self._account.marks[symbol], self.funding_rates[symbol] = mark, funding_rate
        for follower in self.followers:
            follower(symbol, mark, mark)
        self._settle_funding({**self.funding_rates, **announced})

    def _take(self, tick: MarketTick) -> str:
        symbol = f"{tick.base}USDT"
        if symbol not in self.rules:
            self.rules[symbol] = derived_rules(tick.base, tick.binance_close)
        rules = self.rules[symbol]
        self._matching.ticks[symbol] = rules.tick
        stands = self._account.marks.get(symbol) == tick.binance_close
        self._account.marks[symbol] = tick.binance_close
        self._print(symbol, tick, rules.step * OTHERS_STEPS, is_same=stands)
        self.funding_rates[symbol] = tick.funding_rate
        if symbol in self.frozen and symbol in self._matching.books:
            return symbol
        variation = (self._variations.get(symbol, -1) + 1) % VARIATIONS if stands else 0
        self._variations[symbol] = variation
        untouched = _untouched(tick.binance_close, rules.tick, rules.step, variation)
        self._matching.books[symbol] = untouched.shared()
        if symbol in self.depth_max:
            quantity, beyond_bps = self.depth_max[symbol]
            self._matching.books[symbol].shrink(quantity, beyond_bps=beyond_bps)
        return symbol

    def _print(self, symbol: str, tick: MarketTick, quantity: Decimal, *, is_same: bool) -> None:
        """Trades of others, at each price the bar tells; a market that stands has none."""
        if is_same and tick.binance_high == tick.binance_low:
            return
        for price in dict.fromkeys((tick.binance_high, tick.binance_low, tick.binance_close)):
            self.tape.add(symbol, price, quantity, price < tick.binance_close)

    def _settle_funding(self, rates: dict[str, Decimal]) -> None:
        now_ms, last_ms = self._now_ms(), self._advanced_ms
        self._advanced_ms = now_ms
        if last_ms is None or not self._pays_funding:
            return
        passed = range(last_ms // FUNDING_INTERVAL_MS + 1, now_ms // FUNDING_INTERVAL_MS + 1)
        for holding in self._account.held():
            for index in passed:
                rate = rates.get(symbol_of(holding), ZERO)
                payment = round_8(-self._account.standing(holding).notional * rate)
                self._account.fund(holding, payment, index * FUNDING_INTERVAL_MS)
                self._emit(
                    events.account_update(
                        self._account,
                        "FUNDING_FEE",
                        now_ms,
                        holding=holding,
                        balance_change=payment,
                    )
                )


def _of_contract(tick: MarketTick) -> MarketTick:
    """The same prices of the contract's unit, which may hold a thousand coins."""
    contract, factor = contract_of(tick.base)
    if factor == 1:
        return tick
    return replace(
        tick,
        base=contract,
        binance_close=tick.binance_close * factor,
        binance_high=tick.binance_high * factor,
        binance_low=tick.binance_low * factor,
    )


@lru_cache(maxsize=1_024)
def _named(stream: str) -> tuple[str, str]:
    """Symbol and kind of a stream; ``btcusdt@depth20@100ms`` -> ``BTCUSDT``, ``depth20``."""
    name, _, kind = stream.partition("@")
    return name.upper(), kind.partition("@")[0]


@lru_cache(maxsize=1_024)
def _untouched(price: Decimal, tick: Decimal, step: Decimal, variation: int) -> SimulatedBook:
    return build_book(
        price=price,
        tick_of=lambda _: tick,
        quantity_step=step,
        spread=tick,
        top_quote=TOP_QUOTE_USDT,
        growth=GROWTH,
        variation=variation,
    )
