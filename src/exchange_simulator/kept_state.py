"""What the simulated exchanges remember over a restart of their process.

A real exchange does not forget orders, stops, positions and ids because a client was started again.
Every change is one line of a file, written before the answer that tells of it leaves: a JSON object
of records by name, each replacing the record of that name before. The line is handed to the
operating system, so that a killed process loses nothing; a loss of power may take the last lines,
and half a line at the end is left out.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

Records = Mapping[str, Any]


class StateUnreadable(Exception):  # noqa: N818 - named by what the file is
    """The file is not what was written; the message says where, and what to do."""


class Keeper(Protocol):
    """What one exchange gives to be kept."""

    def restore(self, records: Records) -> None:
        """Take the place of a newly opened exchange; names that it does not know are left alone."""
        ...

    def changes(self) -> dict[str, Any]:
        """What is other than when this was asked the last time, by name."""
        ...


class StateFile:
    """The records of all exchanges of one world.

    ``ids_from`` is among them, so that ids go on after a restart where they were.

    Args:
        path: the file; made with its first record, readable by its owner only.
        may_write: false for whoever only looks at the accounts.

    Raises:
        StateUnreadable: a line that is not the last one cannot be read.
    """

    def __init__(self, path: Path, *, may_write: bool = True) -> None:
        self._path = path
        self._may_write = may_write
        self._file: BinaryIO | None = None
        self.records: Records = _read(path)

    def save(self, changes: Records) -> None:
        """Hand these records to the operating system; nothing for none."""
        if not changes or not self._may_write:
            return
        if self._file is None:
            self._file = self._rewritten()
        self._file.write(msgspec.json.encode(changes) + b"\n")
        self._file.flush()

    def _rewritten(self) -> BinaryIO:
        """The file with each record once, open for more."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        file = os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        for name, value in self.records.items():
            file.write(msgspec.json.encode({name: value}) + b"\n")
        file.flush()
        fresh.replace(self._path)
        return file

    def close(self) -> None:
        """Down to the disk, and let go."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def _read(path: Path) -> dict[str, Any]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}
    records: dict[str, Any] = {}
    # After a whole last line nothing follows; a torn one was never told to anybody.
    for number, line in enumerate(lines[:-1], start=1):
        try:
            records |= msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError as problem:
            raise StateUnreadable(
                f"line {number} of {path} cannot be read ({problem}): put the file back from a "
                "backup, or move it away to begin with what the journal says is held"
            ) from None
    return records


class KeptWorld:
    """Both exchanges and the place in their market, saved after every change.

    Args:
        file: what was kept is restored from it at once.
        keepers: of both exchanges, newly opened.
    """

    def __init__(self, file: StateFile, keepers: Sequence[Keeper]) -> None:
        self._file = file
        self._keepers = keepers
        self._more: dict[str, Any] = {}
        for keeper in keepers:
            keeper.restore(file.records)

    def note(self, name: str, value: object) -> None:
        """Keep this with the next change."""
        self._more[name] = value

    def save(self) -> None:
        """Keep what has changed."""
        changes, self._more = self._more, {}
        for keeper in self._keepers:
            changes |= keeper.changes()
        self._file.save(changes)

    def close(self) -> None:
        """Keep the last changes, down to the disk."""
        self.save()
        self._file.close()


class Snapshots:
    """Small values that are compared with what was kept last."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}

    def known(self, name: str, value: object) -> None:
        """This is what was kept."""
        self._last[name] = value

    def changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those that differ; they count as kept from now on."""
        found = {
            name: value for name, value in values.items() if self._last.get(name, _NONE) != value
        }
        self._last |= found
        return found


_NONE = object()


def plain_values(value: object) -> Any:  # noqa: ANN401 - JSON
    """A value of the simulator as JSON knows it; decimals and times as text."""
    return msgspec.to_builtins(value)
