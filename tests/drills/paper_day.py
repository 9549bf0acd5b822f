"""A day of real candles as a live feed, traded in paper mode by an engine that is killed.

Another process plays the candles as both exchanges would, and its public streams are the only
market the engine sees (``paper.market = live``). Research enters and leaves at random; the engine
is killed (SIGKILL) at random too, with a pair open or an order on its way. Afterwards each fill is
looked up in the books that a listener of our own was shown at that time, and the engine's ledger is
held against the accounts that the paper exchanges kept.

    python -m tests.drills.paper_day FILE [--bars 288] [--bar-seconds 0.5] [--kills 4] [--seed 1]

Ends with one JSON line; exit code 1 if anything in it is a fault.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from tests.e2e.paper_engine import engine, traded
from tests.unit.cli.cli_world import clean_env
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.executor.journal.snapshot import book_of
from trading_platform_order.runtime.paper.inner_simulator import paper_state_path
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.store import open_reader

TPORDER = (sys.executable, "-m", "trading_platform_order.cli.main")
WORKING = ("upbit/order/", "binance/order/", "binance/algo/")
"""Records of the paper accounts that are orders and stops."""
BUSY_DAY = {
    "TPORDER_RISK_REPEAT_MAX": "1000",
    "TPORDER_RISK_ENTRIES_PER_MINUTE_MAX": "1000",
    "TPORDER_RISK_DAILY_TURNOVER_KRW_MAX": "1000000000",
    "TPORDER_RISK_DAILY_LOSS_FRACTION": "0.5",
    "TPORDER_RISK_HOURLY_LOSS_KRW_MAX": "10000000",
}
"""A day in some minutes: more entries a minute than anybody makes."""
SHOWN_BEFORE_S = 2.0
SHOWN_AFTER_S = 0.5
"""A fill is of the first book after its latency; streams to two listeners are not in step."""

Side = tuple[str, str]
Levels = dict[Decimal, Decimal]


@dataclass(slots=True, kw_only=True)
class Found:
    """What a day showed; empty lists are what it is about.

    Attributes:
        outside: fills at a price, or larger than a size, that no book showed.
        lost: orders and stops that the exchanges no longer knew after a kill.
        differences: between the engine's ledger and the exchanges' accounts.
        open_ends: trades that did not settle flat, orders without their fills, latches.
    """

    bars: int = 0
    round_trips: int = 0
    kills: int = 0
    killed_in_flight: int = 0
    fills: int = 0
    books: int = 0
    outside: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    open_ends: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing that must not be."""
        return not (self.outside or self.lost or self.differences or self.open_ends)


