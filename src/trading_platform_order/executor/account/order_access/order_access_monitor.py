"""Keeps what is known of both exchanges' readiness for orders, asks where it is not known, tells.

Every answer to an order comes in here, and what the exchanges' listings say of a symbol. What is
not open is asked about with order tests, which place nothing; reads are no evidence either way.

Three words: an ``Access`` is the verdict (open, doubtful, closed); a ``Door`` is that of one
exchange, or of one symbol on it, with its reason and times (``domain/hindrances/order_access.py``);
a ``Gate`` is what a close is decided by: both doors of one base asset
(``domain/trade/closing.py``).
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.hindrances.order_access import (
    Access,
    Door,
    KnownHindrance,
    OrderAccess,
)
from trading_platform_order.domain.market import ANY_SOURCE, Instrument, PairView
from trading_platform_order.domain.order import Leg, Order, base_asset
from trading_platform_order.domain.outcome import Accepted, Refused, SendOutcome, Unknown
from trading_platform_order.domain.trade.closing import Gate
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.order_access.order_access_alerts import (
    OrderAccessAlerts,
)
from trading_platform_order.executor.account.order_access.order_to_test import order_to_test
from trading_platform_order.executor.ports import ExecutorPorts

TICK_S = 0.25
LATE_S = 0.5
"""So long the answer to an order test is no reason for doubt."""
PROBE_FIRST_S = 0.5
PROBE_MAX_S = 5.0
HELD_PROBE_S = 10.0
"""While something is held, an exchange is asked so often, though nothing speaks against it: reads
and streams that go on while orders are refused are the usual outage, and a close must know."""
SHORT_WAIT_S = 1.0
"""A budget that is free again so soon is no hindrance."""
SETTLE_TIMES_MAX = 2
"""A market without trades shows no fresh book: after this many settling times none is awaited."""
_RUNS_DRY = "the exchange makes us wait"


@dataclass(slots=True)
class _Probing:
    # kept until the door is open: one that flaps is asked ever more rarely
    pause_s: float = PROBE_FIRST_S
    asked_s: float = float("-inf")


UNPROVEN = "no order of this coin was taken yet since the account was taken over"


class OrderAccessMonitor:
    """Of one engine; its state in ``access`` may be read by tests and monitors."""

    def __init__(
        self,
        *,
        account: AccountService,
        ports: ExecutorPorts,
        book_age_s_max: float,
        settle_s: float,
    ) -> None:
        """Nothing is known to hinder orders yet.

        Args:
            account: tells operators.
            ports: the exchanges, the market and the clock.
            book_age_s_max: an older book is not fresh.
            settle_s: how long both books must be fresh after a hindrance, before a close.
        """
        self._account = account
        self._ports = ports
        self._book_age_s_max = book_age_s_max
        self._settle_s = settle_s
        self._reduces_only = ports.reduce_only is not None
        self._open_gate = Gate(
            access=dict.fromkeys(Leg, Access.OPEN),
            why=dict.fromkeys(Leg, ""),
            settle_s=settle_s,
            reduces_only=self._reduces_only,
        )
        self.access = OrderAccess()
        #: hears why an order was refused that says nothing of this order alone
        self.on_refused: Callable[[Hindrance], None] = lambda _: None
        #: hears that an order test passed: what waited for it need not wait for a next look
        self.on_passed: Callable[[], None] = lambda: None
        self._probing: dict[tuple[Leg, str], _Probing] = {}
        self._fresh_since_s: dict[str, float] = {}
        self._settled_s: dict[str, float] = {}
        self._doubtful_since_s: dict[str, float] = {}
        self._alerts = OrderAccessAlerts(account=account, venue=ports.exchanges.venue)
        self._listed: dict[tuple[Leg, str], Instrument] = {}
        self._kept: tuple[KnownHindrance, ...] = ()
        #: base assets of which the spot exchange has accepted an order
        self._taken_on_spot: set[str] = set()

    # -- what is learned ---------------------------------------------------------------------------

    def note_outcome(self, order: Order, outcome: SendOutcome) -> None:
        """Learn from what came of an order whether its exchange takes orders."""
        leg, base, now_s = order.leg, base_asset(order.symbol), self._now()
        match outcome:
            case Accepted():
                self.access.accepted(leg, base, now_s)
                if leg is Leg.SPOT:
                    self._taken_on_spot.add(base)
            case Unknown():
                self.access.failed(leg, now_s, f"an order was not answered: {outcome.reason}")
            case Refused(hindrance=Hindrance()):
                # It would refuse any order now, and says why.
                self._hindered(leg, base, outcome)
            case Refused(code="not_sent"):
                # It never reached the exchange, which tells as little as an answer that is missing.
                self.access.failed(leg, now_s, f"an order was not answered: {outcome.message}")
            case Refused(retryable=True):
                # Turned away before it was judged: too many requests, or service unavailable.
                self.access.failed(leg, now_s, f"{outcome.code}: {outcome.message}")
            case Refused():
                # Refused for its own sake: an exchange that judges orders works.
                self.access.judged(leg, now_s)

    def found(self, leg: Leg, base: str) -> None:
        """An order of ours was seen on the exchange: it took orders when that one was sent."""
        now_s = self._now()
        if self.access.of(leg, base, now_s) is Access.DOUBTFUL:
            self.access.accepted(leg, base, now_s)

    def late(self, leg: Leg) -> None:
        """The answer to an order is overdue."""
        self.access.failed(leg, self._now(), "an order is not answered in time")

    def hindered(self, leg: Leg, base: str, hindrance: Hindrance, reason: str) -> None:
        """Learned elsewhere: the exchange takes no orders: a read, a listing, an operator."""
        self.access.hindered(leg, base, hindrance, reason, self._now())

    def lapsed(self, leg: Leg, base: str, hindrance: Hindrance) -> None:
        """What was told so does not hold any more."""
        self.access.lapsed(leg, base, hindrance, self._now())

    def _hindered(self, leg: Leg, base: str, refused: Refused) -> None:
        assert refused.hindrance is not None  # noqa: S101 - matched by the caller
        lasts_s = refused.retry_after_s if refused.hindrance is Hindrance.BANNED else None
        reason = f"{self._venue(leg)}: {refused.code}: {refused.message}"
        self.on_refused(refused.hindrance)
        self.access.hindered(leg, base, refused.hindrance, reason, self._now(), lasts_s)

    def dead_keys(self) -> dict[Venue, str]:
        """Exchanges on which our key is dead, each with its words."""
        return {
            self._ports.exchanges.venue(leg): door.reason
            for (leg, _), door in self.access.closed(self._now()).items()
            if door.hindrance is Hindrance.KEY
        }

    # -- what is asked -----------------------------------------------------------------------------

    def gate(self, base: str) -> Gate:
        """How both exchanges take orders of this base asset now."""
        if self._nothing_ever_hindered() and not self._may_be_locked(base):
            self._doubtful_since_s.pop(base, None)
            return self._open_gate
        now_s = self._now()
        doors = self._doors(base, now_s)
        both_doubtful_s = 0.0
        if all(door.access is Access.DOUBTFUL for door in doors.values()):
            both_doubtful_s = now_s - self._doubtful_since_s.setdefault(base, now_s)
        else:
            self._doubtful_since_s.pop(base, None)
        return Gate(
            access={leg: door.access for leg, door in doors.items()},
            why={leg: door.reason for leg, door in doors.items()},
            both_doubtful_s=both_doubtful_s,
            steady_s=self._steady_s(base, doors.values(), now_s),
            settle_s=self._settle_s,
            reduces_only=self._reduces_only,
        )

    def _nothing_ever_hindered(self) -> bool:
        """Since the start: so it is on most days, and every signal asks."""
        both = self._ports.exchanges
        return (
            self.access.is_untouched
            and both.spot.order_wait_s() <= SHORT_WAIT_S
            and both.hedge.order_wait_s() <= SHORT_WAIT_S
        )

    def _doors(self, base: str, now_s: float) -> dict[Leg, Door]:
        doors = {leg: self._door(leg, base, now_s) for leg in Leg}
        spot, hedge = doors[Leg.SPOT], doors[Leg.HEDGE]
        # An exchange that may be out of order is the graver doubt: its leg goes first.
        is_first = spot.access is Access.OPEN and hedge.access is not Access.DOUBTFUL
        if is_first and self._may_be_locked(base):
            doors[Leg.SPOT] = replace(spot, access=Access.DOUBTFUL, reason=UNPROVEN)
        return doors

    def _door(self, leg: Leg, base: str, now_s: float) -> Door:
        wait_s = self._ports.exchanges.of(leg).order_wait_s()
        door = self.access.door(leg, base, now_s)
        if wait_s > SHORT_WAIT_S and door.access is not Access.CLOSED:
            # A ban may be told by the answer to any request.
            reason = f"{self._venue(leg)}: {_RUNS_DRY} for {wait_s:.0f} s"
            self.access.hindered(leg, "", Hindrance.BANNED, reason, now_s, wait_s)
            door = self.access.door(leg, base, now_s)
        return door

    def _may_be_locked(self, base: str) -> bool:
        """Whether the coins of an account that was taken over may be locked, and nobody tells.

        Until an order of them was accepted they go first, and the hedge follows.
        """
        return self._reduces_only and base not in self._taken_on_spot

    def _steady_s(self, base: str, doors: Iterable[Door], now_s: float) -> float:
        """Seconds for which both exchanges have been open again and both books fresh.

        Infinite if nothing hindered, or if what did has settled: books that fall silent after that
        are a quiet market. What is compared with it is ``settle_s``.
        """
        since_s = max((d.reopened_s for d in doors if d.reopened_s is not None), default=-math.inf)
        if since_s <= self._settled_s.get(base, -math.inf):
            return math.inf
        fresh_s = now_s - max(since_s, self._fresh_since_s.get(base, now_s))
        # Books that stay silent count as fresh once SETTLE_TIMES_MAX settling times have passed.
        return max(fresh_s, now_s - since_s - SETTLE_TIMES_MAX * self._settle_s)

    # -- its own loop ------------------------------------------------------------------------------

    def begin(self) -> None:
        """An engine starts: beside what is held, nothing is known until an exchange answers.

        What kept orders back before goes on until the exchange says otherwise: a ban is not asked
        about, and what tests leave without a verdict becomes doubtful in its time.
        """
        now_s = self._now()
        if self._account.book.held_bases():
            for leg in Leg:
                self.access.failed(leg, now_s, "it has not answered since the start")
        self._kept = self._ports.hindrances.load()
        for known in self._kept:
            lasts_s = None
            if known.until is not None:
                lasts_s = (known.until - self._ports.clock.now()).total_seconds()
            if lasts_s is None or lasts_s > 0:
                self.access.hindered(
                    known.leg, known.base, known.hindrance, known.reason, now_s, lasts_s
                )

    def _keep(self, now_s: float) -> None:
        """What keeps orders back now is what the next engine begins by."""
        kept = {(known.leg, known.base): known for known in self._kept}
        closed = {key: d for key, d in self.access.closed(now_s).items() if d.hindrance is not None}
        is_same = {key: (d.hindrance, d.reason) for key, d in closed.items()} == {
            key: (known.hindrance, known.reason) for key, known in kept.items()
        }
        if not is_same:
            now = self._ports.clock.now()
            self._kept = tuple(_known(key, door, now, now_s) for key, door in closed.items())
            self._ports.hindrances.keep(self._kept)

    async def run(self) -> None:
        """Ask about what is not open, look at the listings, tell operators; until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                now_s = self._now()
                self._look_at_listings()
                self._note_fresh_books(now_s)
                asked = self._held() | dict(self.access.unsettled(now_s))
                self._probing = {k: v for k, v in self._probing.items() if k in asked}
                due = [key for key, door in asked.items() if self._is_due(key, door, now_s)]
                for leg, base in self._once(due):
                    group.create_task(self._probe(group, leg, base), name=f"test {leg} {base}")
                self._keep(now_s)
                await self._alerts.tell(self.access.closed(now_s), now_s)
                await asyncio.sleep(TICK_S)

    def _held(self) -> dict[tuple[Leg, str], Door]:
        """What nothing speaks against, and what must be closed some day."""
        return {(leg, base): Door() for base in self._account.book.held_bases() for leg in Leg}

    def _is_suspected(self, leg: Leg) -> bool:
        """It fails otherwise: no evidence about orders, but a reason to ask for some."""
        health = self._ports.exchanges.of(leg).health
        fails = health is not None and health.errors_in_a_row + health.turned_away_in_a_row > 0
        return fails or not self._account.is_stream_up(leg)

    def _look_at_listings(self) -> None:
        for base in self._bases():
            for leg, instrument in self._ports.market.instruments(base).items():
                # Said once: what an order test says later is newer than a list read before it.
                is_new = self._listed.get((leg, base)) is not instrument
                self._listed[leg, base] = instrument
                if not instrument.is_trading and not is_new:
                    continue
                if not instrument.is_trading:
                    reason = f"{instrument.venue} does not trade {instrument.symbol}"
                    self.hindered(leg, base, Hindrance.SUSPENDED, reason)
                elif self.access.of(leg, base, self._now()) is Access.CLOSED:
                    self.lapsed(leg, base, Hindrance.SUSPENDED)

    def _note_fresh_books(self, now_s: float) -> None:
        """Only while somebody asks for how long they have been fresh."""
        if not self.access.has_reopened:
            return
        now = self._ports.clock.now()
        for base in self._bases():
            view = self._ports.market.view(base, now, ANY_SOURCE)
            if view is None or not self._is_fresh(view):
                self._fresh_since_s[base] = now_s
            else:
                self._fresh_since_s.setdefault(base, now_s)
            doors = [self.access.door(leg, base, now_s) for leg in Leg]
            is_open = all(door.access is Access.OPEN for door in doors)
            if is_open and self._steady_s(base, doors, now_s) >= self._settle_s:
                self._settled_s[base] = now_s

    def _is_fresh(self, view: PairView) -> bool:
        return view.books_age_s <= self._book_age_s_max

    def _bases(self) -> frozenset[str]:
        return self._account.watched_bases | self._account.book.held_bases()

    # -- order tests -------------------------------------------------------------------------------

    def _is_due(self, key: tuple[Leg, str], door: Door, now_s: float) -> bool:
        if door.hindrance is Hindrance.BANNED:
            return False  # a ban ends by itself; asking makes it longer
        probing = self._probing.setdefault(key, _Probing())
        is_quiet = door.access is Access.OPEN and not self._is_suspected(key[0])
        if now_s < probing.asked_s + (HELD_PROBE_S if is_quiet else probing.pause_s):
            return False
        probing.asked_s = now_s
        probing.pause_s = PROBE_FIRST_S if is_quiet else min(probing.pause_s * 2, PROBE_MAX_S)
        return True

    def _once(self, due: list[tuple[Leg, str]]) -> list[tuple[Leg, str]]:
        """A symbol's order test tells of its exchange, too."""
        return [key for key in due if key[1] or (key[0], self._speaks_for_all(key[0])) not in due]

    async def _probe(self, group: asyncio.TaskGroup, leg: Leg, base: str) -> None:
        """Have the exchange judge an order without placing it."""
        asset = base or self._speaks_for_all(leg)
        if not asset:
            return
        order = order_to_test(leg, asset, self._ports, self._account.book.ledger)
        testing = self._ports.exchanges.of(leg).test_order(order)
        asking = group.create_task(testing, name=f"order test of {leg} {asset}")
        try:
            done, _ = await asyncio.wait([asking], timeout=LATE_S)
            if not done:
                self.access.failed(leg, self._now(), "an order test is not answered in time")
            judged = await asking
        finally:
            asking.cancel()  # it ends with who asked
        now_s = self._now()
        match judged:
            case Refused(hindrance=Hindrance()):
                self._hindered(leg, asset, judged)
                self.access.test_unsure(leg, asset, now_s)
            case Refused(retryable=True) | Unknown():
                self.access.failed(leg, now_s, "an order test was not answered")
                self.access.test_unsure(leg, asset, now_s)
            case _:  # taken, or refused for a reason of its own: it judges orders
                if self.access.door(leg, asset, now_s).hindrance is Hindrance.SUSPENDED:
                    self._ports.market.forget_filters(asset)
                self.access.test_passed(leg, asset, now_s)
                self.on_passed()

    def _speaks_for_all(self, leg: Leg) -> str:
        """Whose order test tells of the whole exchange: a suspended symbol speaks for itself."""
        bases, now_s = sorted(self._bases()), self._now()
        suspended = {
            base
            for (side, base), door in self.access.closed(now_s).items()
            if side is leg and door.hindrance is Hindrance.SUSPENDED
        }
        return next((base for base in bases if base not in suspended), next(iter(bases), ""))

    def _venue(self, leg: Leg) -> Venue:
        return self._ports.exchanges.venue(leg)

    def _now(self) -> float:
        return self._ports.clock.monotonic()


def _known(key: tuple[Leg, str], door: Door, now: datetime, now_s: float) -> KnownHindrance:
    assert door.hindrance is not None  # noqa: S101 - closed doors have one
    until = None if door.until_s is None else now + timedelta(seconds=door.until_s - now_s)
    return KnownHindrance(
        leg=key[0], base=key[1], hindrance=door.hindrance, reason=door.reason, until=until
    )
