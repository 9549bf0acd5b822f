"""The two exchanges that one account trades on, by the part each of them plays."""

from collections.abc import Iterator, Mapping

from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import BaseExchange, HedgeExchange, SpotExchange


def venue_of(leg: Leg) -> Venue:
    """The exchange of a leg as this house assembles it: Upbit holds coins, Binance the short."""
    return Venue.UPBIT if leg is Leg.SPOT else Venue.BINANCE


class PairExchanges(Mapping[Venue, BaseExchange]):
    """Where the coins are bought, and where the same quantity is shorted.

    Who trades asks by the leg; who only reports asks by the exchange's name.

    Attributes:
        spot: holds the coins.
        hedge: holds the short.
    """

    def __init__(self, *, spot: SpotExchange, hedge: HedgeExchange) -> None:
        """Raises ``ValueError`` if both are called alike: names tell orders and reports apart."""
        if spot.venue == hedge.venue:
            raise ValueError(f"both exchanges are called {spot.venue}")
        self.spot = spot
        self.hedge = hedge
        #: as :meth:`values`, without a look at names
        self.both: tuple[BaseExchange, BaseExchange] = (spot, hedge)

    def of(self, leg: Leg) -> BaseExchange:
        """The exchange a leg trades on."""
        return self.spot if leg is Leg.SPOT else self.hedge

    def venue(self, leg: Leg) -> Venue:
        """What the exchange of a leg is called, in journals, messages and settings."""
        return self.of(leg).venue

    def leg(self, venue: Venue) -> Leg:
        """The leg that is traded there. Raises ``KeyError`` for the name of another exchange."""
        return Leg.HEDGE if self[venue] is self.hedge else Leg.SPOT

    def __getitem__(self, venue: Venue) -> BaseExchange:
        """Raises ``KeyError`` for the name of another exchange."""
        for exchange in (self.spot, self.hedge):
            if exchange.venue == venue:
                return exchange
        raise KeyError(venue)

    def __iter__(self) -> Iterator[Venue]:
        """The names, spot first."""
        yield self.spot.venue
        yield self.hedge.venue

    def __len__(self) -> int:
        """Two."""
        return len((self.spot, self.hedge))
