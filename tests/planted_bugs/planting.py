"""Bugs planted on purpose, to see that the simulation finds them.

Each file in ``bugs/`` replaces one text of one source file in a temporary copy of the package; it
is an error if the text is gone. The simulation then plays runs until a checker objects.
``python -m tests.planted_bugs.planting [NAME …] [--runs N]`` prints the table.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PACKAGE = "trading_platform_order"
RUNS = 2_000
RUN_LIMIT_S = 20

HUNT = """
import signal, sys
from trading_platform_order.simulation.runner import play

class TooLong(BaseException):
    pass

def too_long(*_):
    raise TooLong

signal.signal(signal.SIGALRM, too_long)
seed, runs, limit_s = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(runs):
    signal.alarm(limit_s)
    try:
        found = play(f"{seed}:{number}").violations
    except TooLong:
        found = ["the run did not end"]
    signal.alarm(0)
    if found:
        print(number + 1, found[0].replace(chr(10), " ")[:100], sep="|")
        break
"""


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


def hunt(bug: PlantedBug, *, runs: int, seed: str = "planted") -> tuple[int, str] | None:
    """After how many runs the simulation objects, and how; ``None`` if it never does."""
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
        return 0, done.stderr.strip().splitlines()[-1][:100]
    if not done.stdout.strip():
        return None
    number, _, text = done.stdout.strip().partition("|")
    return int(number), text


def main() -> int:
    """Hunt the named bugs, or all, and print the table."""
    parser = argparse.ArgumentParser(description="find bugs planted on purpose")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    missed = 0
    chosen = [bug for bug in all_bugs() if not options.names or bug.name in options.names]
    for bug in chosen:
        found = hunt(bug, runs=options.runs)
        missed += found is None
        verdict = f"after {found[0]:>5} runs: {found[1]}" if found else "NOT FOUND"
        sys.stdout.write(f"{bug.name:<34} {verdict}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - missed} of {len(chosen)} planted bugs found\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
