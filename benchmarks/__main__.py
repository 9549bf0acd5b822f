"""``python -m benchmarks``: what ``make bench`` and its sisters run."""

import argparse
import json
import sys
import time

from benchmarks import peers
from benchmarks.measure.latency import Client, Plan, run_latency
from benchmarks.measure.machine import machine
from benchmarks.measure.report import summary, table

ENGINE = "benchmarks.clients.engine"
SHORT = Plan(rounds=5, dense=50, sparse=20)
LONG = Plan(rounds=12, dense=200, sparse=60)


def engine(name: str, durability: str, door: str = "process") -> Client:
    """Our whole way."""
    return Client(name=name, module=ENGINE, durability=durability, door=door)


def everyone() -> dict[str, Client]:
    """All who can take part, by name."""
    found = (
        peers.floor_c(),
        peers.floor(),
        peers.aiohttp(),
        peers.nautilus(),
        peers.ccxt(),
        Client(name="send", module="benchmarks.clients.send"),
        engine("normal", "normal"),
        engine("full", "full"),
        engine("inbox", "normal", "inbox"),
        engine("client", "normal", "client"),
    )
    return {client.name: client for client in found}


def latency(options: argparse.Namespace) -> int:
    """Measure, show the table, and end with the JSON line."""
    clients = everyone()
    names = options.clients.split(",") if options.clients else list(clients)
    if options.tls:
        names = [name for name in names if name != "floor_c"]
    base = LONG if options.long else SHORT
    plan = Plan(
        rounds=options.rounds or base.rounds,
        dense=base.dense if options.dense is None else options.dense,
        sparse=base.sparse if options.sparse is None else options.sparse,
        gap_ms=options.gap_ms,
        tls=options.tls,
    )
    began = time.monotonic()
    found = summary(run_latency([clients[name] for name in names], plan))
    found |= {"machine": machine(), "versions": peers.versions(), "tls": plan.tls}
    found["seconds"] = round(time.monotonic() - began, 1)
    sys.stdout.write(table(found) + "\n" + json.dumps(found) + "\n")
    return 0


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("latency", help="from signal to wire, beside floor and peers")
    one.add_argument("--long", action="store_true")
    one.add_argument("--rounds", type=int)
    one.add_argument("--dense", type=int)
    one.add_argument("--sparse", type=int)
    one.add_argument("--gap-ms", type=float, default=20.0)
    one.add_argument("--tls", action="store_true")
    one.add_argument("--clients", help="names, with commas; all by default")
    one.set_defaults(run=latency)
    two = commands.add_parser("peers", help="make the peers' environments")
    two.set_defaults(run=lambda _: peers.install())
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
