"""The simulated Binance on books, prints and marks from outside."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from exchange_simulator.binance.market_data.market import Market
from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.binance.trading.matching import Matching
from exchange_simulator.binance.trading.order import SimulatedOrder
from exchange_simulator.clock import Clock
from exchange_simulator.market.fed_book import FedBook, Latency, Levels, Resting


class FedBinance:
    """Moves the exchange's contracts; make it after kept accounts were restored.

    Attributes:
        latency: from us to the matching, seconds, drawn for each order.
        publish: tells the streams of a symbol that it has changed.
        liquidate: closes what the margin does not hold any more.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        market: Market,
        matching: Matching,
        publish: Callable[[str], None],
        liquidate: Callable[[], object],
        latency: Latency,
    ) -> None:
        self._clock = clock
        self._market = market
        self._matching = matching
        self._publish = publish
        self._liquidate = liquidate
        self._latency = latency
        self._books: defaultdict[str, FedBook] = defaultdict(FedBook)
        matching.arrive, matching.is_bounded = self._arrive, True
        matching.arrive_again()

    def _arrive(self, symbol: str, meet: Callable[[], None]) -> None:
        self._books[symbol].wait(self._clock.monotonic() + self._latency(), meet)

    def list_contract(self, rules: SymbolRules) -> None:
        """The filters of a contract are these from now on."""
        self._market.rules[rules.symbol] = rules

    def show_book(self, symbol: str, bids: Levels, asks: Levels) -> None:
        """An image of this contract's book was received."""
        fed = self._books[symbol]
        self._market.show_book(symbol, fed.show(self._market.book(symbol), bids, asks))
        for meet in fed.arrived(self._clock.monotonic()):
            meet()
        fed.stand(_resting(self._matching.resting(symbol)))
        self._market.changed()
        self._publish(symbol)

    def show_trade(self, symbol: str, price: Decimal, quantity: Decimal, *, is_buy: bool) -> None:
        """Somebody traded; before the first book it is of no use."""
        if symbol not in self._market.quoted():
            return
        self._market.tape.add(symbol, price, quantity, not is_buy)
        orders = {_name(order): order for order in self._matching.resting(symbol)}
        rows = _resting(list(orders.values()))
        for name, given in self._books[symbol].printed(rows, price, quantity, is_buy=is_buy):
            self._matching.fill_resting(orders[name], given)

    def show_mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """The mark price (USDT) moved: funding, conditional orders and liquidation go by it."""
        if symbol in self._market.quoted():
            self._market.show_mark(symbol, mark, funding_rate)
            self._liquidate()
            self._publish(symbol)


def _name(order: SimulatedOrder) -> str:
    return f"{order.order_id}/{order.price}/{order.quantity}"


def _resting(orders: list[SimulatedOrder]) -> list[Resting]:
    return [Resting(_name(one), one.is_buy, one.price, one.remaining) for one in orders]
