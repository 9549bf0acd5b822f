"""How a client is driven: a line ``count gap_ms`` on standard input, a JSON line in answer.

Every client of a run lives from its beginning to its end and is asked in turn, so that what
disturbs the machine disturbs all alike. Standard library only.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple, TypedDict

from benchmarks.exchange.stamps import BINANCE, UPBIT, Stamps

SendPair = Callable[[int], Awaitable[None]]
"""Sends the pair with this number and returns when both answers are read."""


class Target(NamedTuple):
    """Where a client sends to, from its command line: STAMPS UPBIT_URL BINANCE_URL."""

    stamps: Path
    upbit: str
    binance: str

    @classmethod
    def from_arguments(cls) -> "Target":
        """As the runner starts every client."""
        stamps, upbit, binance = sys.argv[1:4]
        return cls(Path(stamps), upbit, binance)


class Samples(TypedDict):
    """One round, in microseconds.

    Attributes:
        wire_us: from the signal to the last byte of the second leg at the exchange.
        done_us: from the signal until both answers are read (of our engine: until it is claimed).
        skew_us: between the last bytes of both legs.
        cpu_us: processor time of the client for one signal.
        missed: signals that did not send exactly one order to each exchange.
    """

    wire_us: list[float]
    done_us: list[float]
    skew_us: list[float]
    cpu_us: float
    missed: int


class Watch:
    """Finds the stamps of the pair that is sent between :meth:`begin` and :meth:`end`."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self._before = (0, 0)
        self.samples = Samples(wire_us=[], done_us=[], skew_us=[], cpu_us=0.0, missed=0)

    def begin(self) -> int:
        """A signal is here; its time in nanoseconds."""
        self._before = self._stamps.counts()
        return time.monotonic_ns()

    def end(self, began_ns: int, done_ns: int) -> None:
        """Both orders of it have arrived."""
        upbit, binance = self._before
        now_upbit, now_binance = self._stamps.counts()
        if (now_upbit - upbit, now_binance - binance) != (1, 1):
            self.samples["missed"] += 1
            return
        upbit_ns, _ = self._stamps.at(UPBIT, upbit)
        binance_ns, _ = self._stamps.at(BINANCE, binance)
        self.samples["wire_us"].append((max(upbit_ns, binance_ns) - began_ns) / 1_000)
        self.samples["done_us"].append((done_ns - began_ns) / 1_000)
        self.samples["skew_us"].append(abs(upbit_ns - binance_ns) / 1_000)


async def serve(send_pair: SendPair, stamps: Stamps) -> None:
    """Obey until standard input ends."""
    number = 0

    async def one_round(count: int, gap_s: float) -> Samples:
        nonlocal number
        watch = Watch(stamps)
        cpu_ns = time.process_time_ns()
        for _ in range(count):
            number += 1
            began_ns = watch.begin()
            await send_pair(number)
            watch.end(began_ns, time.monotonic_ns())
            if gap_s > 0:
                await asyncio.sleep(gap_s)
        watch.samples["cpu_us"] = (time.process_time_ns() - cpu_ns) / 1_000 / count
        return watch.samples

    async def asked(line: str) -> Samples:
        return await one_round(*read_round(line))

    await obey(asked)


def read_round(line: str) -> tuple[int, float]:
    """Pairs, and seconds between them."""
    count, gap_ms = line.split()
    return int(count), float(gap_ms) / 1_000


async def obey(asked: Callable[[str], Awaitable[object]]) -> None:
    """Answer every line with what comes of it."""
    loop = asyncio.get_running_loop()
    say({"ready": True})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        say(await asked(line))


def say(answer: object) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def run(connected: Callable[[Target], AbstractAsyncContextManager[SendPair]]) -> None:
    """Make a client and serve; on uvloop where its environment has it."""
    target = Target.from_arguments()

    async def main() -> None:
        with Stamps(target.stamps) as stamps:
            async with connected(target) as send_pair:
                await serve(send_pair, stamps)

    try:
        import uvloop  # a peer's environment may lack it
    except ImportError:
        asyncio.run(main())
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
