"""How long from the tap on STOP until the engine admits no entry, in a real browser.

python -m tests.e2e.page.stop_times --stops 50
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from tests.e2e.page import running_page


async def measured(db: Path, stops: int) -> list[float]:
    """Seconds, one a stop."""
    found: list[float] = []
    running_page.LIMIT_S = 60 + 10 * stops
    async with running_page.running_page(db) as tab:
        for number in range(stops):
            tapped_at = await running_page.stop(tab)
            found.append(await running_page.stopped_after_s(db, tapped_at))
            await running_page.resume(tab, f"measured {number}")
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=50)
    stops = parser.parse_args().stops
    with tempfile.TemporaryDirectory() as folder:
        seconds = sorted(asyncio.run(measured(Path(folder) / "t.db", stops)))
    last = len(seconds) - 1
    figures = {name: seconds[round(last * part)] for name, part in (("p50", 0.5), ("p99", 0.99))}
    print(json.dumps({"stops": stops, **figures, "max": seconds[-1]}))  # noqa: T201 - a report


if __name__ == "__main__":
    main()
