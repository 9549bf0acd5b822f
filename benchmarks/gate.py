"""The gate of every commit: generous bounds on ratios, never on microseconds.

A slow or busy machine slows everybody in a run alike, so that these bounds hold on any; what breaks
them is a step back of ours. It compares with the floor by hand and with aiohttp's bare send, in one
run, and says so.
"""

import sys
from collections.abc import Mapping
from typing import Any

from benchmarks import peers
from benchmarks.measure import runs
from benchmarks.measure.latency import Plan, run_latency
from benchmarks.measure.report import summary, table

PLAN = Plan(rounds=6, dense=15, sparse=6)
BOUNDS: Mapping[str, float] = {
    "normal_over_aiohttp_dense": 30.0,
    "normal_over_aiohttp_sparse": 15.0,
    "full_over_aiohttp_sparse": 20.0,
    "send_over_floor_dense": 9.0,
    "send_over_aiohttp_dense": 3.0,
}
"""About twice what was measured when they were set (RESULTS.md). Lower them with what is won."""


def broken(found: Mapping[str, Any]) -> list[str]:
    """What is above its bound, or was not measured at all, in words."""
    texts = []
    for name, bound in BOUNDS.items():
        ratio = found.get(name)
        if ratio is None:
            texts.append(f"{name} was not measured")
        elif ratio > bound:
            texts.append(f"{name} is {ratio:.2f}, above {bound:g}")
    return texts


def judged() -> dict[str, Any]:
    """Measure and judge; ``failed`` names what broke its bound."""
    clients = (
        peers.floor(),
        peers.aiohttp(),
        runs.send(),
        runs.engine("normal"),
        runs.engine("full", "full"),
    )
    found = summary(run_latency(clients, PLAN))
    failed = broken(found)
    sys.stdout.write(table(found) + "\n")
    sys.stdout.write(
        "compared in one run: our whole way and our send with the floor by hand and aiohttp's "
        f"bare send; bounds {dict(BOUNDS)}\n"
    )
    for text in failed:
        sys.stdout.write(f"FAILED: {text}\n")
    return {name: found[name] for name in BOUNDS} | {"failed": failed, "front": found["front"]}
