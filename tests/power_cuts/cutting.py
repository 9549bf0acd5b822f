"""Many worlds, in many processes, and what they brought."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.power_cuts.world import play

WORLDS_A_TASK = 20
# A process ends after so many, so that no time goes into looking for worlds that are over.
TASKS_A_PROCESS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What some worlds brought.

    Attributes:
        cuts: how often the power went.
        lost_rows: cuts that took rows which had been told to be durable (normal only).
        violations: with the world that shows each.
    """

    cuts: int = 0
    lost_rows: int = 0
    violations: tuple[str, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            cuts=self.cuts + other.cuts,
            lost_rows=self.lost_rows + other.lost_rows,
            violations=self.violations + other.violations,
        )


def play_some(level: str, seed: int, first: int) -> Tally:
    """``WORLDS_A_TASK`` worlds, and one of the watchdog's for each."""
    tally = Tally()
    for number in range(first, first + WORLDS_A_TASK):
        tally = tally.plus(play_one(level, f"{seed}:{number}"))
    return tally


def play_one(level: str, seed: str) -> Tally:
    """One world of each kind."""
    world = play(level, seed)
    told = [f"{level}:{seed} {violation}" for violation in world.violations]
    return Tally(cuts=world.cuts, lost_rows=world.lost_rows, violations=tuple(told))


def cut_often(level: str, *, cuts: int, seed: int, jobs: int) -> Iterator[Tally]:
    """The sum so far, until there were so many cuts."""
    total, first = Tally(), 0
    with ProcessPoolExecutor(jobs, max_tasks_per_child=TASKS_A_PROCESS) as pool:
        while total.cuts < cuts:
            firsts = [first + WORLDS_A_TASK * task for task in range(jobs * TASKS_A_PROCESS)]
            first = firsts[-1] + WORLDS_A_TASK
            for tally in pool.map(play_some, [level] * len(firsts), [seed] * len(firsts), firsts):
                total = total.plus(tally)
                yield total
                if total.cuts >= cuts:
                    return
