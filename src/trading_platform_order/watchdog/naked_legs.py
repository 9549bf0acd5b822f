"""Reduces what is naked for certain: the longer leg by its excess, on its own exchange alone.

Before anything is read. The journal holds every intent before its first byte leaves, so whatever it
does not say is within the range that :func:`excess_of` allows for. An order that just filled
nothing says that more must be known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.money import ZERO, floor_to_step
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.protection.takeover import TakeoverIntent
from trading_platform_order.domain.trade.tradable import tradable_quantity
from trading_platform_order.storage.liveness import Takeover
from trading_platform_order.storage.replica import Replica
from trading_platform_order.watchdog.excess import Excess, excess_of
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot, last_decision
from trading_platform_order.watchdog.ports import WatchdogPorts, WatchdogSettings
from trading_platform_order.watchdog.reduction_plan import (
    CLOSING,
    Planned,
    Sent,
    Slot,
    decision_at,
    excess_intents,
    slots_of,
)

Scope = frozenset[tuple[str, str]] | None
"""(strategy, base asset) of what a takeover closes; ``None``: all that is held."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one round will send, and what it waits for."""

    intents: list[TakeoverIntent] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


def in_scope(slots: Iterable[Slot], scope: Scope) -> list[Slot]:
    """What the takeover closes."""
    return [slot for slot in slots if scope is None or (slot.strategy, slot.base) in scope]


class NakedLegs:
    """Plans for one takeover after another."""

    def __init__(
        self, *, ports: WatchdogPorts, settings: WatchdogSettings, replica: Replica
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._replica = replica

    async def of_all(
        self, journal: JournalSnapshot, sent: Sequence[Sent], takeover: Takeover, scope: Scope
    ) -> Plan:
        """Of every base asset, by what is known."""
        plan = Plan()
        slots = slots_of(journal, sent, generation=takeover.generation)
        for base in sorted(journal.bases):
            excess = excess_of(journal, sent, base)
            if excess is None or _last_was_fruitless(sent, base, excess.leg):
                continue
            mine = [slot for slot in in_scope(slots, scope) if slot.base == base]
            plan.intents += (await self.reduce(mine, excess, takeover)).intents
        return plan

    async def reduce(
        self, slots: Sequence[Slot], excess: Excess | None, takeover: Takeover
    ) -> Plan:
        """Of these slots of one base asset; nothing without an excess."""
        plan = Plan()
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
            await self._ports.exchanges.of(leg).instrument(symbol)
            if view is None
            else view.instrument(leg)
        )
        if isinstance(instrument, ReadFailed):
            plan.waits.append(f"{self._ports.exchanges.venue(leg)}: {instrument.reason}")
        elif not instrument.is_trading:
            plan.waits.append(f"{instrument.venue} does not trade {symbol}")
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


def _last_was_fruitless(sent: Sequence[Sent], base: str, leg: Leg) -> bool:
    mine = [one for one in sent if one.intent.base == base and one.intent.order.leg is leg]
    last = max(mine, key=lambda one: one.intent.order.created_at, default=None)
    return last is not None and not (last.is_known and last.executed)
