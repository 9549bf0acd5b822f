"""Paper mode tried on the public feeds of another process, and judged by what those feeds showed.

Simulated exchanges of another process play candles; an engine in paper mode trades on their public
streams, is killed with a pair open, and goes on. A second listener keeps every book the feeds
showed. At the end each fill must lie on a level of a book of its moment, and the journal must lead
to what the paper accounts hold.
"""

import asyncio
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.kept_state import StateFile
from exchange_simulator.market.fed_book import Levels
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.operations.drills.drill import USDT_EXACT
from trading_platform_order.operations.drills.testbed import (
    MODULE,
    POLL_S,
    READY_S,
    DrillFailed,
    Running,
    inherited,
)
from trading_platform_order.runtime.assembly import Network, binance_config, upbit_config
from trading_platform_order.runtime.paper.inner_simulator import paper_state_path
from trading_platform_order.runtime.paper.paper_feed import PaperFeed
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock, epoch_us

_BASE = "BTC"
_ACCOUNT = "main"
_NOTIONAL_KRW = 400_000
_STEP_KRW = 2_000
"""Each entry is of another size: the same one too often is refused as a loop."""
_SETTLED_S = 30.0
_HELD_BARS = 4
_ALL = 100_000
"""Fills that are read at the end; a day has some hundreds."""
_KRW_EXACT = Decimal(1)
_SEEN_BEFORE = timedelta(seconds=2)
_SEEN_AFTER = timedelta(seconds=0.5)
"""How far a fill's time and the arrival of its book in this process may lie apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReport:
    """What the day brought.

    Attributes:
        bars: how many were shown.
        trades: entries and exits that settled.
        refused: signals with a refusal, each with its reason.
        fills: of both legs, stops included.
        outside: fills that lie on no book of their moment, in words; empty when the model holds.
        kills: how often the engine was killed with a pair open.
        unequal: what differs between the journal and the paper accounts; empty when nothing does.
        latches: kinds of stops that were set meanwhile.
    """

    bars: int
    trades: int
    refused: tuple[str, ...]
    fills: int
    outside: tuple[str, ...]
    kills: int
    unequal: tuple[str, ...]
    latches: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """The fill model and the ledger held, and something was traded."""
        return bool(self.trades) and not (self.outside or self.unequal or self.latches)

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "drill": "paper",
            "bars": self.bars,
            "trades": self.trades,
            "refused": list(self.refused),
            "fills": self.fills,
            "outside_of_books": list(self.outside),
            "kills": self.kills,
            "unequal": list(self.unequal),
            "latches": list(self.latches),
            "holds": self.holds,
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> list[str]:
        """For operators."""
        counts = f"{self.trades} trades settled, {self.fills} fills, killed {self.kills} times"
        return [
            f"paper: {self.bars} bars, {counts}",
            *(f"refused {times}: {reason}" for reason, times in Counter(self.refused).items()),
            f"fills outside the books shown   {len(self.outside) or 'none'}",
            *self.outside,
            f"journal against paper accounts  {'UNEQUAL' if self.unequal else 'equal'}",
            *self.unequal,
            *(f"stopped: {kind}" for kind in self.latches),
            "holds" if self.holds else "DOES NOT HOLD",
        ]


class ShownBooks:
    """Every book that the feeds showed, with the time it came here."""

    def __init__(self) -> None:
        self._books: defaultdict[str, list[tuple[datetime, Levels, Levels]]] = defaultdict(list)

    def listed(self) -> tuple[set[str], set[str]]:
        """Which markets have a book; nothing here waits for one."""
        return set(), set()

    def list_contract(self, rules: SymbolRules) -> None:
        """Filters are no books."""

    def book(self, venue: str, symbol: str, bids: Levels, asks: Levels, *, at: datetime) -> None:
        """Keep it, under the time of this process: the exchange's own may be another clock's."""
        del at
        if symbol in {f"KRW-{_BASE}", f"{_BASE}USDT"}:
            self._books[str(venue)].append((datetime.now(UTC), bids, asks))

    def trade(
        self, venue: str, symbol: str, price: Decimal, quantity: Decimal, *, is_buy: bool
    ) -> None:
        """Prints are no books."""

    def mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """Marks are no books."""

    def offers(
        self, *, venue: str, side: str, price: Decimal, quantity: Decimal, at: datetime
    ) -> bool:
        """Whether a book of this moment had so much at this price for an order of this side."""
        return any(
            level_price == price and size >= quantity
            for seen, bids, asks in self._books[venue]
            if at - _SEEN_BEFORE <= seen <= at + _SEEN_AFTER
            for level_price, size in (asks if side == "BUY" else bids)
        )


async def drill_paper(*, data: Path | None, bars: int, bar_seconds: float) -> PaperReport:
    """Trade so many bars of these candles (or of the generated market) and judge it.

    Args:
        data: candles as ``tporder simulator serve --data`` reads them; BTC.
        bars: how many are shown before the end is judged.
        bar_seconds: how long each bar's prices stand.

    Raises:
        DrillFailed: it could not be carried out; the text says where it ended.
    """
    began = asyncio.get_running_loop().time()
    with tempfile.TemporaryDirectory(prefix="tporder-drill-") as folder:
        day = _Day(Path(folder), bars=bars, bar_seconds=bar_seconds)
        shown = ShownBooks()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_exchanges(day, data))
            await stack.enter_async_context(_watched(day, shown))
            await _trade(day)
        found = await _judged(day, shown)
        return PaperReport(
            bars=bars,
            trades=day.trades,
            refused=tuple(day.refused),
            fills=found.fills,
            outside=found.outside,
            kills=day.kills,
            unequal=found.unequal,
            latches=found.latches,
            seconds=asyncio.get_running_loop().time() - began,
        )


class _Day:
    """One run of the drill, in its folder."""

    def __init__(self, folder: Path, *, bars: int, bar_seconds: float) -> None:
        self.store = folder / "paper.db"
        self.ready_file = folder / "ready.json"
        self.bars = bars
        self.bar_seconds = bar_seconds
        self.refused: list[str] = []
        self.trades = 0
        self.kills = 0

    def settings(self) -> dict[str, str]:
        """Of every process that trades here, by the names of the environment."""
        ready = msgspec.json.decode(self.ready_file.read_bytes())
        return {
            "TPORDER_STORE_PATH": str(self.store),
            "TPORDER_PAPER_MARKET": "live",
            "TPORDER_UPBIT_REST_URL": ready["upbit"]["rest"],
            "TPORDER_UPBIT_WS_URL": ready["upbit"]["ws"],
            "TPORDER_BINANCE_REST_URL": ready["binance"]["rest"],
            "TPORDER_BINANCE_WS_URL": ready["binance"]["ws"],
            # More signals than a day's account takes, and within minutes.
            "TPORDER_RISK_DAILY_TURNOVER_KRW_MAX": "1000000000",
            "TPORDER_RISK_ENTRIES_PER_MINUTE_MAX": "1000",
            "PYTHONUNBUFFERED": "1",
        }


@asynccontextmanager
async def _exchanges(day: _Day, data: Path | None) -> AsyncIterator[None]:
    """Both exchanges in a process of their own, playing the candles."""
    source = () if data is None else ("--data", str(data))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", MODULE, "simulator", "serve", "--symbol", _BASE),
        *("--ready-file", str(day.ready_file), "--bar-seconds", str(day.bar_seconds), *source),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=inherited(),
    )
    try:
        until_s = asyncio.get_running_loop().time() + READY_S
        while not day.ready_file.exists():
            if process.returncode is not None or asyncio.get_running_loop().time() > until_s:
                words = await process.stderr.read() if process.stderr is not None else b""
                raise DrillFailed(f"no exchanges to listen to: {words.decode().strip()}")
            await asyncio.sleep(POLL_S)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def _watched(day: _Day, shown: ShownBooks) -> AsyncIterator[None]:
    """A second listener on the same public streams, which keeps what they show."""
    settings = load_settings(None, day.settings())
    http, websockets = AiohttpTransport(), AiohttpWebSockets()
    feed = PaperFeed(
        network=Network(
            http=http, websockets=websockets, clock=SystemClock(), nonce=lambda: str(uuid4())
        ),
        upbit=upbit_config(settings),
        binance=binance_config(settings),
        bases=(_BASE,),
        market=shown,
    )
    listening = asyncio.get_running_loop().create_task(feed.run(), name="listener")
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await websockets.close()
        await http.close()


async def _trade(day: _Day) -> None:
    """Entries and exits by turns until the bars are over; the engine dies with a pair open."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + day.bars * day.bar_seconds
    kill_at_s = loop.time() + day.bars * day.bar_seconds / 2
    engine = await _engine(day)
    try:
        for number in count(1):
            amount_krw = _NOTIONAL_KRW + number * _STEP_KRW
            is_open = await _traded(day, f"in-{number}", "ENTER", notional_krw=str(amount_krw))
            await asyncio.sleep(_HELD_BARS * day.bar_seconds)
            if is_open and not day.kills and loop.time() > kill_at_s:
                await engine.kill()
                await engine.end()
                day.kills += 1
                engine = await _engine(day)
            if is_open and not await _traded(day, f"out-{number}", "EXIT"):
                raise DrillFailed(f"the exit out-{number} was refused: {day.refused[-1]}")
            if loop.time() > until_s:
                return
    finally:
        await engine.end()


