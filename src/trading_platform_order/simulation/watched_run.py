"""Runs in which the engine dies and stays dead, and the watchdog dies too: judged as any other.

The engine is killed at a drawn point of an entry or an exit, with faults armed, and stays down for
a drawn time: it comes back before the watchdog acts, in the middle of it, or long after. The
watchdog is killed at a drawn point of its own and started again. In the end every promise must
hold: nothing placed twice, flat, and the ledger equal to both exchanges.
"""

import asyncio
from decimal import Decimal
from random import Random

from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.simulation.judge import judge
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.stage import BASE, StageSetup
from trading_platform_order.simulation.virtual_loop import run_virtual
from trading_platform_order.simulation.watched_stage import WatchedStage
from trading_platform_order.simulator.faults import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DropRequest,
    DropResponse,
    Fault,
    HoldOrder,
    HttpStatus,
    RefuseOrder,
    RequestMatch,
    ThinBook,
)
from trading_platform_order.simulator.world import Opening
from trading_platform_order.transport.clock import epoch_us

DOWN_S = (0.5, 4.0, 6.0, 12.0, 40.0, 150.0)
FINAL_EXITS = 3


class WatchedRun:
    """One world with an engine and a watchdog."""

    def __init__(self, seed: str, *, is_told: bool = False) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed, is_told=is_told)
        self._stage = WatchedStage(self.report, _SETUP, random=Random(f"{seed} nonces"))  # noqa: S311 - as above
        self._numbers = 0

    async def run(self) -> RunReport:
        """Play and judge."""
        stage = self._stage
        stage.open()
        try:
            await stage.start()
            stage.start_dog()
            for _ in range(self._random.randint(1, 3)):
                await self._turn()
            await self._end()
        finally:
            await stage.close()
        return self.report

    async def _turn(self) -> None:
        random, stage = self._random, self._stage
        await self._lift_the_stop()
        if random.random() < 0.5:  # noqa: PLR2004 - a probability
            await self._submit(Action.ENTER)
            await stage.quiet()
        for _ in range(random.choice((0, 1, 2))):
            fault = _fault(random)
            stage.note(f"armed {fault}")
            stage.world.arm(fault)
        action = Action.EXIT if random.random() < 0.4 else Action.ENTER  # noqa: PLR2004 - as above
        stage.life.dies_at = stage.life.points + random.randint(1, 30)
        await self._submit(action)
        await asyncio.sleep(random.choice((0.0, 0.02, 0.3, 3.0)))
        await self._engine_is_down(random.choice(DOWN_S))

    async def _engine_is_down(self, down_s: float) -> None:
        random, stage = self._random, self._stage
        stage.note("engine killed")
        await stage.kill()
        stage.report.crashes += 1
        left_s = down_s
        if random.random() < 0.5:  # noqa: PLR2004 - a probability
            stage.dog_life.dies_at = stage.dog_life.points + random.randint(1, 400)
        while left_s > 0:
            step_s = min(left_s, random.choice((0.5, 2.0, 5.0)))
            await asyncio.sleep(step_s)
            stage.show_again()
            left_s -= step_s
            if stage.dog_life.dead.is_set():
                await self._dog_is_down()
        stage.report.excused_s += 1_000
        await stage.start()
        await stage.quiet()

    async def _dog_is_down(self) -> None:
        stage = self._stage
        stage.note("watchdog killed")
        await stage.kill_dog()
        await asyncio.sleep(self._random.choice((0.1, 3.0)))
        stage.start_dog()

    async def _submit(self, action: Action) -> None:
        """Handed in once; a dead engine never answers."""
        stage = self._stage
        self._numbers += 1
        self.report.signals += 1
        notional = Decimal(self._random.randint(2, 20) * 100_000)
        signal = Signal(
            id=f"w{self._numbers}",
            strategy="kimchi",
            action=action,
            symbol=BASE,
            created_at=stage.clock.now(),
            notional_krw=notional if action is Action.ENTER else None,
        )
        sending = asyncio.ensure_future(stage.engine.submit(signal))
        await asyncio.wait([sending], timeout=1.0)
        if sending.done() and not sending.cancelled() and sending.exception() is None:
            stage.acknowledged.append(signal.id)
        sending.cancel()

    async def _lift_the_stop(self) -> None:
        stage = self._stage
        store = stage.store()
        latch = await store.latch(STOP_LATCH)
        if latch is not None:
            if not latch.reason.startswith("watchdog: "):
                self.report.violations.append(f"stopped: {latch.reason}")
            self.report.outcomes["watchdog acted"] += 1
            at_us = epoch_us(stage.clock.now())
            await store.clear_latch(STOP_LATCH, "looked at", at_us=at_us)
            await asyncio.sleep(2.0)

    async def _end(self) -> None:
        stage = self._stage
        stage.world.clear_faults()
        stage.dog_life.dies_at = None
        await stage.quiet()
        if stage.dog_life.dead.is_set():
            await self._dog_is_down()
        await self._lift_the_stop()
        for _ in range(FINAL_EXITS):
            stage.show_again()
            await asyncio.sleep(0.1)
            await self._submit(Action.EXIT)
            await stage.quiet()
        await stage.kill_dog()
        await judge(stage)


# The owner's own coins stand beside ours: whatever is sold twice is sold out of these.
_SETUP = StageSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={BASE: Decimal(1)})
)


def _fault(random: Random) -> Fault:
    venue = random.choice((Venue.UPBIT, Venue.BINANCE))
    orders = RequestMatch(is_order=True)
    late_s = random.choice((0.3, 0.8, 4.0, 12.0))
    faults: tuple[Fault, ...] = (
        DropRequest(venue=venue, match=orders),
        DropResponse(venue=venue, match=orders),
        DelayRequest(venue=venue, match=orders, delay_s=min(late_s, 0.9)),
        DelayResponse(venue=venue, match=orders, delay_s=late_s),
        RefuseOrder(venue=venue),
        HoldOrder(venue=venue, hold_s=late_s),
        ThinBook(venue=venue, part="0.02"),
        CutStream(venue=venue, when="next_order"),
        HttpStatus(venue=venue, match=orders, status=502, body="bad", execute=True),
        HttpStatus(venue=venue, match=orders, status=502, body="bad", execute=False),
        HttpStatus(venue=venue, match=RequestMatch(), status=502, body="bad", count=5),
    )
    return random.choice(faults)


def play_watched(seed: str, *, is_told: bool = False) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    run = WatchedRun(seed, is_told=is_told)
    try:
        return run_virtual(run.run())
    except Exception as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        run.report.violations.append(f"the run broke: {describe(error)}")
        return run.report
