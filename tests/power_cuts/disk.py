"""A disk below SQLite that forgets, tears and reorders what was not synced.

Between two syncs of a file a real disk may have written any part of what it was told, in any order,
sector by sector; a new file's name and a deleted one's are as unsure. A cut chooses: nothing of it,
all of it, the beginning of it, or any sectors of it, with or without garbage in the sectors that
were being written. What was synced stays, and so do bytes that nobody wrote to (the guarantee that
SQLite calls powersafe overwrite).
"""

from dataclasses import dataclass, field
from random import Random

import apsw

SECTOR_BYTES = 512
NEVER = 1 << 62


class PowerLoss(Exception):  # noqa: N818 - a fact, not an error of ours
    """The machine is off: nothing that was called came back."""


@dataclass(slots=True)
class Content:
    """One file.

    Attributes:
        image: what a reader sees.
        durable: what was synced; ``None`` while not even the name was.
        pending: writes (offset, bytes) and truncations (length) since then.
        behind: the durable content of a deleted file of this name, which may come back.
    """

    image: bytearray = field(default_factory=bytearray)
    durable: bytes | None = None
    pending: list[tuple[int, bytes] | int] = field(default_factory=list)
    behind: bytes | None = None
    deleted: bool = False


class Disk:
    """Files by name, and when the power goes.

    Attributes:
        cut_at: number of the change (write, truncation, deletion, sync) during which it goes.
        changes: how many there were.
        is_off: it went.
        is_deaf: whoever still talks to it gets no error, and nothing is changed.
    """

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {
            name: Content(image=bytearray(data), durable=data)
            for name, data in (files or {}).items()
        }
        self.cut_at = NEVER
        self.changes = 0
        self.is_off = False
        self.is_deaf = False

    def open(self, name: str) -> Content:
        """The file, made if missing."""
        self.require_power()
        content = self.files.get(name)
        if content is None or content.deleted:
            behind = None if content is None else content.durable or content.behind
            content = self.files[name] = Content(behind=behind)
        return content

    def exists(self, name: str) -> bool:
        """As a reader sees it."""
        self.require_power()
        return name in self.files and not self.files[name].deleted

    def write(self, content: Content, data: bytes, offset: int) -> None:
        """Change what a reader sees; durable when it is synced, or by chance."""
        if self.is_deaf:
            return
        content.pending.append((offset, data))
        _apply(content.image, offset, data)
        self._change()

    def truncate(self, content: Content, length: int) -> None:
        """As :meth:`write`."""
        if self.is_deaf:
            return
        content.pending.append(length)
        _resize(content.image, length)
        self._change()

    def delete(self, name: str, *, synced: bool) -> None:
        """Gone for readers; for good if ``synced``."""
        if self.is_deaf:
            return
        content = self.files[name]
        content.deleted = True
        self._change()
        if synced:
            del self.files[name]

    def sync(self, content: Content) -> None:
        """What was written is durable once this has come back.

        Names are kept in order, as journalling file systems do: a deletion before a sync of any
        file is durable with it.
        """
        if self.is_deaf:
            return
        self._change()
        content.durable = bytes(content.image)
        content.pending.clear()
        self.files = {name: each for name, each in self.files.items() if not each.deleted}
        for each in self.files.values():
            each.behind = None

    def after_cut(self, random: Random) -> dict[str, bytes]:
        """What a machine finds when it is switched on again."""
        self.is_off = True
        found: dict[str, bytes] = {}
        for name, content in sorted(self.files.items()):
            survivor = _survivor(content, random)
            if survivor is not None:
                found[name] = survivor
        return found

    def _change(self) -> None:
        self.require_power()
        self.changes += 1
        if self.changes >= self.cut_at:
            self.is_off = True
            raise PowerLoss

    def require_power(self) -> None:
        """Raises PowerLoss once it is off."""
        if self.is_off and not self.is_deaf:
            raise PowerLoss


