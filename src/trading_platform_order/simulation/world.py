"""One run: the real engine, adapters and store against both simulated exchanges in virtual time."""

import asyncio
import itertools
import sqlite3
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from trading_platform_order.domain.account_events import ForeignMovement, SignalRefused
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade_events import TradeOpened
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.executor.account_keeper import STOP_LATCH
from trading_platform_order.executor.codec import event_of
from trading_platform_order.executor.journal_replay import replay
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.runtime.assembly import (
    Network,
    executor_settings,
    make_exchanges,
)
from trading_platform_order.runtime.engine import BUILD, Engine, EngineWorld
from trading_platform_order.runtime.settings import EngineSection, RiskSection, Settings
from trading_platform_order.simulation import checkers
from trading_platform_order.simulation.mortal import (
    Life,
    MortalHttp,
    MortalStore,
    MortalWebSockets,
)
from trading_platform_order.simulation.plan import Turn, plan_run
from trading_platform_order.simulator.clock import MarketClock
from trading_platform_order.simulator.in_process import InProcessHttp, InProcessWebSockets
from trading_platform_order.simulator.market import standing, tick_of
from trading_platform_order.simulator.world import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from trading_platform_order.storage.base import ClaimResult

BASE = "BTC"
BARS = 400
START = datetime(2026, 1, 5, tzinfo=UTC)
QUIET_LIMIT_S = 900.0
READY_LIMIT_S = 120.0
LATENCY_S = 0.004
OPENING_KRW = Decimal(20_000_000)
OPENING_USDT = Decimal(15_000)
URLS = {
    Venue.UPBIT: ("https://upbit.invalid", "wss://upbit.invalid"),
    Venue.BINANCE: ("https://binance.invalid", "wss://binance.invalid"),
}


