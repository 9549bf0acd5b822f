"""Real public streams for the simulated exchanges of paper mode: books, prints, marks, filters.

No key is used and no order is sent; the account is the simulator's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import uuid4

from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.market.fed_book import Levels
from trading_platform_order.domain.market import Book, Instrument
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges import binance
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.exchanges.binance.market.market_stream import MarketStream
from trading_platform_order.exchanges.binance.market.public_feed import read_filters, run_prints
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.port.public import Mark, Print, PublicEvent
from trading_platform_order.exchanges.upbit.market.public_feed import public_subscription
from trading_platform_order.exchanges.upbit.requests.parse import FX_MARKET, to_wire
from trading_platform_order.exchanges.upbit.streams.stream import StreamKeeper
from trading_platform_order.runtime.assembly import Network, loop_time
from trading_platform_order.transport.limiter import RateLimiter

READY_S = 20.0
"""Within this the first books of all markets must have come."""
_LOOK_S = 0.05
_FEE_RATE = Decimal("0.0005")
_KEYLESS = Credentials(key="", secret="")


class TakesMarket(Protocol):
    """What a feed is handed to, as ``exchange_simulator/feed_market.py:FeedMarket``."""

    def listed(self) -> tuple[set[str], set[str]]:
        """The markets of Upbit and the contracts of Binance that have a book by now."""
        ...

    def list_contract(self, rules: SymbolRules) -> None:
        """The filters of a contract on Binance."""
        ...

    def book(self, venue: str, symbol: str, bids: Levels, asks: Levels, *, at: datetime) -> None:
        """A whole image of a book, best level first, by the exchange's own name and time."""
        ...

    def trade(
        self, venue: str, symbol: str, price: Decimal, quantity: Decimal, *, is_buy: bool
    ) -> None:
        """A print; ``is_buy``: the taker bought."""
        ...

    def mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """A contract's mark price, USDT, and the rate of its next settlement."""
        ...


class PaperFeed:
    """What the public streams tell, handed to a market.

    Args:
        network: how the exchanges are reached.
        upbit: its addresses.
        binance: its addresses, and which contract hedges which coin.
        bases: the coins.
        market: gets everything, by the exchanges' own names.
    """

    def __init__(
        self,
        *,
        network: Network,
        upbit: UpbitConfig,
        binance: BinanceConfig,
        bases: tuple[str, ...],
        market: TakesMarket,
    ) -> None:
        self._network = network
        self._upbit = upbit
        self._binance = replace(binance, credentials=_KEYLESS)
        self._market = market
        self._markets = tuple(dict.fromkeys([*(f"KRW-{base}" for base in bases), FX_MARKET]))
        core = tuple(hedge_symbol(base) for base in bases)
        self._contracts = Contracts(binance.pairs).symbols(core)
        self._printed: dict[tuple[Venue, str], int] = {}

    async def begin(self) -> str | None:
        """Read the filters; why they cannot be had, if they cannot."""
        rest = RestClient(
            http=self._network.http,
            clock=self._network.clock,
            limiter=RateLimiter(binance.budgets(self._binance), loop_time),
            config=self._binance,
            retry_delay_s=0.5,
        )
        found = await read_filters(rest, self._contracts, fee_rate=_FEE_RATE)
        if isinstance(found, ReadFailed):
            return found.reason
        for filters in found:
            self._market.list_contract(_rules(filters))
        return None

    async def listed(self) -> str | None:
        """Wait until every market has a book; which have none, if some do not get one."""
        until_s = loop_time() + READY_S
        while missing := self._missing():
            if loop_time() > until_s:
                return f"no book of {', '.join(missing)} within {READY_S:g} s"
            await asyncio.sleep(_LOOK_S)
        return None

    def _missing(self) -> list[str]:
        upbit, contracts = self._market.listed()
        return [
            *(code for code in self._markets if code not in upbit),
            *(symbol for symbol in self._contracts if symbol not in contracts),
        ]

    async def run(self) -> None:
        """Run all streams until cancelled; lost connections are made anew."""
        streams = (self._run_upbit, self._run_books, self._run_prints)
        async with asyncio.TaskGroup() as tasks:
            for stream in streams:
                tasks.create_task(_run(stream))

    async def _run_upbit(self) -> None:
        keeper = StreamKeeper(
            websocket=self._network.websockets,
            connect_timeout_s=self._upbit.read_timeout_s,
            idle_s=self._upbit.stream_idle_s,
        )
        await keeper.run(
            public_subscription(
                ws_url=self._upbit.ws_url,
                markets=self._markets,
                ticket=str(uuid4()),
                sink=lambda event: self._take(Venue.UPBIT, event),
            )
        )

    async def _run_books(self) -> None:
        stream = MarketStream(websocket=self._network.websockets, config=self._binance)
        await stream.run(
            self._contracts,
            lambda event: self._take(Venue.BINANCE, event) if isinstance(event, Book) else None,
        )

    async def _run_prints(self) -> None:
        await run_prints(
            self._network.websockets,
            self._binance,
            self._contracts,
            lambda event: self._take(Venue.BINANCE, event),
        )

    def _take(self, venue: Venue, event: PublicEvent) -> None:
        match event:
            case Book():
                symbol = to_wire(event.symbol) if venue is Venue.UPBIT else event.symbol
                self._market.book(venue, symbol, event.bids, event.asks, at=event.at)
            case Print() if event.number > self._printed.get((venue, event.symbol), -1):
                self._printed[venue, event.symbol] = event.number
                self._market.trade(
                    venue, event.symbol, event.price, event.quantity, is_buy=event.is_buy
                )
            case Mark():
                self._market.mark(event.symbol, event.price, event.funding_rate)
            case _:
                pass  # told before, on a connection that is no more


async def _run(stream: Callable[[], Awaitable[None]]) -> None:
    await stream()


def _rules(filters: Instrument) -> SymbolRules:
    """As the simulated exchange keeps them; a contract's first day stays the one it knows."""
    most = filters.max_quantity or filters.quantity_step * 100_000_000
    return SymbolRules(
        base=filters.symbol.removesuffix("USDT"),
        tick=filters.price_tick,
        step=filters.quantity_step,
        price_precision=_decimals(filters.price_tick),
        quantity_precision=_decimals(filters.quantity_step),
        min_notional=filters.min_notional,
        max_quantity=most,
        max_market_quantity=most,
        status="TRADING" if filters.is_trading else "PENDING_TRADING",
    )


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
