"""A folder of backups: what a new one is called, and which old ones go."""

import re
from datetime import UTC, datetime
from pathlib import Path

_STAMP = "%Y%m%dT%H%M%SZ"


def name_in(folder: Path, store: Path, at: datetime) -> Path:
    """The path of a backup made ``at`` that moment: the store's name and UTC, to the second."""
    return folder / f"{store.stem}-{at.astimezone(UTC).strftime(_STAMP)}.db"


def drop_old(folder: Path, store: Path, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest ``keep`` backups of this store; returns what went.

    Only files that bear a name of :func:`name_in` are touched.

    Raises:
        OSError: the machine refused.
    """
    ours = re.compile(rf"{re.escape(store.stem)}-\d{{8}}T\d{{6}}Z\.db")
    names = sorted(path.name for path in folder.iterdir() if ours.fullmatch(path.name))
    gone = tuple(folder / name for name in names[:-keep])
    for path in gone:
        path.unlink()
    return gone
