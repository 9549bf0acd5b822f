"""Both exchanges as loopback servers on a market that is told from outside."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from exchange_simulator.clock import SystemClock, epoch_ms
from exchange_simulator.exchanges import Opening, SimulatorKeys, open_world
from exchange_simulator.feed_market import FeedMarket
from exchange_simulator.kept_state import StateFile
from exchange_simulator.market.fed_book import drawn_latency
from exchange_simulator.serving.control import Control
from exchange_simulator.serving.loopback import LoopbackServers
from exchange_simulator.serving.serve import IDS_FROM


class FedExchanges:
    """Both exchanges with accounts as they were kept, and no market yet.

    Args:
        opening: what the accounts hold where nothing was kept.
        state: what they begin with and are kept in.
    """

    def __init__(self, *, opening: Opening, state: StateFile) -> None:
        clock = SystemClock()
        started_ms = epoch_ms(clock.now())
        ids_from = int(state.records.get(IDS_FROM, started_ms))
        self._keys = SimulatorKeys()
        self._world = open_world(clock=clock, keys=self._keys, opening=opening, ids_from=ids_from)
        self._kept = self._world.keep(state)
        self._kept.note(IDS_FROM, ids_from)
        self.market = FeedMarket(self._world, drawn_latency(started_ms))

    def served(self) -> AbstractAsyncContextManager[Mapping[str, Any]]:
        """Servers while the context lasts; gives their addresses and keys."""
        return self._served()

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[Mapping[str, Any]]:
        async with LoopbackServers(self._world, self._keys, Control(self._world)) as servers:
            yield servers.ready()

    def close(self) -> None:
        """Keep the last changes, down to the disk."""
        self._kept.close()
