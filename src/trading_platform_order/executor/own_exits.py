"""Exits that the engine itself begins: stop-loss, margin, flattening. The normal path, once each.

An id is a function of the reason, the position and the attempt. A further attempt is made only when
the one before has ended without closing the pair, and after a pause; a restart finds the ids that
were used in the store.
"""

from decimal import Decimal
from typing import Protocol

from trading_platform_order.domain.account_activity import OpenPair
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitor_limits import MonitorLimits
from trading_platform_order.signals.schema import content_hash
from trading_platform_order.storage.base import Claim
from trading_platform_order.transport.clock import epoch_us


class ExitDesk(Protocol):
    """Where exits are handed in."""

    def is_free(self, base: str) -> bool:
        """No trade of this base asset runs or waits."""
        ...

    async def begin(self, signal: Signal, claim: Claim) -> None:
        """Execute a signal once; returns when its claim is durable."""
        ...


class OwnExits:
    """Begins exits of the engine's own."""

    def __init__(self, *, desk: ExitDesk, ports: ExecutorPorts, limits: MonitorLimits) -> None:
        self._desk = desk
        self._ports = ports
        self._limits = limits
        self._tried_at: dict[tuple[str, str, str], float] = {}

    async def close(
        self, pair: OpenPair, *, kind: str, reason: str, alert: Alert, part: Decimal | None = None
    ) -> bool:
        """Close a pair, or this many base units of it, unless that was begun just before."""
        key = (kind, pair.strategy, pair.base)
        now = self._ports.clock.monotonic()
        if not self._desk.is_free(pair.base):
            return False
        if now - self._tried_at.get(key, -self._limits.exit_retry_s) < self._limits.exit_retry_s:
            return False
        self._tried_at[key] = now
        name = await self._next_name(kind, pair)
        if name is None:
            return False
        signal = Signal(
            id=name,
            strategy=pair.strategy,
            action=Action.EXIT,
            symbol=pair.base,
            created_at=self._ports.clock.now(),
            quantity_base=part,
            metadata={"reason": reason},
        )
        await self._tell(alert)
        await self._desk.begin(signal, _claim(signal))
        return True

    async def _next_name(self, kind: str, pair: OpenPair) -> str | None:
        position = pair.position_id or "unnamed"
        for attempt in range(1, self._limits.exit_attempts + 1):
            name = f"{kind}-{position}-{attempt}"
            if await self._ports.store.claim_of(name) is None:
                return name
        return None

    async def _tell(self, alert: Alert) -> None:
        now_us = epoch_us(self._ports.clock.now())
        await self._ports.store.append([], at_us=now_us, alerts=[alert])


def _claim(signal: Signal) -> Claim:
    return Claim(
        signal_id=signal.id,
        content_hash=content_hash(signal),
        strategy=signal.strategy,
        symbol=signal.symbol,
        action=signal.action.value,
    )
