"""What ended engines of an account, noted beside the store as they died.

It is read at a start and never trusted with more than this: what is noted twice by the very same
code is set aside (``executor/set_aside.py``). A program that was mended tries it again.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from trading_platform_order.executor.journal.snapshot import code_digest
from trading_platform_order.executor.set_aside import DEATHS, Culprit, SetAside


class _Noted(msgspec.Struct, frozen=True, kw_only=True):
    culprit: Culprit
    error: str
    times: int


class _Notes(msgspec.Struct, frozen=True, kw_only=True):
    """``code``: digest of the program that died; another one may survive."""

    code: str
    noted: tuple[_Noted, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Notes)


class Deaths(Protocol):
    """Where engines note what ended them."""

    def set_aside(self) -> SetAside:
        """What has ended so many that it is not looked at any more."""
        ...

    def note(self, culprit: Culprit, error: str) -> None:
        """One more engine was ended by it."""
        ...


class NoDeaths:
    """Nothing is noted."""

    def set_aside(self) -> SetAside:
        """Nothing."""
        return SetAside()

    def note(self, culprit: Culprit, error: str) -> None:
        """Forgotten."""


class DeathMemory:
    """For engines of one process: simulations."""

    def __init__(self) -> None:
        self._noted: dict[Culprit, _Noted] = {}

    def set_aside(self) -> SetAside:
        """What was noted twice."""
        return _often(self._noted.values())

    def note(self, culprit: Culprit, error: str) -> None:
        """One more engine was ended by it."""
        _count(self._noted, culprit, error)


class DeathFile:
    """A file beside the store. A start without it tries everything again."""

    def __init__(self, path: Path, tell: Callable[[str], None] = lambda _: None) -> None:
        self._path = path
        self._tell = tell

    def set_aside(self) -> SetAside:
        """What was noted twice by this very program; nothing if the file cannot be read."""
        return _often(self._load().values())

    def note(self, culprit: Culprit, error: str) -> None:
        """One more engine was ended by it; a file that cannot be written is told."""
        noted = self._load()
        _count(noted, culprit, error)
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_bytes(
                _encoder.encode(_Notes(code=code_digest(), noted=tuple(noted.values())))
            )
            fresh.replace(self._path)
        except OSError as problem:
            self._tell(f"what ended this engine cannot be noted: {problem}")

    def _load(self) -> dict[Culprit, _Noted]:
        try:
            notes = _decoder.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return {}
        return {one.culprit: one for one in notes.noted} if notes.code == code_digest() else {}


def deaths_path(store: Path, account: str) -> Path:
    """Beside the store, one for each account."""
    return store.with_name(f"{store.name}.{account}.deaths.json")


def _count(noted: dict[Culprit, _Noted], culprit: Culprit, error: str) -> None:
    before = noted.get(culprit)
    times = 1 if before is None else before.times + 1
    noted[culprit] = _Noted(culprit=culprit, error=error, times=times)


def _often(noted: Iterable[_Noted]) -> SetAside:
    return SetAside({one.culprit: one.error for one in noted if one.times >= DEATHS})
