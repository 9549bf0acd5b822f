"""``fdatasync``: one flush of a page, as the engine's writer thread does it, in the same minutes.

What ``full`` adds to ``normal`` is measured against this: how long a disk takes is the machine's
business and changes with what else it does.
"""

import asyncio
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.clients.serving import Samples, obey, read_round

PAGE = bytes(4_096)
PAGES = 1_000
"""The file is written once before, so that a flush carries no new length."""


async def _serve(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    with tempfile.NamedTemporaryFile(dir=folder) as file, ThreadPoolExecutor(1) as thread:
        file.write(PAGE * PAGES)
        file.flush()
        os.fsync(file.fileno())
        descriptor = file.fileno()

        def flush(number: int) -> None:
            os.pwrite(descriptor, PAGE, number % PAGES * len(PAGE))
            os.fdatasync(descriptor)

        async def asked(line: str) -> Samples:
            count, gap_s = read_round(line)
            took_us = []
            for number in range(count):
                began_ns = time.monotonic_ns()
                await loop.run_in_executor(thread, flush, number)
                took_us.append((time.monotonic_ns() - began_ns) / 1_000)
                if gap_s > 0:
                    await asyncio.sleep(gap_s)
            return Samples(wire_us=took_us, done_us=took_us, skew_us=[], cpu_us=0.0, missed=0)

        await obey(asked)


def main() -> None:
    """Serve until standard input ends; the file is where the engines' are."""
    asyncio.run(_serve(Path(tempfile.gettempdir())))


if __name__ == "__main__":
    main()
