"""Who takes part in which run, and how long it is."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import peers
from benchmarks.clients.engine_settings import symbols as bases_of
from benchmarks.measure import endurance, history
from benchmarks.measure.figures import ratio_of, spread_of, undisturbed_ratio
from benchmarks.measure.latency import GAPS, Client, Outcome, Plan, run_latency
from benchmarks.measure.world import open_world
from trading_platform_order.storage.sqlite.connection import Durability

ENGINE = endurance.ENGINE
SHORT = Plan(rounds=8, dense=20, sparse=8)
LONG = Plan(rounds=12, dense=200, sparse=60)
GROWTH = Plan(rounds=10, dense=20, sparse=8)


def engine(name: str, durability: str = "normal", door: str = "process") -> Client:
    """Our whole way."""
    return Client(name=name, module=ENGINE, durability=durability, door=door)


def send() -> Client:
    """Our adapters alone."""
    return Client(name="send", module="benchmarks.clients.send")


def fdatasync() -> Client:
    """One flush of the same disk."""
    return Client(name="fdatasync", module="benchmarks.clients.fdatasync")


def everyone() -> dict[str, Client]:
    """All who can take part, by name: peers, and every durability and door that there is."""
    found = (
        peers.floor_c(),
        peers.floor(),
        peers.aiohttp(),
        peers.nautilus(),
        peers.ccxt(),
        fdatasync(),
        send(),
        *(engine(level.value, level.value) for level in Durability),
        engine("inbox", door="inbox"),
        engine("socket", door="socket"),
    )
    return {client.name: client for client in found}


def parts(durability: str, trips: int) -> dict[str, Any]:
    """Microseconds of each part of our way, dense: a profile, which slows what it looks at."""
    with (
        open_world(simulated=True) as world,
        endurance.engine_in(world, durability=durability) as one,
    ):
        one.ask(f"{endurance.WARM_UP} 0")
        return {"durability": durability, "parts_us": one.ask(f"profile {trips}")}


def growth(*, trades: tuple[int, ...], pairs: int, symbols: int, plan: Plan) -> dict[str, Any]:
    """Engines with a past, with many open pairs and with many symbols, beside a fresh one."""
    with TemporaryDirectory(prefix="bench-past-") as temporary:
        clients = [engine("fresh")]
        for count in trades:
            past = history.made(count)
            name = f"trades_{count}"
            clients.append(
                Client(
                    name=name,
                    module=ENGINE,
                    durability="normal",
                    folder=history.copied(past, Path(temporary) / name),
                    opening=past.opening,
                )
            )
        if pairs:
            fill = Client(
                name=f"pairs_{pairs}",
                module=ENGINE,
                durability="normal",
                prepare=(f"fill {pairs}",),
            )
            clients.append(fill)
        if symbols:
            clients.append(
                Client(
                    name=f"symbols_{symbols}",
                    module=ENGINE,
                    durability="normal",
                    symbols=bases_of(symbols),
                )
            )
        outcome = run_latency(clients, plan)
    return {
        "over_fresh": {
            name: {gap: _ratio(outcome, name, gap) for gap in GAPS}
            for name in outcome.rounds
            if name != "fresh"
        },
        "us": {name: {gap: _spread(outcome, name, gap) for gap in GAPS} for name in outcome.rounds},
        "absent": outcome.absent,
    }


def _ratio(outcome: Outcome, name: str, gap: str) -> dict[str, float | None] | None:
    ours, fresh = outcome.by_round(name, gap), outcome.by_round("fresh", gap)
    found = ratio_of(ours, fresh)
    if found is None:
        return None
    return {**found._asdict(), "undisturbed": undisturbed_ratio(ours, fresh)}


def _spread(outcome: Outcome, name: str, gap: str) -> dict[str, float] | None:
    found = spread_of([x for one in outcome.by_round(name, gap) for x in one])
    return None if found is None else found._asdict()


def growth_table(found: dict[str, Any]) -> str:
    """One line for each engine."""
    lines = [f"{'over a fresh engine':20}{'dense, p10s':>28}{'apart, p10s':>28}"]
    for name, gaps in found["over_fresh"].items():
        lines.append(f"{name:20}" + "".join(f"{_cell(gaps[gap]):>28}" for gap in GAPS))
    lines += [f"absent: {name}: {why}" for name, why in found["absent"].items()]
    return "\n".join(lines)


def _cell(found: dict[str, float] | None) -> str:
    if found is None:
        return "-"
    rounds = f"[{found['least']:.2f}-{found['most']:.2f}]"
    return f"{found['median']:.2f} {rounds} {found['undisturbed']:.2f}"
