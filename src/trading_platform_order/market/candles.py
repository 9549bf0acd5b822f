"""Joint candles of both exchanges: the market a replay walks through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One joint candle.

    Attributes:
        at: when the bar opened, UTC; the values are known only ``interval_s`` later.
        interval_s: length of the bar.
        up_*: KRW on Upbit; ``bn_*``: USDT on Binance; volumes in base.
        krw_usdt: KRW for one USDT valid during the bar.
        fx_source: which column the rate came from (``krw_usdt`` or ``usdkrw``) or ``generated``.
        block: bars of different blocks are not contiguous; 0 where the file has none.
    """

    at: datetime
    interval_s: int
    up_open: Decimal
    up_high: Decimal
    up_low: Decimal
    up_close: Decimal
    up_volume: Decimal
    bn_open: Decimal
    bn_high: Decimal
    bn_low: Decimal
    bn_close: Decimal
    bn_volume: Decimal
    krw_usdt: Decimal
    fx_source: str
    block: int = 0

    @property
    def closes_at(self) -> datetime:
        """When the bar's values are known: its opening plus its length."""
        return self.at + timedelta(seconds=self.interval_s)


def with_last(bars: Sequence[Bar]) -> Iterator[tuple[Bar, bool]]:
    """Each bar with whether it is the last of its block (the end of the data ends a block too)."""
    for index, bar in enumerate(bars):
        is_last = index + 1 == len(bars) or bars[index + 1].block != bar.block
        yield bar, is_last