@cache
def market_bars() -> tuple[Bar, ...]:
    """The market every run walks through."""
    return tuple(generate_bars(seed=7, bars=BARS, symbol=BASE))


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What happened in one run."""

    seed: str
    violations: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    signals: int = 0
    requests: int = 0
    timeline: list[str] = field(default_factory=list)


class SimulationRun:
    """Builds the world, plays the plan, judges the end."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
        self.report = RunReport(seed=seed)
        self._nonces = itertools.count(1)
        self._acknowledged: list[str] = []
        self._sent: list[Signal] = []
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._keys = SimulatorKeys()
        self._engine: Engine | None = None
        self._life = Life()
        self._task: asyncio.Task[None] | None = None
        self._armed: list[tuple[str, int]] = []
        self._tick = tick_of(BASE, market_bars()[0])

    async def run(self) -> RunReport:
        """One world until it is quiet and flat."""
        loop = asyncio.get_running_loop()
        self._clock = MarketClock(START, loop.time)
        self._world: SimulatedWorld = open_world(
            clock=self._clock,
            keys=self._keys,
            opening=Opening(krw=OPENING_KRW, usdt=OPENING_USDT),
            latency_s=LATENCY_S,
        )
        self._show(market_bars()[0])
        try:
            await self._start()
            for number, turn in enumerate(plan_run(self._random, bars=BARS)):
                await self._play(number, turn)
            await self._end()
        finally:
            await self._kill()
            self._world.close()
        return self.report

    # -- the engine's life ------------------------------------------------------------------------

    async def _start(self) -> None:
        self._life = Life()
        gateways = self._world.gateways
        store = MortalStore(self._connection, build=BUILD, durability="normal")
        store.life = self._life
        network = Network(
            http=MortalHttp(
                InProcessHttp({URLS[v][0]: gate for v, gate in gateways.items()}), self._life
            ),
            websockets=MortalWebSockets(
                InProcessWebSockets({URLS[v][1]: gate for v, gate in gateways.items()}), self._life
            ),
            clock=self._clock,
            nonce=lambda: f"nonce-{next(self._nonces)}",
        )
        world = EngineWorld(
            exchanges=make_exchanges(
                network=network,
                upbit_config=UpbitConfig(
                    rest_url=URLS[Venue.UPBIT][0],
                    ws_url=URLS[Venue.UPBIT][1] + "/websocket/v1",
                    credentials=Credentials(
                        key=self._keys.upbit_access_key, secret=self._keys.upbit_secret_key
                    ),
                ),
                binance_config=BinanceConfig(
                    rest_url=URLS[Venue.BINANCE][0],
                    ws_url=URLS[Venue.BINANCE][1],
                    credentials=Credentials(
                        key=self._keys.binance_api_key, secret=self._keys.binance_secret_key
                    ),
                ),
            ),
            store=store,
            clock=self._clock,
            wire_time=lambda _: None,
        )
        self._engine = Engine(world=world, settings=_SETTINGS, leverage=2, project_every_s=3_600)
        ready = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._engine.run(ready))
        deadline = self._clock.monotonic() + READY_LIMIT_S
        while not ready.is_set():
            if self._task.done():
                self._task.result()
            if self._clock.monotonic() > deadline:
                raise TimeoutError(f"the engine was not ready after {READY_LIMIT_S} s")
            self._show_again()
            await asyncio.sleep(0.2)
        self._note("engine ready")

    async def _kill(self) -> None:
        self._life.dead.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        for gateway in self._world.gateways.values():
            gateway.close_streams("the engine is dead")

    async def _crash_and_restart(self, down_s: float) -> None:
        self.report.crashes += 1
        self._note(f"engine killed at point {self._life.points}")
        await self._kill()
        await asyncio.sleep(down_s)
        await self._start()

    # -- one turn ---------------------------------------------------------------------------------

    async def _play(self, number: int, turn: Turn) -> None:
        self._show(market_bars()[turn.bar])
        await asyncio.sleep(0.05)
        for kind, fault in turn.faults:
            self._note(f"armed {kind} on {fault.venue}")
            self._world.arm(fault)
        if turn.dies_at is not None:
            self._life.dies_at = self._life.points + turn.dies_at
        if turn.repeats is not None:
            await self._repeat(self._sent[turn.repeats], turn.down_s)
        signal = self._signal(f"s{number}", turn.action, turn.strategy, turn.notional_krw)
        if turn.long_lived:
            signal = replace(signal, expires_at=signal.created_at + timedelta(hours=1))
        self._sent.append(signal)
        await self._deliver(signal, turn.down_s)
        if turn.again:
            await self._deliver(signal, turn.down_s)
        if turn.conflicting:
            other = replace(signal, notional_krw=turn.notional_krw + 100_000)
            if await self._deliver(other, turn.down_s) is ClaimResult.CLAIMED:
                self.report.violations.append(f"{signal.id} was claimed with another content")
        if turn.wait_s is None:
            await self._quiet(turn.down_s)
        else:
            await asyncio.sleep(turn.wait_s)
            await self._revive(turn.down_s)

    async def _repeat(self, signal: Signal, down_s: float) -> None:
        """A webhook delivered once more, long after: it must not trade again."""
        if await self._deliver(signal, down_s) is not ClaimResult.DUPLICATE:
            self.report.violations.append(f"{signal.id} was claimed a second time")

    def _signal(self, name: str, action: Action, strategy: str, notional: Decimal) -> Signal:
        self.report.signals += 1
        return Signal(
            id=name,
            strategy=strategy,
            action=action,
            symbol=BASE,
            created_at=self._clock.now(),
            notional_krw=notional if action is Action.ENTER else None,
        )

    async def _deliver(self, signal: Signal, down_s: float) -> ClaimResult:
        """A sender that repeats until it is answered, as a careful one does."""
        while True:
            await self._revive(down_s)
            engine = self._engine
            if engine is None:
                raise RuntimeError("no engine to deliver to")
            sending = asyncio.ensure_future(engine.submit(signal))
            dying = asyncio.ensure_future(self._life.dead.wait())
            await asyncio.wait([sending, dying], return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            if sending.done():
                receipt = sending.result()
                self._note(f"{signal.action} {signal.id}: {receipt.result} {receipt.refusal or ''}")
                self._acknowledged.append(signal.id)
                return receipt.result
            sending.cancel()

    async def _revive(self, down_s: float) -> None:
        if self._life.dead.is_set():
            await self._crash_and_restart(down_s)
        elif self._task is not None and self._task.done():
            self._task.result()
            raise RuntimeError("the engine returned")

    async def _quiet(self, down_s: float = 1.0) -> None:
        """Until nothing is under way anywhere."""
        deadline = self._clock.monotonic() + QUIET_LIMIT_S
        calm = 0
        while calm < CALM_LOOKS:
            await asyncio.sleep(0.25)
            await self._revive(down_s)
            engine = self._engine
            quiet = engine is not None and engine.executor.is_idle and self._world.idle()
            calm = calm + 1 if quiet else 0
            if self._clock.monotonic() > deadline:
                self.report.violations.append(f"not quiet after {QUIET_LIMIT_S} s")
                return

    # -- the end ----------------------------------------------------------------------------------

    async def _end(self) -> None:
        await self._quiet()
        self._life.dies_at = None
        for row in self._world.faults():
            self.report.faults[_fault_name(row)] += row["struck"]
        self._world.clear_faults()
        self.report.violations += checkers.hedged_or_flat(self._world.state(), {})
        for attempt in range(3):
            self._show_again()
            await asyncio.sleep(0.05)
            signal = self._signal(f"final{attempt}", Action.EXIT, "kimchi", ZERO)
            await self._deliver(signal, 1.0)
            await self._quiet()
        await self._judge()

    async def _judge(self) -> None:
        state = self._world.state()
        store = MortalStore(self._connection, build=BUILD, durability="normal")
        store.life = Life()
        replayed = await replay(store)
        violations = self.report.violations
        violations += checkers.nothing_placed_twice(state, replayed.trades)
        violations += checkers.hedged_or_flat(state, {})
        violations += checkers.nothing_open(state)
        violations += checkers.ledger_equals_exchanges(state, replayed.book)
        violations += checkers.every_trade_ended(replayed.trades)
        fates: Counter[str] = Counter()
        foreign: list[str] = []
        async for row in store.journal_all():
            self._note(f"#{row.seq} {row.kind} {row.body}", at_us=row.at_us)
            event = event_of(row)
            if isinstance(event, ForeignMovement):
                foreign.append(f"{event.exchange} {event.asset} {event.amount}")
            if isinstance(event, TradeOpened):
                fates[event.signal.id] += 1
            if isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
                fates[event.signal_id] += 1
                self.report.outcomes[f"refused:{event.code}"] += 1
        latch = await store.latch(STOP_LATCH)
        violations += checkers.nothing_foreign(foreign, latch.reason if latch else None)
        violations += checkers.every_signal_has_one_fate(self._acknowledged, fates)
        await store.verify_chain()
        self.report.outcomes.update(
            trade.outcome.value for trade in replayed.trades.values() if trade.outcome is not None
        )
        self.report.requests = sum(gate.requests_seen for gate in self._world.gateways.values())

    # -- small things -----------------------------------------------------------------------------

    def _show(self, bar: Bar) -> None:
        self._tick = tick_of(BASE, bar)
        self._show_again()

    def _show_again(self) -> None:
        self._tick = standing(self._tick, self._clock.now())
        self._world.show([self._tick])

    def _note(self, text: str, *, at_us: int | None = None) -> None:
        now = self._clock.now()
        if at_us is not None:
            now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
        offset_s = (now - START).total_seconds()
        self.report.timeline.append(f"{plain(Decimal(str(round(offset_s, 3)))):>10} s  {text}")


CALM_LOOKS = 3


def _fault_name(row: dict[str, object]) -> str:
    name = str(row["kind"])
    if name == "http_status":
        return name + ("_executed" if row["execute"] else "_not_executed")
    return name


_SETTINGS: ExecutorSettings = executor_settings(
    Settings(
        engine=EngineSection(symbols=(BASE,)),
        risk=RiskSection(
            order_krw_max=Decimal(10_000_000),
            trade_krw_max=Decimal(20_000_000),
            entries_per_minute_max=1_000,
            daily_turnover_krw_max=Decimal(1_000_000_000),
            hourly_loss_krw_max=Decimal(10_000_000),
        ),
    )
)
