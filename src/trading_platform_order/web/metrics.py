"""`GET /metrics`: what this process did, and how the engine stands by its store; for Prometheus.

The engine serves its own metrics (setting `metrics.port`), with all it counts. Here is what can be
known without it: its newest figures, as old as they say, and what waits in the store. Signed like
every other request, because the figures are the account's money.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from litestar import MediaType, Response, get
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from trading_platform_order.observability.live_figures import LiveFigures, read_live
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.storage.base import Latch, Overview
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.web.signals_api import BUSY, UNSIGNED
from trading_platform_order.web.world import WebWorld, World

Figure = tuple[str, str, float | Decimal | None]


@get(
    "/metrics",
    media_type=MediaType.TEXT,
    responses={401: UNSIGNED, 503: BUSY},
)
async def metrics(world: World) -> Response[bytes]:
    """This process's counters, and the engine's newest figures, as Prometheus reads them."""
    text = await text_of(world)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def text_of(world: WebWorld) -> bytes:
    """All metrics."""
    live = await asyncio.to_thread(read_live, world.live_file)
    overview, latches = await world.inbox.overview(), await world.inbox.latches()
    now = SystemClock().now()
    counted = generate_latest(world.counters.registry).splitlines(keepends=True)
    lines = [line for line in counted if b"_created" not in line]
    figures = [
        ("web_streams", "Event streams that are open.", world.streams.count),
        *_of_store(overview, latches),
        *_of_engine(live, now),
    ]
    lines += [_gauge(*figure) for figure in figures if figure[2] is not None]
    return b"".join(lines)


def _of_store(overview: Overview, latches: list[Latch]) -> Iterator[Figure]:
    is_stopped = any(latch.kind == STOP_LATCH for latch in latches)
    yield "store_stopped", "The emergency stop is set.", float(is_stopped)
    yield "store_journal_rows", "Rows of the journal.", overview.head_seq
    yield "store_projected_rows", "Rows that the views have seen.", overview.projected_seq
    yield "store_signals_waiting", "Signals in the inbox.", overview.waiting_signals
    yield "store_commands_waiting", "Commands in the inbox.", overview.waiting_commands
    yield "store_alerts_waiting", "Alerts not delivered yet.", overview.waiting_alerts
    yield "store_urgent_waiting", "Urgent ones of them.", overview.waiting_urgent_alerts


def _of_engine(live: LiveFigures | None, now: datetime) -> Iterator[Figure]:
    """Nothing where none was told; else with its age, by which a rule judges it."""
    if live is None:
        return
    yield "live_age_seconds", "Since the engine told its figures.", live.age_s(now)
    yield "live_armed", "Entries can be taken.", float(not live.waits_for)
    yield "live_naked_krw", "Value without its other leg, KRW.", live.naked_krw
    yield "live_naked_seconds", "For how long, the worst trade.", live.naked_s
    yield "live_unknown_orders", "Orders whose outcome is unknown.", live.unknown_orders
    yield "live_waiting_closes", "Closes that wait.", live.waiting_closes
    yield "live_exit_cost_krw", "What closing everything would cost, KRW.", live.exit_cost_krw
    yield "live_liquidation_rise", "Rise until liquidation, fraction.", live.liquidation_rise
    yield "live_usdt_to_move", "To move to Binance, USDT.", live.usdt_to_move
    yield "live_day_pnl_krw", "Trading profit since 00:00 KST, KRW.", live.day_pnl_krw
    yield "live_day_loss_max_krw", "Limit on a day's loss, KRW.", live.day_loss_krw_max


def _gauge(name: str, meaning: str, value: float | Decimal | None) -> bytes:
    family = GaugeMetricFamily(f"tporder_{name}", meaning, value=float(value or 0))
    return generate_latest(_One(family))


class _One:
    """A registry of one metric, as the library wants it."""

    def __init__(self, family: GaugeMetricFamily) -> None:
        self._family = family

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The one."""
        yield self._family
