"""Cancels and reduces in the engine's place: one round at a time, until nothing is left to do.

What is naked for certain goes first (``excess.py``): it needs no word from the other exchange, and
waits for nothing that only reads. The order within the rest of a round is the promise: end what
rests, learn the outcome of everything that was sent before, read what both exchanges hold, make the
intents durable, and only then send both legs at once. Where a read fails, one leg goes first
(``unread_close.py``); an exchange that takes no orders either leaves an even pair alone: it must
not become a naked one.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Balance, Leg, Order, base_asset
from trading_platform_order.domain.outcome import Accepted, Refused, SendOutcome
from trading_platform_order.domain.protection.takeover import TakeoverIntent, signal_id_of
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot, read_at_once
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.storage.liveness import Takeover, TakeoverOrder
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.takeover_body import body_of, intent_of
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.excess import excess_of
from trading_platform_order.watchdog.exchange_snapshot import (
    Resting,
    order_in,
    resting_orders,
    words_of,
)
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot, read_journal
from trading_platform_order.watchdog.naked_legs import NakedLegs, Plan, Scope, in_scope
from trading_platform_order.watchdog.order_outcomes import OrderOutcomes, Outcomes
from trading_platform_order.watchdog.ports import OwnedStore, WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reduction_plan import (
    Sent,
    Slot,
    intents_of,
    raises_exposure,
    slots_of,
)
from trading_platform_order.watchdog.unread_close import Unread, held, leads_alone, takes_orders

FRUITLESS_MAX = 2
"""Orders that filled nothing, after which the next ones leave with pauses."""
READ_WAIT_S = 1.0
"""So long an exchange may take to tell what it holds before a close goes on without."""
READ_AGAIN_S = 0.25
"""The same after a round in which it did not."""


class Progress(StrEnum):
    """What came of a round."""

    MOVED = "moved"  # orders were sent, or something was learned: go on at once
    WAITING = "waiting"  # an exchange does not answer, or a fate is unknown: try again soon
    DONE = "done"  # nothing is left that can be traded
    ENDED = "ended"  # the engine has adopted the takeover: do nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What came of a round, and why it waits."""

    progress: Progress
    reason: str = ""


