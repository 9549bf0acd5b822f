"""Joint candles of both exchanges: the market a replay walks through."""

from dataclasses import dataclass
from datetime import datetime
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
