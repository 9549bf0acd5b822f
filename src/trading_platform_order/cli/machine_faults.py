"""What the operating system refuses, in one sentence with its cure."""

import errno
import os

_REMEDIES = {
    errno.EACCES: "give this user the right to it, or run as the user who owns it",
    errno.EPERM: "give this user the right to it, or run as the user who owns it",
    errno.EROFS: "choose a place on a disk that can be written",
    errno.ENAMETOOLONG: "choose a shorter path (store.path, risk.stop_file, --db, --config)",
    errno.ENOTDIR: "a part of the path is a file: choose another path",
    errno.EEXIST: "a part of the path is a file: choose another path",
    errno.EISDIR: "it is a folder: name a file in it",
    errno.ENOENT: "make the folder first, or choose another path",
    errno.ELOOP: "symbolic links run in a circle: choose another path",
    errno.ENOSPC: "make room on the disk, then start again; nothing that was stored is lost",
    errno.EDQUOT: "raise this user's disk quota, then start again; nothing that was stored is lost",
    errno.EFBIG: "lift the limit on file sizes: ulimit -f unlimited",
    errno.EMFILE: "raise the limit on open files: ulimit -n 4096",
    errno.ENFILE: "too many files are open on this machine: close other programs",
    errno.ENOMEM: "free memory, or lift the limit: ulimit -v unlimited",
    errno.EADDRINUSE: "another program listens there: stop it, or choose another address",
}


def remedy_of(error: OSError) -> str | None:
    """What to do about it; ``None`` if that is not for an operator to know."""
    return None if error.errno is None else _REMEDIES.get(error.errno)


def sentence(error: OSError) -> str:
    """What was refused, and where."""
    words = os.strerror(error.errno) if error.errno else str(error)
    where = f" ({error.filename})" if error.filename else ""
    return f"the machine refused: {words}{where}"
