"""How long from the tap on STOP until the engine admits no entry, in a real browser.

python -m tests.e2e.page.stop_times --stops 50
python -m tests.e2e.page.stop_times --stops 10 --lock-s 5   # another process holds the store's lock
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from tests.e2e.page import running_page
from tests.e2e.page.browser_fixture import Tab
from trading_platform_order.runtime.host.files.stop_file import stop_file_path


async def measured(db: Path, stops: int, lock_s: float) -> list[float]:
    """Seconds, one a stop."""
    found: list[float] = []
    running_page.LIMIT_S = 60 + int(10 + 2 * lock_s) * stops
    async with running_page.running_page(db) as tab:
        for number in range(stops):
            if lock_s:
                found.append(await under_lock(db, tab, lock_s))
            else:
                tapped_at = await running_page.stop(tab)
                found.append(await running_page.stopped_after_s(db, tapped_at))
            await running_page.resume(tab, f"measured {number}")
    return found


async def under_lock(db: Path, tab: Tab, lock_s: float) -> float:
    """Until the stop file stands, by which the engine refuses entries at its next look."""
    stop_file = stop_file_path("", db, "main")
    async with running_page.held_lock(db, lock_s):
        tapped_at = await running_page.stop(tab)
        return stop_file.stat().st_mtime - tapped_at.timestamp()


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--lock-s", type=float, default=0.0, help="time to the stop file instead")
    options = parser.parse_args()
    stops = options.stops
    with tempfile.TemporaryDirectory() as folder:
        seconds = sorted(asyncio.run(measured(Path(folder) / "t.db", stops, options.lock_s)))
    last = len(seconds) - 1
    figures = {name: seconds[round(last * part)] for name, part in (("p50", 0.5), ("p99", 0.99))}
    print(json.dumps({"stops": stops, **figures, "max": seconds[-1]}))  # noqa: T201 - a report


if __name__ == "__main__":
    main()