class ShownBooks:
    """Every book that the public streams of the other process showed, and when."""

    def __init__(self) -> None:
        self._books: dict[Side, list[tuple[float, Levels]]] = {}
        self.count = 0

    async def listen(self, ready: Mapping[str, Any], base: str) -> None:
        """Listen to both exchanges until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as both:
            both.create_task(self._upbit(session, ready["upbit"]["ws"], base))
            both.create_task(self._binance(session, ready["binance"]["ws"], base))

    async def _upbit(self, session: aiohttp.ClientSession, url: str, base: str) -> None:
        async with session.ws_connect(url) as stream:
            wanted = {"type": "orderbook", "codes": [f"KRW-{base}"]}
            await stream.send_str(json.dumps([{"ticket": "listener"}, wanted]))
            async for message in stream:
                frame = json.loads(message.data, parse_float=Decimal, parse_int=Decimal)
                for side, name in (("BUY", "ask"), ("SELL", "bid")):
                    units = frame["orderbook_units"]
                    levels = {unit[f"{name}_price"]: unit[f"{name}_size"] for unit in units}
                    self.take(("upbit", side), levels, at=time.time())

    async def _binance(self, session: aiohttp.ClientSession, url: str, base: str) -> None:
        wanted = f"{url}/public/stream?streams={base.lower()}usdt@depth20@100ms"
        async with session.ws_connect(wanted) as stream:
            async for message in stream:
                book = json.loads(message.data)["data"]
                for side, name in (("BUY", "a"), ("SELL", "b")):
                    levels = {Decimal(price): Decimal(size) for price, size in book[name]}
                    self.take(("binance", side), levels, at=time.time())

    def take(self, side: Side, levels: Levels, *, at: float) -> None:
        """Note one side of a book that was shown at ``at`` (epoch seconds)."""
        self.count += 1
        self._books.setdefault(side, []).append((at, levels))

    def largest(self, side: Side, price: Decimal, at: float) -> Decimal:
        """The most that was shown at a price around a moment; 0 if no book had that price."""
        since, until = at - SHOWN_BEFORE_S, at + SHOWN_AFTER_S
        books = (levels for when, levels in self._books.get(side, []) if since <= when <= until)
        return max((levels.get(price, Decimal(0)) for levels in books), default=Decimal(0))


@asynccontextmanager
async def exchanges(
    folder: Path, candles: Path | None, bar_s: float
) -> AsyncIterator[dict[str, Any]]:
    """Both exchanges of the candles (``None``: generated) in another process; where they are."""
    ready_file = folder / "ready.json"
    process = await asyncio.create_subprocess_exec(
        *(*TPORDER, "simulator", "serve", "--ready-file", str(ready_file)),
        *(() if candles is None else ("--data", str(candles))),
        *("--bar-seconds", str(bar_s)),
        stdout=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in clean_env()},
    )
    try:
        while not ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
            await asyncio.sleep(0.02)
        yield json.loads(ready_file.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def addresses(ready: Mapping[str, Any]) -> dict[str, str]:
    """Settings of an engine that trades on paper on another process's public streams."""
    return {
        "TPORDER_PAPER_MARKET": "live",
        "TPORDER_UPBIT_REST_URL": ready["upbit"]["rest"],
        "TPORDER_UPBIT_WS_URL": ready["upbit"]["ws"],
        "TPORDER_BINANCE_REST_URL": ready["binance"]["rest"],
        "TPORDER_BINANCE_WS_URL": ready["binance"]["ws"],
    }


def kept(db: Path) -> dict[str, Any]:
    """What the paper exchanges keep of their accounts, by name; a torn last line is not there."""
    records: dict[str, Any] = {}
    lines = paper_state_path(db, "main").read_bytes().split(b"\n")[:-1]
    for line in lines:
        records |= json.loads(line)
    return records


