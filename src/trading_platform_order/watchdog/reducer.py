"""Cancels and reduces in the engine's place: one round at a time, until nothing is left to do.

What is naked for certain goes first (``excess.py``): it needs no word from the other exchange, and
waits for nothing that only reads. The order within the rest of a round is the promise: end what
rests, learn the outcome of everything that was sent before, read what both exchanges hold, make the
intents durable, and only then send both legs at once. While one exchange cannot be read an even
pair is left alone: it must not become a naked one.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO, floor_to_step, plain
from trading_platform_order.domain.order import Leg, Order, base_asset, leg_symbol
from trading_platform_order.domain.outcome import Accepted, ReadFailed, Refused, SendOutcome
from trading_platform_order.domain.protection.takeover import TakeoverIntent, signal_id_of
from trading_platform_order.domain.trade.tradable import tradable_quantity
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.storage.liveness import Takeover, TakeoverOrder
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.takeover_body import body_of, intent_of
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.excess import Excess, excess_of
from trading_platform_order.watchdog.exchange_snapshot import (
    Resting,
    Seen,
    look,
    order_in,
    resting_orders,
)
from trading_platform_order.watchdog.journal_snapshot import Books, last_decision, read_books
from trading_platform_order.watchdog.order_outcomes import OrderOutcomes, Outcomes
from trading_platform_order.watchdog.ports import StoreSeat, WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reduction_plan import (
    CLOSING,
    Planned,
    Sent,
    Slot,
    decision_at,
    excess_intents,
    intents_of,
    raises_exposure,
    slots_of,
)

FRUITLESS_MAX = 2
"""Orders that filled nothing, after which the next ones leave with pauses."""

Scope = frozenset[tuple[str, str]] | None
"""(strategy, base asset) of what a takeover closes; ``None``: all that is held."""


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


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What one round will send, and what it waits for."""

    intents: list[TakeoverIntent] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


