"""The settings that a running engine trades by, in a small file beside the store.

A setting comes from a file or the environment of one process: no other process can look it up. So
the engine tells its own, masked, once it takes signals. The file is no truth and nothing is traded
by it: it may be deleted at any moment, and the next start writes it again.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from trading_platform_order.runtime.settings.shown.origins import ToldSetting
from trading_platform_order.storage.side_files.side_file import read_side_file, replace_side_file


class PublishedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Of one start of an engine.

    Attributes:
        epoch: of the store, which counts its writers: says whether a later one started since.
        started_at: calendar time from which it took signals.
        build: the program that it is.
        settings: every one that this program knows.
    """

    epoch: int
    started_at: datetime
    build: str
    settings: tuple[ToldSetting, ...]


_decoder = msgspec.json.Decoder(PublishedSettings)


def published_path(db: Path, account: str) -> Path:
    """Beside the database, one for each account."""
    return db.with_name(f"{db.name}.{account}.settings.json")


def read_published(path: Path) -> PublishedSettings | None:
    """Those of the last engine that told them; ``None`` if none did, or it is not our file."""
    return read_side_file(path, _decoder)


def publish(path: Path, published: PublishedSettings) -> None:
    """Replace the file, for its owner alone.

    Raises:
        OSError: it cannot be written.
    """
    replace_side_file(path, msgspec.json.encode(published))
