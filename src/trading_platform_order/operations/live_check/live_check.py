"""What shadow and live-check do alike: hold both adapters, read everything, hear the streams."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from trading_platform_order.domain.market import Book
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.base import BaseExchange, HedgeExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.exchanges.port.stream_events import MarketEvent, PrivateEvent
from trading_platform_order.transport.clock import Clock

FUNDING_BACK = timedelta(days=3)


class NotConfirmed(Exception):  # noqa: N818 - a fact, named as the docs do
    """The operator at the terminal did not confirm; nothing was placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Both exchanges, one base asset, and what was heard of them.

    Attributes:
        mode_letter: of our client order ids.
        announce: told in one line what an operator at the terminal should know.
        books: the newest book by symbol, while :func:`listening`.
    """

    exchanges: PairExchanges
    clock: Clock
    base: str
    mode_letter: str
    announce: Callable[[str], None]
    books: dict[str, Book] = field(default_factory=dict)

    def pairs(self) -> list[tuple[BaseExchange, str]]:
        """Each exchange with the symbol it trades."""
        return [(self.exchanges.of(leg), leg_symbol(leg, self.base)) for leg in Leg]

    def hear(self, event: MarketEvent) -> None:
        """A market stream's sink."""
        if isinstance(event, Book):
            self.books[event.symbol] = event


def ignore(_event: PrivateEvent) -> None:
    """A private stream's sink: what matters is that it was recorded."""


async def read_everything(contact: Contact) -> list[str]:
    """Ask both exchanges all that the adapters ever ask; returns what failed."""
    problems: list[str] = []
    since = contact.clock.now() - FUNDING_BACK
    for exchange, symbol in contact.pairs():
        reads: tuple[Awaitable[object], ...] = (
            exchange.server_time(),
            exchange.instrument(symbol),
            exchange.balances(),
            exchange.position(symbol),
            exchange.open_orders(symbol),
        )
        answers = [await read for read in reads]
        if isinstance(exchange, HedgeExchange):
            answers += [await exchange.margin(), await exchange.funding(since)]
        answers += await exchange.survey(symbol)
        problems += [
            f"{exchange.venue}: {answer.reason}"
            for answer in answers
            if isinstance(answer, ReadFailed)
        ]
    return problems


@asynccontextmanager
async def listening(contact: Contact) -> AsyncIterator[None]:
    """All four streams, for the time of the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(stream, name="stream")
            for exchange, symbol in contact.pairs()
            for stream in (
                exchange.run_private_stream(ignore),
                exchange.run_market_stream((symbol,), contact.hear),
            )
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
