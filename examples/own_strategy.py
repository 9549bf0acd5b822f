"""A strategy of your own through a replay: write `on_bar`, let the demo trade it, read the report.

    .venv/bin/python examples/own_strategy.py                            # a generated market
    .venv/bin/python examples/own_strategy.py --data candles_BTC.csv.gz  # your own candles

The replay is the same as `tporder demo`: both simulated exchanges on real sockets, the real engine,
a journal, and a report whose profit agrees with the exchanges' balances to the KRW. The same market
and strategy give the same `trades_digest` every time. README.md names the columns of candles.

The strategy here enters when Upbit is cheap against its moving average and leaves when it is dear.
It is an example of the form, not advice. Keep yours like this: a function of the bars it was given,
without a clock, files or network, so that research can run the very same code.
"""

import argparse
from collections import deque
from decimal import Decimal
from pathlib import Path

from strategies.kimchi_premium import BarPrices
from trading_platform_order.operations.demo.demo import DemoOptions, run_demo

BARS_MIN = 48
BAND = Decimal("0.001")


class MovingAverage:
    """Enters below the average ratio of the exchanges' prices, exits above it."""

    def __init__(self, symbol: str) -> None:
        """Begin flat, with nothing seen."""
        self.symbol = symbol
        self.ratios: deque[Decimal] = deque(maxlen=BARS_MIN)
        self.is_open = False

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        """The signals this bar gives: none or one."""
        ratio = price.spot_krw / price.hedge_usdt
        self.ratios.append(ratio)
        middle = sum(self.ratios, Decimal(0)) / len(self.ratios)
        is_ripe = len(self.ratios) == BARS_MIN
        if self.is_open and (price.is_last or ratio > middle * (1 + BAND)):
            self.is_open = False
            return [self._signal("EXIT", price)]
        if not self.is_open and is_ripe and not price.is_last and ratio < middle * (1 - BAND):
            self.is_open = True
            return [self._signal("ENTER", price)]
        return []

    def _signal(self, action: str, price: BarPrices) -> dict[str, object]:
        # The id names strategy, symbol, bar and action: a replay that is repeated repeats its ids.
        return {
            "id": f"moving-average-{self.symbol}-{price.at:%Y%m%dT%H%M%S}-{action}",
            "strategy": "moving_average",
            "action": action,
            "symbol": self.symbol,
            "created_at": price.at.isoformat(),
            "spot_price_krw": format(price.spot_krw, "f"),
            "hedge_price_usdt": format(price.hedge_usdt, "f"),
            "schema_version": 1,
        }


def main() -> None:
    """Replay, trade, report."""
    options = argparse.ArgumentParser(description="Replay a market for the strategy of this file.")
    options.add_argument("--data", type=Path, help="candles; default: a generated market")
    options.add_argument("--bars", type=int, help="at most so many")
    options.add_argument("--out", type=Path, help="keep the database in this folder")
    asked = options.parse_args()
    report = run_demo(
        DemoOptions(data=asked.data, bars=asked.bars, out=asked.out, strategy=MovingAverage)
    )
    print("\n".join(report.lines()))


if __name__ == "__main__":
    main()