def _survivor(content: Content, random: Random) -> bytes | None:
    if content.deleted:
        was = content.durable if content.durable is not None else content.behind
        return was if random.random() < 0.5 else None
    base = content.durable
    if base is None:
        if random.random() < 0.4:
            return content.behind
        base = b""
    return _written(base, content.pending, random)


def _written(base: bytes, pending: list[tuple[int, bytes] | int], random: Random) -> bytes:
    """The durable content, with what happened to reach the disk since."""
    kind = random.choice(("nothing", "all", "beginning", "sectors", "sectors", "garbage"))
    kept = pending
    if kind == "nothing":
        kept = []
    elif kind == "beginning":
        kept = pending[: random.randint(0, len(pending))]
    image, share = bytearray(base), random.random()
    for change in kept:
        if isinstance(change, int):
            if kind not in {"sectors", "garbage"} or random.random() < share:
                _resize(image, change)
        elif kind in {"sectors", "garbage"}:
            _tear(image, *change, random=random, share=share, garbage=kind == "garbage")
        else:
            _apply(image, *change)
    return bytes(image)


def _tear(
    image: bytearray, offset: int, data: bytes, *, random: Random, share: float, garbage: bool
) -> None:
    at = 0
    while at < len(data):
        length = min(SECTOR_BYTES - (offset + at) % SECTOR_BYTES, len(data) - at)
        if random.random() < share:
            _apply(image, offset + at, data[at : at + length])
        elif garbage and random.random() < 0.2:
            _apply(image, offset + at, random.randbytes(length))
        at += length


def _apply(image: bytearray, offset: int, data: bytes) -> None:
    if offset > len(image):
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def _resize(image: bytearray, length: int) -> None:
    if length < len(image):
        del image[length:]
    else:
        image.extend(bytes(length - len(image)))


class _File:
    """SQLite's file methods over one content (https://sqlite.org/c3ref/io_methods.html)."""

    # ruff: noqa: N802 - SQLite's names

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._content = disk.open(name)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.require_power()
        return bytes(self._content.image[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.write(self._content, bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.truncate(self._content, newsize)

    def xSync(self, flags: int) -> None:
        del flags
        self._disk.sync(self._content)

    def xFileSize(self) -> int:
        return len(self._content.image)

    def xLock(self, level: int) -> None:
        """One connection a disk: it has every lock."""

    def xUnlock(self, level: int) -> None:
        """As above."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        del op, ptr
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def excepthook(self, *_: object) -> None:
        """SQLite goes on for a moment on a machine that is off; nothing of it counts."""

    def xClose(self) -> None:
        """Nothing is kept open."""


class DiskVfs(apsw.VFS):
    """A file system of SQLite over disks, one connection each.

    A file's name begins with its disk's number: a connection that is let go of late must not reach
    the disk of the machine's next boot.
    """

    def __init__(self, name: str) -> None:
        self._disks: dict[str, Disk] = {}
        self._inserted = 0
        super().__init__(name, "", maxpathname=200)

    def insert(self, disk: Disk) -> str:
        """Put a disk in; what the names of its files begin with. The one before is out of reach."""
        self._inserted += 1
        prefix = f"{self._inserted}:"
        self._disks = {prefix: disk}
        return prefix

    def _found(self, path: str) -> tuple[Disk, str]:
        number, _, name = path.partition(":")
        disk = self._disks.get(f"{number}:")
        if disk is None:
            raise PowerLoss
        return disk, name

    def excepthook(self, *_: object) -> bool:
        """As for a file."""
        return True

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:  # type: ignore[override]
        """Open or make it."""
        del flags
        if name is None:
            return _File(Disk(), "temporary")
        return _File(*self._found(name if isinstance(name, str) else name.filename()))

    def xDelete(self, filename: str, syncdir: bool) -> None:
        """Remove a name."""
        disk, name = self._found(filename)
        disk.delete(name, synced=syncdir)

    def xAccess(self, pathname: str, flags: int) -> bool:
        """Whether it exists; nobody is refused."""
        del flags
        disk, name = self._found(pathname)
        return disk.exists(name)

    def xFullPathname(self, name: str) -> str:
        """There are no folders."""
        return name
