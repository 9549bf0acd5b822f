"""Metrics for Prometheus over HTTP, in the engine's own loop.

The client library's server answers in a thread. It would read the engine's state while that
changes, and would hold the interpreter for the whole text, which is one more millisecond before an
order that is to leave just then. Here each metric is looked at and written by itself, and between
two of them the engine goes on.
"""

import asyncio
import os
from collections.abc import Callable, Iterable

import attrs
from aiohttp import web
from prometheus_client import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from trading_platform_order.observability.counters import Counters
from trading_platform_order.observability.gauges import GAUGES, Observed

LAG_EVERY_S = 0.5


@attrs.define(kw_only=True, eq=False, repr=False)
class MetricsServer:
    """Of one engine; nothing is served before :meth:`run`.

    Args:
        counters: what was counted.
        observed: what is looked at, once signals are taken.
        host: address to listen at; whoever reaches it reads without a key.
        port: there.
        on_problem: told in one line what an operator should know.
    """

    _counters: Counters
    _observed: Callable[[], Observed]
    _host: str
    _port: int
    _on_problem: Callable[[str], None]

    async def run(self) -> None:
        """Serve until cancelled; without the port nothing is served, and trading goes on."""
        server = web.Server(self._answer, access_log=None)
        runner = web.ServerRunner(server)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            why = os.strerror(error.errno or 0)
            self._on_problem(f"no metrics: port {self._port} of {self._host}: {why}")
        else:
            await self._measure_lag()
        finally:
            await runner.cleanup()

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            await asyncio.sleep(LAG_EVERY_S)
            self._counters.loop_lagged(max(loop.time() - began_s - LAG_EVERY_S, 0.0))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/metrics":
            return web.Response(status=404, text="metrics are at /metrics\n")
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        return web.Response(body=await self.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def text(self) -> bytes:
        """All metrics as Prometheus reads them."""
        parts = []
        for counted in self._counters.registry.collect():
            # When a counter was made is no figure of the engine's.
            counted.samples = [s for s in counted.samples if not s.name.endswith("_created")]
            parts.append(_text_of(counted))
            await asyncio.sleep(0)
        seen = self._observed()
        for gauge in GAUGES:
            parts.append(_text_of(await gauge.family(seen)))
            await asyncio.sleep(0)
        return b"".join(parts)


def _text_of(family: Metric) -> bytes:
    return generate_latest(_One(family))


class _One:
    """A registry of one metric, as the library wants it."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        """The one."""
        return (self._family,)
