"""The stop file: trading is stopped while it exists. Any person or program may make it.

It needs no store and no engine, so it also says that the store itself failed: an engine that cannot
write its journal leaves one behind, and the next start begins stopped.
"""

from dataclasses import dataclass
from pathlib import Path

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
            with self.path.open("x", encoding="utf-8") as file:
                file.write(reason + "\n")
        except FileExistsError:
            return None
        except OSError as problem:
            return f"the stop file {self.path} could not be made: {problem.strerror}"
        return None
