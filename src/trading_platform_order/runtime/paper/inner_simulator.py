"""The simulated exchanges that ``tporder run`` starts inside: paper mode, and testnet's Upbit leg.

Their accounts are in a file of their own beside the journal, as real accounts are with the
exchanges: orders, stops, positions, balances and ids outlive the engine's process, however it ends.
"""

import asyncio
import io
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from exchange_simulator.exchanges import Opening
from exchange_simulator.kept_state import StateFile, StateUnreadable
from exchange_simulator.serving.serve import serve
from exchange_simulator.serving.serve_feed import FedExchanges
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.order import hedge_symbol
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.market.generated import FX_SOURCE, generate_bars
from trading_platform_order.runtime.assembly import Network, binance_config, upbit_config
from trading_platform_order.runtime.paper.paper_feed import PaperFeed
from trading_platform_order.runtime.settings.settings import (
    PaperMarket,
    Settings,
    SettingsRefused,
)
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport, AiohttpWebSockets
from trading_platform_order.transport.clock import SystemClock

BAR_SECONDS = 60.0
SIMULATOR_READY_S = 20.0
GENERATED_BARS = 4_032


def started(
    settings: Settings, path: Path, book: AccountBook, *, keeps: bool
) -> AbstractAsyncContextManager[Mapping[str, Any]]:
    """Both exchanges with the accounts as they were left, or as the journal tells them.

    Args:
        settings: all settings; the market and the first money are in ``paper``.
        path: of the store; the simulated accounts are kept beside it.
        book: the account as its journal tells it.
        keeps: what happens on them outlives the process.

    Raises:
        SettingsRefused: no such market, or the accounts' file is damaged.
    """
    state = inner_state(
        paper_state_path(path, settings.engine.account),
        journal_is_new=not book.is_open,
        keeps=keeps,
    )
    if settings.paper.market is PaperMarket.LIVE:
        return _on_live_prices(settings, _opening(settings, book), state)
    return inner_simulator(
        markets=_markets(settings),
        market_name=_market_name(settings),
        opening=_opening(settings, book),
        state=state,
    )


def paper_state_path(db: Path, account: str) -> Path:
    """Where the simulated accounts are kept: beside the database."""
    return db.with_name(f"{db.name}.{account}.paper")


def inner_state(path: Path, *, journal_is_new: bool, keeps: bool) -> StateFile:
    """The simulated accounts as they were left.

    Accounts without their journal would be somebody else's positions to a new engine: beside a new
    journal they begin anew, and the old file is put aside.

    Args:
        path: of the file.
        journal_is_new: nothing was ever journalled on this account.
        keeps: false for whoever only looks, maybe beside a running engine.

    Raises:
        SettingsRefused: the file is damaged.
    """
    if journal_is_new and path.exists():
        if not keeps:
            return StateFile(path.with_name(f"{path.name}.none"), may_write=False)
        path.replace(path.with_name(f"{path.name}.old"))
    try:
        return StateFile(path, may_write=keeps)
    except StateUnreadable as problem:
        raise SettingsRefused(f"the paper accounts are damaged: {problem}") from None


def read_ready(path: Path) -> Mapping[str, Any]:
    """Addresses and keys of a simulator that runs.

    Raises:
        SettingsRefused: the file is missing or another program's.
    """
    try:
        ready = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsRefused(
            f"paper.ready_file {path} cannot be used ({error}); start `tporder simulator serve "
            f"--ready-file {path}` first, or leave the setting empty"
        ) from None
    if not isinstance(ready, dict) or not {"upbit", "binance", "keys"} <= set(ready):
        raise SettingsRefused(f"paper.ready_file {path} is not a ready file of the simulator")
    return ready


