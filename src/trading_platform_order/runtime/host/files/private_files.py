"""Who else on this machine may read or write what trading rests on.

Who can write the store can trade, who can read the settings may have the keys. Files are made for
their owner alone (0600, folders 0700); what was made otherwise is named.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.storage.side_files.beat_file import SUFFIX as BEATS
from trading_platform_order.storage.side_files.snapshots import SUFFIX as SNAPSHOT

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """A file or folder that is not its owner's alone.

    Attributes:
        writable: others may change it, or (a folder) put files into it and take them away.
    """

    path: Path
    writable: bool
    is_folder: bool = False

    @property
    def text(self) -> str:
        """For operators."""
        what = "written" if self.writable else "read"
        return f"{self.path} may be {what} by other users of this machine"

    @property
    def remedy(self) -> str:
        """The command that mends it."""
        mode = PRIVATE_FOLDER if self.is_folder else PRIVATE_FILE
        return f"chmod {mode:o} {self.path} (and chown it if it is not yours)"


def store_files(store: Path, account: str, stop_file: Path) -> tuple[Path, ...]:
    """Everything of one account's store that exists or may exist."""
    beside = (
        f"{store}-wal",
        f"{store}-shm",
        f"{store}.{account}.lock",
        f"{store}.{account}.now.json",
        f"{store}.{account}.owned.json",
        f"{store}.{account}.settings.json",
        f"{store}.usd-krw.json",
        f"{store}.{account}{BEATS}",
        f"{store}.{account}{SNAPSHOT}",
    )
    kept = store.with_suffix(".filters.json")
    return (store.absolute().parent, store, *map(Path, beside), stop_file, kept)


def exposed(paths: Iterable[Path]) -> tuple[Exposed, ...]:
    """Those that others may write or read; of a folder only writing matters."""
    found = []
    for path in dict.fromkeys(paths):
        try:
            told = path.stat()
        except OSError:
            continue  # what is not there is nobody's; what cannot be seen fails where it is used
        is_folder = stat.S_ISDIR(told.st_mode)
        is_anothers = told.st_uid not in {os.geteuid(), 0}
        writable = is_anothers or bool(told.st_mode & _OTHERS_WRITE)
        if writable or (told.st_mode & _OTHERS_READ and not is_folder):
            found.append(Exposed(path=path, writable=writable, is_folder=is_folder))
    return tuple(found)


def make_private(store: Path) -> None:
    """Make the store's folder and file for their owner alone, unless they are there.

    Raises:
        OSError: they cannot be made.
    """
    store.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(store, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
    os.close(descriptor)