class Reducer:
    """Acts for one takeover after another."""

    def __init__(
        self,
        *,
        ports: WatchdogPorts,
        settings: WatchdogSettings,
        replica: Replica,
        rows_are_certain: Callable[[], bool],
    ) -> None:
        """``rows_are_certain``: no row of the journal can have been lost before we read it."""
        self._ports = ports
        self._rows_are_certain = rows_are_certain
        self._settings = settings
        self._replica = replica
        self._outcomes = OrderOutcomes(ports=ports, settings=settings, replica=replica)
        self._naked = NakedLegs(ports=ports, settings=settings, replica=replica)
        self._cancelled: set[str] = set()
        self._patience_s = READ_WAIT_S

    # -- cancelling, which is always safe ----------------------------------------------------------

    async def cancel_raising(self, bases: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """Cancel resting orders that would raise exposure; how many, and what did not answer."""
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        raising = [order_in(report) for report in resting.reports]
        raising = [order for order in raising if raises_exposure(order)]
        await self._cancel_all(raising)
        return len(raising), (*resting.failed, *words_of(resting.unread))

    async def _cancel_all(self, orders: Sequence[Order]) -> None:
        async with asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(self._exchange(order).cancel(order))

    # -- one round ---------------------------------------------------------------------------------

    async def round(self, store: OwnedStore, takeover: Takeover, scope: Scope = None) -> Round:
        """One step towards flat, of what the takeover closes.

        Raises:
            StoreUnavailable: nothing more may be sent.
        """
        await self._replica.follow(store.inbox)
        journal, sent = read_journal(self._replica), await self._own(store)
        at_once = await self._naked.of_all(journal, sent, takeover, scope)
        if at_once.intents:
            return await self._carry_out(store, takeover, at_once.intents, fruitless=0)
        bases = journal.bases | set(self._settings.symbols)
        resting = await resting_orders(
            self._ports.exchanges, bases, prefix=self._settings.prefix, within_s=self._patience_s
        )
        if resting.reports:
            return await self._cancel_resting(resting)
        outcomes = await self._outcomes.settle(journal, sent)
        for one in outcomes.sent:
            if one.is_known:
                name = one.intent.order.client_order_id
                await store.watch.end_order(name, executed=plain(one.executed))
        if resting.silent or resting.unread:
            # What just became known may have left a leg alone: it waits for no other read.
            at_once = await self._naked.of_all(outcomes.journal, outcomes.sent, takeover, scope)
            if at_once.intents:
                return await self._carry_out(store, takeover, at_once.intents, fruitless=0)
        return await self._send_next(store, takeover, outcomes, resting, scope)

    async def _own(self, store: OwnedStore) -> tuple[Sent, ...]:
        """Every order of ours that no journal knows yet."""
        return tuple(
            Sent(
                intent=intent_of(row.body),
                executed=Decimal(row.executed),
                is_known=row.status == "ended",
            )
            for _, orders in await store.watch.unadopted()
            for row in orders
        )

    async def _cancel_resting(self, resting: Resting) -> Round:
        """One that rests though it was cancelled is no progress: it is cancelled again, in time."""
        names = {report.client_order_id for report in resting.reports}
        again, self._cancelled = names & self._cancelled, self._cancelled | names
        await self._cancel_all([order_in(report) for report in resting.reports])
        if again:
            words = f"cancelled, and rests: {', '.join(sorted(again))}"
            return Round(progress=Progress.WAITING, reason=words)
        return Round(progress=Progress.MOVED)

    async def _send_next(
        self,
        store: OwnedStore,
        takeover: Takeover,
        outcomes: Outcomes,
        resting: Resting,
        scope: Scope,
    ) -> Round:
        journal, sent = outcomes.journal, outcomes.sent
        seen = await read_at_once(self._ports.exchanges, journal.bases, within_s=self._patience_s)
        is_silent = bool(resting.silent | seen.silent)
        self._patience_s = READ_AGAIN_S if is_silent else READ_WAIT_S
        slots = in_scope(slots_of(journal, sent, generation=takeover.generation), scope)
        plan = Plan()
        for base in sorted({slot.base for slot in slots}):
            mine = [slot for slot in slots if slot.base == base]
            if not any(slot.rest.spot or slot.rest.short for slot in mine):
                continue
            unread = Unread.of(resting, seen, base)
            await self._plan_base(plan, mine, outcomes, (seen, unread), takeover)
        if plan.intents:
            fruitless = _fruitless(sent, takeover)
            return await self._carry_out(store, takeover, plan.intents, fruitless=fruitless)
        waits = [*plan.waits, *_unknown(outcomes)]
        if waits:
            reason = f"{'; '.join(dict.fromkeys(waits))}: both legs stay together"
            return Round(progress=Progress.WAITING, reason=reason)
        return _nothing_left(slots, seen, scope)

    async def _plan_base(
        self,
        plan: Plan,
        slots: Sequence[Slot],
        outcomes: Outcomes,
        read: tuple[AccountSnapshot, Unread],
        takeover: Takeover,
    ) -> None:
        """Plan for one base asset: both legs, or what may go while that must wait."""
        (seen, unread), base = read, slots[0].base
        waits = _unknown(outcomes, base)
        view = self._ports.market.view(base, self._ports.clock.now())
        if view is None:
            waits.append(f"no market data for {base}")
        elif not (waits or unread.venues):
            waits += self._both_legs(plan, slots, view, seen, takeover)
            if not waits:
                return
        excess = excess_of(outcomes.journal, outcomes.sent, base)
        naked = await self._naked.reduce(slots, excess, takeover)
        plan.intents += naked.intents
        if view is not None and not (waits or naked.intents):
            owned = outcomes.journal.less(one.taken for one in outcomes.sent)
            waits += await self._first_leg(plan, slots, view, (seen, owned, unread), takeover)
        if waits:
            plan.waits += [*unread.words, *waits, *naked.waits]

    def _both_legs(
        self,
        plan: Plan,
        slots: Sequence[Slot],
        view: PairView,
        seen: AccountSnapshot,
        takeover: Takeover,
    ) -> list[str]:
        """Plan both legs of what is held; returns why that must wait, if it must."""

        def planned(coins_free: bool) -> tuple[TakeoverIntent, ...]:
            coins = seen.balance(view.base)
            if coins_free:
                coins = replace(coins, available=coins.total)
            return self._intents(slots, view, coins, seen.short(view.base), takeover)

        now = planned(coins_free=False)
        suspended = _suspended(now, view)
        if suspended:
            return [suspended]
        locked = seen.balance(view.base).locked
        if not now and locked and planned(coins_free=True):
            return [f"{plain(locked)} {view.base} are locked on Upbit"]
        plan.intents += now
        return []

    async def _first_leg(
        self,
        plan: Plan,
        slots: Sequence[Slot],
        view: PairView,
        known: tuple[AccountSnapshot, JournalSnapshot, Unread],
        takeover: Takeover,
    ) -> list[str]:
        """Plan the leg that goes first where a read failed; returns why not, if not."""
        seen, owned, unread = known
        if not self._rows_are_certain():
            return ["rows of the journal may be lost"]
        coins, short = held(seen, owned, view.base)
        both = self._intents(slots, view, coins, short, takeover)
        if not both:
            return ["what is left cannot be traded"]
        objection = _suspended(both, view) or await takes_orders(
            self._ports.exchanges, unread, view
        )
        if objection:
            return [objection]
        plan.intents += leads_alone(both, unread)
        return []

    def _intents(
        self,
        slots: Sequence[Slot],
        view: PairView,
        coins: Balance,
        short: Decimal,
        takeover: Takeover,
    ) -> tuple[TakeoverIntent, ...]:
        return intents_of(
            slots,
            view,
            coins=coins,
            short_held=short,
            mode=self._settings.mode,
            generation=takeover.generation,
        )

    # -- sending -----------------------------------------------------------------------------------

    async def _carry_out(
        self,
        store: OwnedStore,
        takeover: Takeover,
        intents: Sequence[TakeoverIntent],
        *,
        fruitless: int,
    ) -> Round:
        planned = await store.watch.plan_orders(
            [
                TakeoverOrder(
                    client_order_id=intent.order.client_order_id,
                    generation=takeover.generation,
                    at_us=epoch_us(self._ports.clock.now()),
                    body=body_of(intent),
                )
                for intent in intents
            ]
        )
        if not planned:
            return Round(progress=Progress.ENDED, reason="the engine is back")
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(self._send(intent.order)) for intent in intents]
        refused = [
            reason
            for intent, task in zip(intents, sending, strict=True)
            if (reason := await self._note(store, intent.order, task.result()))
        ]
        if fruitless >= FRUITLESS_MAX:
            refused.append(f"{fruitless} orders of this takeover filled nothing")
        progress = Progress.WAITING if refused else Progress.MOVED
        return Round(progress=progress, reason="; ".join(refused))

    async def _send(self, order: Order) -> SendOutcome:
        return await self._exchange(order).send(order)

    @staticmethod
    async def _note(store: OwnedStore, order: Order, outcome: SendOutcome) -> str:
        """Returns why it was refused, if it was; what is unknown is looked up in the next round."""
        name = order.client_order_id
        if isinstance(outcome, Refused):
            await store.watch.end_order(name, executed="0")
            return f"{order.exchange} refused {name}: {outcome.code}: {outcome.message}"
        if isinstance(outcome, Accepted) and not outcome.report.is_open:
            await store.watch.end_order(name, executed=plain(outcome.report.executed_quantity))
        return ""

    def _exchange(self, order: Order) -> BaseExchange:
        return self._ports.exchanges[order.exchange]


