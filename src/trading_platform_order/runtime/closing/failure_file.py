"""The failures of engines that close, in a file beside the store, for the next watchdog."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from trading_platform_order.watchdog.failure_notes import Failures


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """``boot``: of the machine; its clock begins anew with the next one."""

    boot: str
    failures: Failures


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Kept)


class FailureFile:
    """See :class:`trading_platform_order.watchdog.failure_notes.FailureNotes`.

    Written without a flush to the disk: it must outlive a process, and not a loss of power.
    """

    def __init__(self, path: Path, *, boot: str, tell: Callable[[str], None]) -> None:
        self._path = path
        self._boot = boot
        self._tell = tell
        self._is_told = False

    def load(self) -> Failures:
        """As they were left since this machine was booted."""
        try:
            kept = _decoder.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return Failures()
        return kept.failures if kept.boot == self._boot else Failures()

    def save(self, failures: Failures) -> None:
        """Replace them; a file that cannot be written is told once."""
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_bytes(_encoder.encode(_Kept(boot=self._boot, failures=failures)))
            fresh.replace(self._path)
        except OSError as problem:
            if not self._is_told:
                self._tell(f"warning: {self._path} cannot be written: {problem.strerror}")
            self._is_told = True
        else:
            self._is_told = False


def failures_path(store: Path, account: str) -> Path:
    """Beside the store, one for each account."""
    return store.with_name(f"{store.name}.{account}.failures.json")
