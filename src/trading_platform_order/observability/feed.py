"""What the journal was told, for log and metrics: taken up behind each commit, handed on later.

The store calls :meth:`Feed.commit` between the commit of an intent and its order, so that does
nothing but remember. A task of its own reads what was remembered, some at a time, and lets the
engine go on after each. When it cannot follow, what is newest is left out and counted; the journal
has it all.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.journal.event_codec import Event, event_in
from trading_platform_order.storage.base import Commit
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.transport.decorators.watched_websockets import StreamChange

FACTS_MAX = 10_000
PAUSE_S = 0.2

TradeOf = Callable[[str], PairTrade | None]


class Follower(Protocol):
    """Hears what became durable, in the journal's order."""

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:
        """One journal event.

        Args:
            event: as journalled.
            trade_id: empty for an event of the account.
            trade: as it stands now, this event and perhaps later ones included; ``None`` if it is
                not registered.
        """
        ...

    def alert(self, alert: Alert, at: datetime) -> None:
        """One alert that was put into the outbox."""
        ...

    def stream(self, change: StreamChange) -> None:
        """A stream's connection changed."""
        ...

    def missed(self, facts: int) -> None:
        """So much was left out."""
        ...


def no_trade(_trade_id: str) -> PairTrade | None:
    """Before there is an engine that knows trades."""
    return None


class Feed:
    """Of one engine."""

    def __init__(self, followers: Sequence[Follower], *, facts_max: int = FACTS_MAX) -> None:
        """``facts_max``: how much is remembered at most."""
        self._followers = tuple(followers)
        self._facts_max = facts_max
        self._facts: deque[Commit | StreamChange] = deque()
        self._missed = 0
        #: the trade of an id; an engine that is made later says how
        self.trade_of: TradeOf = no_trade

    def commit(self, commit: Commit) -> None:
        """Remember what became durable; called on the way of an order."""
        self._remember(commit)

    def stream(self, change: StreamChange) -> None:
        """Remember that a stream's connection changed; called by who reads it."""
        self._remember(change)

    def _remember(self, fact: Commit | StreamChange) -> None:
        if len(self._facts) < self._facts_max:
            self._facts.append(fact)
        else:
            self._missed += 1

    async def run(self) -> None:
        """Hand on what was remembered until cancelled; then all that is left."""
        try:
            while True:
                goes_on = self._hand_on_one()
                # Never woken by a commit: that would come before the order of its intent.
                await asyncio.sleep(0 if goes_on else PAUSE_S)
        finally:
            while self._hand_on_one():
                pass

    def _hand_on_one(self) -> bool:
        if not self._facts:
            self._tell_missed()
            return False
        fact = self._facts.popleft()
        if isinstance(fact, StreamChange):
            for follower in self._followers:
                follower.stream(fact)
        else:
            self._hand_on_commit(fact)
        return True

    def _hand_on_commit(self, commit: Commit) -> None:
        for entry in commit.entries:
            event = event_in(entry)
            trade = self.trade_of(entry.trade_id) if entry.trade_id else None
            for follower in self._followers:
                follower.event(event, entry.trade_id, trade)
        at = moment_of(commit.at_us)
        for alert in commit.alerts:
            for follower in self._followers:
                follower.alert(alert, at)

    def _tell_missed(self) -> None:
        if self._missed:
            facts, self._missed = self._missed, 0
            for follower in self._followers:
                follower.missed(facts)
