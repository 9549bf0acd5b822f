"""The local socket: where a running engine takes signals from other processes of its user.

A Unix stream socket beside the store. The file is its owner's alone, and both ends ask the kernel
who the other one is. It is put in its place by a rename, after its rights are set: at no moment can
anybody else connect, and a dead engine's file is replaced at once. A file at which somebody answers
is left alone. Without it nothing is lost: senders use the inbox.
"""

import os
import socket
import stat
import struct
from pathlib import Path

BACKLOG = 64
LINE_BYTES_MAX = 16 * 1024 + 5
"""Room for a byte order mark and the line's end."""
_PRIVATE = 0o600
_CREDENTIALS = struct.Struct("3i")
_ROOT = 0


def socket_path(store: str | Path, account: str) -> Path:
    """Where the engine of an account takes signals."""
    return Path(f"{store}.{account}.sock")


def peer_uid(end: socket.socket) -> int | None:
    """The user at the other end, as the kernel knows it; ``None`` where it does not tell."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    try:
        told = end.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    except OSError:
        return None
    uid: int = _CREDENTIALS.unpack(told)[1]
    return uid


def may_talk(uid: int | None, *owners: int) -> bool:
    """Oneself, the machine's administrator, and the ``owners`` named; nobody who is unknown."""
    return uid is not None and uid in {os.geteuid(), _ROOT, *owners}


class LocalListener:
    """The engine's end; it holds the account's lock while it listens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket: socket.socket | None = None
        self._place = (0, 0)

    def open(self) -> str | None:
        """Begin to listen; ``None``, or why it is not possible."""
        if not hasattr(socket, "SO_PEERCRED"):
            return "no local socket: this system does not tell who connects"
        if is_answered(self.path):
            return f"no local socket at {self.path}: another process listens there"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            listener.settimeout(0)
            _remove_socket(fresh)
            listener.bind(str(fresh))
            fresh.chmod(_PRIVATE)
            if self.path.exists() and not stat.S_ISSOCK(self.path.lstat().st_mode):
                raise FileExistsError("a file that is no socket lies there")
            listener.listen(BACKLOG)
            told = fresh.lstat()
            fresh.replace(self.path)
        except OSError as error:
            listener.close()
            return f"no local socket at {self.path}: {error}"
        self._socket, self._place = listener, (told.st_dev, told.st_ino)
        return None

    def fileno(self) -> int:
        """For the event loop; while it listens."""
        return -1 if self._socket is None else self._socket.fileno()

    def accept(self) -> socket.socket | None:
        """The next one that connects; ``None`` if nobody waits."""
        if self._socket is None:
            return None
        try:
            found, _ = self._socket.accept()
        except OSError:
            return None
        found.settimeout(0)
        return found

    def close(self) -> None:
        """Stop listening, and remove the file if it is still ours."""
        if self._socket is None:
            return
        self._socket.close()
        self._socket = None
        try:
            told = self.path.lstat()
        except OSError:
            return
        if (told.st_dev, told.st_ino) == self._place:
            self.path.unlink(missing_ok=True)


def is_answered(path: Path) -> bool:
    """Somebody listens there: whatever else a knock tells, only a refusal says that nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(0)
        try:
            caller.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError as error:
            # Too long a name, or no socket there: nobody can listen, and binding says why.
            return isinstance(error, BlockingIOError | PermissionError)
    return True


def _remove_socket(path: Path) -> None:
    if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
        path.unlink()
