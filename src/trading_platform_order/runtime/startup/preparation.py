"""Setting both exchanges up before anything is entered; closes wait for nothing of it.

Each exchange by itself, and each symbol by itself: one that is suspended, delisted or told in a way
that cannot be read is closed for entries and tried again, and the others are served.
"""

import asyncio
from collections.abc import Callable, Mapping

import attrs

from trading_platform_order.domain.order import leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.account.symbol_troubles import SymbolTroubles

RETRY_S = 1.0
RETRY_MAX_S = 15.0
"""A wrong key asked for every second would end in a ban; after maintenance nobody waits long."""
SYMBOL_LIMIT_S = 20.0
"""One symbol whose requests hang keeps the others waiting no longer."""


@attrs.define(kw_only=True, eq=False, repr=False)
class Preparation:
    """Of one engine's start.

    ``prepared``: set once both exchanges can serve at least one symbol.
    """

    _exchanges: PairExchanges
    _bases: tuple[str, ...]
    _leverage: int
    _troubles: SymbolTroubles
    _prepared: asyncio.Event
    _on_problem: Callable[[str], None]
    _usable: set[Venue] = attrs.field(factory=set, init=False)

    async def run(self) -> None:
        """Return once every symbol is set up on both exchanges."""
        async with asyncio.TaskGroup() as group:
            for venue in self._exchanges:
                group.create_task(self._prepare(venue), name=f"{venue} preparation")

    async def _prepare(self, venue: Venue) -> None:
        leg = self._exchanges.leg(venue)
        waiting = {base: leg_symbol(leg, base) for base in self._bases}
        pause_s = RETRY_S
        while (problem := await self._exchanges[venue].prepare_account()) is not None:
            pause_s = await self._pause(venue, problem.reason, pause_s)
        pause_s = RETRY_S
        while failed := await self._try(venue, waiting):
            if len(failed) < len(self._bases):
                self._is_usable(venue)
            waiting = {base: waiting[base] for base in failed}
            reasons = "; ".join(dict.fromkeys(failed.values()))
            pause_s = await self._pause(venue, reasons, pause_s)
        self._is_usable(venue)

    async def _try(self, venue: Venue, symbols: Mapping[str, str]) -> dict[str, str]:
        """Why some of them are not ready, by base asset."""
        failed: dict[str, str] = {}
        for base, symbol in symbols.items():
            try:
                async with asyncio.timeout(SYMBOL_LIMIT_S):
                    problem = await self._exchanges[venue].prepare_symbol(
                        symbol, leverage=self._leverage
                    )
            except TimeoutError:
                problem = ReadFailed(reason=f"{symbol}: no answer within {SYMBOL_LIMIT_S:g} s")
            if problem is not None:
                failed[base] = problem.reason
        self._troubles.replace_found(f"{venue} preparation", failed, at_once=True)
        return failed

    def _is_usable(self, venue: Venue) -> None:
        self._usable.add(venue)
        if len(self._usable) == len(self._exchanges):
            self._prepared.set()

    async def _pause(self, venue: Venue, reason: str, pause_s: float) -> float:
        self._on_problem(f"{venue}: {reason}; next try in {pause_s:.0f} s")
        await asyncio.sleep(pause_s)
        return min(pause_s * 2, RETRY_MAX_S)
