"""Tells other processes, durably, on which exchanges the engine's own key is dead."""

from collections.abc import Mapping

from trading_platform_order.domain.dead_key import dead_keys, latch_of
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.transport.clock import epoch_us


class DeadKeyBoard:
    """One latch per exchange, written only when that changes."""

    def __init__(self, ports: ExecutorPorts) -> None:
        self._ports = ports
        self._shown: set[Venue] | None = None

    async def show(self, dead: Mapping[Venue, str]) -> None:
        """Bring the board up to date; the exchange's words are the latch's reason."""
        store = self._ports.store
        if self._shown is None:
            self._shown = set(dead_keys(latch.kind for latch in await store.latches()))
        at_us = epoch_us(self._ports.clock.now())
        for venue in dead.keys() - self._shown:
            await store.set_latch(latch_of(venue), dead[venue], at_us=at_us)
            self._shown.add(venue)
        for venue in self._shown - dead.keys():
            await store.clear_latch(latch_of(venue), "the key orders again", at_us=at_us)
            self._shown.discard(venue)
