"""Plays worlds of the package it finds on its path, until one of them objects.

    python hunter.py hunt SEED RUNS [FIRST]  tells each world that objects, and waits: go on?
    python hunter.py judge                   reads worlds from standard input and plays them

The planter runs it twice: with a bug in the package, and, for what objected, without. The world
that objected last time (FIRST, "scenario its-name") is played first of all. Then cheap worlds: some
random runs, every named scenario, watched, standby and last-resort run, power cut, orders and doors
over sockets, then the rest of the runs.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from trading_platform_order.simulation.failover.last_resort_run import play_last_resort
from trading_platform_order.simulation.failover.run import play_watched
from trading_platform_order.simulation.failover.standby_run import play_standby
from trading_platform_order.simulation.runner import play, play_scenarios
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios

RUN_LIMIT_S = 20
RUNS_FIRST = 300
WATCHED_RUNS = 10
STANDBY_RUNS = 40
LAST_RESORT_RUNS = 20
POWER_CUT_WORLDS = 20
TRANSPORT_WORLDS = 20
RANDOM, SCENARIO, WATCHED, POWER_CUT = "random", "scenario", "watched", "power_cut"
STANDBY = "standby"
LAST_RESORT = "last_resort"
TRANSPORT = "transport"
DOORS = "doors"
DOOR_NAMES = ("socket:0", "stream:0")

# The disk and the hostile server are the tests' and not the package's: from the repository, after
# the package.
sys.path.append(str(Path(__file__).resolve().parents[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One world to be played; ``number`` counts those of its kind from 1."""

    kind: str
    name: str
    number: int


class TooLong(BaseException):
    """A world that does not end."""


def worlds(seed: str, runs: int, seen_by: str = "") -> Iterator[World]:
    """All, in the order in which they are played; first of all ``seen_by``, if it exists still."""
    yield from _known(seen_by)
    first = min(runs, RUNS_FIRST)
    yield from (_random(seed, number) for number in range(first))
    for number, scenario in enumerate(all_scenarios(), 1):
        yield World(kind=SCENARIO, name=scenario.name, number=number)
    for number in range(WATCHED_RUNS):
        yield World(kind=WATCHED, name=f"{seed}:{number}", number=number + 1)
    for number in range(STANDBY_RUNS):
        yield World(kind=STANDBY, name=f"{seed}:{number}", number=number + 1)
    for number in range(LAST_RESORT_RUNS):
        yield World(kind=LAST_RESORT, name=f"{seed}:{number}", number=number + 1)
    for number in range(POWER_CUT_WORLDS):
        yield World(kind=POWER_CUT, name=f"full:{seed}:{number}", number=number + 1)
    for number in range(TRANSPORT_WORLDS):
        yield World(kind=TRANSPORT, name=f"{seed}:{number}", number=number + 1)
    for number, name in enumerate(DOOR_NAMES, 1):
        yield World(kind=DOORS, name=name, number=number)
    yield from (_random(seed, number) for number in range(first, runs))


def _known(seen_by: str) -> Iterator[World]:
    kind, _, name = seen_by.partition(" ")
    if kind == SCENARIO:
        names = [scenario.name for scenario in all_scenarios()]
        if name in names:
            yield World(kind=SCENARIO, name=name, number=names.index(name) + 1)
    elif name:
        yield World(kind=kind, name=name, number=int(name.rpartition(":")[2]) + 1)


def _random(seed: str, number: int) -> World:
    return World(kind=RANDOM, name=f"{seed}:{number}", number=number + 1)


def violations(world: World) -> list[str]:
    """What the judges say of it."""
    # Of the processor's time, so that a busy machine finds nothing.
    signal.setitimer(signal.ITIMER_PROF, RUN_LIMIT_S)
    try:
        return _PLAY[world.kind](world.name)
    except BaseException as error:
        if _is_too_long(error):
            return ["the run did not end"]
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _play_power_cut(name: str) -> list[str]:
    from tests.power_cuts.cutting import play_one  # noqa: PLC0415 - most hunts need none

    level, _, seed = name.partition(":")
    return list(play_one(level, seed).violations)


def _play_transport(name: str) -> list[str]:
    from tests.planted_bugs.transport_worlds import play  # noqa: PLC0415 - as above

    return play(name)


def _play_doors(name: str) -> list[str]:
    from tests.planted_bugs.doors_world import play_doors  # noqa: PLC0415 - as above

    return play_doors(name)


_PLAY: dict[str, Callable[[str], list[str]]] = {
    RANDOM: lambda name: play(name).violations,
    SCENARIO: lambda name: next(play_scenarios([name])).violations,
    WATCHED: lambda name: play_watched(name).violations,
    STANDBY: lambda name: play_standby(name).violations,
    LAST_RESORT: lambda name: play_last_resort(name).violations,
    POWER_CUT: _play_power_cut,
    TRANSPORT: _play_transport,
    DOORS: _play_doors,
}


WORLD_KINDS = frozenset(_PLAY)


def _is_too_long(error: BaseException) -> bool:
    inner = getattr(error, "exceptions", ())
    return isinstance(error, TooLong) or any(_is_too_long(one) for one in inner)


def _stop(*_: object) -> None:
    raise TooLong


def _hunt(seed: str, runs: int, seen_by: str) -> None:
    for world in worlds(seed, runs, seen_by):
        found = violations(world)
        if found:
            _tell({"world": asdict(world), "how": found[0]})
            if sys.stdin.readline().strip() != "on":
                return


def _judge() -> None:
    for line in sys.stdin:
        _tell({"violations": violations(World(**json.loads(line)))})


def _tell(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, _stop)
    if sys.argv[1] == "hunt":
        _hunt(sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
    else:
        _judge()