async def _engine(day: _Day) -> Running:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", MODULE, "run"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=inherited() | day.settings(),
    )
    running = Running("run", process)
    await running.until_ready()
    return running


async def _traded(day: _Day, name: str, action: str, **more: str) -> bool:
    """Hand a signal in and wait for its end: whether it settled with a trade."""
    body = {
        "schema_version": 1,
        "id": name,
        "strategy": "drill",
        "action": action,
        "symbol": _BASE,
        "created_at": datetime.now(UTC).isoformat(),
        **more,
    }
    inbox = open_inbox(day.store)
    try:
        async with asyncio.timeout(_SETTLED_S):
            text = msgspec.json.encode(body).decode()
            await inbox.put_signal(text, at_us=epoch_us(datetime.now(UTC)))
            knock_at(wake_path(day.store, _ACCOUNT))
            while True:
                for row in await inbox.query("v_refusals", where={"signal_id": name}):
                    day.refused.append(f"{row['code']} {row['message']}")
                    return False
                for row in await inbox.query("v_trades", where={"signal_id": name}):
                    if row["state"] == "settled":
                        day.trades += 1
                        return True
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise DrillFailed(f"{name} did not settle within {_SETTLED_S:.0f} s") from None
    finally:
        await inbox.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    fills: int
    outside: tuple[str, ...]
    unequal: tuple[str, ...]
    latches: tuple[str, ...]


