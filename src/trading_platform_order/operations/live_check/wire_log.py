"""Where a recording goes: one JSON line per request and stream message, readable by its owner only.

Secrets are gone before a record arrives here. What stays is private all the same: balances, orders
and trades.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from trading_platform_order.operations.live_check.wire_shapes import Shapes
from trading_platform_order.transport.decorators.recording import WireRecord

_ENCODER = msgspec.json.Encoder()
BYTES_MAX = 512 * 1024 * 1024


class WireLog:
    """A sink for records: a file (or none) and the shapes.

    Args:
        path: made anew, mode 600; ``None`` keeps shapes only.
        bytes_max: the file is not written on beyond this; shapes are counted on.
    """

    def __init__(self, path: Path | None, shapes: Shapes, *, bytes_max: int = BYTES_MAX) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._left = bytes_max
        self.shapes = shapes
        self.records = 0

    def __call__(self, record: WireRecord) -> None:
        """Take one record."""
        self.records += 1
        self.shapes.add(record)
        line = _ENCODER.encode(record) + b"\n"
        if self._descriptor is not None and len(line) <= self._left:
            os.write(self._descriptor, line)
            self._left -= len(line)

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            OSError: it cannot be made.
        """
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
