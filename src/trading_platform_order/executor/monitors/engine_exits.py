"""Exits that the engine itself begins: stop-loss, margin, flattening. The normal path, once each.

An id is a function of the reason, the position and the attempt. A further attempt is made only when
the one before has ended without closing the pair, and after a pause, a longer one after the first
few; a restart finds the ids that were used in the store. A stop-loss or a margin reduction is not
begun while an exchange takes no orders: the pair stays hedged, operators are told that it waits,
and the reason is judged anew when that ends. A flattening was asked for: it is claimed, and waits
as such.
"""

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
"""The last resort of the margin is tried again so soon if it could not even be begun."""

QUIET_S = 60.0
"""What was not seen for longer is told from the beginning when it comes back."""

_Key = tuple[str, str, str, str]


@value
class ExitHooks:
    """Where exits are handed in; each is asked of a strategy in a base asset.

    Attributes:
        is_free: no trade runs or waits, and no close.
        only_waits: all trades, if there are any, wait.
        has_begun: one of them does: it brings the legs together when it can.
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
        self._waiting: dict[_Key, tuple[float, int]] = {}
        self._reported: dict[_Key, tuple[float, float, int]] = {}

    async def close(
        self,
        pair: OpenPair,
        *,
        kind: str,
        alert: Alert,
        part: Decimal | None = None,
        close: CloseKind,
    ) -> bool:
        """Close a pair, or this many base units of it, unless that was begun just before.

        ``alert`` is told with every attempt; its ``reason`` goes into the signal.
        """
        key = _key(pair, kind)
        now = self._ports.clock.monotonic()
        is_free = self._hooks.only_waits if close.overtakes else self._hooks.is_free
        if not is_free(pair.strategy, pair.base) or now < self._not_before.get(key, now):
            return False
        attempt = await self._next_attempt(kind, pair)
        # The last resort of the margin comes again only because the coin has risen on.
        is_early = attempt is not None and attempt < self._limits.exit_attempts
        quick = is_early or close.overtakes
        pause_s = self._limits.exit_retry_s if quick else self._limits.exit_slow_s
        self._not_before[key] = now + pause_s
        if attempt is None:
            alert = replace(alert, fields={**alert.fields, OPERATOR: NOW})
            await self.tell_waiting(
                pair, kind=kind, alert=alert, why="every attempt is used: close it"
            )
            return False
        if attempt == 1:
            self._waiting.pop(key, None)
        else:
            await self.tell_waiting(
                pair, kind=kind, alert=alert, why="the attempt before did not end it"
            )
        signal = Signal(
            id=_name(kind, pair, attempt),
            strategy=pair.strategy,
            action=Action.EXIT,
            symbol=pair.base,
            created_at=self._ports.clock.now(),
            quantity_base=part,
            metadata={"reason": alert.fields["reason"]},
        )
        if close.overtakes and self._hooks.has_begun(pair.strategy, pair.base):
            # The close that waits has the coins in its hands, and follows what is done beside it.
            signal = replace(signal, leg=Leg.HEDGE)
        most = self._limits.exit_attempts + self._limits.exit_slow_attempts
        fields = {**alert.fields, "attempt": f"{attempt} of {most}"}
        await self._tell(replace(alert, fields=fields))
        await self._hooks.begin(signal, claim_for(signal), close)
        if close.overtakes and await self._ports.store.claim_of(signal.id) is None:
            self._not_before[key] = now + SOON_S  # it found no prices: nothing was begun
        return True

    async def tell_waiting(self, pair: OpenPair, *, kind: str, alert: Alert, why: str) -> None:
        """It cannot be begun now: operators are told, again and again, ever more rarely."""
        key, now = _key(pair, kind), self._ports.clock.monotonic()
        since, told = self._waiting.get(key, (now, 0))
        if is_call_due(WAIT_CALLS_S, now - since, told):
            told += 1
            fields = {**alert.fields, "waits": why, "since": f"{now - since:.0f} s"}
            await self._tell(replace(alert, kind=AlertKind.CLOSE_WAITS, fields=fields))
        self._waiting[key] = (since, told)

    async def report(self, pair: OpenPair, *, kind: str, alert: Alert) -> None:
        """Only tell operators, at once and while it lasts: what follows is theirs to decide."""
        key, now = _key(pair, kind), self._ports.clock.monotonic()
        since, seen, told = self._reported.get(key, (now, now, 0))
        if now - seen > QUIET_S:
            since, told = now, 0
        if is_call_due(WAIT_CALLS_S, now - since, told):
            told += 1
            fields = {**alert.fields, "since": f"{now - since:.0f} s"}
            await self._tell(replace(alert, fields=fields))
        self._reported[key] = (since, now, told)

    async def _next_attempt(self, kind: str, pair: OpenPair) -> int | None:
        most = self._limits.exit_attempts + self._limits.exit_slow_attempts
        for attempt in range(1, most + 1):
            if await self._ports.store.claim_of(_name(kind, pair, attempt)) is None:
                return attempt
        return None

    async def _tell(self, alert: Alert) -> None:
        now_us = epoch_us(self._ports.clock.now())
        await self._ports.store.append([], at_us=now_us, alerts=[alert])


def _key(pair: OpenPair, kind: str) -> _Key:
    return kind, pair.strategy, pair.base, pair.position_id or "unnamed"


def _name(kind: str, pair: OpenPair, attempt: int) -> str:
    return f"{kind}-{pair.position_id or 'unnamed'}-{attempt}"


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
