"""The command: ``python -m tests.drills.takeover_drill``."""

import argparse
import asyncio
import json
import sys
import time
from itertools import chain

from tests.drills.takeover_drill.corrections import RESOLVED_P99_S, UNRESOLVED_P99_S
from tests.drills.takeover_drill.drill import drill, spread


def main() -> int:
    """Run one; returns its exit code."""
    parser = argparse.ArgumentParser(description="two engines that take over from each other")
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    report, times = asyncio.run(drill(faults=options.faults, seed=options.seed))
    corrected = times.first_correction_s
    told = {
        "faults": report.kills,
        "duplicates": report.duplicates,
        "naked": report.naked,
        "violations": report.violations,
        "to_holder_s": {
            "all": spread(list(chain.from_iterable(times.to_holder_s.values()))),
            **{fault.value: spread(seconds) for fault, seconds in times.to_holder_s.items()},
        },
        "first_correction_s": {
            "no_unresolved_order": _judged(corrected.resolved, RESOLVED_P99_S),
            "unresolved_order": _judged(corrected.unresolved, UNRESOLVED_P99_S),
        },
        "first_decision_s": _judged(corrected.nothing, RESOLVED_P99_S),
        "seed": report.seed,
    }
    lines = [line for line in report.lines() if not line.startswith("NOT BUSY ENOUGH")]
    sys.stdout.write("\n".join(lines) + f"\n{json.dumps(told)}\n")
    return 1 if report.violations else 0


def _judged(seconds: list[float], limit_s: float) -> dict[str, float | bool]:
    told = spread(seconds)
    return {"n": len(seconds), **told, "slow": told.get("p99", 0.0) > limit_s}


if __name__ == "__main__":
    sys.exit(main())
