"""Many runs, judged: the doors of ``tporder simulate``."""

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from trading_platform_order.simulation.checkers.timeliness.time_to_flat import P99_S
from trading_platform_order.simulation.faults.fault_kinds import FAULT_KINDS
from trading_platform_order.simulation.parallel import share
from trading_platform_order.simulation.report import RunReport, describe
from trading_platform_order.simulation.run_kinds import make_run
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios, play_scenario
from trading_platform_order.transport.virtual_loop import run_virtual

ALL_KINDS = tuple(FAULT_KINDS)


@dataclass(slots=True, kw_only=True)
class SimulationSummary:
    """All runs together.

    Attributes:
        jobs: processes that shared the runs.
        worlds: how many runs were played in each kind of world.
        exits_s: how long each EXIT took that nothing disturbed.
        failed: seed of a run, and what was violated in it.
    """

    seed: int
    jobs: int = 1
    runs: int = 0
    crashes: int = 0
    signals: int = 0
    requests: int = 0
    pair_trades: int = 0
    seconds: float = 0.0
    worlds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    exits_s: list[float] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def exit_p99_s(self) -> float:
        """Of 100 EXITs that nothing disturbed, 99 took no longer (seconds)."""
        ordered = sorted(self.exits_s)
        return ordered[len(ordered) * 99 // 100] if ordered else 0.0

    def check_exits(self) -> None:
        """What holds of all runs together."""
        if self.exit_p99_s > P99_S:
            what = f"undisturbed EXITs: p99 {self.exit_p99_s:.2f} s, {P99_S:g} s are allowed"
            self.failed.append((f"{self.seed}:0", what))

    @property
    def violations(self) -> int:
        """How many."""
        return len(self.failed)

    def add(self, report: RunReport) -> None:
        """Count one run."""
        self.runs += 1
        self.worlds[report.world] += 1
        self.crashes += report.crashes
        self.signals += report.signals
        self.requests += report.requests
        self.faults += report.faults
        self.outcomes += report.outcomes
        self.exits_s += report.exits_s
        self.pair_trades += sum(
            count for name, count in report.outcomes.items() if not name.startswith("refused:")
        )
        self.failed += [(report.seed, text) for text in report.violations]

    def to_json(self) -> dict[str, object]:
        """For programs."""
        per_second = self.runs / self.seconds if self.seconds else 0.0
        return {
            "runs": self.runs,
            "seed": self.seed,
            "first_seed": f"{self.seed}:0",
            "jobs": self.jobs,
            "runs_per_second": round(per_second, 1),
            "runs_per_second_per_core": round(per_second / self.jobs, 1),
            "worlds": dict(sorted(self.worlds.items())),
            "faults_injected": dict(sorted(self.faults.items())),
            "crashes": self.crashes,
            "signals": self.signals,
            "requests": self.requests,
            "pair_trades": self.pair_trades,
            "outcomes": dict(sorted(self.outcomes.items())),
            "undisturbed_exits": len(self.exits_s),
            "exit_p99_s": round(self.exit_p99_s, 3),
            "exit_max_s": round(max(self.exits_s, default=0.0), 3),
            "violations": self.violations,
            "violated": [{"seed": seed, "what": what} for seed, what in self.failed],
        }

    def lines(self) -> list[str]:
        """For operators."""
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        worlds = ", ".join(f"{name} {count}" for name, count in sorted(self.worlds.items()))
        return [
            f"{self.runs} runs from seed {self.seed} in {self.seconds:.1f} s: {worlds}",
            f"signals {self.signals}, crashes {self.crashes}, requests {self.requests}",
            (
                f"EXITs that nothing disturbed: {len(self.exits_s)}, closed within "
                f"{self.exit_p99_s:.3f} s (p99), {max(self.exits_s, default=0.0):.3f} s at most"
            ),
            f"faults while an order was in flight, or exposed: {faults}",
            f"outcomes: {outcomes}",
            *(f"VIOLATION in run {seed}: {what}" for seed, what in self.failed),
            f"violations: {self.violations}",
        ]


def simulate(
    *,
    runs: int,
    seed: int,
    jobs: int = 1,
    kinds: Sequence[str] = ALL_KINDS,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> SimulationSummary:
    """Play ``runs`` worlds; run i has the seed ``<seed>:<i>``.

    Args:
        runs: how many.
        seed: of the whole series.
        jobs: processes to share them.
        kinds: faults that may be drawn.
        progress: told (done, all) from time to time.
    """
    summary = SimulationSummary(seed=seed, jobs=max(1, min(jobs, runs)))
    began = perf_counter()
    reports = share(partial(_one_of, seed, tuple(kinds)), runs, jobs=summary.jobs)
    for done, report in enumerate(reports, 1):
        summary.add(report)
        progress(done, runs)
    summary.failed.sort(key=lambda failed: int(failed[0].rpartition(":")[2]))
    summary.check_exits()
    summary.seconds = perf_counter() - began
    return summary


def _one_of(seed: int, kinds: tuple[str, ...], number: int) -> RunReport:
    return play(f"{seed}:{number}", kinds=kinds)


def play(seed: str, *, kinds: Sequence[str] = ALL_KINDS, is_told: bool = False) -> RunReport:
    """One run; what breaks in it is a violation of its own."""
    run = make_run(seed, kinds, is_told=is_told)
    # A world is a web of cycles that lives shortly: collected at its end, not all the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return run_virtual(run.run())
    except Exception as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        run.report.violations.append(f"the run broke: {describe(error)}")
        return run.report
    finally:
        if was_enabled:
            gc.enable()


def play_scenarios(names: Sequence[str], *, jobs: int = 1) -> Iterator[RunReport]:
    """Play named scenarios, in this order; ``KeyError`` for an unknown name."""
    if jobs <= 1 or len(names) == 1:
        yield from map(_play_named, names)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_play_named, names, chunksize=4)


def _play_named(name: str) -> RunReport:
    found = {scenario.name: scenario for scenario in all_scenarios()}[name]
    report = RunReport(seed=name)
    try:
        run_virtual(play_scenario(found, report))
    except Exception as error:  # noqa: BLE001 - the outermost supervisor: a broken run is a finding
        report.violations.append(f"the scenario broke: {describe(error)}")
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """One run as a story.

    Attributes:
        lines: what happened in the order of time, then the violations.
        digest: of the lines; the same seed has the same digest in every process.
    """

    lines: tuple[str, ...]
    violations: tuple[str, ...]
    digest: str


def replay(seed: str, *, kinds: Sequence[str] = ALL_KINDS) -> RunStory:
    """Play one run and tell it, the journal's rows at their own time."""
    report = play(seed, kinds=kinds, is_told=True)
    lines = [
        *sorted(report.timeline, key=lambda line: float(line.split(maxsplit=1)[0])),
        *(f"VIOLATION: {text}" for text in report.violations),
    ]
    return RunStory(
        lines=tuple(lines),
        violations=tuple(report.violations),
        digest=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    )
