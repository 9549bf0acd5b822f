"""What of the open pairs is to be closed now, and what is held until an engine is back.

The rules are in ``hold.py`` and ``waiting_exits.py``; here they meet the exchanges, the store and
the stopwatch. Nothing here acts: it says what must be closed and why, and pages while it holds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import base_asset, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.protection.protective_stop import StopReport
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import read_at_once
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.engine.liveness import Condition, Judgement
from trading_platform_order.watchdog.holding.hold import (
    Doubts,
    doubts_by_exchange,
    doubts_by_journal,
)
from trading_platform_order.watchdog.holding.waiting_exits import Key, WaitingExits
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.ports import (
    OwnedStore,
    Scope,
    WatchdogPorts,
    WatchdogSettings,
)
from trading_platform_order.watchdog.resting_orders import resting_orders, words_of

READ_WAIT_S = 1.5
"""So long an answer is waited for; what comes later counts at the next look."""
NOTHING: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to close, and why.

    Attributes:
        scope: empty for nothing, ``None`` for all that is held.
        reasons: one line for each.
    """

    scope: Scope
    reasons: tuple[str, ...] = ()


class HoldWatch:
    """Of one watchdog."""

    def __init__(
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._now = ports.clock.monotonic
        self._exits = WaitingExits(rules=settings.exits, monotonic=self._now)
        self._held_since: float | None = None
        self._paged_at: float | None = None
        self._read_at: float | None = None
        self._seen: Doubts = {}
        self._unread: tuple[str, ...] = ()
        self._journal: JournalSnapshot | None = None
        self._asked, self._answered = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Read what was asked for, until cancelled: what is naked never waits for this."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            if self._journal is not None:
                await self._read(self._journal)
            self._answered.set()

    def engine_serves(self) -> None:
        """A living engine looks after everything again."""
        self._held_since = self._paged_at = self._read_at = None
        self._seen, self._unread = {}, ()

    async def decide(
        self, store: OwnedStore, journal: JournalSnapshot, engine: Judgement, *, alone_s: float
    ) -> Decision:
        """What must be closed now.

        Args:
            store: to see which EXITs wait.
            journal: our own count.
            engine: how it is.
            alone_s: how long nobody has been there to carry out an EXIT.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        settings, condition = self._settings, engine.condition
        if condition.is_dead and settings.hedged_hold_s <= 0:
            return Decision(scope=None)
        why: dict[Key, str] = {}
        await self._exits.look(store.inbox, self._replica, journal, self._ports.clock.now())
        why |= self._exits.due(alone_s=alone_s, limit_s=settings.exit_wait_s)
        is_late = condition is Condition.STARTING and engine.starting_s >= settings.start_s
        if condition.is_dead or is_late:
            why |= _keyed(journal, self._by_journal(journal))
        if not condition.is_dead:
            return Decision(scope=frozenset(why), reasons=_lines(why))
        if not keys_of(journal) <= set(why):
            await self._have_read(journal)
            why |= _keyed(journal, self._seen)
        if self._held_since is None:
            self._held_since = self._now()
        held_s = self._now() - self._held_since
        if condition.has_ended and held_s >= settings.hedged_hold_s:
            return Decision(scope=None, reasons=(f"held for {held_s:.0f} s",))
        if keys_of(journal) <= set(why):
            return Decision(scope=None, reasons=_lines(why))
        return Decision(scope=frozenset(why), reasons=_lines(why))

    def page(self, engine: Judgement, lines: Iterable[str]) -> None:
        """Tell an operator what is held, at once and again and again."""
        now = self._now()
        if self._paged_at is not None and now - self._paged_at < self._settings.remind_s:
            return
        self._paged_at = now
        since = now if self._held_since is None else self._held_since
        left_s = max(self._settings.hedged_hold_s - (now - since), 0.0)
        closes = f"in {left_s:.0f} s, or {self._settings.exit_wait_s:.0f} s after an EXIT"
        if not engine.condition.has_ended:
            closes = f"{self._settings.exit_wait_s:.0f} s after an EXIT"
        fields = {
            "engine": engine.in_words(),
            "holds": "; ".join(lines),
            "closes": closes,
            "waiting": "; ".join(self._exits.words()) or "no EXIT",
            "not_answered": "; ".join(self._unread) or "none",
            "to_do": "start the engine, or close by hand",
            "since": f"{now - since:.0f} s",
        }
        self._ports.tell(Alert(kind=AlertKind.WATCHDOG_HOLDS, urgent=True, fields=fields))

    async def waiting(self, store: OwnedStore, journal: JournalSnapshot) -> dict[Key, str]:
        """Every EXIT and flatten that waits now, in words; beside a living engine, too.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        await self._exits.look(store.inbox, self._replica, journal, self._ports.clock.now())
        return self._exits.why()

    def _by_journal(self, journal: JournalSnapshot) -> Doubts:
        now = self._ports.clock.now()
        return doubts_by_journal(
            journal, lambda base: self._ports.market.view(base, now), dust_krw=UNEVEN_KRW
        )

    async def _have_read(self, journal: JournalSnapshot) -> None:
        """What the exchanges show, not more often than all is looked at; waits a moment for it."""
        now = self._now()
        if self._read_at is not None and now - self._read_at < self._settings.look_s:
            return
        self._read_at, self._journal = now, journal
        self._unread = ("both exchanges are being asked",)
        self._answered.clear()
        self._asked.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_WAIT_S):
                await self._answered.wait()

    async def _read(self, journal: JournalSnapshot) -> None:
        exchanges, prefix = self._ports.exchanges, self._settings.prefix
        async with asyncio.TaskGroup() as group:
            seeing = group.create_task(read_at_once(exchanges, journal.bases))
            resting = group.create_task(resting_orders(exchanges, journal.bases, prefix=prefix))
            stops = {
                base: group.create_task(exchanges.hedge.open_stops(hedge_symbol(base)))
                for base in journal.bases
            }
        listed: dict[str, tuple[StopReport, ...]] = {}
        answers = (seeing.result(), resting.result())
        unread = [line for answer in answers for line in (*answer.failed, *words_of(answer.unread))]
        for base, task in stops.items():
            answer = task.result()
            if isinstance(answer, ReadFailed):
                unread.append(f"{Venue.BINANCE}: {answer.reason}")
            else:
                listed[base] = answer
        found: Doubts = defaultdict(list)
        found |= doubts_by_exchange(
            journal, seeing.result(), listed, prefix=prefix, margin=self._settings.margin
        )
        for report in resting.result().reports:
            found.setdefault(base_asset(report.symbol), []).append(
                f"{report.client_order_id} rests"
            )
        self._seen, self._unread = dict(found), tuple(dict.fromkeys(unread))


def keys_of(journal: JournalSnapshot) -> frozenset[Key]:
    """Everything that is held, or that a trade is under way in."""
    held = {key for key, one in journal.holdings.items() if one.spot or one.short}
    return frozenset(held | {(trade.strategy, trade.base) for trade in journal.trades})


def _keyed(journal: JournalSnapshot, doubts: Mapping[str, list[str]]) -> dict[Key, str]:
    return {key: "; ".join(doubts[key[1]]) for key in keys_of(journal) if key[1] in doubts}


def _lines(why: Mapping[Key, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(why[key] for key in sorted(why)))
