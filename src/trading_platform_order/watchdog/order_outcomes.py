"""What became of every order whose end is not known: look-up, proof, and the account without it.

A proof by lists alone is none: they may lag behind the matching engine for longer than it takes.
Where the exchange's proof asks for it, position or coins must be what they are without the order.

Each order is held against them alone, other than in the engine: two unknown orders of opposite
sides and one size leave them as they were, filled or lost, and whoever only reduces ends the same
way by either reading. Nobody is there to wait for a better one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from trading_platform_order.domain.account.evidence.absence import doubtful_coins, missing_short
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Order, base_asset
from trading_platform_order.domain.outcome import (
    Accepted,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Unknown,
)
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot, owners_coins
from trading_platform_order.watchdog.ports import WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reduction_plan import Sent

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """All that is known after one attempt.

    Attributes:
        journal: the journal's orders with what they executed.
        sent: the watchdog's own orders; ``is_known`` tells which have ended.
        unknown: why, by client order id.
    """

    journal: JournalSnapshot
    sent: tuple[Sent, ...]
    unknown: Mapping[str, str]


class OrderOutcomes:
    """Asks both exchanges."""

    def __init__(
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica

    async def settle(self, journal: JournalSnapshot, sent: Sequence[Sent]) -> Outcomes:
        """One bounded attempt for every order of the journal and of ours without a known end."""
        own = {one.intent.order.client_order_id: one for one in sent}
        asked = {order.client_order_id: order for order in journal.unresolved}
        asked |= {name: one.intent.order for name, one in own.items() if not one.is_known}
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(self._ask(order, wanted=name in own))
                for name, order in asked.items()
            }
        answers = {name: task.result() for name, task in tasks.items()}
        found = {name: a.report.executed_quantity for name, a in _of(answers, Accepted).items()}
        unknown = {name: answer.reason for name, answer in _of(answers, Unknown).items()}
        after = journal.with_outcomes(found), _with(sent, found)
        for name, verdict in _of(answers, ProvenAbsent).items():
            doubt = await self._doubt(asked[name], *after) if verdict.needs_account else ""
            if doubt:
                unknown[name] = f"absent by all lists, but not explained without it: {doubt}"
            else:
                found[name] = asked[name].executed_quantity
        return Outcomes(
            journal=journal.with_outcomes(found), sent=_with(sent, found), unknown=unknown
        )

    async def _ask(self, order: Order, *, wanted: bool) -> Accepted | ProvenAbsent | Unknown:
        exchange = self._exchange(order)
        found = await exchange.look_up(order)
        if isinstance(found, Accepted):
            return await self._ended(order, found)
        if not isinstance(found, NotFound):
            return Unknown(reason=found.reason)
        verdict = await exchange.prove_absence(order, sent_at=order.created_at, still_wanted=wanted)
        return await self._ended(order, verdict) if isinstance(verdict, Accepted) else verdict

    async def _ended(self, order: Order, found: Accepted) -> Accepted | Unknown:
        if not found.report.is_open:
            return found
        age_s = (self._ports.clock.now() - order.created_at).total_seconds()
        if age_s >= self._settings.working_limit_s:
            await self._exchange(order).cancel(order)
        return Unknown(reason="it is open")

    async def _doubt(self, order: Order, journal: JournalSnapshot, sent: Sequence[Sent]) -> str:
        """Why the account is not explained without this order; empty if it is."""
        held = await self._exchange(order).position(order.symbol)
        if isinstance(held, ReadFailed):
            return held.reason
        base = base_asset(order.symbol)
        now = journal.less(one.taken for one in sent)
        if order.leg is Leg.HEDGE:
            counted = now.counted_short(base)
            if missing_short(counted=counted, position_quantity=held.quantity) == ZERO:
                return ""
            return f"position {plain(held.quantity)}, by the journal {plain(-counted)}"
        counted = now.owned_coins(base) + owners_coins(self._replica, base)
        if not doubtful_coins(order, counted=counted, held=held.quantity):
            return ""
        return f"{plain(held.quantity)} {base} held, by the journal {plain(counted)}"

    def _exchange(self, order: Order) -> BaseExchange:
        return self._ports.exchanges[order.exchange]


def _with(sent: Sequence[Sent], found: Mapping[str, Decimal]) -> tuple[Sent, ...]:
    return tuple(
        replace(one, executed=found[name], is_known=True)
        if (name := one.intent.order.client_order_id) in found
        else one
        for one in sent
    )


def _of(answers: Mapping[str, object], kind: type[T]) -> dict[str, T]:
    return {name: answer for name, answer in answers.items() if isinstance(answer, kind)}
