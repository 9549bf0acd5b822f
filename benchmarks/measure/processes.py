"""Child processes that are asked by lines, and always ended."""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
READY_S = 90.0
ANSWER_S = 90.0
END_S = 15.0
_TAIL_CHARS = 1_500


class Failed(Exception):  # noqa: N818 - says what happened, for whoever runs the benchmark
    """A process did not start, answer or live; the text tells which, and its last words."""


class Child:
    """One process.

    Args:
        name: for messages.
        command: what is run.
        folder: gets its standard error.
        environment: added to ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._errors = folder / f"{name}.err"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TPORDER_")}
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, "PYTHONWARNINGS": "ignore", **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, line: str, limit_s: float = ANSWER_S) -> Any:  # noqa: ANN401 - JSON
        """Write a line and read the JSON line in answer.

        Raises:
            Failed: there is none.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._failed("has ended") from error
        return self.answer(limit_s)

    def answer(self, limit_s: float = READY_S) -> Any:  # noqa: ANN401 - JSON
        """The next JSON line it writes.

        Raises:
            Failed: there is none.
        """
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_s):
                raise self._failed(f"did not answer within {limit_s:g} s")
        line = self._process.stdout.readline()
        if not line:
            raise self._failed("has ended")
        return json.loads(line)

    def wait_for(self, path: Path, limit_s: float = READY_S) -> None:
        """Return once it has written this file.

        Raises:
            Failed: it did not.
        """
        deadline = time.monotonic() + limit_s
        while not path.exists():
            if self._process.poll() is not None:
                raise self._failed("has ended")
            if time.monotonic() > deadline:
                raise self._failed(f"was not ready within {limit_s:g} s")
            time.sleep(0.02)

    def _failed(self, what: str) -> Failed:
        tail = self._errors.read_text(errors="replace")[-_TAIL_CHARS:]
        return Failed(f"{self.name} {what}: {tail.strip()}")

    def kill(self) -> None:
        """End it at once, as a power cut of its process would."""
        self._process.kill()
        self._process.wait(END_S)

    def end(self) -> None:
        """Close its standard input, which ends all of ours, and wait."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # it has ended already
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process.stdout.close()
