"""The files of a recording, written so that no end of the process can spoil what is there.

What came in is compressed as one whole gzip member, appended and synced every few seconds; a file
is never opened again to be changed. A new file begins with every start and every full hour.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from gzip import compress
from pathlib import Path
from typing import Any

from trading_platform_order.market.files.recording import FORMAT, VERSION

BUFFER_BYTES = 1_000_000
"""So much uncompressed is written at once, however little time has passed."""
_HOUR_US = 3_600_000_000


class RecordingFiles:
    """One recorder's files.

    Args:
        folder: made if it is missing.
        pairs: what is recorded; stands in the first line of every file.
        now_us: calendar time, microseconds since 1970 UTC.
    """

    def __init__(
        self, folder: Path, *, pairs: Sequence[Mapping[str, str]], now_us: Callable[[], int]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._head = {"format": FORMAT, "version": VERSION, "pairs": list(pairs)}
        self._now_us = now_us
        self._path: Path | None = None
        self._hour = 0
        self._buffer: list[bytes] = []
        self._buffered = 0
        self.lines = 0
        self.bytes_written = 0

    def add(self, line: dict[str, Any]) -> None:
        """One event, stamped with its arrival; written when the buffer is full at the latest.

        Raises:
            OSError: the disk takes no more.
        """
        got = self._now_us()
        if self._path is not None and got // _HOUR_US != self._hour:
            self.flush()
            self._path = None
        if self._path is None:
            self._begin(got)
        self._put({"got": got, **line})
        self.lines += 1
        if self._buffered >= BUFFER_BYTES:
            self.flush()

    def _begin(self, got: int) -> None:
        at = datetime.fromtimestamp(got / 1_000_000, UTC)
        self._path = self._folder / f"market-{at:%Y%m%dT%H%M%S%f}Z.jsonl.gz"
        self._hour = got // _HOUR_US
        self._put(self._head)

    def _put(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._buffer.append(text)
        self._buffered += len(text)

    def flush(self) -> None:
        """Write what has come in since, and have it on the disk.

        Raises:
            OSError: the disk takes no more.
        """
        if not self._buffer or self._path is None:
            return
        member = compress(b"".join(self._buffer), compresslevel=6, mtime=0)
        with self._path.open("ab") as file:
            file.write(member)
            file.flush()
            os.fsync(file.fileno())
        self._buffer.clear()
        self._buffered = 0
        self.bytes_written += len(member)
