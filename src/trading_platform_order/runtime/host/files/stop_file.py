"""The stop file: trading is stopped while it exists. Any person or program may make it.

It needs no store and no engine, so it also says that the store itself failed: an engine that cannot
write its journal leaves one behind, and the next start begins stopped.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.runtime.host.files.private_files import PRIVATE_FILE

REASON_CHARS_MAX = 500


def stop_file_path(setting: str, db: Path, account: str) -> Path:
    """Where the file is: as set, else beside the database."""
    return Path(setting) if setting else db.with_name(f"{db.name}.{account}.stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFile:
    """One account's stop file."""

    path: Path

    def reason(self) -> str | None:
        """What it says; ``None`` if there is none. One that cannot be read counts."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as problem:
            return f"the stop file {self.path} exists, but cannot be read: {problem.strerror}"
        words = " ".join(text[:REASON_CHARS_MAX].split())
        return f"the stop file {self.path} exists" + (f": {words}" if words else "")

    def leave(self, reason: str) -> str | None:
        """Make it, unless it is there; returns what went wrong, if anything."""
        try:
            descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
        except FileExistsError:
            return None
        except OSError as problem:
            return f"the stop file {self.path} could not be made: {problem.strerror}"
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{reason}\n".encode(errors="replace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            return self._take_back(problem)
        return None

    def _take_back(self, problem: OSError) -> str:
        """An empty file would stop the next start, and nobody would know why."""
        try:
            self.path.unlink()
        except OSError:
            return f"the stop file {self.path} stands, but is empty: {problem.strerror}"
        return f"the stop file {self.path} could not be made: {problem.strerror}"
