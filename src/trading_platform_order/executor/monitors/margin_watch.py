"""Margin while a pair is open: warns, has both legs reduced, and at last the hedge alone.

What follows from the figures is decided in ``risk/margin_monitor``; both legs are closed by the one
rule for closes.
"""

import math
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Protocol

import attrs

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import ANY_SOURCE, PairView
from trading_platform_order.domain.money import ceil_to_step, plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopState, StopKind
from trading_platform_order.domain.trade.closing import CloseKind
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.monitors.engine_exits import OwnExits, pair_alert
from trading_platform_order.executor.monitors.position_monitor import PositionMonitor
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitors.margin_monitor import (
    MarginLevel,
    MarginReading,
    MarginVerdict,
    judge,
)
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.transport.clock import epoch_us

CENT = Decimal("0.01")


class ReduceBoth(Protocol):
    """Closes a part of a pair by the one rule for closes, or has it wait."""

    async def __call__(self, pair: OpenPair, *, alert: Alert, part: Decimal | None) -> None:
        """``part``: base units; ``None`` for all."""
        ...


@attrs.define(kw_only=True, eq=False, repr=False)
class MarginWatch:
    """Of one engine.

    ``told``: what Binance says of the account.
    """

    _account: AccountService
    _ports: ExecutorPorts
    _limits: MonitorLimits
    _access: OrderAccessMonitor
    _exits: OwnExits
    _told: PositionMonitor
    _reduce_both: ReduceBoth
    _warned: tuple[MarginLevel, float] = attrs.field(default=(MarginLevel.CALM, 0.0), init=False)
    _short_since_s: float = attrs.field(default=0.0, init=False)

    async def evaluate(self, now: datetime) -> None:
        """By the hedge's prices: Upbit's may be silent while it is closed.

        A coin whose book is silent counts at the price at which Binance values it. Nothing is
        judged while one of them has neither: nothing is closed for what was seen before a gap.
        """
        marks_usdt: dict[str, Decimal] = {}
        for base, short in self._account.book.ledger.shorts.items():
            is_known = self._hedge_age_s(base, now) <= self._limits.stop.stale_s_max
            if is_known or not short.quantity:
                continue
            mark = self._told.reported_mark(base, self._limits.stop.stale_s_max)
            if mark is None:
                return
            marks_usdt[base] = mark
        balance_usdt, notional_usdt = self._account.book.hedge_account_usdt(marks_usdt)
        verdict = judge(
            MarginReading(
                balance_usdt=balance_usdt,
                notional_usdt=notional_usdt,
                reported_maintenance_usdt=self._account.reported_maintenance_usdt,
                told_distance=self._told.told_distance if notional_usdt > 0 else None,
            ),
            self._limits.margin,
        )
        await self._warn(verdict)
        if verdict.level is MarginLevel.REDUCE:
            await self._reduce(verdict, now)

    def _hedge_age_s(self, base: str, now: datetime) -> float:
        """The true age, also after a gap."""
        view = self._ports.market.view(base, now, ANY_SOURCE)
        return math.inf if view is None else view.ages.hedge_s

    def _is_priced(self, view: PairView) -> bool:
        ages = view.ages
        return max(ages.spot_s, ages.hedge_s, ages.fx_s) <= self._limits.stop.stale_s_max

    async def _warn(self, verdict: MarginVerdict) -> None:
        level, warned_at = self._warned
        now = self._ports.clock.monotonic()
        again = now - warned_at >= self._limits.warn_again_s
        if verdict.level is level and (level is MarginLevel.CALM or not again):
            return
        if level is MarginLevel.CALM:
            self._short_since_s = now  # one incident until it is calm again, whatever its level
        self._warned = (verdict.level, now)
        if verdict.level is MarginLevel.CALM:
            return
        fields = {
            "level": verdict.level.value,
            **_margin_fields(verdict),
            "since": f"{now - self._short_since_s:.0f} s",
        }
        alert = Alert(kind=AlertKind.MARGIN_WARNING, urgent=True, fields=fields)
        await self._ports.store.append([], at_us=epoch_us(self._ports.clock.now()), alerts=[alert])

    async def _reduce(self, verdict: MarginVerdict, now: datetime) -> None:
        for pair in list(self._account.book.positions.pairs()):
            view = self._ports.market.view(pair.base, now, ANY_SOURCE)
            if view is None or pair.short <= 0:
                continue
            if verdict.part_alone and self._is_unguarded(pair):
                await self._reduce_alone(pair, verdict, view)
            if not self._is_priced(view):
                continue
            part = ceil_to_step(pair.short * verdict.part_to_close, view.hedge.quantity_step)
            reason = f"margin: {_words(verdict)}"
            alert = pair_alert(AlertKind.MARGIN_REDUCED, pair, reason, part_base=plain(part))
            await self._reduce_both(pair, alert=alert, part=None if part >= pair.short else part)

    def _is_unguarded(self, pair: OpenPair) -> bool:
        """Its coins cannot be sold, its hedge could, and no stop on Binance stands before it."""
        gate = self._access.gate(pair.base)
        if gate.of(Leg.SPOT) is not Access.CLOSED or gate.of(Leg.HEDGE) is Access.CLOSED:
            return False
        stops = self._account.book.stops.live(pair.base, StopKind.PROTECTIVE)
        shorts = self._account.book.ledger.shorts
        guarded = sum(
            (s.quantity for s in stops if s.state is ProtectiveStopState.WAITING), Decimal(0)
        )
        return guarded < shorts[pair.base].quantity

    async def _reduce_alone(self, pair: OpenPair, verdict: MarginVerdict, view: PairView) -> None:
        """The one exception: better a part without its hedge than the exchange closing all of it.

        The coins of that part are sold as soon as Upbit takes orders again.
        """
        part = ceil_to_step(pair.short * verdict.part_alone, view.hedge.quantity_step)
        gate = self._access.gate(pair.base)
        reason = f"margin, the hedge alone: {_words(verdict)}; {gate.why[Leg.SPOT]}"
        alert = pair_alert(AlertKind.MARGIN_REDUCED, pair, reason, part_base=plain(part))
        await self._exits.attempt(
            pair,
            cause="margin-alone",
            kind=CloseKind.MARGIN_ALONE,
            alert=alert,
            part=None if part >= pair.short else part,
        )


def _margin_fields(verdict: MarginVerdict) -> dict[str, str]:
    return {
        "rise_to_liquidation": "unknown" if verdict.distance is None else f"{verdict.distance:.2%}",
        "margin_ratio": f"{verdict.ratio:.2%}",
        "usdt_to_move": plain(verdict.usdt_to_move.quantize(CENT, rounding=ROUND_UP)),
    }


def _words(verdict: MarginVerdict) -> str:
    return ", ".join(f"{name} {value}" for name, value in _margin_fields(verdict).items())
