"""One account, one engine: an advisory lock on a file beside the store.

The kernel lets go of it when the process ends, however it ends, so a lock is never stale. The file
stays behind (removing it would let two processes lock two different files of one name). Advisory
locks on network file systems are not to be trusted; keep the store on a local disk.
"""

import fcntl
import os
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ATTEMPTS = 5
PAUSE_S = 0.02
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class AccountLocked(Exception):  # noqa: N818 - a fact, named as the docs do
    """Another engine runs on the account; the message says which process."""


class AccountLock:
    """Held from :meth:`acquire` (or ``with``) to :meth:`release` or the end of the process.

    Args:
        store: path of the store beside which the lock's file lies.
        account: whose.
        attempts: how often a taken lock is tried in all; 1 where nobody only looks at it.

    Raises:
        ValueError: an account name that could leave the store's folder.
    """

    def __init__(
        self, store: str | Path, account: str = "main", *, attempts: int = ATTEMPTS
    ) -> None:
        if not _ACCOUNT.fullmatch(account):
            raise ValueError(f"account name {account!r}: use a-z, 0-9, _ and -, at most 64")
        # A link to the store is the same store, and so has the same lock.
        self.path = Path(f"{Path(store).resolve()}.{account}.lock")
        self._account = account
        self._attempts = attempts
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock now or not at all.

        Raises:
            AccountLocked: another engine holds it.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, self._attempts)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise AccountLocked(
                f"account {self._account!r} is in use by another engine (process {holder}); "
                f"one account has one engine: stop that one first (lock file {self.path})"
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def is_free(self) -> bool:
        """Certain that no process holds it; a file that cannot be read proves nothing.

        Takes the lock for a moment to see that, so :meth:`acquire` tries more than once.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    @property
    def descriptor(self) -> int | None:
        """What holds it: a child that gets this has the lock too, until its own end."""
        return self._descriptor

    def release(self) -> None:
        """Let go; nothing happens if it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release."""
        self.release()


def _lock(descriptor: int, attempts: int) -> None:
    """Exclusively; a watchdog that looks whether it is free holds it for some microseconds."""
    for _ in range(attempts - 1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_S)
        else:
            return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
