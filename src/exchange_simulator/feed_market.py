"""A market source that is told from outside: both exchanges' books, prints and marks.

Whoever runs the streams of real exchanges (or of another simulator) calls these; nothing here
knows where the figures come from. An image that is not newer than the last one is left out.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from exchange_simulator.binance.market_data.fed import FedBinance
from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.exchanges import SimulatedWorld
from exchange_simulator.market.fed_book import Latency, Levels
from exchange_simulator.names import BINANCE, UPBIT
from exchange_simulator.upbit.market_data.fed import FedUpbit

_NEVER = datetime.min.replace(tzinfo=UTC)


class FeedMarket:
    """Both exchanges of one world, moved from outside.

    Args:
        world: its accounts restored already.
        latency: from us to an exchange's matching, seconds, drawn for each order.
    """

    def __init__(self, world: SimulatedWorld, latency: Latency) -> None:
        self._world = world
        self._upbit = world.upbit.fed(latency)
        self._binance = world.binance.fed(latency)
        self._told: dict[tuple[str, str], datetime] = {}

    def listed(self) -> tuple[set[str], set[str]]:
        """The markets of Upbit and the contracts of Binance that have a book by now."""
        upbit = {symbol for venue, symbol in self._told if venue == UPBIT}
        return upbit, {symbol for venue, symbol in self._told if venue == BINANCE}

    def list_contract(self, rules: SymbolRules) -> None:
        """The filters of a contract on Binance."""
        self._binance.list_contract(rules)

    def set_min_total(self, amount_krw: Decimal) -> None:
        """The smallest order on Upbit."""
        self._world.upbit.set_min_total(amount_krw)

    def book(self, venue: str, symbol: str, bids: Levels, asks: Levels, *, at: datetime) -> None:
        """A whole image of a book, best level first, by the exchange's own name and time."""
        if not bids or not asks or at <= self._told.get((venue, symbol), _NEVER):
            return
        self._told[venue, symbol] = at
        self._do(lambda: self._of(venue).show_book(symbol, bids, asks))

    def trade(
        self, venue: str, symbol: str, price: Decimal, quantity: Decimal, *, is_buy: bool
    ) -> None:
        """A print; ``is_buy``: the taker bought."""
        self._do(lambda: self._of(venue).show_trade(symbol, price, quantity, is_buy=is_buy))

    def mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """A contract's mark price, USDT, and the rate of its next settlement."""
        self._do(lambda: self._binance.show_mark(symbol, mark, funding_rate))

    def _of(self, venue: str) -> FedBinance | FedUpbit:
        return self._binance if venue == BINANCE else self._upbit

    def _do(self, move: Callable[[], None]) -> None:
        move()
        self._world.after_move()
