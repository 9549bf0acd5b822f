"""The hedge's positions as Binance told them a moment ago, for whoever tends to stops.

Binance tells all positions for the price of one. The stops of several symbols are reviewed at the
same moment, and one review takes several steps: they share a reading for as long as an order takes
anyway. A trade that ended, or a stop that was triggered or refused, makes it worthless.
"""

import asyncio
from collections.abc import Callable, Mapping

import attrs

from trading_platform_order.domain.order import Position, hedge_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.base import HedgeExchange

AGE_S_MAX = 1.0


@value
class _Reading:
    began_s: float
    epoch: int
    positions: Mapping[str, Position | ReadFailed]


@attrs.define(kw_only=True, eq=False, repr=False)
class RecentPositions:
    """Reads at need; never an answer whose question is older than ``AGE_S_MAX``.

    ``bases``: whose positions are read together.
    """

    _exchange: HedgeExchange
    _bases: Callable[[], set[str]]
    _boottime: Callable[[], float]
    _epoch: int = attrs.field(default=0, init=False)
    _reading: _Reading | None = attrs.field(default=None, init=False)
    _one_at_a_time: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    def forget(self) -> None:
        """Positions or prices moved since: what was asked before tells nothing any more."""
        self._epoch += 1

    async def of(self, base: str) -> Position | ReadFailed:
        """The position in a base asset; quantity negative for a short."""
        async with self._one_at_a_time:
            known = self._known(base)
            return await self._read(base) if known is None else known

    def _known(self, base: str) -> Position | ReadFailed | None:
        """What was read lately; ``None`` if it must be read again."""
        reading = self._reading
        if reading is None or reading.epoch != self._epoch:
            return None
        if self._boottime() - reading.began_s > AGE_S_MAX:
            return None
        return reading.positions.get(base)

    async def _read(self, base: str) -> Position | ReadFailed:
        bases = sorted(self._bases() | {base})
        began_s, epoch = self._boottime(), self._epoch
        answer = await self._exchange.positions([hedge_symbol(one) for one in bases])
        if isinstance(answer, ReadFailed):
            return answer
        positions = dict(zip(bases, answer, strict=True))
        self._reading = _Reading(began_s=began_s, epoch=epoch, positions=positions)
        return positions[base]
