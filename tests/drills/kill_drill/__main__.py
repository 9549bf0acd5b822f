"""The command: ``python -m tests.drills.kill_drill``."""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict

from tests.drills.kill_drill.drill import drill


def main() -> int:
    """Run one; returns its exit code."""
    parser = argparse.ArgumentParser(description="kill the engine again and again, judge the rest")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = asyncio.run(drill(kills=options.kills, seed=options.seed))
    if options.json:
        text = json.dumps(asdict(report) | {"missed": report.missed}, indent=2)
    else:
        text = "\n".join(report.lines())
    sys.stdout.write(f"{text}\n")
    return 1 if report.violations or report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
