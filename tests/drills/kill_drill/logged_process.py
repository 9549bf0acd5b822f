"""One process of a drill. It writes into a file: a pipe that nobody reads would hold it up."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

LOOK_S = 0.02
LAST_WORDS = 2_000


class DrillBroken(Exception):  # noqa: N818 - says what could not be done, not what was violated
    """The drill itself could not go on: a process did not start, or nothing came to rest."""


class LoggedProcess:
    """A process, and what it has said."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def started(
        cls, *words: str, environment: Mapping[str, str], folder: Path, log: Path
    ) -> "LoggedProcess":
        """A new one; standard output and error go to ``log``."""
        with log.open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                *words,
                env=environment,
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=asyncio.subprocess.STDOUT,
            )
        return cls(process, log)

    @property
    def returncode(self) -> int | None:
        """``None`` while it runs."""
        return self._process.returncode

    def send_signal(self, number: int) -> None:
        """As ``kill`` does.

        Raises:
            ProcessLookupError: it has ended.
        """
        self._process.send_signal(number)

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        return await self._process.wait()

    async def end(self) -> None:
        """Kill it, whatever it does."""
        if self.returncode is None:
            self._process.kill()
        await self.wait()

    async def until_heard(self, words: str, *, limit_s: float) -> None:
        """Return once it has said these words.

        Raises:
            DrillBroken: it ended, or did not say them in time; with its last words.
        """
        until_s = time.monotonic() + limit_s
        while words not in self._said():
            has_ended = self.returncode is not None and words not in self._said()
            if has_ended or time.monotonic() > until_s:
                how = f"ended with {self.returncode}" if has_ended else f"within {limit_s:.0f} s"
                raise DrillBroken(f"{words!r} not heard, {how}: {self._said()[-LAST_WORDS:]}")
            await asyncio.sleep(LOOK_S)

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")
