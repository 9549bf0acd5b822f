"""The engine lives and cannot order, because its key is dead; the watchdog has keys of its own.

It takes the account when something that must be done has waited for so long: a close, or legs that
differ. Not before its own keys have passed an order test on both exchanges: two that cannot order
are no better than one. An even pair that nobody wants closed is left to operators.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import attrs

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ceil_to_step, plain
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot

WAIT_S = 10.0
"""How long what must be done has waited."""
TEST_EVERY_S = 10.0
"""Pause between order tests that did not pass."""
TEST_WAIT_S = 3.0
"""So long both order tests are waited for; an answer that comes later has not passed."""
_ABOVE_MINIMUM = Decimal("1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTrouble:
    """What the watchdog sees at one look.

    Attributes:
        dead: where the engine's key is dead (:func:`domain.hindrances.dead_key.dead_keys`).
        waits: what must be done and is not, by base asset: a close that waits, or uneven legs.
    """

    dead: tuple[Venue, ...] = ()
    waits: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTakeoverDue:
    """Take the account.

    Attributes:
        reason: for the latch and for operators.
        bases: what has to be done something about; nothing else needs closing.
    """

    reason: str
    bases: frozenset[str]


def uneven(
    journal: JournalSnapshot,
    views: Callable[[str, datetime], PairView | None],
    now: datetime,
    *,
    uneven_krw: Decimal,
) -> dict[str, str]:
    """Base assets whose legs differ by more than this value, each in words; without prices all."""
    found: dict[str, str] = {}
    for (strategy, base), held in sorted(journal.holdings.items()):
        gap, view = abs(held.gap), views(base, now)
        value_krw = uneven_krw if view is None else gap * view.spot_book.mid
        if gap > 0 and value_krw >= uneven_krw:
            spot, short = plain(held.spot), plain(held.short)
            found.setdefault(base, f"{strategy} holds {spot} {base} against {short} short")
    return found


@attrs.define(kw_only=True, eq=False, repr=False)
class KeyTakeover:
    """Remembers since when something waits, and what the own keys' tests said.

    Args:
        exchanges: with the watchdog's own keys.
        views: the market; a test order needs a price.
        monotonic: seconds of a clock that never jumps.
    """

    _exchanges: PairExchanges
    _views: Callable[[str, datetime], PairView | None]
    _monotonic: Callable[[], float]
    _since: dict[str, float] = attrs.field(factory=dict, init=False)
    _tested_at: float | None = attrs.field(default=None, init=False)

    def forget(self) -> None:
        """Another engine lives: what has waited for it has waited since now."""
        self._since.clear()
        self._tested_at = None

    async def look(self, trouble: KeyTrouble, now: datetime) -> KeyTakeoverDue | None:
        """One look; an order test is asked for only when it would decide."""
        now_s = self._monotonic()
        waits = trouble.waits if trouble.dead else {}
        self._since = {base: self._since.get(base, now_s) for base in waits}
        due = sorted(base for base, since in self._since.items() if now_s - since >= WAIT_S)
        if not due:
            self._tested_at = None
            return None
        if self._tested_at is not None and now_s - self._tested_at < TEST_EVERY_S:
            return None
        self._tested_at = now_s
        try:
            # The loop that calls has a dead engine to look for, too.
            async with asyncio.timeout(TEST_WAIT_S):
                passed = await self._own_keys_pass(due, now)
        except TimeoutError:
            passed = False
        if not passed:
            return None
        dead = " and ".join(venue.value for venue in trouble.dead)
        words = "; ".join(waits[base] for base in due)
        return KeyTakeoverDue(
            reason=f"the engine's key on {dead} is dead, and since {WAIT_S:g} s: {words}",
            bases=frozenset(due),
        )

    async def _own_keys_pass(self, bases: list[str], now: datetime) -> bool:
        views = (self._views(base, now) for base in bases)
        view = next((view for view in views if view is not None), None)
        if view is None:
            return False
        for leg in Leg:
            answer = await self._exchanges.of(leg).test_order(closing_order(leg, view, now))
            # A refusal of this one order (no coins, no position) proves that the key may order.
            may_order = answer is None or (isinstance(answer, Refused) and answer.hindrance is None)
            if not may_order:
                return False
        return True


def closing_order(leg: Leg, view: PairView, now: datetime) -> Order:
    """A smallest order of the kind that closes a leg, to be judged and never placed."""
    instrument, mid = view.instrument(leg), view.book(leg).mid
    least = max(instrument.min_quantity, instrument.min_notional * _ABOVE_MINIMUM / mid)
    return Order(
        id="",
        client_order_id="test",
        exchange=instrument.venue,
        symbol=leg_symbol(leg, view.base),
        side=OrderSide.SELL if leg is Leg.SPOT else OrderSide.BUY,
        type=OrderType.MARKET,
        quantity=ceil_to_step(least, instrument.quantity_step),
        reduce_only=leg is Leg.HEDGE,
        leg=leg,
        purpose=Purpose.CLOSE,
        attempt=1,
        signal_id="",
        created_at=now,
    )
