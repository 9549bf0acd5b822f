"""The page over a store that tests wrote, and over figures such as a running engine tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.unit.cli.cli_world import tell_live
from tests.unit.web.web_fixture import looks_of, settings_of
from trading_platform_order.observability.live_gauges import Compared, ExchangeHealth, Gauge
from trading_platform_order.web.server import serving

TELL_EVERY_S = 0.5


def figures() -> dict[str, Any]:
    compared = [
        Compared(
            venue=venue,
            asset="BTC",
            ours_base=Decimal("0.01"),
            theirs_base=Decimal("0.01"),
            flight_base=Decimal(0),
        )
        for venue in ("upbit", "binance")
    ]
    return {
        "since": datetime.now(UTC) - timedelta(hours=3),
        "exit_cost_krw": Decimal(2_300),
        "liquidation_rise": Decimal("0.41"),
        "day_pnl_krw": Decimal(-1_500),
        "day_loss_krw_max": Decimal(600_000),
        "rate_age_s": 0.4,
        "exchanges": tuple(
            ExchangeHealth(venue=venue, is_stream_up=True, answer_ms=12.0, book_age_s=0.2)
            for venue in ("upbit", "binance")
        ),
        "gauges": (
            Gauge(name="pairs_krw", now=Decimal(1_500_000), limit=Decimal(20_000_000)),
            Gauge(name="leverage", now=Decimal("1.7"), limit=Decimal(2)),
            Gauge(name="day_loss_krw", now=Decimal(1_500), limit=None),
        ),
        "compared": tuple(compared),
        "compared_at": datetime.now(UTC),
    }


@asynccontextmanager
async def served(db: Path, **more: Any) -> AsyncIterator[str]:  # noqa: ANN401 - any figure
    """The page over a story, and an engine's figures that stay fresh."""

    async def tell() -> None:
        while True:
            tell_live(db, **{**figures(), **more})
            await asyncio.sleep(TELL_EVERY_S)

    silent: list[str] = []
    telling = asyncio.create_task(tell())
    try:
        async with serving(settings_of(db, claim_wait_s=1.0), looks_of(db), silent.append) as at:
            yield at
    finally:
        telling.cancel()
        await asyncio.wait((telling,))
