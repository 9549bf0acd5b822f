"""What this machine allows a process, looked at before anything is opened.

An engine that may open too few files starts, finds no connection and is never ready: better not to
start, and to say why.
"""

import resource

FILES_MIN = 256
"""Store, locks, sockets of both exchanges, streams, and as many again for a reconnection."""
FILES_WANTED = 4_096
FILE_BYTES_MIN = 1 << 28
"""The journal must be able to grow; 256 MiB are some months."""


class MachineRefused(Exception):  # noqa: N818 - a fact, named as the docs do
    """The machine does not give what is needed; the text names it and the cure."""


def require_limits() -> None:
    """Raise the number of open files as far as is allowed, and look at what is left.

    Raises:
        MachineRefused: too few files, or files that may not grow.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft != resource.RLIM_INFINITY and soft < FILES_MIN:
        raise MachineRefused(
            f"this process may open {soft} files and needs {FILES_MIN}\n"
            "Cure: raise the limit: ulimit -n 4096 in a shell, LimitNOFILE=4096 in a systemd unit"
        )
    size, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if size != resource.RLIM_INFINITY and size < FILE_BYTES_MIN:
        raise MachineRefused(
            f"a file of this process may grow to {size} bytes, too little for the journal\n"
            "Cure: lift the limit: ulimit -f unlimited in a shell, LimitFSIZE=infinity in a unit"
        )
