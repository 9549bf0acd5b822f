"""Takes what the public streams tell and puts it into files; asks for no key and sends no order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.market.fed_book import Levels
from exchange_simulator.names import BINANCE, UPBIT
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.market.files.recording import Torn, lines_of, recorded_files
from trading_platform_order.operations.record.files import RecordingFiles
from trading_platform_order.runtime.assembly import Network, binance_config, upbit_config
from trading_platform_order.runtime.paper.paper_feed import PaperFeed
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock, epoch_us

FLUSH_S = 5.0
"""So much of the market is lost at most when the machine stops."""
LEVELS = 15
STANDS_MAX = timedelta(seconds=10)
"""A book that stands still is written again so often: it is heard, and no silence."""


class RecordingRefused(Exception):  # noqa: N818 - the text is for the operator
    """Nothing can be recorded; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptBook:
    shown: tuple[list[list[str]], list[list[str]]]
    at: datetime


class RecordedMarket:
    """What a feed is handed to: each event becomes a line.

    Args:
        files: where the lines go.
        levels: so many of each side of a book are kept.
    """

    def __init__(self, files: RecordingFiles, *, levels: int = LEVELS) -> None:
        self._files = files
        self._levels = levels
        self._books: dict[tuple[str, str], _KeptBook] = {}
        self.counts: dict[str, int] = {}

    def listed(self) -> tuple[set[str], set[str]]:
        """The markets of Upbit and the contracts of Binance that have a book by now."""
        upbit = {symbol for venue, symbol in self._books if venue == UPBIT}
        return upbit, {symbol for venue, symbol in self._books if venue == BINANCE}

    def list_contract(self, rules: SymbolRules) -> None:
        """The filters of a contract on Binance."""
        self._add(
            {
                "kind": "filters",
                "venue": BINANCE,
                "symbol": f"{rules.base}USDT",
                "price_tick": plain(rules.tick),
                "quantity_step": plain(rules.step),
                "min_notional": plain(rules.min_notional),
                "max_quantity": plain(rules.max_quantity),
            }
        )

    def book(self, venue: str, symbol: str, bids: Levels, asks: Levels, *, at: datetime) -> None:
        """A whole image of a book; one that shows nothing new is left out for a while."""
        if not bids or not asks:
            return
        shown = _levels(bids[: self._levels]), _levels(asks[: self._levels])
        kept = self._books.get((venue, symbol))
        if kept is not None and kept.shown == shown and at - kept.at < STANDS_MAX:
            return
        self._books[venue, symbol] = _KeptBook(shown=shown, at=at)
        self._add(
            {
                "kind": "book",
                "venue": venue,
                "symbol": symbol,
                "at": epoch_us(at),
                "bids": shown[0],
                "asks": shown[1],
            }
        )

    def trade(
        self, venue: str, symbol: str, price: Decimal, quantity: Decimal, *, is_buy: bool
    ) -> None:
        """A print; ``is_buy``: the taker bought."""
        self._add(
            {
                "kind": "trade",
                "venue": venue,
                "symbol": symbol,
                "price": plain(price),
                "quantity": plain(quantity),
                "is_buy": is_buy,
            }
        )

    def mark(self, symbol: str, mark: Decimal, funding_rate: Decimal) -> None:
        """A contract's mark price, USDT, and the rate of its next settlement."""
        self._add(
            {
                "kind": "mark",
                "venue": BINANCE,
                "symbol": symbol,
                "price": plain(mark),
                "funding_rate": plain(funding_rate),
            }
        )

    def _add(self, line: dict[str, Any]) -> None:
        kind = str(line["kind"])
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self._files.add(line)


def _levels(levels: Levels) -> list[list[str]]:
    return [[plain(level[0]), plain(level[1])] for level in levels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one run of the recorder wrote."""

    lines: int
    bytes_written: int
    counts: dict[str, int]


def torn_ends(folder: Path) -> list[Torn]:
    """Of the file that was written last: only its end can be torn."""
    torn: list[Torn] = []
    for path in recorded_files(folder)[-1:]:
        for _ in lines_of(path, torn):
            pass
    return torn


async def record(
    settings: Settings,
    folder: Path,
    stop: asyncio.Event,
    *,
    levels: int = LEVELS,
    begun: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record the settings' symbols until told to stop.

    Args:
        settings: addresses of both exchanges, symbols, and which contract hedges which coin.
        folder: gets the files.
        stop: ends it; what has come in is written first.
        levels: of each side of a book.
        begun: called once every market has a book.

    Raises:
        RecordingRefused: no filters or no books can be had.
        OSError: the disk takes no more.
    """
    clock, bases = SystemClock(), settings.engine.symbols
    config = binance_config(settings)
    files = RecordingFiles(
        folder,
        pairs=[_pair(base, Contracts(config.pairs)) for base in bases],
        now_us=lambda: epoch_us(clock.now()),
    )
    market = RecordedMarket(files, levels=levels)
    http, websockets = AiohttpTransport(), AiohttpWebSockets()
    feed = PaperFeed(
        network=Network(http=http, websockets=websockets, clock=clock, nonce=lambda: str(uuid4())),
        upbit=upbit_config(settings),
        binance=config,
        bases=bases,
        market=market,
    )
    try:
        problem = await feed.begin()
        if problem is not None:
            raise RecordingRefused(problem)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(feed.run(), name="feed"),
                tasks.create_task(_flush(files), name="flush"),
            ]
            problem = await feed.listed()
            if problem is None:
                begun()
                await stop.wait()
            for task in running:
                task.cancel()
        if problem is not None:
            raise RecordingRefused(problem)
    finally:
        files.flush()
        await http.close()
        await websockets.close()
    return Recorded(
        lines=files.lines, bytes_written=files.bytes_written, counts=dict(market.counts)
    )


async def _flush(files: RecordingFiles) -> None:
    while True:
        await asyncio.sleep(FLUSH_S)
        files.flush()


def _pair(base: str, contracts: Contracts) -> dict[str, str]:
    contract, of_one_coin = contracts.holding(hedge_symbol(base), Decimal(1))
    return {
        "base": base,
        "spot": f"KRW-{base}",
        "contract": contract,
        "unit": plain(1 / of_one_coin),
    }
