"""Cut the power below SQLite, at random, again and again, and count what is left.

A whole executor works on a disk in memory that loses, tears and reorders what was not synced; the
power goes in the middle of any write or sync, and the next engine starts on what is left
(``world.py``).

    python -m tests.power_cuts [--cuts 20000] [--synchronous normal|full|extra] [--seed 1]
                               [--jobs N] [--replay LEVEL:SEED:NUMBER] [--json]

Without ``--synchronous`` every durability is tried. In full and extra nothing that was told to be
durable may be missing, ever; in normal rows may be missing, and then they must be found before
anything is sent. Exit code 1 if anything was violated.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict

from tests.power_cuts.cutting import Tally, cut_often, play_one
from tests.power_cuts.world import LEVELS


def main() -> int:
    """Cut, tell, judge."""
    parser = argparse.ArgumentParser(description="power cuts below SQLite")
    parser.add_argument("--cuts", type=int, default=20_000)
    parser.add_argument("--synchronous", choices=LEVELS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--replay", metavar="LEVEL:SEED:NUMBER")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.replay:
        level, _, seed = options.replay.partition(":")
        return _tell(level, play_one(level, seed), 0.0, as_json=options.json)
    worst = 0
    for level in [options.synchronous] if options.synchronous else LEVELS:
        began_s, total = time.monotonic(), Tally()
        for total in cut_often(level, cuts=options.cuts, seed=options.seed, jobs=options.jobs):
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{level}: {total.cuts} cuts")
        worst |= _tell(level, total, time.monotonic() - began_s, as_json=options.json)
    return worst


def _tell(level: str, total: Tally, took_s: float, *, as_json: bool) -> int:
    if as_json:
        row = {"synchronous": level, "seconds": round(took_s, 1), **asdict(total)}
        sys.stdout.write(json.dumps(row) + "\n")
    else:
        sys.stdout.write(
            f"synchronous {level}: {total.cuts} cuts in {took_s:.0f} s, rows lost at "
            f"{total.lost_rows}, violations {len(total.violations)}\n"
        )
        for violation in total.violations[:20]:
            sys.stdout.write(f"  {violation}\n")
    sys.stdout.flush()
    return 1 if total.violations else 0


if __name__ == "__main__":
    sys.exit(main())
