"""How often the holder of a lease has renewed it: two numbers in a small file beside the store.

A renewal twice a second through the database would write some 30 MB of its log an hour to say that
nothing happened. The file is written in place and never flushed but at a taking: what a loss of
power takes of it is the count of a process that is gone with it. The epoch stands in it as well,
flushed: it outlives a store that is replaced by an old copy, so that no epoch is ever used twice.
"""

import os
import struct
from pathlib import Path
from typing import Protocol

_LAYOUT = struct.Struct("<QQ")


class Renewals(Protocol):
    """The count of one account."""

    def read(self) -> tuple[int, int]:
        """``(highest epoch ever used, count)``; zeros if nothing is known."""
        ...

    def begin(self, epoch: int) -> None:
        """An epoch is used from now on, whatever becomes of the store."""
        ...

    def renew(self, epoch: int) -> None:
        """Count one more."""
        ...


class MemoryRenewals:
    """For a store in memory, and for tests; outlives whatever is restored."""

    def __init__(self) -> None:
        self._epoch = 0
        self._count = 0

    def read(self) -> tuple[int, int]:
        """``(highest epoch ever used, count)``."""
        return self._epoch, self._count

    def begin(self, epoch: int) -> None:
        """Remember it."""
        self._epoch = max(self._epoch, epoch)
        self._count += 1

    def renew(self, epoch: int) -> None:  # noqa: ARG002 - a file needs it
        """Count one more."""
        self._count += 1


class RenewalFile:
    """The count in a file; see above.

    A file that cannot be read tells that nobody renews. A file that cannot be written raises
    ``OSError``: a holder whom nobody can see renewing must end.
    """

    def __init__(self, store: str | Path, account: str = "main") -> None:
        # A link to the store is the same store, and so has the same count.
        self.path = Path(f"{Path(store).resolve()}.{account}.lease")

    def read(self) -> tuple[int, int]:
        """``(highest epoch ever used, count)``; zeros if the file is not there or too short."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return 0, 0
        if len(content) < _LAYOUT.size:
            return 0, 0
        epoch, count = _LAYOUT.unpack_from(content)
        return epoch, count

    def begin(self, epoch: int) -> None:
        """Write it through to the disk."""
        highest, count = self.read()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, _LAYOUT.pack(max(highest, epoch), count + 1), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def renew(self, epoch: int) -> None:
        """Count one more, in the machine's memory."""
        highest, count = self.read()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, _LAYOUT.pack(max(highest, epoch), count + 1), 0)
        finally:
            os.close(descriptor)
