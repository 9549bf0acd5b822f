"""``python -m benchmarks``: what ``make bench`` and its sisters run. Each ends with a JSON line."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks import gate, peers
from benchmarks.measure import endurance, runs
from benchmarks.measure.latency import run_latency
from benchmarks.measure.machine import machine
from benchmarks.measure.open_pages import page_cost
from benchmarks.measure.report import summary, table
from benchmarks.measure.voice import voice_cost


def latency(options: argparse.Namespace) -> dict[str, Any]:
    """From signal to wire, beside floor and peers."""
    clients = runs.everyone()
    names = options.clients.split(",") if options.clients else list(clients)
    base = runs.LONG if options.long else runs.SHORT
    plan = replace(
        base,
        rounds=options.rounds or base.rounds,
        dense=base.dense if options.dense is None else options.dense,
        sparse=base.sparse if options.sparse is None else options.sparse,
        gap_ms=options.gap_ms,
        tls=options.tls,
    )
    found = summary(run_latency([clients[name] for name in names], plan))
    sys.stdout.write(table(found) + "\n")
    return found | {"versions": peers.versions(), "tls": plan.tls}


def growth(options: argparse.Namespace) -> dict[str, Any]:
    """The same p50 after years, with many pairs, with many symbols."""
    trades = tuple(map(int, options.trades.split(","))) if options.trades else ()
    plan = replace(runs.GROWTH, rounds=options.rounds or runs.GROWTH.rounds)
    found = runs.growth(trades=trades, pairs=options.pairs, symbols=options.symbols, plan=plan)
    sys.stdout.write(runs.growth_table(found) + "\n")
    return found


def _load(options: argparse.Namespace) -> dict[str, Any]:
    return endurance.under_load(
        per_s=options.per_s,
        seconds=options.seconds,
        count=options.symbols,
        durability=options.durability,
    )


def _add_pages(command: Callable[..., argparse.ArgumentParser]) -> None:
    one = command(
        "pages",
        lambda o: page_cost(rounds=o.rounds, trips=o.trips, idle_s=o.idle_s),
        "what pages left open cost the engine",
    )
    one.add_argument("--rounds", type=int, default=9)
    one.add_argument("--trips", type=int, default=20)
    one.add_argument("--idle-s", type=float, default=10.0)


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text)
        made.set_defaults(run=run)
        return made

    one = command("latency", latency, "from signal to wire, beside floor and peers")
    one.add_argument("--long", action="store_true")
    one.add_argument("--rounds", type=int)
    one.add_argument("--dense", type=int, help="pairs of a turn, one after the other")
    one.add_argument("--sparse", type=int, help="pairs of a turn, apart")
    one.add_argument("--gap-ms", type=float, default=20.0)
    one.add_argument("--tls", action="store_true")
    one.add_argument("--clients", help="names, with commas; all by default")
    one = command("parts", lambda o: runs.parts(o.durability, o.trips), "where our way's time goes")
    one.add_argument("--durability", default="normal")
    one.add_argument("--trips", type=int, default=60)
    one = command("growth", growth, "after many trades, with many pairs or symbols")
    one.add_argument("--trades", default="10000,100000", help="of the journals, with commas")
    one.add_argument("--pairs", type=int, default=1_000)
    one.add_argument("--symbols", type=int, default=100)
    one.add_argument("--rounds", type=int)
    one = command("load", _load, "many signals over many symbols")
    one.add_argument("--per-s", type=float, default=300.0)
    one.add_argument("--seconds", type=float, default=60.0)
    one.add_argument("--symbols", type=int, default=10)
    one.add_argument("--durability", default="normal")
    one = command(
        "noise",
        lambda o: endurance.under_noise(frames_per_s=o.frames, trips=o.trips),
        "with loud market streams",
    )
    one.add_argument("--frames", type=float, default=4_000.0)
    one.add_argument("--trips", type=int, default=200)
    one = command(
        "late",
        lambda o: endurance.late_answers(delay_ms=o.delay_ms, trips=o.trips),
        "with answers behind the streams",
    )
    one.add_argument("--delay-ms", type=float, default=20.0)
    one.add_argument("--trips", type=int, default=500)
    one = command(
        "recovery", lambda o: endurance.recovery(trades=o.trades), "a start on a long journal"
    )
    one.add_argument("--trades", type=int, default=100_000)
    one = command(
        "disk",
        lambda o: endurance.on_disk(trips=o.trips, durability=o.durability),
        "bytes of a round trip",
    )
    one.add_argument("--trips", type=int, default=200)
    one.add_argument("--durability", default="normal")
    one = command(
        "voice",
        lambda o: voice_cost(rounds=o.rounds, trips=o.trips, idle_s=o.idle_s),
        "what log and metrics cost",
    )
    one.add_argument("--rounds", type=int, default=8)
    one.add_argument("--trips", type=int, default=20)
    one.add_argument("--idle-s", type=float, default=10.0)
    _add_pages(command)
    command("gate", lambda _: gate.judged(), "generous bounds on ratios, for every commit")
    command("peers", lambda _: peers.install(), "make the peers' environments")
    options = parser.parse_args()
    began = time.monotonic()
    found: dict[str, Any] = options.run(options)
    found |= {"machine": machine(), "seconds": round(time.monotonic() - began, 1)}
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if found.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
