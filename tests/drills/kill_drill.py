"""Kill the real engine process at random moments, again and again, and count what is left.

``tporder run`` on a SQLite file trades against the simulated exchanges over the loopback, under a
steady stream of signals from another process' inbox. SIGKILL strikes at random: while it starts,
while it trades, while it settles. The next one goes on from the journal. In the end everything is
closed, and the judges of the simulation look at the exchanges' own state. Orders take a tenth of a
second to arrive and another one to be answered, and half of the kills are aimed at them: they
strike within moments of a signal.

    python -m tests.drills.kill_drill [--kills 200] [--seed 1] [--json]

Exit code 1 if anything was violated. Everything lives in a temporary folder and ends with it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from trading_platform_order.domain.account.account_events import ForeignMovement, SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import OrderUnanswered, TradeOpened
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.emergency_stop import STOP_LATCH
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.storage.sqlite.store import SqliteInbox, open_inbox, open_reader
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.http import HttpRequest, HttpResponse

TPORDER = Path(sys.executable).with_name("tporder")
STRATEGIES = ("kimchi", "second", "third")
SIGNAL_EVERY_S = 0.5
SIGNAL_LIVES_S = 60.0
AIMED, AIM_S = 0.5, 0.3
WAY_S = 0.1
RESTARTED = "the engine restarted before an answer was journalled"
# A start costs some 110 of Binance's 2,400 units of weight a minute: one too many waits its turn.
START_LIMIT_S = 90.0
SETTLE_LIMIT_S = 120.0
READY = b"engine ready"
_ORDERS = {"match": {"is_order": True}}
SETTINGS = {
    "TPORDER_RISK_ORDER_KRW_MAX": "10000000",
    "TPORDER_RISK_TRADE_KRW_MAX": "20000000",
    "TPORDER_RISK_DAILY_TURNOVER_KRW_MAX": "100000000000",
    "TPORDER_RISK_HOURLY_LOSS_KRW_MAX": "100000000",
    "TPORDER_RISK_ENTRIES_PER_MINUTE_MAX": "1000",
    "TPORDER_BINANCE_WEIGHT_PER_MIN": "2400",
    "TPORDER_HINDRANCES_TAKEN_BACK_IN_A_ROW": "1000",
    "TPORDER_HINDRANCES_TAKEN_BACK_STOP_COUNT": "1000",
    "TPORDER_HINDRANCES_TAKEN_BACK_STOP_KRW": "100000000",
}


class DrillBroken(Exception):  # noqa: N818 - says what could not be done, not what was violated
    """The drill itself could not go on: a process did not start, or nothing came to rest."""


@dataclass(slots=True, kw_only=True)
class DrillReport:
    """What happened, and what was violated.

    Attributes:
        kills_starting: of these, before the engine said it was ready.
        orders_in_flight: whose answer died with an engine.
        duplicates: orders under one id that filled more than once, and fills nobody intended.
        fates: acknowledged signals by how many fates they had; only 1 is right.
        start_s: median time from the process' start to ready.
    """

    seed: int
    kills: int = 0
    kills_starting: int = 0
    signals: int = 0
    trades: int = 0
    orders: int = 0
    orders_in_flight: int = 0
    duplicates: int = 0
    naked: int = 0
    fates: dict[int, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    start_s: float = 0.0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For people."""
        fates = ", ".join(f"{count} signals with {n}" for n, count in sorted(self.fates.items()))
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        return [
            f"kills                {self.kills} ({self.kills_starting} while starting)",
            f"signals acknowledged {self.signals}",
            f"fates                {fates}",
            f"trades               {self.trades}: {outcomes}",
            f"orders placed        {self.orders}, {self.orders_in_flight} in flight when killed",
            f"duplicates           {self.duplicates}",
            f"naked positions      {self.naked}",
            f"engine ready after   {self.start_s:.2f} s (median)",
            f"took                 {self.seconds:.0f} s, seed {self.seed}",
            *(f"VIOLATION: {text}" for text in self.violations),
            f"violations           {len(self.violations)}",
        ]