def _unknown(outcomes: Outcomes, base: str | None = None) -> list[str]:
    """Orders without a known end, and why: nothing for the same coins may follow them."""
    orders = {order.client_order_id: order for order in outcomes.journal.unresolved}
    orders |= {one.intent.order.client_order_id: one.intent.order for one in outcomes.sent}
    return [
        f"fate unknown: {name} ({why})"
        for name, why in sorted(outcomes.unknown.items())
        if base is None or base_asset(orders[name].symbol) == base
    ]


def _nothing_left(slots: Iterable[Slot], seen: AccountSnapshot, scope: Scope) -> Round:
    """Done, unless Binance holds more short than the journal explains: that is nobody's to book."""
    mine = list(slots)
    for base in seen.positions or {}:
        if scope is not None:
            continue  # what other strategies hold there stays
        short = seen.short(base)
        ours = sum((slot.rest.short for slot in mine if slot.base == base), ZERO)
        if short > ours:
            more = plain(short - ours)
            reason = f"{more} {base} more short on Binance than the journal explains; close by hand"
            return Round(progress=Progress.WAITING, reason=reason)
    return Round(progress=Progress.DONE)


def _suspended(intents: Sequence[TakeoverIntent], view: PairView) -> str:
    """Where one of them would be refused now: then its other leg must not go alone."""
    wanted = {intent.order.leg for intent in intents}
    closed = (leg for leg in Leg if leg in wanted and not view.instrument(leg).is_trading)
    leg = next(closed, None)
    if leg is None:
        return ""
    return f"{view.instrument(leg).venue} does not trade {view.instrument(leg).symbol}"


def _fruitless(sent: Sequence[Sent], takeover: Takeover) -> int:
    """Orders of this takeover that ended without any effect."""
    mine = signal_id_of(takeover.generation)
    return sum(
        one.intent.order.signal_id == mine and one.is_known and not one.executed for one in sent
    )
