"""Bugs planted on purpose, to see that the simulation finds them.

Each file in ``bugs/`` replaces one text of one source file in a temporary copy of the package; it
is an error if the text is gone. Three hunters look for it: random runs, until one of them objects,
and, for what they do not find, the named scenarios.

    python -m tests.planted_bugs.planting [NAME …] [--runs N] [--jobs N] [--sample N] [--json]

prints the table: which bug was found, after how many runs or by which scenario.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PACKAGE = "trading_platform_order"
RUNS = 2_000
RUN_LIMIT_S = 20

HUNT = """
import signal, sys
from trading_platform_order.simulation.runner import play, play_scenarios
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios
from trading_platform_order.simulation.watched_run import play_watched

WATCHED_RUNS = 10

class TooLong(BaseException):
    pass

def too_long(*_):
    raise TooLong

def is_too_long(error):
    inner = getattr(error, "exceptions", ())
    return isinstance(error, TooLong) or any(is_too_long(one) for one in inner)

def violations(work):
    # Of the processor's time, so that a busy machine finds nothing.
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return work()
    except BaseException as error:
        if is_too_long(error):
            return ["the run did not end"]
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)

def tell(number, hunter, found):
    print(number, hunter, found[0].replace(chr(10), " ")[:100], sep="|")
    sys.exit()

signal.signal(signal.SIGPROF, too_long)
seed, runs, limit_s = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(runs):
    found = violations(lambda: play(f"{seed}:{number}").violations)
    if found:
        tell(number + 1, "", found)
for number, scenario in enumerate(all_scenarios(), 1):
    found = violations(lambda: next(play_scenarios([scenario.name])).violations)
    if found:
        tell(number, scenario.name, found)
for number in range(WATCHED_RUNS):
    found = violations(lambda: play_watched(f"planted:{number}").violations)
    if found:
        tell(number + 1, "watched run", found)
"""

# What a replacement that does not fit the code any more looks like; it would be found at once.
BROKEN = ("NameError", "ImportError", "SyntaxError", "AttributeError", "UnboundLocalError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a hunt brought.

    Attributes:
        number: of the run (or scenario) that objected, counted from 1.
        scenario: its name; empty for a random run.
        how: what it said.
    """

    number: int
    scenario: str
    how: str

    @property
    def text(self) -> str:
        """For the table."""
        by = f"by scenario {self.scenario}" if self.scenario else f"after {self.number:>5} runs"
        return f"{by}: {self.how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedBug:
    """One replacement.

    Attributes:
        name: of its file.
        about: what a programmer might have thought.
        file: below the package.
        target: text to be replaced, exactly once in the file.
        replacement: the bug.
    """

    name: str
    about: str
    file: str
    target: str
    replacement: str

    def source(self) -> str:
        """The file as it is now."""
        return (REPOSITORY / "src" / PACKAGE / self.file).read_text(encoding="utf-8")

    def plant(self, folder: Path) -> None:
        """Make a copy of the package with the bug in it.

        Raises:
            LookupError: the target text is not in the file exactly once.
        """
        for part in ("src", "strategies"):
            shutil.copytree(REPOSITORY / part, folder / part)
        path = folder / "src" / PACKAGE / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.target) != 1:
            raise LookupError(
                f"{self.name}: its target stands {text.count(self.target)} times in {self.file}; "
                "the code has changed, so change the planted bug"
            )
        path.write_text(text.replace(self.target, self.replacement), encoding="utf-8")


def all_bugs() -> list[PlantedBug]:
    """Every planted bug, by name."""
    bugs = []
    for path in sorted((HERE / "bugs").glob("*.toml")):
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        bugs.append(PlantedBug(name=path.stem, **values))
    return bugs


def hunt(bug: PlantedBug, *, runs: int, seed: str = "planted") -> Found | None:
    """Who objects first, and how; ``None`` if nobody does.

    Raises:
        LookupError: the replacement does not run.
    """
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        folder = Path(name)
        bug.plant(folder)
        done = subprocess.run(  # noqa: S603 - this interpreter, our own script
            [sys.executable, "-c", HUNT, seed, str(runs), str(RUN_LIMIT_S)],
            env={**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
    if done.returncode != 0:
        raise LookupError(f"{bug.name} does not run: {done.stderr.strip().splitlines()[-1][:200]}")
    if not done.stdout.strip():
        return None
    number, scenario, how = done.stdout.strip().split("|", 2)
    if any(word in how for word in BROKEN):
        raise LookupError(f"{bug.name} does not fit the code any more: {how}")
    return Found(number=int(number), scenario=scenario, how=how)


def hunt_all(
    bugs: Sequence[PlantedBug], *, runs: int, jobs: int
) -> Iterator[tuple[PlantedBug, Found | None]]:
    """Hunt several at once, told in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from zip(bugs, pool.map(lambda bug: hunt(bug, runs=runs), bugs), strict=True)


def main() -> int:
    """Hunt the named bugs, or all, and print the table."""
    parser = argparse.ArgumentParser(description="find bugs planted on purpose")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="hunt so many of them, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = [bug for bug in all_bugs() if not options.names or bug.name in options.names]
    if options.sample is not None:
        chosen = Random(options.seed).sample(chosen, min(options.sample, len(chosen)))  # noqa: S311 - a choice that can be repeated
    rows: list[dict[str, object]] = []
    for bug, found in hunt_all(chosen, runs=options.runs, jobs=options.jobs):
        rows.append({"bug": bug.name, "about": bug.about, "found": found and asdict(found)})
        if not options.json:
            sys.stdout.write(f"{bug.name:<34} {found.text if found else 'NOT FOUND'}\n")
            sys.stdout.flush()
    missed = sum(1 for row in rows if row["found"] is None)
    if options.json:
        told = {"bugs": len(rows), "found": len(rows) - missed, "rows": rows}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        sys.stdout.write(f"{len(rows) - missed} of {len(rows)} planted bugs found\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
