"""Random mutants of the money path: mutmut makes and runs them, this chooses and counts.

    python -m tests.mutation.sampling test SLICE [--mutants 120] [--seed 14] [--jobs 1]
    python -m tests.mutation.sampling again SLICE [--tests FILE ...]
    python -m tests.mutation.sampling simulate SLICE [--runs 60]
    python -m tests.mutation.sampling report

``test`` copies the working tree to ``--folder``, takes a seeded sample of the mutants that mutmut
makes of the slice's files and runs the slice's unit and property tests against each. ``again``
runs all or some tests, as they are now, with what survived: after new ones were written.
``simulate`` plays simulated worlds, scenarios and power cuts with what is left. ``report`` prints
the figures and each survivor as a diff. Time-outs count as killed; a mutant that no test runs
counts as survived. SURVIVORS.md keeps the result. It is not part of continuous integration.
"""

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.planted_bugs.planting import Hunter, Unmodified

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = "src/trading_platform_order"
LATER = "killed_later.json"
#: how mutmut notes that all tests passed, and that none ran
SURVIVED, NO_TESTS = 0, (5, 33)
#: tests of half a minute; they would be half of a survivor's time
SLOW = (
    (
        "tests/unit/executor/test_account.py::"
        "test_what_the_day_and_the_hour_lost_is_counted_from_their_beginnings"
    ),
    (
        "tests/unit/executor/monitors/test_engine_exits.py::"
        "test_maintenance_of_hours_is_told_on_a_schedule_and_closes_nothing"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Files that are mutated together, and the tests that should notice.

    Attributes:
        files: patterns below the package.
        tests: folders and files that pytest is given.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]


SLICES = {
    "risk": Slice(
        files=("risk/*",),
        tests=("tests/unit/risk", "tests/property"),
    ),
    "domain": Slice(
        files=("domain/*",),
        tests=("tests/unit/domain", "tests/unit/risk", "tests/unit/executor", "tests/property"),
    ),
    "executor": Slice(
        files=(
            "executor/intake/*",
            "executor/trades/*",
            "executor/account/*",
            "executor/protection/*",
            "executor/order_executor.py",
        ),
        tests=("tests/unit/executor", "tests/property"),
    ),
}


def copy_tree(folder: Path, part: Slice) -> None:
    """Copy the working tree, with mutmut's settings for the slice."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the developer's git
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    shutil.rmtree(folder, ignore_errors=True)
    for name in filter(None, tracked.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).is_file():
            shutil.copyfile(REPOSITORY / name, target)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"{PACKAGE}/{pattern}" for pattern in part.files],
        "also_copy": ["strategies", "config", "docs", "tools"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", *(f"--deselect={one}" for one in SLOW)],
        "pytest_add_cli_args_test_selection": list(part.tests),
    }
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(f"\n[tool.mutmut]\n{lines}")


def all_mutants(folder: Path, part: Slice) -> list[str]:
    """The names of every mutant mutmut makes of the slice, in a lasting order."""
    mutation = importlib.import_module("mutmut.mutation.file_mutation")
    formats = importlib.import_module("mutmut.utils.format_utils")
    paths = {path for pattern in part.files for path in (folder / PACKAGE).glob(_all(pattern))}
    names = []
    os.chdir(folder)
    for path in sorted(paths):
        relative = path.relative_to(folder)
        made = mutation.mutate_file_contents(str(relative), path.read_text(encoding="utf-8"))
        names += [formats.get_mutant_name(relative, name) for name in made.mutant_names]
    return names


def _all(pattern: str) -> str:
    return pattern.replace("*", "**/*.py")


def run_tests(
    folder: Path, part: Slice, *, mutants: int, seed: int, jobs: int, budget_s: float
) -> None:
    """Run mutmut over a sample; its results stay in the folder."""
    copy_tree(folder, part)
    names = all_mutants(folder, part)
    chosen = Random(seed).sample(names, min(mutants, len(names)))  # noqa: S311 - a choice that can be repeated
    sys.stdout.write(f"{len(chosen)} of {len(names)} mutants, seed {seed}\n")
    sys.stdout.flush()
    # The first brings mutmut's list of which test runs what, and how long it takes.
    _mutmut(folder, chosen[:1], jobs=jobs)
    keep_fastest(folder, budget_s)
    _mutmut(folder, chosen[1:], jobs=jobs)


def _mutmut(folder: Path, names: Sequence[str], *, jobs: int) -> None:
    subprocess.run(  # noqa: S603 - this interpreter, mutmut
        [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs), *names],
        cwd=folder,
        env={"SHARED_FOLDER": str(REPOSITORY.parent / "shared"), **os.environ, "CI": "1"},
        check=True,
    )


def keep_fastest(folder: Path, budget_s: float) -> None:
    """Of the tests that run a function keep the fastest, as many as fit into the budget."""
    path = folder / "mutants" / "mutmut-stats.json"
    stats = json.loads(path.read_text("utf-8"))
    durations, by_function = stats["duration_by_test"], stats["tests_by_mangled_function_name"]
    for function, tests in by_function.items():
        kept: list[str] = []
        spent_s = 0.0
        for test in sorted(tests, key=durations.__getitem__):
            spent_s += durations[test]
            if kept and spent_s > budget_s:
                break
            kept.append(test)
        by_function[function] = kept
    path.write_text(json.dumps(stats), encoding="utf-8")


def results(folder: Path) -> dict[str, int]:
    """What pytest ended with, for each mutant that was run."""
    found: dict[str, int] = {}
    for path in sorted((folder / "mutants").rglob("*.meta")):
        codes: dict[str, int | None] = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        found |= {name: code for name, code in codes.items() if code is not None}
    return found


def killed_later(folder: Path) -> dict[str, str]:
    """What ``again`` and ``simulate`` found, by mutant."""
    path = folder / LATER
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def survivors(folder: Path) -> list[str]:
    """Mutants that nothing has noticed so far."""
    left = [name for name, code in results(folder).items() if code in (SURVIVED, *NO_TESTS)]
    return [name for name in left if name not in killed_later(folder)]


def again(folder: Path, tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Run tests as they are now with each survivor; what failed, or nothing."""
    copy = folder / "mutants"
    shutil.copytree(REPOSITORY / "tests", copy / "tests", dirs_exist_ok=True)
    for name in survivors(folder):
        ran = subprocess.run(  # noqa: S603 - this interpreter, pytest
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": "src", "CI": "1", "MUTANT_UNDER_TEST": name},
            check=False,
            capture_output=True,
            text=True,
        )
        failed = re.findall(r"^FAILED (\S+)", ran.stdout, re.MULTILINE)
        yield name, "" if ran.returncode == 0 else next(iter(failed), "tests end with an error")


def simulate(folder: Path, *, runs: int, seed: str) -> Iterator[tuple[str, str]]:
    """Play worlds with each survivor; what objected, or nothing."""
    copy = folder / "mutants"
    os.environ["MUTANT_UNDER_TEST"] = ""
    with Hunter(copy, "judge") as judge:
        unmodified = Unmodified(judge)
        for name in survivors(folder):
            os.environ["MUTANT_UNDER_TEST"] = name
            yield name, _hunt(copy, unmodified, runs=runs, seed=seed)


def _hunt(copy: Path, unmodified: Unmodified, *, runs: int, seed: str) -> str:
    with Hunter(copy, "hunt", seed, str(runs)) as hunter:
        while True:
            try:
                told: dict[str, Any] | None = hunter.hear()
            except LookupError as error:
                return f"does not run: {error}"
            if told is None:
                return ""
            if not unmodified.objects(told["world"]):
                return f"{told['world']['kind']} {told['world']['name']}: {told['how'][:100]}"
            hunter.say("on")


def report(folder: Path, name: str) -> None:
    """Print a slice's figures, and each survivor as mutmut shows it."""
    ran, later, last = results(folder), killed_later(folder), survivors(folder)
    sys.stdout.write(
        f"{name}: {len(ran)} mutants, {len(ran) - len(later) - len(last)} killed at first, "
        f"{len(later)} later, {len(last)} survived\n"
    )
    for one in last:
        shown = subprocess.run(  # noqa: S603 - this interpreter, mutmut
            [sys.executable, "-m", "mutmut", "show", one],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        changed = re.findall(r"^[-+](?![-+]).*$", shown.stdout, re.MULTILINE)
        sys.stdout.write("\n".join([one, *changed, ""]))


def _note(folder: Path, found: Iterable[tuple[str, str]]) -> None:
    for mutant, how in found:
        sys.stdout.write(f"{mutant}: {how or 'SURVIVED'}\n")
        sys.stdout.flush()
        if how:
            later = {**killed_later(folder), mutant: how}
            (folder / LATER).write_text(json.dumps(later, indent=2), encoding="utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Do one of the four."""
    parser = argparse.ArgumentParser(description="random mutants of the money path")
    parser.add_argument("what", choices=("test", "again", "simulate", "report"))
    parser.add_argument("slices", nargs="*", choices=[*SLICES, []], metavar="SLICE")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "out" / "mutation")
    parser.add_argument("--mutants", type=int, default=120, help="of each slice")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=20.0, help="of tests for each mutant")
    parser.add_argument("--runs", type=int, default=60, help="random worlds for each survivor")
    parser.add_argument("--tests", nargs="*", help="for `again`; else those of the slice")
    options = parser.parse_args(words)
    for name in options.slices or SLICES:
        folder = options.folder.resolve() / name
        if options.what == "test":
            run_tests(
                folder,
                SLICES[name],
                mutants=options.mutants,
                seed=options.seed,
                jobs=options.jobs,
                budget_s=options.budget_s,
            )
        elif options.what == "again":
            _note(folder, again(folder, options.tests or SLICES[name].tests))
        elif options.what == "simulate":
            _note(folder, simulate(folder, runs=options.runs, seed=str(options.seed)))
        else:
            report(folder, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
