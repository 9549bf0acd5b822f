"""Bugs planted on purpose, to see that the simulation finds them.

Each file in ``bugs/`` replaces one text of one source file in a temporary copy of the package; it
is an error if the text is gone. ``hunter.py`` plays worlds of that copy until one of them objects.
A world that objects to the unmodified package as well has found nothing: it is passed over.

    python -m tests.planted_bugs.planting [NAME …] [--runs N] [--jobs N] [--sample N] [--json]

prints the table: which bug was found, after how many random runs or by which scenario. With
``--remember`` the world that found a bug is noted in its file as ``seen_by``: the next hunt plays
it first and needs seconds instead of minutes. A world that is gone or objects no more costs time.
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
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any, Self

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PACKAGE = "trading_platform_order"
RUNS = 2_000

# What a replacement that does not fit the code any more looks like; it would be found at once.
BROKEN = ("NameError", "ImportError", "SyntaxError", "AttributeError", "UnboundLocalError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a hunt brought.

    Attributes:
        number: of the world that objected, counted from 1 among those of its kind.
        world: its kind and name, as ``seen_by`` keeps them.
        scenario: its name; empty for a random run.
        how: what it said.
        passed_over: worlds before it that object without the bug, too.
    """

    number: int
    world: str
    scenario: str
    how: str
    passed_over: int = 0

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
        file: below the package; ``../../deploy`` for what is deployed beside it.
        target: text to be replaced, exactly once in the file.
        replacement: the bug.
        also: further (file, target, replacement), where two places guard the same.
        seen_by: the world that found it last (kind and name), played first.
    """

    name: str
    about: str
    file: str
    target: str
    replacement: str
    also: tuple[tuple[str, str, str], ...] = ()
    seen_by: str = ""

    @property
    def edits(self) -> tuple[tuple[str, str, str], ...]:
        """Every (file, target, replacement)."""
        return ((self.file, self.target, self.replacement), *self.also)

    def counts(self) -> list[int]:
        """How often each target stands in its file now; once, or the bug does not fit."""
        folder = REPOSITORY / "src" / PACKAGE
        return [
            (folder / file).read_text(encoding="utf-8").count(target)
            for file, target, _ in self.edits
        ]

    def plant(self, folder: Path) -> None:
        """Make a copy of the package with the bug in it.

        Raises:
            LookupError: the target text is not in the file exactly once.
        """
        copy_package(folder)
        for file, target, replacement in self.edits:
            path = folder / "src" / PACKAGE / file
            text = path.read_text(encoding="utf-8")
            if text.count(target) != 1:
                raise LookupError(
                    f"{self.name}: its target stands {text.count(target)} times in {file}; "
                    "the code has changed, so change the planted bug"
                )
            path.write_text(text.replace(target, replacement), encoding="utf-8")


def copy_package(folder: Path) -> None:
    """The package as it is now, into an empty folder."""
    for part in ("src", "strategies", "deploy"):
        shutil.copytree(REPOSITORY / part, folder / part)


def all_bugs() -> list[PlantedBug]:
    """Every planted bug, by name."""
    bugs = []
    for path in sorted((HERE / "bugs").glob("*.toml")):
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        also = tuple((e["file"], e["target"], e["replacement"]) for e in values.pop("also", ()))
        bugs.append(PlantedBug(name=path.stem, **values, also=also))
    return bugs


class Hunter:
    """A process that plays worlds of one copy of the package."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own script
            [sys.executable, str(HERE / "hunter.py"), *words],
            env={**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def say(self, line: str) -> None:
        """Give it a line."""
        if self._process.stdin is None:
            raise ValueError("its input is not ours")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any] | None:
        """What it tells next; ``None`` when it has ended.

        Raises:
            LookupError: it broke.
        """
        if self._process.stdout is None:
            raise ValueError("its output is not ours")
        line = self._process.stdout.readline()
        if line:
            row: dict[str, Any] = json.loads(line)
            return row
        _, errors = self._process.communicate()
        if self._process.returncode != 0:
            raise LookupError((errors.strip() or "no word").splitlines()[-1][:200])
        return None


class Unmodified:
    """The package without a bug, asked about the worlds that objected with one."""

    def __init__(self, hunter: Hunter) -> None:
        self._hunter = hunter
        self._lock = Lock()
        self._known: dict[str, bool] = {}

    def objects(self, world: dict[str, Any]) -> bool:
        """Whether the world objects to it as well."""
        key = json.dumps(world, sort_keys=True)
        with self._lock:
            if key not in self._known:
                self._hunter.say(key)
                told = self._hunter.hear()
                self._known[key] = bool(told and told["violations"])
            return self._known[key]


