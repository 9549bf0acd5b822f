"""Interleaved rounds: every client alive all the time, asked in turn, in a new order each round."""

import random
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure.processes import Child, Failed
from benchmarks.measure.world import World, open_world

GAPS = ("dense", "sparse")
SHUFFLE_SEED = 17
WARM_UP = 60
START_S, PREPARE_S = 600.0, 600.0
SETTLE = 5
"""Pairs before each measured round: caches of the client before it are cold for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who takes part.

    Attributes:
        name: in the report.
        module: that is run, or ``command``, a program.
        python: of its environment.
        durability: of an engine; empty for whoever only sends.
        door: of an engine: by which signals come.
        symbols: that it trades; the first one is measured.
        prepare: what it is asked before the rounds.
        why_absent: it cannot take part, for this reason.
        folder: of an engine with a past; it is kept.
        opening: money of the exchanges that fits that past.
    """

    name: str
    module: str = ""
    command: tuple[str, ...] = ()
    python: str = sys.executable
    durability: str = ""
    door: str = "process"
    symbols: tuple[str, ...] = ("BTC",)
    prepare: tuple[str, ...] = ()
    why_absent: str = ""
    folder: Path | None = None
    opening: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long a run is.

    Attributes:
        rounds: each client's turns.
        dense: pairs of one turn, one straight after the other.
        sparse: pairs of one turn, ``gap_ms`` apart.
    """

    rounds: int
    dense: int
    sparse: int
    gap_ms: float = 20.0
    tls: bool = False


Rounds = list[dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        rounds: by client and by ``dense`` or ``sparse`` the samples of each round.
        absent: who did not take part, and why.
        front: what the front was written in.
    """

    rounds: dict[str, dict[str, Rounds]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    front: str = ""

    def by_round(
        self, client: str, gap: str, what: str = "wire_us", action: str = ""
    ) -> list[list[float]]:
        """Samples of each round; of an engine's entries unless ``action`` says ``exit``."""
        found = []
        for one in self.rounds.get(client, {}).get(gap, []):
            samples = one.get(action or "enter", one)
            found.append(list(samples[what]))
        return found


def run_latency(clients: Sequence[Client], plan: Plan) -> Outcome:
    """Measure; a client that fails is left out and named in ``absent``."""
    outcome = Outcome()
    with ExitStack() as stack:
        stub = stack.enter_context(open_world(simulated=False, tls=plan.tls))
        outcome.front = "C" if stub.is_native else "Python"
        children: dict[str, Child] = {}
        for client in clients:
            if client.why_absent:
                outcome.absent[client.name] = client.why_absent
                continue
            try:
                children[client.name] = _started(client, stub, stack, tls=plan.tls)
            except Failed as failure:
                outcome.absent[client.name] = str(failure)
        chance = random.Random(SHUFFLE_SEED)  # noqa: S311 - an order of turns
        for _ in range(plan.rounds):
            turns = list(children)
            chance.shuffle(turns)
            for name in turns:
                try:
                    _turn(children[name], name, plan, outcome)
                except Failed as failure:
                    outcome.absent[name] = str(failure)
                    outcome.rounds.pop(name, None)
                    del children[name]
    return outcome


def _turn(child: Child, name: str, plan: Plan, outcome: Outcome) -> None:
    rounds = outcome.rounds.setdefault(name, {"dense": [], "sparse": []})
    for gap, count, gap_ms in (("dense", plan.dense, 0.0), ("sparse", plan.sparse, plan.gap_ms)):
        if count:
            child.ask(f"{SETTLE} {gap_ms}")
            rounds[gap].append(child.ask(f"{count} {gap_ms}"))


def _started(client: Client, stub: World, stack: ExitStack, *, tls: bool) -> Child:
    if client.durability:
        world = stack.enter_context(
            open_world(
                simulated=True,
                tls=tls,
                symbols=client.symbols,
                folder=client.folder,
                opening=client.opening,
            )
        )
        child = world.start(
            client.name,
            client.module,
            *(str(world.stamps), str(world.ready_file(tls=tls)), str(world.folder)),
            *(client.durability, client.door, ",".join(client.symbols)),
        )
    else:
        command = client.command or (client.python, "-m", client.module)
        child = stub.run(client.name, [*command, str(stub.stamps), *stub.addresses(tls=tls)])
    child.answer(START_S)
    for line in client.prepare:
        child.ask(line, PREPARE_S)
    child.ask(f"{WARM_UP} 0")
    return child
