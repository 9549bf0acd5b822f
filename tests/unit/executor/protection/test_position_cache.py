"""A reading of positions is shared by those who ask at one moment, and by nobody afterwards."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from trading_platform_order.domain.order import Position
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import HedgeExchange
from trading_platform_order.executor.protection.position_cache import AGE_S_MAX, RecentPositions


class Exchange:
    """Tells positions, and counts how often it was asked."""

    def __init__(self) -> None:
        self.quantity = Decimal(-1)
        self.asked: list[tuple[str, ...]] = []
        self.is_away = False

    async def positions(
        self, symbols: Sequence[str]
    ) -> tuple[Position | ReadFailed, ...] | ReadFailed:
        """As the port's."""
        self.asked.append(tuple(symbols))
        quantity = self.quantity
        await asyncio.sleep(0)
        if self.is_away:
            return ReadFailed(reason="away")
        return tuple(
            Position(
                exchange=Venue.BINANCE,
                symbol=symbol,
                quantity=quantity,
                entry_price=Decimal(1),
                mark_price=Decimal(1),
                liquidation_price=Decimal(2),
            )
            for symbol in symbols
        )


class ExecutorFixture:
    """One reader over the fake, with a stopwatch that is set by hand."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.now_s = 0.0
        self.recent = RecentPositions(
            exchange=cast("HedgeExchange", self.exchange),
            bases=lambda: {"BTC", "ETH"},
            boottime=lambda: self.now_s,
        )

    async def quantity(self, base: str) -> Decimal | None:
        """What is told; ``None`` if nothing is."""
        found = await self.recent.of(base)
        return None if isinstance(found, ReadFailed) else found.quantity


async def test_who_asks_at_one_moment_shares_one_request() -> None:
    fixture = ExecutorFixture()
    told = await asyncio.gather(*[fixture.quantity(base) for base in ("BTC", "ETH", "BTC")])
    assert told == [Decimal(-1)] * 3
    assert fixture.exchange.asked == [("BTCUSDT", "ETHUSDT")]
    assert await fixture.quantity("XRP") == Decimal(-1)  # not among those that were read
    assert len(fixture.exchange.asked) == 2


async def test_nothing_older_than_the_limit_is_told() -> None:
    fixture = ExecutorFixture()
    await fixture.quantity("BTC")
    fixture.exchange.quantity = Decimal(-2)
    fixture.now_s = AGE_S_MAX
    assert await fixture.quantity("BTC") == Decimal(-1)
    fixture.now_s = AGE_S_MAX * 1.01
    assert await fixture.quantity("BTC") == Decimal(-2)


async def test_what_was_asked_before_an_execution_is_forgotten_also_while_under_way() -> None:
    fixture = ExecutorFixture()
    first = asyncio.ensure_future(fixture.quantity("BTC"))
    await asyncio.sleep(0)
    fixture.recent.forget()
    fixture.exchange.quantity = Decimal(0)
    assert await first == Decimal(-1)
    assert await fixture.quantity("BTC") == Decimal(0)


async def test_a_failure_is_nobody_elses() -> None:
    fixture = ExecutorFixture()
    fixture.exchange.is_away = True
    assert await fixture.quantity("BTC") is None
    fixture.exchange.is_away = False
    assert await fixture.quantity("BTC") == Decimal(-1)
