"""The shipped settings, but for what no benchmark could keep."""

from decimal import Decimal
from pathlib import Path

import msgspec

from trading_platform_order.observability.log_lines.lines import Level
from trading_platform_order.runtime.settings.settings import Settings

UNLIMITED = 10**9
MONEY = Decimal(10) ** 15
"""Above every sum that a benchmark trades."""
KNOWN = ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX", "LINK", "AVAX")
"""Coins that the simulated exchanges call as the reviewed pairs do."""
_ONBOARD_MS = 1_569_398_400_000


def symbols(count: int) -> tuple[str, ...]:
    """So many base assets, made-up ones after the known."""
    more = (f"C{number:03d}" for number in range(count - len(KNOWN)))
    return (*KNOWN, *more)[:count]


def unreviewed(bases: tuple[str, ...]) -> tuple[str, ...]:
    """Those that the package does not know."""
    return tuple(base for base in bases if base not in KNOWN)


def _pair(base: str) -> str:
    return f"{base}|{base}|{base}|{base}USDT|1|{_ONBOARD_MS}"


def lifted(*, store: Path, ready_file: Path, durability: str, bases: tuple[str, ...]) -> Settings:
    """Caps, budgets and rates out of the way; every rule still runs."""
    base = Settings()
    of = msgspec.structs.replace
    return of(
        base,
        engine=of(base.engine, symbols=bases),
        store=of(base.store, path=str(store), durability=durability),
        pairs=of(base.pairs, extra=tuple(map(_pair, unreviewed(bases)))),
        paper=of(base.paper, ready_file=str(ready_file)),
        upbit=of(base.upbit, orders_per_s=UNLIMITED, default_per_s=UNLIMITED),
        binance=of(base.binance, orders_per_10s=UNLIMITED, weight_per_min=UNLIMITED),
        risk=of(
            base.risk,
            order_krw_max=MONEY,
            trade_krw_max=MONEY,
            daily_turnover_krw_max=MONEY,
            hourly_loss_krw_max=MONEY,
            daily_loss_fraction=Decimal(1),
            entries_per_minute_max=UNLIMITED,
            repeat_max=UNLIMITED,
        ),
    )


def spoken(settings: Settings, metrics_port: int) -> Settings:
    """With its log and its metrics at this port; port 0: with neither, errors aside."""
    of = msgspec.structs.replace
    return of(
        settings,
        log=of(settings.log, level=Level.INFO if metrics_port else Level.ERROR),
        metrics=of(settings.metrics, port=metrics_port),
    )