class Desk:
    """The processes: one simulator, one engine at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "drill.db"
        self._ready_file = folder / "ready.json"
        self._simulator: Process | None = None
        self._engine: Process | None = None

    async def start_simulator(self) -> None:
        """Serve both exchanges, until :meth:`close`."""
        self._simulator = await self._spawn(
            "simulator", "serve", "--seed", "1", "--ready-file", str(self._ready_file)
        )
        async with asyncio.timeout(START_LIMIT_S):
            while not self._ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
                await asyncio.sleep(0.02)

    async def start_engine(self) -> Process:
        """A new engine process over the old database; it may not be ready yet."""
        self._engine = await self._spawn("run")
        return self._engine

    async def _spawn(self, *arguments: str) -> Process:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
        places = {
            "TPORDER_STORE_PATH": str(self.database),
            "TPORDER_PAPER_READY_FILE": str(self._ready_file),
            "PYTHONUNBUFFERED": "1",
        }
        return await asyncio.create_subprocess_exec(
            str(TPORDER),
            *arguments,
            env=kept | SETTINGS | places,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def state(self) -> dict[str, Any]:
        """Both exchanges as the control port tells them."""
        state: dict[str, Any] = json.loads(await self._control("GET", "/state"))
        return state

    async def slow_down(self) -> None:
        """Every order is on its way for a while, and so is its answer."""
        faults = [
            {"kind": kind, "venue": venue, "delay_s": WAY_S, "count": 1_000_000} | _ORDERS
            for venue in ("upbit", "binance")
            for kind in ("delay_request", "delay_response")
        ]
        await self._control("POST", "/faults", json.dumps(faults).encode())

    async def _control(self, method: str, path: str, body: bytes = b"") -> bytes:
        base = json.loads(self._ready_file.read_text(encoding="utf-8"))["control"]
        http = AiohttpTransport()
        try:
            answer = await http.send(HttpRequest(method=method, url=f"{base}{path}", body=body))
        finally:
            await http.close()
        if not isinstance(answer, HttpResponse) or answer.status >= 400:
            raise DrillBroken(f"the simulator does not do {method} {path}: {answer}")
        return answer.body

    async def close(self) -> None:
        """End both processes, whatever they do."""
        for process in (self._engine, self._simulator):
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def until_ready(engine: Process) -> None:
    """Return when the engine says so.

    Raises:
        DrillBroken: it ended, or said nothing in time.
    """
    heard = b""
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while engine.stdout is not None:
                line = await engine.stdout.readline()
                heard += line
                if READY in line:
                    return
                if not line:
                    break
    except TimeoutError:
        pass
    raise DrillBroken(f"the engine did not become ready: {heard.decode(errors='replace')}")


class Sender:
    """Another process' hand: puts signals into the durable inbox, whoever may be alive."""

    def __init__(self, desk: Desk, inbox: SqliteInbox, random: Random) -> None:
        self._desk = desk
        self._inbox = inbox
        self._random = random
        self.acknowledged: list[str] = []
        self.has_sent = asyncio.Event()

    async def run(self) -> None:
        """A signal every now and then, until cancelled."""
        while True:
            await self.send(self._random.choice(("ENTER", "EXIT")), self._random.choice(STRATEGIES))
            if self._random.random() < 0.1:
                await self.send("EXIT", self._random.choice(STRATEGIES))
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * SIGNAL_EVERY_S)

    async def send(self, action: str, strategy: str) -> None:
        """Durable first, then a knock; from then on it must have one fate."""
        name, now = f"s{len(self.acknowledged)}", datetime.now(UTC)
        fields: dict[str, object] = {
            "id": name,
            "strategy": strategy,
            "action": action,
            "symbol": "BTC",
            "created_at": now.isoformat(),
        }
        if self._random.random() < 0.8:
            # Most outlive a restart; a few come back stale.
            fields["expires_at"] = (now + timedelta(seconds=SIGNAL_LIVES_S)).isoformat()
        if action == "ENTER":
            fields["notional_krw"] = str(self._random.randint(3, 30) * 100_000)
        await self._inbox.put_signal(json.dumps(fields), at_us=time.time_ns() // 1_000)
        self.acknowledged.append(name)
        knock_at(wake_path(self._desk.database, "main"))
        self.has_sent.set()


class Drill:
    """One drill."""

    def __init__(self, desk: Desk, *, kills: int, seed: int) -> None:
        self._desk = desk
        self._kills = kills
        self._random = Random(seed)  # noqa: S311 - a drill that can be repeated, not a secret
        self._starts_s: list[float] = []
        self.report = DrillReport(seed=seed)

    async def run(self) -> DrillReport:
        """Kill, close, judge."""
        began = time.monotonic()
        await self._desk.start_simulator()
        await self._desk.slow_down()
        inbox = open_inbox(self._desk.database)
        try:
            sender = Sender(self._desk, inbox, self._random)
            sending = asyncio.create_task(sender.run())
            try:
                while self.report.kills < self._kills:
                    await self._one_life(sender)
                    if sending.done():
                        sending.result()
            finally:
                sending.cancel()
                await asyncio.wait([sending])
            await self._close_all(sender)
        finally:
            await inbox.close()
        await self._judge(sender.acknowledged)
        self.report.start_s = sorted(self._starts_s)[len(self._starts_s) // 2]
        self.report.seconds = round(time.monotonic() - began, 1)
        return self.report

    async def _one_life(self, sender: Sender) -> None:
        began = time.monotonic()
        engine = await self._desk.start_engine()
        if self._random.random() < 0.2:
            await asyncio.sleep(self._random.uniform(0.1, 1.0))
            self.report.kills_starting += 1
        else:
            await until_ready(engine)
            self._starts_s.append(time.monotonic() - began)
            await self._let_live(sender)
        if engine.returncode is not None:
            raise DrillBroken(f"the engine ended by itself with {engine.returncode}")
        engine.send_signal(signal.SIGKILL)
        await engine.wait()
        self.report.kills += 1

    async def _let_live(self, sender: Sender) -> None:
        if self._random.random() >= AIMED:
            await asyncio.sleep(self._life_s())
            return
        sender.has_sent.clear()
        await sender.has_sent.wait()
        await asyncio.sleep(self._random.uniform(0.0, AIM_S))

    def _life_s(self) -> float:
        """Mostly too short to resolve an order whose answer died with the engine before."""
        is_long = self._random.random() < 0.2
        return self._random.uniform(3.0, 6.0) if is_long else self._random.expovariate(1 / 0.7)

    async def _close_all(self, sender: Sender) -> None:
        engine = await self._desk.start_engine()
        await until_ready(engine)
        await self._at_rest()
        for _ in range(2):
            for strategy in STRATEGIES:
                await sender.send("EXIT", strategy)
            await self._at_rest()

    async def _at_rest(self) -> None:
        """No signal waits, no trade is under way, three looks in a row."""
        calm = 0
        try:
            async with asyncio.timeout(SETTLE_LIMIT_S):
                while calm < 3:
                    await asyncio.sleep(0.3)
                    calm = calm + 1 if await self._is_quiet() else 0
        except TimeoutError:
            raise DrillBroken(f"not at rest within {SETTLE_LIMIT_S} s") from None

    async def _is_quiet(self) -> bool:
        reader = open_reader(self._desk.database)
        try:
            replayed = await replay(reader)
            waiting = (await reader.overview()).waiting_signals
        finally:
            await reader.close()
        running = any(t.state is TradeState.EXECUTING for t in replayed.trades.values())
        return not running and not replayed.unfated and not waiting

    async def _judge(self, acknowledged: Sequence[str]) -> None:
        state = await self._desk.state()
        reader = open_reader(self._desk.database)
        try:
            replayed = await replay(reader)
            duplicates = list(invariants.nothing_placed_twice(state, replayed.trades))
            naked = list(invariants.hedged_or_flat(state, {}))
            fates: Counter[str] = Counter()
            foreign = []
            async for row in reader.journal_all():
                event = event_of(row)
                if isinstance(event, TradeOpened):
                    fates[event.signal.id] += 1
                elif isinstance(event, SignalRefused) and event.code != RefusalCode.SIGNAL_CONFLICT:
                    fates[event.signal_id] += 1
                elif isinstance(event, OrderUnanswered):
                    self.report.orders_in_flight += event.reason == RESTARTED
                elif isinstance(event, ForeignMovement):
                    foreign.append(f"recorded as foreign: {event.amount} {event.asset}")
            latch = await reader.latch(STOP_LATCH)
            await reader.verify_chain()
        finally:
            await reader.close()
        report = self.report
        report.signals, report.trades = len(acknowledged), len(replayed.trades)
        report.orders = len(invariants.placed_orders(state))
        report.duplicates, report.naked = len(duplicates), len(naked)
        report.fates = dict(Counter(fates[name] for name in acknowledged))
        report.outcomes = dict(
            Counter(t.outcome.value for t in replayed.trades.values() if t.outcome is not None)
        )
        report.violations += [
            *duplicates,
            *naked,
            *invariants.nothing_open(state),
            *invariants.ledger_equals_exchanges(state, replayed.book),
            *invariants.every_trade_ended(replayed.trades),
            *invariants.every_signal_has_one_fate(acknowledged, fates),
            *invariants.stopped_as_expected(latch.reason if latch else None, None),
            *foreign,
        ]


async def drill(*, kills: int, seed: int) -> DrillReport:
    """Run one in a temporary folder; leaves nothing behind.

    Raises:
        DrillBroken: a process did not start, or nothing came to rest.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-drill-"))
        desk = Desk(Path(folder))
        stack.push_async_callback(desk.close)
        return await Drill(desk, kills=kills, seed=seed).run()


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description="kill the engine at random, judge what is left")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = asyncio.run(drill(kills=options.kills, seed=options.seed))
    text = json.dumps(asdict(report), indent=2) if options.json else "\n".join(report.lines())
    sys.stdout.write(f"{text}\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
