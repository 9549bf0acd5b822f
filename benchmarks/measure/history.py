"""Journals with years of trades in them, made from a short real one.

An engine trades a few round trips; their rows are repeated under new names, ids and times as often
as asked, through the store itself, so that hashes, claims and views are those of a grown journal.
The accounts that belong to it are what a replay finds. Made once and kept in ``out/bench``.
"""

import asyncio
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure.native import BUILT
from benchmarks.measure.processes import ROOT
from benchmarks.measure.world import open_world
from trading_platform_order.domain.order_identity.client_order_id import order_uuid, trade_key
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.runtime.engine import BUILD
from trading_platform_order.storage.base import Claim, Entry, JournalRow
from trading_platform_order.storage.sqlite.store import SqliteStore, open_reader

STEP = timedelta(seconds=60)
"""Between two round trips."""
TRADES_A_TRIP = 2
DATABASE = "engine.db"
_OPENED = "trade_opened"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_UUID = re.compile(r'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_NUMBER = re.compile(r'"(?:exchange_order_id|trade_id)":"(\d+)"')
_STOP = re.compile(r"-hp(\d+)")
_APART = 1_000
"""Numbers of two trips differ by so many at least."""


class History(NamedTuple):
    """A grown journal, to be copied before an engine is started on it."""

    folder: Path
    opening: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The rows of one round trip, entry first, and what names it."""

    rows: Sequence[JournalRow]
    signals: tuple[str, str]
    orders: frozenset[str]
    numbers: frozenset[str]
    uuids: frozenset[str]
    stop: int


def made(trades: int) -> History:
    """A journal of so many trades; from ``out/bench`` if it was made before."""
    kept = BUILT / f"history-{trades}-{_form()}"
    facts = kept / "opening.json"
    if not facts.exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        template = _template(kept)
        opening = asyncio.run(_grow(template, kept / DATABASE, trades // TRADES_A_TRIP))
        shutil.rmtree(template.parent)
        facts.write_text(json.dumps(opening))
    return History(kept, json.loads(facts.read_text()))


def _form() -> str:
    """Changes with the code that a journal's form depends on: an old one would not be read."""
    digest = hashlib.sha256()
    package = ROOT / "src" / "trading_platform_order"
    for room in ("storage", "executor/journal"):
        for path in sorted((package / room).rglob("*.*")):
            if path.suffix in {".py", ".sql"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def copied(history: History, folder: Path) -> Path:
    """A copy that an engine may write in."""
    folder.mkdir(parents=True)
    for path in history.folder.glob(f"{DATABASE}*"):
        shutil.copy2(path, folder)
    return folder


def _template(kept: Path) -> Path:
    """A real journal of three round trips."""
    folder = kept / "template"
    folder.mkdir()
    with open_world(simulated=True, folder=folder) as world:
        engine = world.start(
            "engine",
            "benchmarks.clients.engine",
            *(str(world.stamps), str(world.ready_file()), str(folder), "normal", "process"),
        )
        engine.answer()
        engine.ask("3 0")
    return folder / DATABASE


async def _grow(template: Path, path: Path, trips: int) -> dict[str, str]:
    reader = open_reader(template)
    rows = [row async for row in reader.journal_all()]
    await reader.close()
    before, trip = _parts(rows)
    store = SqliteStore(path, build=BUILD, durability="normal")
    try:
        for row in before:
            await _append(store, [_later(row, -STEP * (trips + 1))], row, -STEP * (trips + 1), None)
        for number in range(trips):
            for claim, entries, row in _renamed(trip, number, STEP * (number - trips)):
                await _append(store, entries, row, STEP * (number - trips), claim)
            if number % 1_000 == 0:
                sys.stderr.write(f"\rhistory: {number} of {trips} round trips")
        sys.stderr.write("\rhistory: views and replay …            ")
        await store.project()
        ledger = (await replay(store)).book.ledger
        sys.stderr.write("\n")
        return {"krw": format(ledger.krw, "f"), "usdt": format(ledger.usdt, "f")}
    finally:
        await store.close()


def _parts(rows: Sequence[JournalRow]) -> tuple[Sequence[JournalRow], Trip]:
    """What comes before any trade, and the second round trip."""
    opened = [index for index, row in enumerate(rows) if row.kind == _OPENED]
    trip = rows[opened[2] : opened[4]]
    text = "\n".join(row.body for row in trip)
    entry, leave = (json.loads(row.body) for row in trip if row.kind == _OPENED)
    return rows[: opened[0]], Trip(
        rows=trip,
        signals=(entry["signal"]["id"], leave["signal"]["id"]),
        orders=frozenset(
            order["client_order_id"] for trade in (entry, leave) for order in trade["orders"]
        ),
        numbers=frozenset(_NUMBER.findall(text)),
        uuids=frozenset(_UUID.findall(text)),
        stop=int(_STOP.findall(text)[0]),
    )


def _renamed(
    trip: Trip, number: int, shift: timedelta
) -> Iterator[tuple[Claim, list[Entry], JournalRow]]:
    """The entry's and the exit's rows under new names, each with its claim."""
    names: dict[str, str] = {}
    keys: dict[str, str] = {}
    claims: list[Claim] = []
    for signal, action in zip(trip.signals, ("ENTER", "EXIT"), strict=True):
        new = f"past-{number:07d}-{action.lower()}"
        names[signal] = new
        old_key, key = (
            trade_key(strategy="bench", signal_id=one, symbol="BTC") for one in (signal, new)
        )
        keys[old_key] = names[old_key] = key
        claims.append(
            Claim(
                signal_id=new,
                content_hash=hashlib.sha256(new.encode()).hexdigest(),
                strategy="bench",
                symbol="BTC",
                action=action,
            )
        )
    known = {order_uuid(order): order for order in trip.orders}
    for old in trip.uuids:
        order = known.get(old)
        names[old] = order_uuid(_replaced(order, keys)) if order else _other_uuid(old, number)
    names |= {old: str(int(old) + _APART * (number + 1)) for old in trip.numbers}
    names[f"-hp{trip.stop}"] = f"-hp{number + 1}"
    parts: list[list[Entry]] = [[], []]
    firsts: list[JournalRow] = []
    for row in trip.rows:
        if row.kind == _OPENED:
            firsts.append(row)
        parts[len(firsts) - 1].append(_later(row, shift, names))
    yield from zip(claims, parts, firsts, strict=True)


def _replaced(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _other_uuid(old: str, number: int) -> str:
    digits = hashlib.sha256(f"{old}{number}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def _later(row: JournalRow, shift: timedelta, names: dict[str, str] | None = None) -> Entry:
    names = names or {}

    def moved(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[0]) + shift
        return at.isoformat(timespec="microseconds").replace("+00:00", "Z")

    return Entry(
        trade_id=names.get(row.trade_id, row.trade_id),
        kind=row.kind,
        version=row.version,
        body=_TIME.sub(moved, _replaced(row.body, names)),
    )


async def _append(
    store: SqliteStore,
    entries: list[Entry],
    row: JournalRow,
    shift: timedelta,
    claim: Claim | None,
) -> None:
    at_us = row.at_us + round(shift.total_seconds() * 1_000_000)
    await store.append(entries, at_us=at_us, claim=claim)