def hunt(
    bug: PlantedBug, unmodified: Unmodified, *, runs: int, seed: str = "planted"
) -> Found | None:
    """Who objects first, and how; ``None`` if nobody does.

    Raises:
        LookupError: the replacement does not run.
    """
    passed_over = 0
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        bug.plant(Path(name))
        with Hunter(Path(name), "hunt", seed, str(runs), bug.seen_by) as hunter:
            while True:
                told = _hear(bug, hunter)
                if told is None:
                    return None
                if not unmodified.objects(told["world"]):
                    return _found(bug, told, passed_over)
                passed_over += 1
                hunter.say("on")


def _hear(bug: PlantedBug, hunter: Hunter) -> dict[str, Any] | None:
    try:
        return hunter.hear()
    except LookupError as error:
        raise LookupError(f"{bug.name} does not run: {error}") from error


def _found(bug: PlantedBug, told: dict[str, Any], passed_over: int) -> Found:
    world, how = told["world"], told["how"].replace("\n", " ")
    if any(word in how for word in BROKEN):
        raise LookupError(f"{bug.name} does not fit the code any more: {how}")
    names = {
        "random": "",
        "watched": "watched run",
        "standby": "standby run",
        "last_resort": "last resort",
        "power_cut": "power cuts",
        "transport": "sockets",
    }
    return Found(
        number=world["number"],
        world=f"{world['kind']} {world['name']}",
        scenario=names.get(world["kind"], world["name"]),
        how=how[:100],
        passed_over=passed_over,
    )


@dataclass(frozen=True, slots=True)
class Misfit:
    """A bug that does not fit the code any more, and why: the others are hunted all the same."""

    text: str


def hunt_all(
    bugs: Sequence[PlantedBug], *, runs: int, jobs: int
) -> Iterator[tuple[PlantedBug, Found | Misfit | None]]:
    """Hunt several at once, told in their order."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unmodified-")))
        copy_package(folder)
        unmodified = Unmodified(stack.enter_context(Hunter(folder, "judge")))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))

        def outcome(bug: PlantedBug) -> Found | Misfit | None:
            try:
                return hunt(bug, unmodified, runs=runs)
            except LookupError as misfit:
                return Misfit(str(misfit))

        found = pool.map(outcome, bugs)
        yield from zip(bugs, found, strict=True)


def remember(bug: PlantedBug, found: Found) -> None:
    """Note in the bug's file which world found it."""
    path = HERE / "bugs" / f"{bug.name}.toml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith("seen_by = ")]
    lines.insert(1, f'seen_by = "{found.world}"\n')
    path.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Hunt the named bugs, or all, and print the table."""
    parser = argparse.ArgumentParser(description="find bugs planted on purpose")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="hunt so many of them, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--remember", action="store_true", help="note who found each bug")
    options = parser.parse_args()
    chosen = [bug for bug in all_bugs() if not options.names or bug.name in options.names]
    if options.sample is not None:
        chosen = Random(options.seed).sample(chosen, min(options.sample, len(chosen)))  # noqa: S311 - a choice that can be repeated
    rows: list[tuple[PlantedBug, Found | None]] = []
    for bug, told in hunt_all(chosen, runs=options.runs, jobs=options.jobs):
        found = told if isinstance(told, Found) else None
        rows.append((bug, found))
        if options.remember and found and found.world != bug.seen_by:
            remember(bug, found)
        if isinstance(told, Misfit):
            sys.stderr.write(f"{told.text}\n")
        if not options.json:
            sys.stdout.write(f"{bug.name:<34} {found.text if found else 'NOT FOUND'}\n")
            sys.stdout.flush()
    by_runs = sum(1 for _, found in rows if found and not found.scenario)
    by_scenarios = sum(1 for _, found in rows if found and found.scenario)
    if options.json:
        table = [
            {"bug": bug.name, "about": bug.about, "found": found and asdict(found)}
            for bug, found in rows
        ]
        summary = {"bugs": len(rows), "found": by_runs + by_scenarios, "rows": table}
        sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    else:
        sys.stdout.write(
            f"{by_runs + by_scenarios} of {len(rows)} planted bugs found: "
            f"{by_runs} by random runs, {by_scenarios} by scenarios\n"
        )
    return 1 if by_runs + by_scenarios < len(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
