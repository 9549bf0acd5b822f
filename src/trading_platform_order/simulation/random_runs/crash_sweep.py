"""Whole sweeps of crashes: a fixed script, killed once at every single point of it.

A script is played once to count its points; then once more for each, with the engine killed there
and started again over the same database. There are two rows of points: before and after every
call of a port (a request, a commit), and every moment at which a timer of the engine fires.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal

from exchange_simulator.faults.kinds import (
    DropRequest,
    DropResponse,
    Fault,
    HoldOrder,
    LoseMessage,
    MessageMatch,
    RefuseOrder,
    RequestMatch,
    ThinBook,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.final import run_checkers
from trading_platform_order.simulation.random_runs.wind_down import close_all, let_reconcile
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed, TestBedSetup
from trading_platform_order.transport.virtual_loop import (
    VirtualLoop,
    run_virtual,
)

_ORDER = RequestMatch(is_order=True)
_UPBIT, _BINANCE = Venue.UPBIT, Venue.BINANCE
Play = Callable[[TestBed], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where the engine dies: ``row`` is ``call`` or ``timer``, ``number`` counts from 1."""

    script: str
    row: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How many points a script has."""

    calls: int
    timers: int


async def _send(testbed: TestBed, action: Action) -> None:
    signal = Signal(
        id=action.value.lower(),
        strategy="kimchi",
        action=action,
        symbol=BASE,
        created_at=testbed.clock.now(),
        notional_krw=Decimal(500_000) if action is Action.ENTER else None,
    )
    await testbed.deliver(signal)


def _enter(*faults: Fault) -> Play:
    async def play(testbed: TestBed) -> None:
        for fault in faults:
            testbed.world.arm(fault)
        await _send(testbed, Action.ENTER)
        await testbed.quiet()

    return play


def _exit(*faults: Fault) -> Play:
    async def play(testbed: TestBed) -> None:
        await _send(testbed, Action.ENTER)
        await testbed.quiet()
        for fault in faults:
            testbed.world.arm(fault)
        await _send(testbed, Action.EXIT)
        await testbed.quiet()

    return play


def _news_lost(venue: Venue, contains: str) -> LoseMessage:
    return LoseMessage(venue=venue, match=MessageMatch(contains=contains), count=20)


SCRIPTS: dict[str, Play] = {
    "enter": _enter(),
    "exit": _exit(),
    "enter, the hedge refused": _enter(RefuseOrder(venue=_BINANCE)),
    "enter, the coins refused": _enter(RefuseOrder(venue=_UPBIT)),
    "enter, the hedge unanswered": _enter(
        DropResponse(venue=_BINANCE, match=_ORDER), _news_lost(_BINANCE, "ORDER_TRADE_UPDATE")
    ),
    "enter, the coins unanswered": _enter(
        DropResponse(venue=_UPBIT, match=_ORDER), _news_lost(_UPBIT, "myOrder")
    ),
    "enter, the hedge never arrives": _enter(DropRequest(venue=_BINANCE, match=_ORDER)),
    "enter, the coins never arrive": _enter(DropRequest(venue=_UPBIT, match=_ORDER)),
    "enter, the hedge fills in part": _enter(ThinBook(venue=_BINANCE, part="0.0005")),
    "enter, the coins stay working": _enter(HoldOrder(venue=_UPBIT, hold_s=8.0)),
    "exit, the hedge refused": _exit(RefuseOrder(venue=_BINANCE)),
    "exit, the coins unanswered": _exit(DropResponse(venue=_UPBIT, match=_ORDER)),
}


class _SweepRun:
    """One script, with or without a death."""

    def __init__(self, script: str, *, call: int | None = None, timer: int | None = None) -> None:
        name = f"{script} / {'call' if call else 'timer'} {call or timer or 0}"
        self.report = RunReport(seed=name, is_told=False)
        self._script, self._call, self._timer = script, call, timer
        self.length = Length(calls=0, timers=0)

    async def run(self) -> RunReport:
        """Play, come to rest, judge."""
        testbed = TestBed(self.report, TestBedSetup())
        testbed.open()
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            loop.watch(lambda: testbed.crash_point.tick())  # noqa: PLW0108 - lives come and go
        try:
            await testbed.start()
            crash_point = testbed.crash_point
            began, ticked = crash_point.points, crash_point.ticks
            crash_point.dies_at = None if self._call is None else began + self._call
            crash_point.dies_at_tick = None if self._timer is None else ticked + self._timer
            await asyncio.sleep(0.05)
            await SCRIPTS[self._script](testbed)
            self.length = Length(
                calls=crash_point.points - began, timers=crash_point.ticks - ticked
            )
            testbed.crash_point.dies_at = testbed.crash_point.dies_at_tick = None
            testbed.world.clear_faults()
            await testbed.quiet()
            await close_all(testbed)
            await let_reconcile(testbed)
            await run_checkers(testbed)
        finally:
            await testbed.close()
        return self.report


def length_of(script: str) -> Length:
    """How many points a script has when nobody dies."""
    run = _SweepRun(script)
    report = run_virtual(run.run())
    if report.violations:
        raise RuntimeError(f"{script}: {report.violations[0]}")
    return run.length


def points_of(script: str, *, every: int = 1) -> list[Point]:
    """Every point of a script, or each ``every``-th of both rows."""
    length = length_of(script)
    return [
        Point(script=script, row=row, number=number)
        for row, count in (("call", length.calls), ("timer", length.timers))
        for number in range(1, count + 1, every)
    ]


def die_at(point: Point) -> RunReport:
    """Play a script with the engine killed at one point; what breaks is a violation."""
    is_call = point.row == "call"
    run = _SweepRun(
        point.script,
        call=point.number if is_call else None,
        timer=None if is_call else point.number,
    )
    try:
        return run_virtual(run.run())
    except Exception as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        run.report.violations.append(f"the run broke: {describe(error)}")
        return run.report


@dataclass(slots=True, kw_only=True)
class SweepSummary:
    """All deaths of all scripts.

    Attributes:
        points: by script and row, how many points there are and were died at.
        failed: name of a death, and what was violated after it.
    """

    points: dict[str, dict[str, int]] = field(default_factory=dict)
    runs: int = 0
    crashes: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "scripts": self.points,
            "runs": self.runs,
            "crashes": self.crashes,
            "violations": len(self.failed),
            "violated": [{"point": name, "what": what} for name, what in self.failed],
        }

    def lines(self) -> list[str]:
        """For operators."""
        return [
            *(
                f"{script}: {rows['call']} calls, {rows['timer']} moments"
                for script, rows in self.points.items()
            ),
            *(f"VIOLATION after {name}: {what}" for name, what in self.failed),
            f"{self.runs} runs, {self.crashes} crashes, violations: {len(self.failed)}",
        ]


def sweep(
    *,
    scripts: Sequence[str] = tuple(SCRIPTS),
    every: int = 1,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> SweepSummary:
    """Die at every point of these scripts (or each ``every``-th), one death a run."""
    summary = SweepSummary()
    points = [point for script in scripts for point in points_of(script, every=every)]
    for point in points:
        rows = summary.points.setdefault(point.script, {"call": 0, "timer": 0})
        rows[point.row] += 1
    for done, report in enumerate(_reports(points, jobs), 1):
        summary.runs += 1
        summary.crashes += report.crashes
        summary.failed += [(report.seed, text) for text in report.violations]
        progress(done, len(points))
    return summary


def _reports(points: Sequence[Point], jobs: int) -> Iterator[RunReport]:
    if jobs <= 1:
        yield from map(die_at, points)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(die_at, points, chunksize=10)
