"""Lines out of the process, by a thread of their own: whoever reads them may stop reading.

A terminal that is held (Ctrl-S), a full disk or a reader that hangs blocks a write for as long as
it likes. That must not hold up an engine, and must not keep it from ending: the thread is a daemon,
and writes to the file itself, without a lock of Python's that the end of the process would wait
for. Lines that find no place are left out and counted.
"""

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

LINES_MAX = 10_000
LINES_AT_ONCE = 100
END_S = 2.0
"""How long the end of the process waits for what is still to be written."""

Sink = Callable[[bytes], None]


def sink_of(descriptor: int) -> Sink:
    """Writes whole texts to an open file."""

    def write(text: bytes) -> None:
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    return write


class LineWriter:
    """Writes lines in their order."""

    def __init__(
        self,
        sink: Sink,
        *,
        encoding: str = "utf-8",
        lines_max: int = LINES_MAX,
        end_s: float = END_S,
    ) -> None:
        """Begin.

        Args:
            sink: writes a text, and may take its time.
            encoding: of the terminal; what it lacks is replaced.
            lines_max: how many lines may wait.
            end_s: how long :meth:`close` waits.
        """
        self._end_s = end_s
        self._sink = sink
        self._encoding = encoding
        self._lines: queue.Queue[str | None] = queue.Queue(lines_max)
        # Two counts, each of one thread.
        self._no_place = 0
        self._not_written = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Have a line written, without its end; at once or never, as far as the caller waits."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._no_place += 1

    @property
    def lost(self) -> int:
        """How many lines found no place, or could not be written, so far."""
        return self._no_place + self._not_written

    def close(self) -> None:
        """Wait a moment until all is written; what hangs is left behind."""
        try:
            self._lines.put(None, timeout=self._end_s)
        except queue.Full:
            return
        self._thread.join(self._end_s)

    def _run(self) -> None:
        ended = False
        while not ended:
            lines = [self._lines.get()]
            with suppress(queue.Empty):
                while len(lines) < LINES_AT_ONCE:
                    lines.append(self._lines.get_nowait())
            ended = None in lines
            text = "".join(f"{line}\n" for line in lines if line is not None)
            try:
                self._sink(text.encode(self._encoding, errors="replace"))
            except (OSError, LookupError):
                self._not_written += len(
                    lines
                )  # nobody reads, or the disk is full: trading goes on
