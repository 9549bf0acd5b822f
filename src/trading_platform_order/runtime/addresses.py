"""Where an account's exchanges are: real ones, or simulated ones that run or are started."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.executor.journal.snapshot import book_of
from trading_platform_order.runtime.assembly import binance_config, upbit_config
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.runtime.startup.pair_findings import confirmed_pairs
from trading_platform_order.storage.side_files.snapshots import SnapshotFile, snapshot_path
from trading_platform_order.storage.sqlite.store import open_inbox

Configs = tuple[UpbitConfig, BinanceConfig]
DEMO_REST = "https://demo-fapi.binance.com"
DEMO_WS = "wss://fstream.binancefuture.com"


async def journalled(settings: Settings, path: Path) -> tuple[AccountBook, frozenset[str]]:
    """The account's book as the journal tells it, and the pairs that operators confirmed."""
    reader = open_inbox(path, account=settings.engine.account)
    try:
        place = SnapshotFile(snapshot_path(path, settings.engine.account))
        return await book_of(reader, place), await confirmed_pairs(reader)
    finally:
        await reader.close()


async def addresses(
    settings: Settings, path: Path, stack: AsyncExitStack, *, keeps: bool = False
) -> Configs:
    """Where the exchanges are: real ones, or simulated ones that run or are started.

    ``keeps``: what happens on simulated ones that are started here outlives the process.
    """
    upbit, binance = upbit_config(settings), binance_config(settings)
    if settings.engine.mode is Mode.LIVE:
        return upbit, binance
    # Here and not above: a live engine never loads the simulated exchanges.
    from trading_platform_order.runtime.paper import inner_simulator  # noqa: PLC0415

    if settings.paper.ready_file:
        ready = inner_simulator.read_ready(Path(settings.paper.ready_file))
    else:
        book, _ = await journalled(settings, path)
        ready = await stack.enter_async_context(
            inner_simulator.started(settings, path, book, keeps=keeps)
        )
    upbit = replace(
        upbit,
        rest_url=ready["upbit"]["rest"],
        ws_url=ready["upbit"]["ws"],
        credentials=Credentials(
            key=ready["keys"]["upbit"]["access_key"], secret=ready["keys"]["upbit"]["secret_key"]
        ),
    )
    if settings.engine.mode is Mode.TESTNET:
        return upbit, replace(binance, rest_url=DEMO_REST, ws_url=DEMO_WS, spot_url="")
    return upbit, replace(
        binance,
        rest_url=ready["binance"]["rest"],
        spot_url=ready["binance"]["rest"],
        ws_url=ready["binance"]["ws"],
        credentials=Credentials(
            key=ready["keys"]["binance"]["api_key"],
            secret=ready["keys"]["binance"]["secret_key"],
        ),
    )
