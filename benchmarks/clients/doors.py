"""The doors that signals come by, each from the moment when its sender has the bytes.

``process`` is the in-process door. From another process come ``inbox``, the durable inbox with its
wake-up, and ``socket``: the Python client, which takes the engine's socket where there is one.
"""

import asyncio
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import msgspec

from trading_platform_order.client import AsyncClient
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import ClaimResult
from trading_platform_order.storage.sqlite.store import open_inbox

DOORS = ("process", "inbox", "socket")
_END_S = 5.0


class NotTraded(RuntimeError):  # noqa: N818 - says what happened
    """A signal was refused or not read: what is measured would be something else."""


class Door(ABC):
    """One of them."""

    @abstractmethod
    async def take(self, raw: bytes) -> int:
        """Hand a signal in; returns when its sender had the bytes (monotonic nanoseconds)."""

    async def close(self) -> None:
        """Let go of everything."""
        return


class InProcess(Door):
    """A source in the engine's own process; returns when the claim is durable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def take(self, raw: bytes) -> int:
        """Read and submit."""
        began_ns = time.monotonic_ns()
        signal = read_any(raw)
        if not isinstance(signal, Signal):
            raise NotTraded(f"not read: {signal}")
        receipt = await self._engine.submit(signal)
        if receipt.result is not ClaimResult.CLAIMED or receipt.refusal is not None:
            raise NotTraded(f"not traded: {receipt}")
        return began_ns


class FromOutside(Door):
    """A sender in a process of its own; returns once it has handed the signal in."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def begun(cls, store: Path, kind: str) -> "FromOutside":
        """Start the sender."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.clients.doors", str(store), kind),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def take(self, raw: bytes) -> int:
        """Have it sent."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(raw + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise NotTraded("the sender has ended")
        return int(line)

    async def close(self) -> None:
        """End the sender."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()


async def opened(kind: str, engine: Engine, store: Path) -> Door:
    """The door of this name."""
    return InProcess(engine) if kind == "process" else await FromOutside.begun(store, kind)


def _say(began_ns: int) -> None:
    sys.stdout.write(f"{began_ns}\n")
    sys.stdout.flush()


async def _by_inbox(store: Path) -> None:
    inbox, wake = open_inbox(store), wake_path(store, "main")
    while line := sys.stdin.readline():
        began_ns = time.monotonic_ns()
        await inbox.put_signal(line.rstrip("\n"), at_us=time.time_ns() // 1_000)
        knock_at(wake)
        _say(began_ns)
    await inbox.close()


async def _by_client(store: Path) -> None:
    async with AsyncClient(store) as client:
        while line := sys.stdin.readline():
            raw = line.rstrip("\n").encode()
            msgspec.json.decode(raw)  # as a strategy has it: whole
            began_ns = time.monotonic_ns()
            await client.send(raw, wait_s=0)
            _say(began_ns)


def main() -> None:
    """The sender: a signal a line in, the time it began in answer."""
    store, kind = sys.argv[1:]
    asyncio.run(_by_inbox(Path(store)) if kind == "inbox" else _by_client(Path(store)))


if __name__ == "__main__":
    main()
