"""The stage of one cell: engine, inbox and perhaps a watchdog, and a stopwatch on the exchanges.

Whether a pair is closed, and whether its legs differ, is read from the exchanges' own state, never
from what the engine says.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from exchange_simulator.faults.armed import ArmedFault
from exchange_simulator.faults.kinds import CutStream, Fault, MessageFault
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import BPS
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.runtime.doors.inbox_consumer import InboxLoop
from trading_platform_order.runtime.engine import Background, Engine, EngineWorld
from trading_platform_order.signals.arrival.inbox import InboxSource
from trading_platform_order.signals.arrival.wakeup import LocalWake
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.simulation.endpoint_sweep.endpoints import LASTS_S
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.testbed.failover.failover_testbed import FailoverTestBed
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup
from trading_platform_order.storage.base import Entry, Store
from trading_platform_order.storage.relational.runner import Inline
from trading_platform_order.storage.relational.store import SqlInbox
from trading_platform_order.transport.clock import epoch_us

STRATEGY = "kimchi"
NOTIONAL_KRW = Decimal(1_000_000)
TICK_S = 1.0
STRUCK_WITHIN_S = 65.0
"""Whatever is asked for regularly is asked for in this time."""
OLD_S = 15.0
"""What a stream told last is old by then, whatever it was."""
JUST_AFTER_S = 0.05
DIES_WITHIN_S = 5.0
AFTER_END_S = 60.0
"""A cell that is not over so long after its fault has ended is never over."""
_STREAM_FAULTS = (CutStream, MessageFault)
_FINE_STEP_S, _FINE_UNTIL_S, _STEP_S = 0.02, 5.0, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the stopwatch says.

    Attributes:
        seconds: until it was over; ``None``: it never was.
        naked_s: for so long in all the legs differed meanwhile.
    """

    seconds: float | None
    naked_s: float


class SweepTestBed(FailoverTestBed):
    """A stage whose engine takes signals from the durable inbox, as a service's does."""

    def __init__(self, report: RunReport, setup: TestBedSetup, *, has_dog: bool) -> None:
        super().__init__(report, setup, random=Random(report.seed))  # noqa: S311 - reproducible
        self._has_dog = has_dog
        self._engine_store: Store

    def _engine_world(self) -> EngineWorld:
        world = super()._engine_world()
        self._engine_store = world.store
        return world if self._has_dog else replace(world, watch=None)

    def _background(self) -> tuple[Callable[[Engine], Background], ...]:
        return (self._inbox_loop,)

    def _inbox_loop(self, engine: Engine) -> Background:
        store = self._engine_store
        source = InboxSource(store, LocalWake())
        return InboxLoop(engine=engine, store=store, source=source, clock=self.engine_clock)


