"""Where the engine's snapshot lies: beside the journal, never in it.

A snapshot only spares a start the rows it stands for. It is no truth: it may be missing, old or
damaged at any time, and whoever reads one judges it. It is a file of its own, because writing it
into the database would hold the lock that an exit's commit needs.
"""

import os
from pathlib import Path
from typing import Protocol

SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024
SUFFIX = ".snapshot"


class SnapshotPlace(Protocol):
    """One snapshot, replaced as a whole or not at all."""

    def read(self) -> bytes | None:
        """What was kept last, whatever it is worth; ``None`` if nothing can be read."""
        ...

    def write(self, content: bytes) -> str | None:
        """Replace it; returns why that was not possible, if it was not."""
        ...

    def drop(self) -> None:
        """It is worth nothing."""
        ...


def snapshot_path(store: Path, account: str) -> Path:
    """Where the snapshot of an account lies that has its journal in this store."""
    return store.with_name(f"{store.name}.{account}{SUFFIX}")


class SnapshotFile:
    """A file that is written beside itself, flushed, and moved into its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """As :meth:`SnapshotPlace.read`."""
        try:
            if self._path.stat().st_size > SNAPSHOT_BYTES_MAX:
                return None
            return self._path.read_bytes()
        except OSError:
            return None

    def write(self, content: bytes) -> str | None:
        """As :meth:`SnapshotPlace.write`; only its owner can read the file."""
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(content)
                f.flush()
                os.fsync(f.fileno())
            beside.replace(self._path)
        except OSError as error:
            return f"the snapshot {self._path} cannot be written: {error}"
        return None

    def drop(self) -> None:
        """As :meth:`SnapshotPlace.drop`."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


class SnapshotMemory:
    """A snapshot in memory: of a simulation, whose database is no file either."""

    def __init__(self) -> None:
        self.content: bytes | None = None

    def read(self) -> bytes | None:
        """As :meth:`SnapshotPlace.read`."""
        return self.content

    def write(self, content: bytes) -> str | None:
        """As :meth:`SnapshotPlace.write`."""
        self.content = content
        return None

    def drop(self) -> None:
        """As :meth:`SnapshotPlace.drop`."""
        self.content = None
