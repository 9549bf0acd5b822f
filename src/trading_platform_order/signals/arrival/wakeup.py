"""The knock on the engine's door: an empty datagram on a Unix socket beside the store.

Best effort by design. It carries no data and no promise; the inbox holds the signal, and whoever
waits here also looks by itself after a while. A socket that cannot be made (a path over about 100
characters, a file system without sockets) therefore only makes signals from other processes slower.
"""

import asyncio
import socket
import stat
from pathlib import Path

# More are left for the next turn of the loop, so that a flood starves nobody.
_KNOCKS_AT_ONCE = 64


class LocalWake:
    """A knock within this process.

    Attributes:
        knocks: how many were heard.
    """

    def __init__(self) -> None:
        self.knocks = 0
        self._knocked = asyncio.Event()

    @property
    def hears_others(self) -> bool:
        """Whoever writes into the store is heard; else it has to be looked at."""
        return True

    def knock(self) -> None:
        """Wake the waiter, or let its next wait return at once."""
        self.knocks += 1
        self._knocked.set()

    def listen(self) -> None:
        """Count what was knocked until now, also what the event loop has not come to yet."""

    async def wait(self, timeout_s: float) -> None:
        """Return at a knock, at the latest after ``timeout_s``; one since the last call counts."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._knocked.wait()
        except TimeoutError:
            return
        self._knocked.clear()


class SocketWake(LocalWake):
    """A knock from any process of this machine; knows one from inside, too.

    Use :meth:`open` inside a running event loop and :meth:`close` at the end. Only the engine
    listens, and it holds the account's lock, so an old socket at the path is a dead engine's.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._socket: socket.socket | None = None

    @property
    def hears_others(self) -> bool:
        """The socket could be made."""
        return self._socket is not None

    def listen(self) -> None:
        """Count what was knocked until now, also what the event loop has not come to yet."""
        if self._socket is not None:
            self._heard(self._socket)

    def open(self) -> str | None:
        """Begin to listen; ``None``, or why it is not possible (polling goes on)."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            listener.settimeout(0)
            if self.path.exists() and stat.S_ISSOCK(self.path.stat().st_mode):
                self.path.unlink()
            listener.bind(str(self.path))
        except OSError as error:
            listener.close()
            return f"no wake-up socket at {self.path}: {error}"
        # add_reader and not a datagram endpoint: it works the same on every event loop.
        asyncio.get_running_loop().add_reader(listener.fileno(), self._heard, listener)
        self._socket = listener
        return None

    def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
            self.path.unlink(missing_ok=True)

    def _heard(self, listener: socket.socket) -> None:
        try:
            for _ in range(_KNOCKS_AT_ONCE):
                listener.recv(16)
                self.knock()
        except BlockingIOError:
            return


def wake_path(store: str | Path, account: str) -> Path:
    """Where the engine of an account listens."""
    return Path(f"{store}.{account}.wake")


def knock_at(path: Path) -> bool:
    """Knock, whoever may be there; false if nobody heard it. Never blocks, never raises."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0)
        try:
            sender.sendto(b"", str(path))
        except OSError:
            return False
    return True