class Bed:
    """What the cases are written with.

    Args:
        fault: what goes wrong from :meth:`strike` on; ``None`` for the case without any.

    Attributes:
        fault_ends_s: when it is over (virtual seconds).
        refused: ids of the signals that the engine refused.
        settled: how many trades it has settled.
    """

    def __init__(self, testbed: SweepTestBed, fault: Fault | None) -> None:
        self.testbed = testbed
        self.fault_ends_s = 0.0
        self.refused: set[str] = set()
        self.settled = 0
        self._fault = fault
        self._tasks: list[asyncio.Task[None]] = []
        self._dies_at_kind: str | None = None
        testbed.observers.append(self._committed)
        self.spawn(self._tick())

    def _committed(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        for entry in entries:
            self.testbed.note(f"journal: {entry.kind} {entry.body}")
            if entry.kind == "signal_refused":
                self.refused.add(msgspec.json.decode(entry.body, type=SignalRefused).signal_id)
            self.settled += entry.kind == "trade_settled"
            if entry.kind == self._dies_at_kind:
                self._dies_at_kind = None
                self.testbed.crash_point.die()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.testbed.show_again()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside everything else, until the end."""
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def close(self) -> None:
        """Nothing goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def now_s(self) -> float:
        """Virtual seconds."""
        return self.testbed.clock.monotonic()

    # -- what happens -----------------------------------------------------------------------------

    async def opened(self) -> None:
        """A pair is open and all is quiet."""
        testbed = self.testbed
        await testbed.start()
        await asyncio.sleep(JUST_AFTER_S)
        await testbed.deliver(self.signal(Action.ENTER, "before"))
        await self.measure(self.is_hedged, within_s=30.0)
        await asyncio.sleep(3.0)

    async def strike(self) -> None:
        """The fault begins, streams break once as they do every day; returns as it strikes.

        What follows meets the endpoint at its worst moment: just as it is being waited for.
        """
        armed = self.arm()
        for venue in self.testbed.world.gateways:
            self.testbed.world.gateways[venue].arm(CutStream(venue=venue))
        if armed is None or isinstance(self._fault, _STREAM_FAULTS):
            await asyncio.sleep(OLD_S)
        else:
            await asyncio.sleep(TICK_S)
            struck = armed.struck
            await self._until(lambda: armed.struck > struck, within_s=STRUCK_WITHIN_S)
        self.testbed.show_again()
        await asyncio.sleep(JUST_AFTER_S)

    def arm(self) -> ArmedFault | None:
        """The fault begins, and ends after its ten minutes."""
        self.fault_ends_s = self.now_s + LASTS_S
        if self._fault is None:
            return None
        asyncio.get_running_loop().call_later(LASTS_S, self.testbed.world.clear_faults)
        self.testbed.note(f"armed {self._fault}")
        return self.testbed.world.arm(self._fault)

    def signal(self, action: Action, name: str, *, quantity: Decimal | None = None) -> Signal:
        """A signal made now."""
        return Signal(
            id=name,
            strategy=STRATEGY,
            action=action,
            symbol=BASE,
            created_at=self.testbed.clock.now(),
            expires_at=self.testbed.clock.now() + timedelta(hours=1) if quantity else None,
            notional_krw=NOTIONAL_KRW if action is Action.ENTER else None,
            quantity_base=quantity,
        )

    async def put(self, signal: Signal) -> None:
        """Into the durable inbox, as another process does."""
        inbox = SqlInbox(self.testbed.connection, Inline(), "main")
        self.testbed.note(f"{signal.action} {signal.id} into the inbox")
        await inbox.put_signal(signal_to_json(signal), at_us=epoch_us(self.testbed.clock.now()))

    def submit(self, signal: Signal) -> None:
        """Hand it in; nobody waits for the answer."""
        self.testbed.note(f"{signal.action} {signal.id}")
        self.spawn(self._submit(signal))

    async def _submit(self, signal: Signal) -> None:
        receipt = await self.testbed.engine.submit(signal)
        self.testbed.note(f"{signal.id}: {receipt.result} {receipt.refusal or ''}")

    def die_at(self, kind: str) -> None:
        """The engine is dead as soon as a row of this kind is durable."""
        self._dies_at_kind = kind

    async def dead(self) -> None:
        """Until it is, for some seconds; then the process is gone."""
        await self._until(self.testbed.crash_point.dead.is_set, within_s=DIES_WITHIN_S)
        if not self.testbed.crash_point.dead.is_set():
            raise RuntimeError("the engine did not come to the point at which it was to die")
        self.testbed.note("engine killed")
        await self.testbed.kill()

    async def _until(self, is_so: Callable[[], bool], *, within_s: float) -> None:
        until_s = self.now_s + within_s
        while not is_so() and self.now_s < until_s:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(JUST_AFTER_S)

    def fall(self, bps: int) -> None:
        """Upbit's price against Binance's."""
        tick = self.testbed.tick(BASE)
        self.testbed.set_tick(
            replace(tick, upbit_close=tick.upbit_close * (1 + Decimal(bps) / BPS))
        )

    # -- what is there ----------------------------------------------------------------------------

    @property
    def coins(self) -> Decimal:
        """On Upbit, the owner's too."""
        return self.testbed.world.upbit.totals.get(BASE, Decimal(0))

    @property
    def short(self) -> Decimal:
        """On Binance, positive when short."""
        return -self.testbed.world.position(f"{BASE}USDT")

    def is_even(self) -> bool:
        """The legs differ by less than can be traded."""
        gap = abs(self.coins - self.short)
        return gap * self.testbed.world.upbit.prices[f"KRW-{BASE}"] < UNEVEN_KRW

    def is_flat(self) -> bool:
        """Both legs are closed."""
        return self.short == 0 and self.is_even()

    def is_hedged(self) -> bool:
        """Both legs are there."""
        return self.short > 0 and self.is_even()

    async def measure(
        self, is_over: Callable[[], bool], *, within_s: float | None = None, late_s: float = 0.0
    ) -> Measured:
        """From now (or ``late_s`` ago) until it is over, or until the fault has long ended."""
        began_s = self.now_s
        until_s = began_s + within_s if within_s else self.fault_ends_s + AFTER_END_S
        naked_s = 0.0
        while not is_over():
            if self.now_s > until_s:
                return Measured(seconds=None, naked_s=round(naked_s, 2))
            step_s = _FINE_STEP_S if self.now_s - began_s < _FINE_UNTIL_S else _STEP_S
            is_naked = not self.is_even()
            await asyncio.sleep(step_s)
            naked_s += step_s if is_naked else 0.0
        seconds = self.now_s - began_s + late_s
        return Measured(seconds=round(seconds, 2), naked_s=round(naked_s, 2))
