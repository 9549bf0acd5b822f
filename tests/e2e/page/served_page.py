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
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.runtime.settings.shown.origins import told_settings
from trading_platform_order.runtime.settings.shown.published import (
    PublishedSettings,
    publish,
    published_path,
)
from trading_platform_order.web.server import serving

TELL_EVERY_S = 0.5
ENGINES = {
    "TPORDER_RISK_ORDER_KRW_MAX": "7654321",
    "TPORDER_UPBIT_SECRET_KEY": "planted-upbit-secret",
}


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


def engine_settings(epoch: int = 99) -> PublishedSettings:
    """As the engine of the story told them at its start, from another file than the page's."""
    settings = load_settings(None, ENGINES)
    return PublishedSettings(
        epoch=epoch,
        started_at=datetime.now(UTC) - timedelta(hours=3),
        build="tporder-test",
        settings=told_settings(settings, None, ENGINES),
    )


@asynccontextmanager
async def served(
    db: Path,
    told: PublishedSettings | None = None,
    /,
    **more: Any,  # noqa: ANN401 - any figure
) -> AsyncIterator[str]:
    """The page over a story, and an engine's figures that stay fresh.

    Args:
        db: the store with the story.
        told: the settings that the engine told; ``None``: it told none.
        more: figures that it tells.
    """

    async def tell() -> None:
        while True:
            tell_live(db, **{**figures(), **more})
            await asyncio.sleep(TELL_EVERY_S)

    if told is not None:
        publish(published_path(db, "main"), told)
    silent: list[str] = []
    telling = asyncio.create_task(tell())
    try:
        async with serving(settings_of(db, claim_wait_s=1.0), looks_of(db), silent.append) as at:
            yield at
    finally:
        telling.cancel()
        await asyncio.wait((telling,))
