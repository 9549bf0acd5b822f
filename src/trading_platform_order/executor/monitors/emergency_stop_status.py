"""The durable board of the emergency stop: which conditions hold now, for every process to read.

One latch for each condition that holds, written only when that changes. ``resume`` refuses while
one is set. What cannot be judged yet (after a start) stays as it was.
"""

from collections.abc import Collection, Mapping

from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.risk.monitors.emergency_stop import HOLDS, Condition
from trading_platform_order.transport.clock import epoch_us


class EmergencyStopStatus:
    """Writes what holds."""

    def __init__(self, ports: ExecutorPorts) -> None:
        self._ports = ports
        self._shown: set[str] | None = None

    async def shown(self, condition: Condition) -> bool:
        """The board says that it holds."""
        return condition.latch in await self._known()

    async def show(
        self, holding: Mapping[Condition, str], *, undecided: Collection[Condition]
    ) -> None:
        """Bring the board up to date."""
        shown = await self._known()
        if not shown and not holding:
            return
        at_us = epoch_us(self._ports.clock.now())
        for condition, words in holding.items():
            if condition.latch not in shown:
                await self._ports.store.set_latch(condition.latch, words, at_us=at_us)
                shown.add(condition.latch)
        over = {c for c in Condition if c.latch in shown and c not in holding}
        for condition in over - set(undecided):
            await self._ports.store.clear_latch(condition.latch, "it is over", at_us=at_us)
            shown.discard(condition.latch)

    async def _known(self) -> set[str]:
        if self._shown is None:
            latches = await self._ports.store.latches()
            self._shown = {latch.kind for latch in latches if latch.kind.startswith(HOLDS)}
        return self._shown
