"""Closes an even pair while an exchange does not tell what it holds, or what rests on it.

What is only read must not hold up a close: the journal says what is ours, an order sells at most
that, and the hedge's is reduce-only. But what could not be read may be otherwise, so nothing leaves
at once on both legs: the leg of the exchange that does not answer goes first, and what that one
really filled is taken back on the other leg as an excess. So no close strips a hedge, whatever the
exchange holds. An exchange that takes no order test is not tried: it may be gone altogether.

Where rows of the journal may be lost, it does not say what is ours, and the reads come first.
"""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Balance, Leg
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.protection.takeover import TakeoverIntent
from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.watchdog.exchange_snapshot import Resting
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.key_takeover import closing_order

TEST_WAIT_S = 1.0
"""So long an order test is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What did not answer, in words; empty if both exchanges told everything."""

    venues: frozenset[Venue]
    words: tuple[str, ...]

    @classmethod
    def of(cls, resting: Resting, seen: AccountSnapshot, base: str) -> "Unread":
        """Where open orders or what is held of this base asset could not be read."""
        venues, words = resting.silent | seen.silent, resting.failed
        if seen.silent:
            words += seen.failed
        for rows in (
            one.unread.get(name, {}) for one in (resting, seen) for name in (base, NAMELESS)
        ):
            venues |= rows.keys()
            words += tuple(rows.values())
        return cls(venues=venues, words=tuple(dict.fromkeys(words)))

    @property
    def lead(self) -> Leg:
        """Goes first. Of two that do not answer, the coins: the hedge can always follow."""
        return Leg.SPOT if Venue.UPBIT in self.venues else Leg.HEDGE


def held(seen: AccountSnapshot, journal: JournalSnapshot, base: str) -> tuple[Balance, Decimal]:
    """Coins on Upbit and the short on Binance as read; what was not, as the ledger owns it."""
    coins, unread = seen.balance(base), seen.unread.get(base, {})
    if seen.balances is None or Venue.UPBIT in unread:
        owned = journal.owned_coins(base)
        coins = Balance(asset=base, available=owned, locked=ZERO)
    is_short_unread = seen.positions is None or Venue.BINANCE in unread
    return coins, journal.counted_short(base) if is_short_unread else seen.short(base)


def leads_alone(intents: tuple[TakeoverIntent, ...], unread: Unread) -> tuple[TakeoverIntent, ...]:
    """The first leg's orders, or all where only one leg has anything left."""
    first = tuple(intent for intent in intents if intent.order.leg is unread.lead)
    return first or intents


async def takes_orders(exchanges: PairExchanges, unread: Unread, view: PairView) -> str:
    """Why an exchange that does not answer is not tried; empty if all of them judge orders."""
    async with asyncio.TaskGroup() as group:
        asked = {
            leg: group.create_task(_judges(exchanges.of(leg), leg, view))
            for leg in Leg
            if exchanges.venue(leg) in unread.venues
        }
    silent = [exchanges.venue(leg) for leg, task in asked.items() if not task.result()]
    return f"{' and '.join(silent)} takes no order test" if silent else ""


async def _judges(exchange: BaseExchange, leg: Leg, view: PairView) -> bool:
    try:
        async with asyncio.timeout(TEST_WAIT_S):
            answer = await exchange.test_order(closing_order(leg, view, view.now))
    except TimeoutError:
        return False
    # A refusal of this one order proves that orders are judged there.
    if isinstance(answer, Refused):
        return answer.hindrance is None and not answer.retryable
    return answer is None