class PaperDay:
    """One day: the market in another process, and engines that live one after the other."""

    def __init__(self, folder: Path, *, base: str, seed: int, found: Found) -> None:
        self._db = folder / "day.db"
        self._base = base
        self._random = Random(seed)  # noqa: S311 - a reproducible drill, not a secret
        self._found = found
        self._numbers = iter(range(1, 10_000))
        self._known: set[str] = set()

    async def trade(self, more: Mapping[str, str], *, until: float, kills: int) -> None:
        """Trade until a moment of the monotonic clock; every life but the last ends by a kill."""
        more = {**more, **BUSY_DAY, "TPORDER_ENGINE_SYMBOLS": self._base}
        length_s = (until - time.monotonic()) / (kills + 1)
        pending: tuple[str, str] | None = None
        for life in range(kills + 1):
            is_last = life == kills
            ends = until if is_last else time.monotonic() + length_s
            how = signal.SIGTERM if is_last else signal.SIGKILL
            async with engine(self._db, how, more):
                self._look_for_lost()
                pending = await self._live(pending, ends, is_last=is_last)
            self._known = {name for name in kept(self._db) if name.startswith(WORKING)}
            self._found.kills += not is_last

    async def _live(
        self, pending: tuple[str, str] | None, ends: float, *, is_last: bool
    ) -> tuple[str, str] | None:
        """Trade; what comes back is a signal that was on its way when the life ended."""
        if pending is not None:
            await traded(self._db, *pending, base=self._base)
        opened = pending is not None and pending[1] == "ENTER"
        while opened or time.monotonic() < ends or not is_last:
            action = "EXIT" if opened else "ENTER"
            name = f"{action.lower()}-{next(self._numbers)}"
            trade = asyncio.create_task(traded(self._db, name, action, base=self._base))
            if not is_last and time.monotonic() >= ends:
                await asyncio.sleep(self._random.uniform(0.0, 0.15))
                self._found.killed_in_flight += not trade.done()
                trade.cancel()
                await asyncio.wait((trade,))
                return name, action
            await trade
            self._found.round_trips += opened
            opened = not opened
            await asyncio.sleep(self._random.uniform(0.5, 4.0))
        return None

    def _look_for_lost(self) -> None:
        self._found.lost += sorted(self._known - kept(self._db).keys())

    async def judge(self, books: ShownBooks) -> None:
        """Hold what was journalled against the books, and against the exchanges' accounts."""
        reader = open_reader(self._db)
        fills = await reader.query("v_fills")
        orders = await reader.query("v_orders")
        trades = await reader.query("v_trades")
        latches = await reader.latches()
        book = await book_of(reader, SnapshotFile(snapshot_path(self._db, "main")))
        await reader.close()
        self._found.fills, self._found.books = len(fills), books.count
        self._judge_fills(fills, books)
        self._found.open_ends += [
            f"order {row['client_order_id']}: fills of {row['filled_quantity']}"
            f" for {row['executed_quantity']} executed"
            for row in orders
            if row["filled_quantity"] != row["executed_quantity"]
        ]
        self._found.open_ends += [
            f"trade of {row['signal_id']}: {row['state']}, {row['outcome']}"
            for row in trades
            if row["state"] != "settled"
        ]
        self._found.open_ends += [f"latch {latch.kind}: {latch.reason}" for latch in latches]
        self._found.open_ends += [f"{base} is held" for base in sorted(book.held_bases())]
        self._found.differences += list(differences(book, kept(self._db)))

    def _judge_fills(self, fills: Sequence[Mapping[str, Any]], books: ShownBooks) -> None:
        for row in fills:
            side = str(row["exchange"]), str(row["side"])
            price, quantity = Decimal(str(row["price"])), Decimal(str(row["quantity"]))
            at = datetime.fromisoformat(str(row["at"])).timestamp()
            shown = books.largest(side, price, at)
            if quantity > shown:
                self._found.outside.append(
                    f"{row['client_order_id']}: {quantity} at {price}, shown were {shown}"
                )


def differences(book: AccountBook, kept: Mapping[str, Any]) -> list[str]:
    """Between the engine's ledger and what the paper exchanges say is held."""
    assets = {
        name.removeprefix("upbit/asset/"): Decimal(value["available"]) + Decimal(value["locked"])
        for name, value in kept.items()
        if name.startswith("upbit/asset/")
    }
    ledger = book.ledger
    pairs = {"KRW": (ledger.krw, assets.pop("KRW")), "USDT": (ledger.usdt, wallet_of(kept))}
    for name in sorted(assets.keys() | ledger.coins.keys()):
        pairs[name] = ledger.coins.get(name, Decimal(0)), assets.get(name, Decimal(0))
    return [
        f"{name}: {mine} in the ledger, {theirs} there"
        for name, (mine, theirs) in pairs.items()
        if mine != theirs
    ]


def wallet_of(kept: Mapping[str, Any]) -> Decimal:
    """USDT on Binance."""
    return Decimal(kept["binance/wallet"][0])


async def play(
    candles: Path | None, *, base: str, bars: int, bar_s: float, kills: int, seed: int
) -> Found:
    """One day; see the module."""
    found = Found(bars=bars)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        async with exchanges(folder, candles, bar_s) as ready:
            books = ShownBooks()
            listening = asyncio.create_task(books.listen(ready, base))
            day = PaperDay(folder, base=base, seed=seed, found=found)
            until = time.monotonic() + bars * bar_s
            await day.trade(addresses(ready), until=until, kills=kills)
            await day.judge(books)
            listening.cancel()
            await asyncio.wait((listening,))
    return found


def main() -> int:
    """Play a day and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills.paper_day")
    parser.add_argument("file", type=Path)
    parser.add_argument("--base", default="BTC")
    parser.add_argument("--bars", type=int, default=288)
    parser.add_argument("--bar-seconds", type=float, default=0.5)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = asyncio.run(
        play(
            asked.file,
            base=asked.base,
            bars=asked.bars,
            bar_s=asked.bar_seconds,
            kills=asked.kills,
            seed=asked.seed,
        )
    )
    print(json.dumps(asdict(found)))  # noqa: T201 - a program
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
