"""Cancels and reduces in the engine's place: one round at a time, until nothing is left to do.

The order within a round is the promise: end what rests, learn the fate of everything that was sent
before (nothing unknown is ever followed by another order for the same coins), read what both
exchanges hold, make the intents durable, and only then send both legs at once. While one exchange
cannot be read neither leg is touched: a hedged pair must not become a naked one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Order
from trading_platform_order.domain.outcome import (
    Accepted,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    SendOutcome,
)
from trading_platform_order.domain.protection.takeover import TakeoverIntent, signal_id_of
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.storage.liveness import Takeover, TakeoverOrder
from trading_platform_order.storage.replica import Replica
from trading_platform_order.storage.takeover_body import body_of, intent_of
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.exchange_snapshot import (
    Resting,
    Seen,
    look,
    order_in,
    resting_orders,
)
from trading_platform_order.watchdog.journal_snapshot import Books, read_books
from trading_platform_order.watchdog.ports import StoreSeat, WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reduction_plan import (
    Sent,
    Slot,
    intents_of,
    raises_exposure,
    slots_of,
)

FRUITLESS_MAX = 2
"""Orders that filled nothing, after which the next ones leave with pauses."""


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
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica
        self._cancelled: set[str] = set()

    # -- cancelling, which is always safe ----------------------------------------------------------

    async def cancel_raising(self, bases: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """Cancel resting orders that would raise exposure; how many, and what did not answer."""
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        raising = [order_in(report) for report in resting.reports]
        raising = [order for order in raising if raises_exposure(order)]
        await self._cancel_all(raising)
        return len(raising), resting.failed

    async def _cancel_all(self, orders: Sequence[Order]) -> None:
        async with asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(self._exchange(order).cancel(order))

    # -- one round ---------------------------------------------------------------------------------

    async def round(self, store: StoreSeat, takeover: Takeover) -> Round:
        """One step towards flat.

        Raises:
            StoreUnavailable: nothing more may be sent.
        """
        await self._replica.follow(store.inbox)
        books = read_books(self._replica)
        bases = books.bases | set(self._settings.symbols)
        resting = await resting_orders(self._ports.exchanges, bases, prefix=self._settings.prefix)
        if resting.failed:
            return Round(progress=Progress.WAITING, reason="; ".join(resting.failed))
        if resting.reports:
            return await self._cancel_resting(resting)
        fates, unknown = await self._fates(books.unresolved, still_wanted=False)
        sent, unsettled = await self._own(store)
        if unknown or unsettled:
            names = ", ".join(sorted({*unknown, *unsettled}))
            return Round(progress=Progress.WAITING, reason=f"fate unknown: {names}")
        return await self._send_next(store, takeover, books.with_fates(fates), sent)

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
        self, store: StoreSeat, takeover: Takeover, books: Books, sent: Sequence[Sent]
    ) -> Round:
        seen = await look(self._ports.exchanges, books.bases)
        if isinstance(seen, ReadFailed):
            return Round(progress=Progress.WAITING, reason=seen.reason)
        slots = slots_of(books, sent, generation=takeover.generation)
        intents: list[TakeoverIntent] = []
        waits: list[str] = []
        for base in sorted(books.bases):
            mine = [slot for slot in slots if slot.base == base]
            if not any(slot.rest.spot or slot.rest.short for slot in mine):
                continue
            view = self._ports.market.view(base, self._ports.clock.now())
            if view is None:
                waits.append(f"no market data for {base}")
                continue
            plan = partial(
                intents_of,
                mine,
                view,
                short_held=seen.shorts.get(base, ZERO),
                mode=self._settings.mode,
                generation=takeover.generation,
            )
            coins = seen.balance(base)
            now = plan(coins=coins)
            suspended = _suspended(now, view)
            if suspended:
                waits.append(suspended)
                continue
            intents += now
            if not now and coins.locked and plan(coins=replace(coins, available=coins.total)):
                waits.append(f"{plain(coins.locked)} {base} are locked on Upbit")
        if intents:
            fruitless = _fruitless(sent, takeover)
            return await self._carry_out(store, takeover, intents, fruitless=fruitless)
        if waits:
            reason = f"{'; '.join(waits)}: both legs stay together"
            return Round(progress=Progress.WAITING, reason=reason)
        return _nothing_left(slots, seen)

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

    # -- fates -------------------------------------------------------------------------------------

    async def _own(self, store: StoreSeat) -> tuple[tuple[Sent, ...], frozenset[str]]:
        """Every order that no journal knows yet with what it executed, and the unknown ones."""
        rows = [row for _, orders in await store.watch.unadopted() for row in orders]
        intents = {row.client_order_id: intent_of(row.body) for row in rows}
        asked = [intents[r.client_order_id].order for r in rows if r.status != "ended"]
        fates, unknown = await self._fates(asked, still_wanted=True)
        sent = []
        for row in rows:
            name = row.client_order_id
            executed = Decimal(row.executed)
            if name in fates:
                executed = fates[name]
                await store.watch.end_order(name, executed=plain(executed))
            sent.append(Sent(intent=intents[name], executed=executed))
        return tuple(sent), unknown

    async def _fates(
        self, orders: Sequence[Order], *, still_wanted: bool
    ) -> tuple[dict[str, Decimal], frozenset[str]]:
        """Executed base units of those whose end is known, and the ids of the others."""
        async with asyncio.TaskGroup() as group:
            asked = {
                order.client_order_id: group.create_task(self._fate(order, wanted=still_wanted))
                for order in orders
            }
        known = {name: task.result() for name, task in asked.items()}
        fates = {name: executed for name, executed in known.items() if executed is not None}
        return fates, frozenset(known) - frozenset(fates)

    async def _fate(self, order: Order, *, wanted: bool) -> Decimal | None:
        """What an order executed in the end; ``None`` while that is not known."""
        exchange = self._exchange(order)
        found = await exchange.look_up(order)
        if isinstance(found, Accepted):
            return await self._ended(order, found)
        if not isinstance(found, NotFound):
            return None
        verdict = await exchange.prove_absence(order, sent_at=order.created_at, still_wanted=wanted)
        if isinstance(verdict, ProvenAbsent):
            return order.executed_quantity
        return await self._ended(order, verdict) if isinstance(verdict, Accepted) else None

    async def _ended(self, order: Order, found: Accepted) -> Decimal | None:
        if not found.report.is_open:
            return found.report.executed_quantity
        age_s = (self._ports.clock.now() - order.created_at).total_seconds()
        if age_s >= self._settings.working_limit_s:
            await self._exchange(order).cancel(order)
        return None

    def _exchange(self, order: Order) -> BaseExchange:
        return self._ports.exchanges[order.exchange]


def _nothing_left(slots: Sequence[Slot], seen: Seen) -> Round:
    """Done, unless Binance holds more short than the journal explains: that is nobody's to book."""
    for base, short in seen.shorts.items():
        ours = sum((slot.rest.short for slot in slots if slot.base == base), ZERO)
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


def _fruitless(sent: Sequence[Sent], takeover: Takeover) -> int:
    """Orders of this takeover that ended without any effect."""
    mine = signal_id_of(takeover.generation)
    return sum(one.intent.order.signal_id == mine and not one.executed for one in sent)
