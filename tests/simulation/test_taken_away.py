"""Random runs in which the exchange or the owner takes the hedge away at any moment.

The same faults and crashes as ever, and besides: ADL, a manual close of all or a part, at a moment
between the signal and long after it. What is judged is the same: hedged or flat, the ledger equal
to both exchanges, nothing foreign that was not, no order twice, and every signal one fate.
"""

import asyncio
from decimal import Decimal
from random import Random

import pytest

from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.simulation.plan import Turn
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.virtual_loop import run_virtual
from trading_platform_order.simulation.world import SimulationRun

SYMBOL = "BTCUSDT"
STEP = Decimal("0.001")
RUNS = 25


class TakenAway(SimulationRun):
    """A run with another hand in it."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._fate = Random(f"taken {seed}")  # noqa: S311 - a reproducible run, not a secret
        self.taken = 0

    async def _play(self, number: int, turn: Turn) -> None:
        if self._fate.random() < 0.6:
            after_s = self._fate.choice((0.05, 0.055, 0.06, 0.065, 0.07, 0.1, 0.3, 1.0, 5.0))
            asyncio.get_running_loop().call_later(after_s, self._take)
        await super()._play(number, turn)

    async def _end(self) -> None:
        # What no stream told is found by the comparison, which looks every minute.
        await self._stage.quiet()
        for _ in range(40):
            self._stage.show_again()
            await asyncio.sleep(4)
            await self._stage.revive()
        await super()._end()

    def _take(self) -> None:
        stage = self._stage
        positions = stage.world.state()["binance"]["positions"]
        held = -Decimal(positions.get(SYMBOL, {"quantity": "0"})["quantity"])
        if held <= 0:
            return
        self.taken += 1
        if self._fate.random() < 0.4:
            stage.note("another hand: ADL")
            stage.world.binance.deleverage(SYMBOL)
            return
        part = floor_to_step(held * Decimal(str(self._fate.choice((0.3, 0.6, 1.0)))), STEP)
        stage.note(f"another hand: closes {part or held}")
        stage.owner.close_our_short(SYMBOL, part or held)


def played(seed: str) -> tuple[RunReport, int]:
    async def play() -> tuple[RunReport, int]:
        run = TakenAway(seed)
        return await run.run(), run.taken

    return run_virtual(play())


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_random_run(seed: int) -> None:
    report, _ = played(str(seed))
    assert report.violations == [], "\n".join(report.timeline)


def test_the_hand_is_really_in_it() -> None:
    assert sum(played(str(seed))[1] for seed in range(5)) > 5
