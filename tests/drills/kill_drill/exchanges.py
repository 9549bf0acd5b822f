"""Both simulated exchanges in a process of their own, with a market for each coin of the drill.

    python exchanges.py READY_FILE

``tporder simulator serve`` serves one coin; a busy stream needs several.
"""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from exchange_simulator.exchanges import Opening
from exchange_simulator.serving.serve import serve
from trading_platform_order.market.generated import generate_bars

SYMBOLS = ("BTC", "ETH", "XRP")
SEED = 1
BARS = 10_000
BAR_S = 1.0
OPENING = Opening(krw=Decimal(300_000_000), usdt=Decimal(210_000))


async def run(ready_file: Path) -> None:
    """Serve until killed."""
    await serve(
        markets={base: generate_bars(seed=SEED, bars=BARS, symbol=base) for base in SYMBOLS},
        ready_file=ready_file,
        bar_seconds=BAR_S,
        stop=asyncio.Event(),
        opening=OPENING,
    )


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
