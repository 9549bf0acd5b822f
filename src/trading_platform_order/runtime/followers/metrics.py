"""The metrics of one engine, joined with it; loaded only where a port for them is set."""

import asyncio
from collections.abc import Callable

from trading_platform_order.observability.counters import Counters
from trading_platform_order.observability.gauges import Observed
from trading_platform_order.observability.log import EngineLog
from trading_platform_order.observability.metrics_server import MetricsServer
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.clock import SystemClock


class Metrics:
    """Counts from the start on, and serves while an engine runs."""

    def __init__(self, settings: Settings, *, log: EngineLog) -> None:
        self._settings = settings
        self._clock = SystemClock()
        self._log = log
        self.counters = Counters()

    def of(self, engine: Engine) -> "ServedMetrics":
        """What runs beside an engine."""
        settings = executor_settings(self._settings)

        def observed() -> Observed:
            return Observed(
                executor=engine.executor,
                market=engine.market,
                exchanges=engine.exchanges,
                clock=self._clock,
                settings=settings,
                bases=engine.bases,
                projection_age_s=lambda: engine.projection_age_s,
                lines_lost=lambda: self._log.lost,
                account=self._settings.engine.account,
            )

        server = MetricsServer(
            counters=self.counters,
            observed=observed,
            host=self._settings.metrics.host,
            port=self._settings.metrics.port,
            on_problem=self._log.warn,
        )
        return ServedMetrics(server, self._log.announce)


class ServedMetrics:
    """A part of the engine that may break without it."""

    def __init__(self, server: MetricsServer, announce: Callable[[str], None]) -> None:
        self._server = server
        self._announce = announce

    async def run(self) -> None:
        """Serve until cancelled."""
        async with beside(self._server.run(), name="metrics", announce=self._announce):
            await asyncio.get_running_loop().create_future()
