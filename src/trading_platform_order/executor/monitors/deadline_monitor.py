"""A coin that ends on either exchange: entries end, it is told, what is held is closed before.

What follows from an end is decided in ``risk/deadlines``. Binance tells its own in the contract's
filters; an announcement of Upbit is written down by an operator. The close is asked for like a
flattening: it is claimed, and then waits by itself if it must.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import attrs

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.deadline import Deadline
from trading_platform_order.domain.trade.closing import CloseKind
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.monitors.engine_exits import OwnExits, pair_alert
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.hindrances import deadlines
from trading_platform_order.risk.hindrances.deadlines import DeadlineLimits

FINDER = "deadlines"
LOOK_S = 5.0


@attrs.define(kw_only=True, eq=False, repr=False)
class DeadlineMonitor:
    """Looks until cancelled.

    ``can_be_closed``: more of the pair is held than dust.
    """

    _account: AccountService
    _ports: ExecutorPorts
    _exits: OwnExits
    _can_be_closed: Callable[[OpenPair], bool]
    _limits: DeadlineLimits
    _told_at: dict[Deadline, datetime] = attrs.field(factory=dict, init=False)
    #: when each end that still stands was first seen by this engine
    _seen_at: dict[Deadline, datetime] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await self.evaluate()
            await asyncio.sleep(LOOK_S)

    async def evaluate(self) -> None:
        """One look at every end that is known."""
        now = self._ports.clock.now()
        ends = deadlines.nearest(self._known())
        blocks = {base: deadlines.objection(end) for base, end in ends.items()}
        self._account.blocks.replace_found(FINDER, blocks)
        held = self._account.book.held_bases()
        self._told_at = {end: at for end, at in self._told_at.items() if end in ends.values()}
        self._seen_at = {end: self._seen_at.get(end, now) for end in ends.values()}
        for end in ends.values():
            if deadlines.is_told_again(end, self._told_at.get(end), now):
                self._told_at[end] = now
                await self._tell(end, is_held=end.base in held)
        for pair in list(self._account.book.positions.pairs()):
            due = ends.get(pair.base)
            if due is None or not deadlines.must_close(due, now, self._limits):
                continue
            if self._can_be_closed(pair):
                await self._close(pair, due)

    def _known(self) -> list[Deadline]:
        bases = self._account.watched_bases | self._account.book.held_bases()
        known = [one for one in self._account.deadlines if one.base in bases]
        for base in bases:
            known += [
                Deadline(exchange=listed.venue, base=base, at=listed.ends_at)
                for listed in self._ports.market.instruments(base).values()
                if listed.ends_at is not None
            ]
        return known

    async def _tell(self, end: Deadline, *, is_held: bool) -> None:
        hours = self._limits.close_lead_s / 3_600
        fields = {
            "symbol": end.base,
            "deadline": end.text,
            "entries": "refused",
            "since": f"{(self._ports.clock.now() - self._seen_at[end]).total_seconds():.0f} s",
            "held": f"yes: it is closed {hours:g} hours before" if is_held else "no",
        }
        await self._account.tell(Alert(kind=AlertKind.DEADLINE, urgent=is_held, fields=fields))

    async def _close(self, pair: OpenPair, end: Deadline) -> None:
        alert = pair_alert(AlertKind.DEADLINE, pair, f"deadline: {end.text}")
        await self._exits.attempt(pair, cause="deadline", kind=CloseKind.ASKED, alert=alert)
