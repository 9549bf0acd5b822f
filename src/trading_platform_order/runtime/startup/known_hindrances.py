"""What kept orders back when it was seen last, kept over a restart.

An engine that starts while an exchange bans us asks it nothing, and one that starts in maintenance
knows why a close waits. What is kept here is only the beginning: what an order test or an order
says after the start counts.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from trading_platform_order.domain.hindrances.order_access import KnownHindrance

_decoder = msgspec.json.Decoder(tuple[KnownHindrance, ...])


class HindranceMemory:
    """For engines of one process: simulations."""

    def __init__(self) -> None:
        self._kept: tuple[KnownHindrance, ...] = ()

    def load(self) -> tuple[KnownHindrance, ...]:
        """What was kept last."""
        return self._kept

    def keep(self, known: Iterable[KnownHindrance]) -> None:
        """Keep these instead."""
        self._kept = tuple(known)


class HindranceFile:
    """A file beside the journal. It only saves questions: it may be deleted at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[KnownHindrance, ...]:
        """What was kept last; nothing if the file is missing or not ours."""
        try:
            return _decoder.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return ()

    def keep(self, known: Iterable[KnownHindrance]) -> None:
        """Replace the file as a whole; a full disk costs nothing but the next start's questions."""
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.json.encode(tuple(known)))
            fresh.replace(self._path)
        except OSError:
            return
