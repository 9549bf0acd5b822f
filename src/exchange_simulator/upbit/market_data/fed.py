"""The simulated Upbit on books and prints from outside."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal, localcontext

from exchange_simulator.clock import Clock
from exchange_simulator.market.fed_book import FedBook, Latency, Levels, Resting
from exchange_simulator.upbit.market_data.markets import Market, Markets
from exchange_simulator.upbit.numbers import PRECISION
from exchange_simulator.upbit.streaming.feed import Feed
from exchange_simulator.upbit.trading.matching import Matching
from exchange_simulator.upbit.trading.orders import SimulatedOrder


class FedUpbit:
    """Moves the exchange's markets; make it after kept accounts were restored.

    Attributes:
        latency: from us to the matching, seconds, drawn for each order.
    """

    def __init__(
        self, *, clock: Clock, markets: Markets, matching: Matching, feed: Feed, latency: Latency
    ) -> None:
        self._clock = clock
        self._markets = markets
        self._matching = matching
        self._feed = feed
        self._latency = latency
        self._books: defaultdict[str, FedBook] = defaultdict(FedBook)
        matching.arrive = self._arrive
        matching.arrive_again()

    def _arrive(self, code: str, meet: Callable[[], None]) -> None:
        self._books[code].wait(self._clock.monotonic() + self._latency(), meet)

    def show_book(self, code: str, bids: Levels, asks: Levels) -> None:
        """An image of this market's book was received."""
        fed, market = self._books[code], self._markets.get(code)
        book = fed.show(market.book if market else None, bids, asks)
        market = self._markets.show(code, book, at=self._clock.now())
        with localcontext(prec=PRECISION):
            for meet in fed.arrived(self._clock.monotonic()):
                meet()
        fed.stand(self._resting(market))
        self._feed.book_taken(market)

    def show_trade(self, code: str, price: Decimal, volume: Decimal, *, is_buy: bool) -> None:
        """Somebody traded; before the first book it is of no use."""
        market = self._markets.get(code)
        if market is None:
            return
        market.previous_price, market.price = market.price, price
        market.print(price, volume, is_bid=is_buy, at=self._clock.now())
        self._feed.traded(market)
        orders = {_name(order): order for order in self._orders(market)}
        filled = self._books[code].printed(self._resting(market), price, volume, is_buy=is_buy)
        with localcontext(prec=PRECISION):
            for name, quantity in filled:
                self._matching.fill_resting(orders[name], market, quantity)

    def _orders(self, market: Market) -> list[SimulatedOrder]:
        return [one for one in self._matching.resting.values() if one.market == market.code]

    def _resting(self, market: Market) -> list[Resting]:
        return [
            Resting(_name(one), one.is_bid, one.price, one.remaining_volume)
            for one in self._orders(market)
            if one.price is not None and one.remaining_volume is not None
        ]


def _name(order: SimulatedOrder) -> str:
    return order.uuid
