"""The engine's newest prices and money, in a small file beside the store, for whoever looks.

The journal keeps decisions, not ticks: after an entry it tells no price until the next row. A row
in the database would take its lock and a sync every second, beside the orders. So the running
engine replaces this file once a second, in a thread: without a lock, a sync or a row. It is no
truth: it may be lost or deleted at any moment, and what it said is only as good as its ``at``.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from trading_platform_order.domain.account.profit.pair_money import PriceNow
from trading_platform_order.domain.money import ZERO
from trading_platform_order.observability.live_gauges import Compared, ExchangeHealth, Gauge
from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.storage.side_files.side_file import read_side_file, replace_side_file

FRESH_S = 5.0
"""Older figures are told with their age, and prices older than this value nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFigures:
    """How the engine stands at one moment.

    Attributes:
        at: calendar time.
        waits_for: why entries cannot be taken though nothing is stopped; empty if they can.
        since: since when it has been armed, stopped or waiting.
        prices: only those young enough to value anything.
        naked_krw: value without its other leg now; ``naked_s``: how long, the worst trade.
        exit_cost_krw: what closing everything now would cost; ``None`` if a price is missing.
        liquidation_rise: rise of the coins at which Binance liquidates, a fraction; ``None``
            without a short.
        usdt_to_move: to Binance, to restore the target distance; zero if none is needed.
        day_pnl_krw: trading profit since 00:00 KST.
        day_loss_krw_max: the limit on a loss of one day; ``None`` while capital is not known.
        rate_age_s: of the oldest KRW-USDT rate, seconds; ``None`` without one.
        exchanges: how each answers.
        gauges: how near the account is to its limits.
        compared: what both exchanges held when they were asked last (``compared_at``), beside
            what we count. They are asked only while something is held.
        profile: the named set of settings that the engine was started with; empty for none.
        loosened: the specification's limits that its settings loosen.
    """

    at: datetime
    mode: str
    since: datetime
    waits_for: str = ""
    leverage: int = 1
    prices: tuple[PriceNow, ...] = ()
    naked_krw: Decimal = ZERO
    naked_s: float = 0.0
    unknown_orders: int = 0
    waiting_closes: int = 0
    exit_cost_krw: Decimal | None = None
    liquidation_rise: Decimal | None = None
    usdt_to_move: Decimal = ZERO
    day_pnl_krw: Decimal = ZERO
    day_loss_krw_max: Decimal | None = None
    rate_age_s: float | None = None
    exchanges: tuple[ExchangeHealth, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    compared: tuple[Compared, ...] = ()
    compared_at: datetime | None = None
    profile: str = ""
    loosened: tuple[Loosened, ...] = ()

    def age_s(self, now: datetime) -> float:
        """Seconds since they were told."""
        return abs((now - self.at).total_seconds())

    def price_of(self, base: str, now: datetime) -> PriceNow | None:
        """The price of a coin, while these figures are fresh."""
        if self.age_s(now) > FRESH_S:
            return None
        return next((price for price in self.prices if price.base == base), None)


_decoder = msgspec.json.Decoder(LiveFigures)


def live_path(db: Path, account: str) -> Path:
    """Beside the database, one for each account."""
    return db.with_name(f"{db.name}.{account}.now.json")


def read_live(path: Path) -> LiveFigures | None:
    """What was told last; ``None`` if nothing was, or it is not ours."""
    return read_side_file(path, _decoder)


def write_live(path: Path, figures: LiveFigures) -> None:
    """Replace the file; a reader sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    replace_side_file(path, msgspec.json.encode(figures))
