"""``python -m benchmarks.exchange.simulators``: both simulated exchanges, without request limits.

They are what an engine needs beside the answer to an order: accounts, markets, private streams. The
limits are lifted because a benchmark trades faster than any exchange would let it.
"""

import argparse
import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import uvloop

from exchange_simulator.exchanges import Opening
from exchange_simulator.serving.serve import serve
from exchange_simulator.upbit.requests import limits
from trading_platform_order.market.candles import Bar
from trading_platform_order.market.generated import generate_bars

KRW, USDT = Decimal(10) ** 13, Decimal(10) ** 10
BAR_S = 3_600.0
BESIDE = 4
"""Niceness: an exchange is elsewhere, and does not stop the engine between its legs."""
_DEEP = Decimal(1_000)
_UNLIMITED = 10**9
_KNOWN = ("BTC", "ETH", "XRP")


def bars_of(symbol: str) -> Iterator[Bar]:
    """One bar that stands for ever, of a market deep enough for every order."""
    like = symbol if symbol in _KNOWN else "XRP"
    bar = next(iter(generate_bars(seed=1, bars=1, symbol=like)))
    yield replace(bar, up_volume=bar.up_volume * _DEEP, bn_volume=bar.bn_volume * _DEEP)


async def _serve(symbols: list[str], ready_file: Path, opening: Opening) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)  # whoever started it has ended
    await serve(
        markets={symbol: bars_of(symbol) for symbol in symbols},
        ready_file=ready_file,
        bar_seconds=BAR_S,
        stop=stop,
        opening=opening,
        republish_s=0.5,
        has_limits=False,
        output=io.StringIO(),
    )


def main() -> None:
    """Serve until standard input ends or a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--symbols", default="BTC")
    parser.add_argument("--opening", default="{}", help='JSON: {"krw": "…", "usdt": "…"}')
    options = parser.parse_args()
    for group in limits.LIMITS_PER_S:
        limits.LIMITS_PER_S[group] = _UNLIMITED  # told to clients as what remains
    asked = json.loads(options.opening)
    opening = Opening(krw=Decimal(asked.get("krw", KRW)), usdt=Decimal(asked.get("usdt", USDT)))
    os.nice(BESIDE)
    uvloop.run(_serve(options.symbols.split(","), options.ready_file, opening))


if __name__ == "__main__":
    main()