async def _judged(day: _Day, shown: ShownBooks) -> _Found:
    """Every fill against the books, and the journal against the paper accounts."""
    reader = open_reader(day.store)
    try:
        fills = await reader.query("v_fills", limit=_ALL)
        book = (await replay(reader)).book
        latches = tuple(latch.kind for latch in await reader.latches())
    finally:
        await reader.close()
    outside = [
        f"{row['exchange']} {row['side']} {row['quantity']} at {row['price']}, {row['at']}"
        for row in fills
        if not shown.offers(
            venue=str(row["exchange"]),
            side=str(row["side"]),
            price=Decimal(str(row["price"])),
            quantity=Decimal(str(row["quantity"])),
            at=datetime.fromisoformat(str(row["at"])),
        )
    ]
    kept = StateFile(paper_state_path(day.store, _ACCOUNT), may_write=False).records
    return _Found(
        fills=len(fills),
        outside=tuple(outside),
        unequal=tuple(_unequal(kept, book.ledger)),
        latches=latches,
    )


def _unequal(kept: Mapping[str, Any], ledger: Ledger) -> Iterator[str]:
    """What the paper accounts hold and the journal does not say, in words."""

    def total(asset: str) -> Decimal:
        row = kept.get(f"upbit/asset/{asset}", {"available": "0", "locked": "0"})
        return Decimal(row["available"]) + Decimal(row["locked"])

    position = kept.get(f"binance/position/{_BASE}USDT", {"quantity": "0"})
    for what, ours, theirs, exact in (
        ("KRW", ledger.krw, total("KRW"), _KRW_EXACT),
        (_BASE, ledger.coins[_BASE], total(_BASE), Decimal(0)),
        ("short", ledger.shorts[_BASE].quantity, -Decimal(position["quantity"]), Decimal(0)),
        ("USDT", ledger.usdt, Decimal(kept["binance/wallet"][0]), USDT_EXACT),
    ):
        if abs(ours - theirs) > exact:
            yield f"{what}: {ours} by the journal, {theirs} on the paper account"