@asynccontextmanager
async def inner_simulator(
    *,
    markets: Mapping[str, list[Bar]],
    market_name: str,
    opening: Opening,
    state: StateFile,
) -> AsyncIterator[Mapping[str, Any]]:
    """Serve both exchanges while the context lasts; gives the addresses and keys."""
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="tporder-") as folder:
        ready_file = Path(folder) / "ready.json"
        async with asyncio.TaskGroup() as group:
            group.create_task(
                serve(
                    markets=markets,
                    market_name=market_name,
                    state=state,
                    ready_file=ready_file,
                    bar_seconds=BAR_SECONDS,
                    stop=stop,
                    opening=opening,
                    learns_ticks=any(bars[0].fx_source != FX_SOURCE for bars in markets.values()),
                    output=io.StringIO(),
                ),
                name="simulator",
            )
            async with asyncio.timeout(SIMULATOR_READY_S):
                while not ready_file.exists():  # noqa: ASYNC110 - a file has no event to wait for
                    await asyncio.sleep(0.02)
            try:
                yield read_ready(ready_file)
            finally:
                stop.set()


@asynccontextmanager
async def _on_live_prices(
    settings: Settings, opening: Opening, state: StateFile
) -> AsyncIterator[Mapping[str, Any]]:
    """Both exchanges on the public streams of the real ones; gives the addresses and keys."""
    exchanges = FedExchanges(opening=opening, state=state)
    async with AsyncExitStack() as stack:
        stack.callback(exchanges.close)
        http, websockets = AiohttpTransport(), AiohttpWebSockets()
        stack.push_async_callback(http.close)
        stack.push_async_callback(websockets.close)
        feed = PaperFeed(
            network=Network(
                http=http, websockets=websockets, clock=SystemClock(), nonce=lambda: str(uuid4())
            ),
            upbit=upbit_config(settings),
            binance=binance_config(settings),
            bases=settings.engine.symbols,
            market=exchanges.market,
        )
        problem = await feed.begin()
        if problem is None:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(feed.run(), name="paper feed")
                problem = await feed.listed()
                if problem is None:
                    yield await stack.enter_async_context(exchanges.served())
                running.cancel()
        if problem is not None:
            raise SettingsRefused(
                f"no live market for paper mode ({problem}): look at the network, or set "
                "TPORDER_PAPER_MARKET=generated"
            )


def _opening(settings: Settings, book: AccountBook) -> Opening:
    """What the journal says is held, for simulated accounts that have no state of their own."""
    if not book.is_open:
        return Opening(krw=settings.paper.krw, usdt=settings.paper.usdt)
    ledger = book.ledger
    contracts = Contracts(binance_config(settings).pairs)
    held = {
        base: contracts.holding(hedge_symbol(base), position.quantity)
        for base, position in ledger.shorts.items()
        if position.quantity > 0
    }
    return Opening(
        krw=ledger.krw,
        usdt=ledger.usdt,
        coins={base: quantity for base, quantity in ledger.coins.items() if quantity > 0},
        shorts={
            symbol: (quantity, ledger.shorts[base].entry_value_usdt)
            for base, (symbol, quantity) in held.items()
        },
    )


def _market_name(settings: Settings) -> str:
    paper = settings.paper
    source = paper.data if paper.market is PaperMarket.FILE else f"seed {paper.seed}"
    return f"{source}: {', '.join(settings.engine.symbols)}"


def _markets(settings: Settings) -> dict[str, list[Bar]]:
    symbols = settings.engine.symbols
    if settings.paper.market is not PaperMarket.FILE:
        seed = settings.paper.seed
        try:
            return {
                symbol: generate_bars(seed=seed, bars=GENERATED_BARS, symbol=symbol)
                for symbol in symbols
            }
        except ValueError as error:
            raise SettingsRefused(f"engine.symbols: {error}") from None
    candles = read_candles(settings.paper.data)
    if symbols != (candles.symbol,):
        raise SettingsRefused(
            f"paper.data holds candles of {candles.symbol}; set engine.symbols to it"
            f" (now {', '.join(symbols)})"
        )
    return {candles.symbol: candles.bars}