class Reducer:
    """Acts for one takeover after another."""

    def __init__(
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._outcomes = OrderOutcomes(ports=ports, settings=settings, replica=replica)
        self._cancelled: set[str] = set()

    # -- cancelling, which is always safe ----------------------------------------------------------

    async def cancel_raising(self, bases: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """Cancel resting orders that would raise exposure; how many, and what did not answer."""
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        raising = [order_in(report) for report in resting.reports]
        raising = [order for order in raising if raises_exposure(order)]
        await self._cancel_all(raising)
        return len(raising), (*resting.failed, *resting.unread.values())

    async def _cancel_all(self, orders: Sequence[Order]) -> None:
        async with asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(self._exchange(order).cancel(order))

    # -- one round ---------------------------------------------------------------------------------

    async def round(self, store: StoreSeat, takeover: Takeover, scope: Scope = None) -> Round:
        """One step towards flat, of what the takeover closes.

        Raises:
            StoreUnavailable: nothing more may be sent.
        """
        await self._replica.follow(store.inbox)
        books, sent = read_books(self._replica), await self._own(store)
        at_once = await self._naked_by_the_journal(books, sent, takeover, scope)
        if at_once.intents:
            return await self._carry_out(store, takeover, at_once.intents, fruitless=0)
        bases = books.bases | set(self._settings.symbols)
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        if resting.reports:
            return await self._cancel_resting(resting)
        outcomes = await self._outcomes.settle(books, sent)
        for one in outcomes.sent:
            if one.is_known:
                name = one.intent.order.client_order_id
                await store.watch.end_order(name, executed=plain(one.executed))
        return await self._send_next(store, takeover, outcomes, resting, scope)

    async def _own(self, store: StoreSeat) -> tuple[Sent, ...]:
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
        store: StoreSeat,
        takeover: Takeover,
        outcomes: Outcomes,
        resting: Resting,
        scope: Scope,
    ) -> Round:
        books, sent = outcomes.books, outcomes.sent
        seen = await look(self._ports.exchanges, books.bases)
        slots = [
            slot
            for slot in slots_of(books, sent, generation=takeover.generation)
            if scope is None or (slot.strategy, slot.base) in scope
        ]
        plan = _Plan()
        for base in sorted({slot.base for slot in slots}):
            mine = [slot for slot in slots if slot.base == base]
            if not any(slot.rest.spot or slot.rest.short for slot in mine):
                continue
            waits = [*resting.failed, *_unread(seen), *_unknown(outcomes, base)]
            waits += [one.unread[base] for one in (resting, seen) if base in one.unread]
            view = self._ports.market.view(base, self._ports.clock.now())
            if view is None:
                waits.append(f"no market data for {base}")
            if not waits and view is not None:
                waits += self._both_legs(plan, mine, view, seen, takeover)
            if waits:
                naked = await self._naked(mine, excess_of(books, sent, base), takeover)
                plan.intents += naked.intents
                plan.waits += [*waits, *naked.waits]
        if plan.intents:
            fruitless = _fruitless(sent, takeover)
            return await self._carry_out(store, takeover, plan.intents, fruitless=fruitless)
        waits = [*plan.waits, *_unknown(outcomes)]
        if waits:
            reason = f"{'; '.join(dict.fromkeys(waits))}: both legs stay together"
            return Round(progress=Progress.WAITING, reason=reason)
        return _nothing_left(slots, seen, scope)

    def _both_legs(
        self,
        plan: _Plan,
        slots: Sequence[Slot],
        view: PairView,
        seen: Seen,
        takeover: Takeover,
    ) -> list[str]:
        """Plan both legs of what is held; returns why that must wait, if it must."""

        def planned(coins_free: bool) -> tuple[TakeoverIntent, ...]:
            coins = seen.balance(view.base)
            return intents_of(
                slots,
                view,
                coins=replace(coins, available=coins.total) if coins_free else coins,
                short_held=seen.short(view.base),
                mode=self._settings.mode,
                generation=takeover.generation,
            )

        now = planned(coins_free=False)
        suspended = _suspended(now, view)
        if suspended:
            return [suspended]
        locked = seen.balance(view.base).locked
        if not now and locked and planned(coins_free=True):
            return [f"{plain(locked)} {view.base} are locked on Upbit"]
        plan.intents += now
        return []

    # -- what is naked for certain -----------------------------------------------------------------

    async def _naked_by_the_journal(
        self, books: Books, sent: Sequence[Sent], takeover: Takeover, scope: Scope
    ) -> _Plan:
        """Before anything is read. An order that just filled nothing says that more must be known.

        The journal holds every intent before its first byte leaves, so whatever it does not say is
        within the range that :func:`excess_of` allows for.
        """
        plan = _Plan()
        slots = slots_of(books, sent, generation=takeover.generation)
        for base in sorted(books.bases):
            excess = excess_of(books, sent, base)
            if excess is None or _last_was_fruitless(sent, base, excess.leg):
                continue
            mine = [
                slot
                for slot in slots
                if slot.base == base and (scope is None or (slot.strategy, base) in scope)
            ]
            plan.intents += (await self._naked(mine, excess, takeover)).intents
        return plan

    async def _naked(
        self, slots: Sequence[Slot], excess: Excess | None, takeover: Takeover
    ) -> _Plan:
        """Reduce the longer leg by its excess, on its own exchange alone."""
        plan = _Plan()
        if excess is None or not slots:
            return plan
        first, leg = slots[0], excess.leg
        view = self._ports.market.view(first.base, self._ports.clock.now())
        decision = (
            last_decision(self._replica, first.strategy, first.base)
            if view is None
            else decision_at(view)
        )
        symbol = leg_symbol(leg, first.base)
        instrument = (
            await self._ports.exchanges[leg.venue].instrument(symbol)
            if view is None
            else view.instrument(leg)
        )
        if isinstance(instrument, ReadFailed):
            plan.waits.append(f"{leg.venue}: {instrument.reason}")
        elif not instrument.is_trading:
            plan.waits.append(f"{leg.venue} does not trade {symbol}")
        elif decision is None:
            plan.waits.append(f"no market data for {first.base}")
        else:
            price_krw = decision.spot_mid_krw

            def tradable(quantity: Decimal) -> Decimal:
                if view is not None:
                    return tradable_quantity(view, leg, CLOSING[leg], max(quantity, ZERO))
                part = floor_to_step(max(quantity, ZERO), instrument.quantity_step)
                is_much = leg is Leg.HEDGE or part * price_krw >= instrument.min_notional
                return part if is_much and part >= instrument.min_quantity else ZERO

            how = Planned(
                decision=decision,
                at=self._ports.clock.now(),
                mode=self._settings.mode,
                generation=takeover.generation,
            )
            plan.intents += excess_intents(slots, leg, excess.quantity, how, tradable=tradable)
        return plan

    # -- sending -----------------------------------------------------------------------------------

    async def _carry_out(
        self,
        store: StoreSeat,
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
    async def _note(store: StoreSeat, order: Order, outcome: SendOutcome) -> str:
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


def _unread(seen: Seen) -> tuple[str, ...]:
    """What must be read before both legs of a pair are touched, and was not."""
    return seen.failed if seen.balances is None or seen.positions is None else ()


def _unknown(outcomes: Outcomes, base: str | None = None) -> list[str]:
    """Orders without a known end, and why: nothing for the same coins may follow them."""
    orders = {order.client_order_id: order for order in outcomes.books.unresolved}
    orders |= {one.intent.order.client_order_id: one.intent.order for one in outcomes.sent}
    return [
        f"fate unknown: {name} ({why})"
        for name, why in sorted(outcomes.unknown.items())
        if base is None or base_asset(orders[name].symbol) == base
    ]


def _nothing_left(slots: Iterable[Slot], seen: Seen, scope: Scope) -> Round:
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
    return "" if leg is None else f"{leg.venue} does not trade {view.instrument(leg).symbol}"


def _last_was_fruitless(sent: Sequence[Sent], base: str, leg: Leg) -> bool:
    mine = [one for one in sent if one.intent.base == base and one.intent.order.leg is leg]
    last = max(mine, key=lambda one: one.intent.order.created_at, default=None)
    return last is not None and not (last.is_known and last.executed)


def _fruitless(sent: Sequence[Sent], takeover: Takeover) -> int:
    """Orders of this takeover that ended without any effect."""
    mine = signal_id_of(takeover.generation)
    return sum(
        one.intent.order.signal_id == mine and one.is_known and not one.executed for one in sent
    )
