"""One random run: plays the plan that its seed draws, on a stage, and has the end judged."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.simulation import checkers
from trading_platform_order.simulation.judge import judge
from trading_platform_order.simulation.plan import Turn, plan_run
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.stage import BARS, BASE, Stage, StageSetup, market_bars
from trading_platform_order.storage.base import ClaimResult

_SETUP = StageSetup()


class SimulationRun:
    """Builds the world, plays the plan, judges the end."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed)
        self._stage = Stage(self.report, _SETUP)
        self._sent: list[Signal] = []

    async def run(self) -> RunReport:
        """One world until it is quiet and flat."""
        stage = self._stage
        stage.open()
        try:
            await stage.start()
            for number, turn in enumerate(plan_run(self._random, bars=BARS)):
                await self._play(number, turn)
            await self._end()
        finally:
            await stage.close()
        return self.report

    async def _play(self, number: int, turn: Turn) -> None:
        stage = self._stage
        stage.down_s = turn.down_s
        stage.show({BASE: market_bars()[turn.bar]})
        await asyncio.sleep(0.05)
        for kind, fault in turn.faults:
            stage.note(f"armed {kind} on {fault.venue}")
            stage.world.arm(fault)
        if turn.dies_at is not None:
            stage.life.dies_at = stage.life.points + turn.dies_at
        if turn.repeats is not None:
            await self._repeat(self._sent[turn.repeats])
        await self._send(number, turn)
        if turn.wait_s is None:
            await stage.quiet()
        else:
            await asyncio.sleep(turn.wait_s)
            await stage.revive()

    async def _send(self, number: int, turn: Turn) -> None:
        signal = self._signal(f"s{number}", turn.action, turn.strategy, turn.notional_krw)
        if turn.long_lived:
            signal = replace(signal, expires_at=signal.created_at + timedelta(hours=1))
        self._sent.append(signal)
        await self._stage.deliver(signal)
        if turn.again:
            await self._stage.deliver(signal)
        if turn.conflicting:
            other = replace(signal, notional_krw=turn.notional_krw + 100_000)
            if await self._stage.deliver(other) is ClaimResult.CLAIMED:
                self.report.violations.append(f"{signal.id} was claimed with another content")

    async def _repeat(self, signal: Signal) -> None:
        """A webhook delivered once more, long after: it must not trade again."""
        if await self._stage.deliver(signal) is not ClaimResult.DUPLICATE:
            self.report.violations.append(f"{signal.id} was claimed a second time")

    def _signal(self, name: str, action: Action, strategy: str, notional: Decimal) -> Signal:
        self.report.signals += 1
        return Signal(
            id=name,
            strategy=strategy,
            action=action,
            symbol=BASE,
            created_at=self._stage.clock.now(),
            notional_krw=notional if action is Action.ENTER else None,
        )

    async def _end(self) -> None:
        stage = self._stage
        stage.down_s = 1.0
        await stage.quiet()
        stage.life.dies_at = None
        for row in stage.world.faults():
            self.report.faults[_fault_name(row)] += row["struck"]
        stage.world.clear_faults()
        self.report.violations += checkers.hedged_or_flat(stage.world.state(), {})
        for attempt in range(3):
            stage.show_again()
            await asyncio.sleep(0.05)
            signal = self._signal(f"final{attempt}", Action.EXIT, "kimchi", ZERO)
            await stage.deliver(signal)
            await stage.quiet()
        await judge(stage)


def _fault_name(row: dict[str, object]) -> str:
    name = str(row["kind"])
    if name == "http_status":
        return name + ("_executed" if row["execute"] else "_not_executed")
    return name
