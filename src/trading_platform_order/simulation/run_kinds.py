"""Which kind of world a run is played in, drawn from its seed; each kind is a run of its own.

Most worlds are ordinary. In some an open pair is hit. A few have a watchdog beside the engine, and
one of them dies: such a run lasts ten times as long. In as many a standby waits for the account. A
tenth of the watched ones end with the last resort, where its file is there: an installed package
has none, and plays them as watched ones. The draws are of their own and change nothing of the plan.
"""

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Protocol

from trading_platform_order.simulation.failover.last_resort_run import LastResortRun
from trading_platform_order.simulation.failover.run import WatchedRun
from trading_platform_order.simulation.failover.standby_run import StandbyRun
from trading_platform_order.simulation.faults.fault_kinds import (
    DEATHS,
    ORDINARY_KINDS,
    STANDBY_FAULTS,
    STRESS_FAULTS,
)
from trading_platform_order.simulation.random_runs.run import SimulationRun
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.stress.run import StressRun
from trading_platform_order.simulation.testbed.failover.last_resort_program import SCRIPT


class World(StrEnum):
    """What a run is played in."""

    ORDINARY = "ordinary"
    STRESS = "ordeal"
    WATCHED = "watched"
    STANDBY = "standby"
    LAST_RESORT = "last resort"


SHARES = {World.STRESS: 0.08, World.WATCHED: 0.02, World.STANDBY: 0.02}
"""Part of all runs; what is left is ordinary."""
LAST_RESORT_PART = 0.1
"""Of the watched worlds."""
NEEDS = {
    World.STRESS: STRESS_FAULTS,
    World.WATCHED: DEATHS,
    World.STANDBY: STANDBY_FAULTS,
}
"""Faults of which one at least must be allowed in such a world."""


class Run(Protocol):
    """One run of whatever kind."""

    @property
    def report(self) -> RunReport:
        """What happens in it."""
        ...

    async def run(self) -> RunReport:
        """Play and judge, in a virtual loop."""
        ...


def world_of(seed: str, kinds: Sequence[str]) -> World:
    """The kind of world of a run; without an ordinary fault among ``kinds`` never an ordinary."""
    allowed = {world: share for world, share in SHARES.items() if NEEDS[world] & set(kinds)}
    if kinds and not ordinary(kinds):
        total = sum(allowed.values())
        allowed = {world: share / total for world, share in allowed.items()}
    draw = Random(f"{seed} world").random()  # noqa: S311 - a reproducible run, not a secret
    for world, share in allowed.items():
        draw -= share
        if draw < 0:
            return _ends_by_last_resort(seed) if world is World.WATCHED else world
    return World.ORDINARY if ordinary(kinds) or not kinds else next(iter(allowed))


def _ends_by_last_resort(seed: str) -> World:
    draw = Random(f"{seed} last resort").random()  # noqa: S311 - as above
    return World.LAST_RESORT if draw < LAST_RESORT_PART and SCRIPT.is_file() else World.WATCHED


def ordinary(kinds: Sequence[str]) -> tuple[str, ...]:
    """Those that are drawn in ordinary worlds."""
    return tuple(kind for kind in kinds if kind in ORDINARY_KINDS)


def make_run(seed: str, kinds: Sequence[str], *, is_told: bool = False) -> Run:
    """The run of a seed, not begun yet."""
    world = world_of(seed, kinds)
    if world is World.WATCHED:
        return WatchedRun(seed, kinds, is_told=is_told)
    if world is World.LAST_RESORT:
        return LastResortRun(seed, kinds, is_told=is_told)
    if world is World.STANDBY:
        return StandbyRun(seed, kinds, is_told=is_told)
    if world is World.STRESS:
        return StressRun(seed, kinds, is_told=is_told)
    return SimulationRun(seed, ordinary(kinds), is_told=is_told)
