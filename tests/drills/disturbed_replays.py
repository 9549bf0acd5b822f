"""Play files of candles several times, each time stopped and continued at random: one result each.

What a replay decides must not depend on how fast the machine is, or on how long it stands still. A
run is a process of its own (``tporder demo --json``); SIGSTOP and SIGCONT strike it at random, the
first run is left in peace.

    python -m tests.drills.disturbed_replays [FILE ...] [--runs 5] [--seed 1]

Without files it takes every one of the folder of shared market data, slices too. Prints a line for
each file; exit code 1 if a file gave two results, a refusal for want of request budget, or a ledger
that differs from the exchanges.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

TPORDER = Path(sys.executable).with_name("tporder")
SHARED = Path(os.environ.get("SHARED_FOLDER", "../shared")) / "data"
RUN_LIMIT_S = 900.0
RUNS_S = (0.02, 0.8)
STOPS_S = (0.05, 1.0)
#: what depends on the machine, and decides nothing
MEASURED = ("signal_to_wire_us",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What all runs of one market gave.

    Attributes:
        results: every different report, by its text.
        stops: how often the runs were stopped.
    """

    name: str
    results: tuple[dict[str, Any], ...]
    stops: int

    @property
    def faults(self) -> list[str]:
        """Why this is not as it must be; empty if it is."""
        found = []
        if len(self.results) > 1:
            digests = {str(report["trades_digest"])[:16] for report in self.results}
            found.append(f"{len(self.results)} results: {', '.join(sorted(digests))}")
        for report in self.results:
            if "rate_budget" in report["refusals"]:
                found.append("refused for want of request budget")
            found += report["differences"]
        return found

    def line(self) -> str:
        """For operators."""
        report = self.results[0]
        refusals = ", ".join(f"{code} {count}" for code, count in report["refusals"].items())
        trips = f"{report['round_trips']} + {report['forced_exits']} forced"
        verdict = "; ".join(self.faults) or "same"
        return (
            f"{self.name:<40} {str(report['trades_digest'])[:16]}  {trips:<14}"
            f"{refusals or '-':<32} {self.stops:>4} stops  {verdict}"
        )


async def play(name: str, arguments: Sequence[str], *, runs: int, seed: int) -> Played:
    """Play one market so often.

    Args:
        name: for the report.
        arguments: of ``tporder demo``, without ``--json``.
        runs: the first is undisturbed.
        seed: of the disturbances.
    """
    chance, stops = Random(f"{seed}/{name}"), 0  # noqa: S311 - a drill, no secret
    results: dict[str, dict[str, Any]] = {}
    for number in range(runs):
        process = await asyncio.create_subprocess_exec(
            str(TPORDER), "demo", *arguments, "--json", stdout=PIPE
        )
        try:
            async with asyncio.timeout(RUN_LIMIT_S):
                answer = asyncio.create_task(process.communicate())
                stops += await _disturb(process, answer, chance) if number else 0
                report = json.loads((await answer)[0])
        finally:
            if process.returncode is None:
                process.kill()
        decided = {key: value for key, value in report.items() if key not in MEASURED}
        results[json.dumps(decided, sort_keys=True)] = decided
    return Played(name=name, results=tuple(results.values()), stops=stops)


async def _disturb(process: Process, answer: "asyncio.Task[Any]", chance: Random) -> int:
    """Stop it and let it go on until it ends; returns how often."""
    stops = 0
    while True:
        await asyncio.wait([answer], timeout=chance.uniform(*RUNS_S))
        if answer.done():
            return stops
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(chance.uniform(*STOPS_S))
            process.send_signal(signal.SIGCONT)
            stops += 1


async def _main(files: Sequence[Path], *, runs: int, seed: int) -> int:
    is_bad = False
    for file in files:
        played = await play(file.name, ["--data", str(file)], runs=runs, seed=seed)
        is_bad |= bool(played.faults)
        sys.stdout.write(played.line() + "\n")
        sys.stdout.flush()
    return int(is_bad)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = options.files or sorted(SHARED.rglob("*.csv*"))
    if not files:
        parser.error(f"no candles in {SHARED}; name files, or set SHARED_FOLDER")
    return asyncio.run(_main(files, runs=options.runs, seed=options.seed))


if __name__ == "__main__":
    sys.exit(main())
