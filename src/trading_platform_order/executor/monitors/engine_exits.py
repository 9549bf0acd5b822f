"""Exits that the engine itself begins: stop-loss, margin, flattening. The normal path, once each.

An id is a function of the reason, the position and the attempt. A further attempt is made only when
the one before has ended without closing the pair, and after a pause, a longer one after the first
few; a restart finds the ids that were used in the store. A stop-loss or a margin reduction is not
begun while an exchange takes no orders: the pair stays hedged, operators are told that it waits,
and the reason is judged anew when that ends. A flattening was asked for: it is claimed, and waits
as such.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.alarms.incident import NOW, OPERATOR
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.closing import CloseKind
from trading_platform_order.domain.trade.escalation import is_call_due
from trading_platform_order.domain.value import value
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.storage.base import Claim
from trading_platform_order.transport.clock import epoch_us

WAIT_CALLS_S = (0.0, 60.0, 300.0, 900.0, 3_600.0)
"""After how long of waiting operators are told; the last step repeats."""

SOON_S = 1.0
"""A reduction of the hedge alone that could not even be begun is tried again after this."""

QUIET_S = 60.0
"""What was not seen for longer is told from the beginning when it comes back."""

_Key = tuple[str, str, str, str]


@value
class ExitHooks:
    """Where exits are handed in. The first three are asked of a strategy in a base asset.

    Attributes:
        is_free: nothing is there: no trade, running or waiting, and no close in the queue.
        only_waits: no trade runs; trades that wait, and closes in the queue, may be there.
        has_begun: a trade is there, running or waiting.
        begin: execute a signal once; returns when its claim is durable, or it cannot be begun now.
    """

    is_free: Callable[[str, str], bool]
    only_waits: Callable[[str, str], bool]
    has_begun: Callable[[str, str], bool]
    begin: Callable[[Signal, Claim, CloseKind], Awaitable[object]]


class OwnExits:
    """Begins exits of the engine's own."""

    def __init__(self, *, hooks: ExitHooks, ports: ExecutorPorts, limits: MonitorLimits) -> None:
        self._hooks = hooks
        self._ports = ports
        self._limits = limits
        self._not_before: dict[_Key, float] = {}
        #: since when a close waits, and how often operators were called about it
        self._waiting: dict[_Key, tuple[float, int]] = {}
        #: since when something is reported, when it was last, and how often operators were called
        self._reported: dict[_Key, tuple[float, float, int]] = {}

    async def attempt(
        self,
        pair: OpenPair,
        *,
        cause: str,
        kind: CloseKind,
        alert: Alert,
        part: Decimal | None = None,
    ) -> bool:
        """Hand in an EXIT for a pair, unless something of it goes on or one was just handed in.

        Args:
            pair: what is to be closed.
            cause: the first word of the EXIT's id: ``stop-loss``, ``margin``, ``flatten`` ...
            kind: how far the close may go, and whether it waits.
            alert: told with the attempt, from the second one on also as a close that waits; its
                ``reason`` goes into the signal.
            part: base units to close; by default the whole pair.

        Returns:
            Whether an attempt was made. Its EXIT need not have closed anything.
        """
        key, now_s = _key(pair, cause), self._ports.clock.monotonic()
        if not self._may_begin(pair, kind) or now_s < self._not_before.get(key, -math.inf):
            return False
        number = await self._next_unused(pair, cause)
        self._not_before[key] = now_s + self._pause_s(number, kind)
        if number is None:
            alert = replace(alert, fields={**alert.fields, OPERATOR: NOW})
            await self.tell_waiting(
                pair, cause=cause, alert=alert, why="every attempt is used: close it"
            )
            return False
        if number == 1:
            self._waiting.pop(key, None)
        else:
            await self.tell_waiting(
                pair, cause=cause, alert=alert, why="the attempt before did not end it"
            )
        signal = self._signal(pair, _name(cause, pair, number), alert.fields["reason"], kind, part)
        fields = {**alert.fields, "attempt": f"{number} of {self._attempts_max}"}
        await self._tell(replace(alert, fields=fields))
        await self._hooks.begin(signal, claim_for(signal), kind)
        if kind.overtakes and await self._ports.store.claim_of(signal.id) is None:
            # There were no prices to size it by: it was not begun, and its id is still unused.
            self._not_before[key] = now_s + SOON_S
        return True

    def _may_begin(self, pair: OpenPair, kind: CloseKind) -> bool:
        if kind.overtakes:
            # A reduction of the hedge alone, with the margin in danger, goes on beside closes that
            # wait: only a trade that runs is in its way.
            return self._hooks.only_waits(pair.strategy, pair.base)
        return self._hooks.is_free(pair.strategy, pair.base)

    def _pause_s(self, number: int | None, kind: CloseKind) -> float:
        """Until the next attempt: longer after the first few, and once every attempt is used."""
        is_early = number is not None and number < self._limits.exit_attempts
        # A reduction of the hedge alone may always come again soon: it is asked for again only
        # when the coin has gone on rising.
        is_soon = is_early or kind.overtakes
        return self._limits.exit_retry_s if is_soon else self._limits.exit_slow_s

    def _signal(
        self, pair: OpenPair, name: str, reason: str, kind: CloseKind, part: Decimal | None
    ) -> Signal:
        # A close that has begun and waits will sell the coins of the pair, and its trade follows
        # whatever the ledger loses beside it: this EXIT then closes the hedge alone.
        is_beside = kind.overtakes and self._hooks.has_begun(pair.strategy, pair.base)
        return Signal(
            id=name,
            strategy=pair.strategy,
            action=Action.EXIT,
            symbol=pair.base,
            created_at=self._ports.clock.now(),
            quantity_base=part,
            metadata={"reason": reason},
            leg=Leg.HEDGE if is_beside else None,
        )

    async def tell_waiting(self, pair: OpenPair, *, cause: str, alert: Alert, why: str) -> None:
        """Tell operators that a close waits, with ``WAIT_CALLS_S`` between the calls."""
        key, now_s = _key(pair, cause), self._ports.clock.monotonic()
        since_s, calls = self._waiting.get(key, (now_s, 0))
        if is_call_due(WAIT_CALLS_S, now_s - since_s, calls):
            calls += 1
            fields = {**alert.fields, "waits": why, "since": f"{now_s - since_s:.0f} s"}
            await self._tell(replace(alert, kind=AlertKind.CLOSE_WAITS, fields=fields))
        self._waiting[key] = (since_s, calls)

    async def report(self, pair: OpenPair, *, cause: str, alert: Alert) -> None:
        """Only tell operators, at once and while it lasts: what follows is theirs to decide."""
        key, now_s = _key(pair, cause), self._ports.clock.monotonic()
        since_s, last_s, calls = self._reported.get(key, (now_s, now_s, 0))
        if now_s - last_s > QUIET_S:
            since_s, calls = now_s, 0
        if is_call_due(WAIT_CALLS_S, now_s - since_s, calls):
            calls += 1
            fields = {**alert.fields, "since": f"{now_s - since_s:.0f} s"}
            await self._tell(replace(alert, fields=fields))
        self._reported[key] = (since_s, now_s, calls)

    async def _next_unused(self, pair: OpenPair, cause: str) -> int | None:
        """The number of the next attempt, which only its claim uses up; ``None``: all are used."""
        for number in range(1, self._attempts_max + 1):
            if await self._ports.store.claim_of(_name(cause, pair, number)) is None:
                return number
        return None

    @property
    def _attempts_max(self) -> int:
        return self._limits.exit_attempts + self._limits.exit_slow_attempts

    async def _tell(self, alert: Alert) -> None:
        now_us = epoch_us(self._ports.clock.now())
        await self._ports.store.append([], at_us=now_us, alerts=[alert])


def _key(pair: OpenPair, cause: str) -> _Key:
    return cause, pair.strategy, pair.base, pair.position_id or "unnamed"


def _name(cause: str, pair: OpenPair, number: int) -> str:
    return f"{cause}-{pair.position_id or 'unnamed'}-{number}"


def pair_alert(kind: AlertKind, pair: OpenPair, reason: str, **more: str) -> Alert:
    """What operators are told as a pair, or a part of it, is closed."""
    fields = {
        "strategy": pair.strategy,
        "symbol": pair.base,
        "spot_base": plain(pair.spot),
        "short_base": plain(pair.short),
        "reason": reason,
    }
    return Alert(kind=kind, urgent=True, fields=fields | more)
