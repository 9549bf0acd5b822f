"""The premium of the market as a whole: what a single coin's is compared with. Pure."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import NamedTuple

from trading_platform_order.domain.value import value


class PairPrices(NamedTuple):
    """Both mids of one coin, and how old the older of both books is, seconds.

    Attributes:
        spot_krw: KRW for one coin; ``hedge_usdt``: USDT for one coin.
        krw_per_usdt: the rate that is known beside them.
    """

    spot_krw: Decimal
    hedge_usdt: Decimal
    krw_per_usdt: Decimal
    age_s: float

    @property
    def premium(self) -> Decimal:
        """Upbit over Binance at the rate, minus one."""
        return self.spot_krw / (self.hedge_usdt * self.krw_per_usdt) - 1


@value
class MarketPremium:
    """As of the last look.

    Attributes:
        known: how many large coins had fresh prices on both exchanges.
        median: their median premium, a fraction; ``None`` while too few are known.
        lasting: gaps to the median that lasted long enough, by coin, a fraction each.
        waiting_s: how long other gaps have lasted so far.
        looked_s: when, on the clock that counts suspend.
    """

    known: int
    median: Decimal | None
    lasting: Mapping[str, Decimal] = field(default_factory=dict)
    waiting_s: Mapping[str, float] = field(default_factory=dict)
    looked_s: float = 0.0
