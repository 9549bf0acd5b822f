"""The image's own build steps and the units' commands, carried out as an ordinary user.

Where no container engine runs, this is what can be seen: the steps of ``deploy/Dockerfile`` in a
clean folder, from exactly the files that its builder gets, by a user without rights, with the
network that pip needs; then the installed tree made read-only, and engine, page, signal and backup
run on it as ``deploy/systemd`` starts them. Not seen: the base image, namespaces, systemd itself.

    python -m tests.drills.installation [--python /usr/bin/python3]

ends with one JSON line: ``steps``, whether the first signal was ``traded``, ``backups`` that
were kept, whether the ``page`` answered, and what was ``written`` into the installed tree: nothing.
"""

import argparse
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
NOBODY = 65_534
READY_S, STEP_S = 60.0, 600.0
KEPT = 2
WEB = {"TPORDER_WEB_READER_SECRET": "r" * 32, "TPORDER_WEB_PORT": "0"}
TREE = "/opt/tporder"
"""Where the image and the units have it."""


class DrillFailed(Exception):  # noqa: N818 - the text is for whoever runs it
    """A step did not do what it does on a machine that is installed so."""


class Place:
    """Folders of one rehearsal; everything runs in them as a user without rights.

    Args:
        root: an empty folder.
        python: an interpreter that such a user may start.
    """

    def __init__(self, root: Path, python: str) -> None:
        self.python = python
        self.build, self.tree = root / "build", root / "opt"
        self.state, self.etc = root / "state", root / "etc"
        self._user = NOBODY if os.geteuid() == 0 else None
        root.chmod(0o755)
        for folder in (self.build, self.tree, self.state, self.etc):
            folder.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(folder, self._user, self._user)
        self.tporder = str(self.tree / ".venv" / "bin" / "tporder")

    @property
    def environment(self) -> dict[str, str]:
        """No home, nothing of whoever started this."""
        return {
            "PATH": f"{self.tree / '.venv' / 'bin'}:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "TPORDER_CONFIG": str(self.etc / "tporder.toml"),
        }

    def start(
        self, command: list[str], *, cwd: Path, more: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """A process of the user without rights."""
        return subprocess.Popen(  # noqa: S603 - the project's own lines
            command,
            cwd=cwd,
            env=self.environment | dict(more or {}),
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: list[str], *, cwd: Path | None = None) -> str:
        """Run to its end.

        Raises:
            DrillFailed: it failed; with what it said.
        """
        process = self.start(command, cwd=cwd or self.state)
        try:
            said, _ = process.communicate(timeout=STEP_S)
        finally:
            process.kill()
        if process.returncode != 0:
            raise DrillFailed(f"{' '.join(command)}: code {process.returncode}\n{said}")
        return said


def builder_files(folder: Path) -> Iterator[Path]:
    """What ``Dockerfile.dockerignore`` lets through, relative to the project's folder."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or "__pycache__" in name:
            continue
        if any(fnmatch.fnmatch(name, rule) or name.startswith(f"{rule}/") for rule in let_in):
            yield path.relative_to(folder)


def build_steps() -> Iterator[list[str]]:
    """COPY and RUN lines of the first stage, each as its words."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stages = 0
    for line in text.splitlines():
        stages += line.startswith("FROM ")
        if stages == 1 and line.startswith(("COPY ", "RUN ")):
            yield line.split()


def install(place: Place) -> int:
    """Carry out the image's steps; returns how many there were."""
    context = place.build.parent / "context"
    for file in builder_files(REPOSITORY):
        (context / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / file, context / file)
    subprocess.run(["chmod", "-R", "a+rX", str(context)], check=True, timeout=60)  # noqa: S603, S607
    steps = 0
    for word, *rest in build_steps():
        steps += 1
        if word == "RUN":
            words = [each.replace(TREE, str(place.tree)) for each in rest]
            command = [place.python, *words[1:]] if words[0] == "python" else words
            place.run(command, cwd=place.build)
            continue
        *names, target = rest
        for name in names:  # a folder becomes the target, a file goes into it or beside it
            place.run(["cp", "-r", str(context / name), str(place.build / target)])
    return steps


@contextmanager
def served(
    place: Place, command: str, ready: str, more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A service of ours, from the line with which it is ready until it has ended properly.

    Raises:
        DrillFailed: it did not begin, or did not end with code 0.
    """
    process = place.start([place.tporder, command], cwd=place.state, more=more)
    try:
        yield _line_with(ready, process)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=READY_S)
        if process.returncode != 0:
            raise DrillFailed(f"tporder {command}: code {process.returncode}\n{rest}")
    finally:
        process.kill()


def _line_with(words: str, process: "subprocess.Popen[str]") -> str:
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if words in line:
            return line
    raise DrillFailed(f"ended before it was ready: {''.join(said)}")


def is_alive(page: str) -> bool:
    """Whether the page's process answers at the address that this line holds."""
    found = re.search(r"http://[\w.:]+", page)
    if found is None:
        raise DrillFailed(f"no address in {page!r}")
    request = urllib.request.Request(f"{found[0]}/ping", method="HEAD")  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)


def written_in(tree: Path, since: float) -> list[str]:
    """Files below the installed tree that are newer than that moment."""
    return [str(path) for path in tree.rglob("*") if path.lstat().st_mtime > since]


def rehearse(place: Place) -> dict[str, object]:
    """Install, make it read-only, trade once, back up, show the page."""
    steps = install(place)
    subprocess.run(["chmod", "-R", "a-w", str(place.tree)], check=True, timeout=60)  # noqa: S603, S607
    began = time.time()
    store, backups = place.state / "tporder.db", place.state / "backups"
    init = [place.tporder, "init", "--market", "generated", "--directory", str(place.etc)]
    place.run([*init, "--store", str(store)])
    place.run(["mkdir", "-m", "700", str(backups)])
    example = REPOSITORY / "examples" / "first_trade.json"
    asked = place.state / "signal.json"
    asked.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    send = [place.tporder, "signal", "send", str(asked), "--wait", "60", "--outcome", "--json"]
    with served(place, "run", "engine ready"):
        outcome = json.loads(place.run(send))
        for _ in range(KEPT + 1):
            place.run([place.tporder, "store", "backup", str(backups), "--keep", str(KEPT)])
            time.sleep(1.1)  # a backup is named by its second
        with served(place, "web", "http://", WEB) as page:
            alive = is_alive(page)
    return {
        "steps": steps,
        "traded": outcome["exit"] == "OK" and outcome["signals"][0]["has_ended"],
        "backups": len(list(backups.iterdir())),
        "page": alive,
        "written": written_in(place.tree, began),
    }


def main(arguments: list[str]) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description="install as the image does, and run it")
    parser.add_argument("--python", default="/usr/bin/python3")
    python = parser.parse_args(arguments).python
    with tempfile.TemporaryDirectory(prefix="tporder-installation-") as folder:
        told = rehearse(Place(Path(folder), python))
    sys.stdout.write(json.dumps(told) + "\n")
    good = told["traded"] and told["page"] and told["backups"] == KEPT and not told["written"]
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
