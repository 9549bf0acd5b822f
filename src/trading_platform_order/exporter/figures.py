"""How far the export is behind, for Prometheus; on the loopback, in a thread of the library."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

HOST = "127.0.0.1"


@dataclass(slots=True, eq=False)
class Figures:
    """Written by the exporter alone, read when somebody asks.

    Attributes:
        lag_rows: journal rows that are not in the destination.
        lag_s: how long the oldest of them has waited; 0 without one.
        rows: journal rows exported by this process.
        is_up: the destination answered last time.
        is_stopped_by_flag: the shared emergency flag stops us.
    """

    lag_rows: int = 0
    lag_s: float = 0.0
    rows: int = 0
    is_up: bool = False
    is_stopped_by_flag: bool = False

    def collect(self) -> Iterator[Metric]:
        """As the library asks for them."""
        for name, meaning, value in (
            ("lag_rows", "Journal rows that are not in the storage database.", self.lag_rows),
            ("lag_seconds", "How long the oldest of them has waited.", self.lag_s),
            ("up", "1 while the storage database answers.", self.is_up),
            ("stopped_by_flag", "1 while the shared flag stops us.", self.is_stopped_by_flag),
        ):
            yield GaugeMetricFamily(f"tporder_export_{name}", meaning, value=float(value))
        meaning = "Journal rows exported by this process."
        yield CounterMetricFamily("tporder_export_rows_total", meaning, value=self.rows)


@contextmanager
def served(figures: Figures, port: int) -> Iterator[int]:
    """Served on a port of the loopback; 0: not at all. Gives the port.

    Raises:
        OSError: the port is taken.
    """
    if not port:
        yield 0
        return
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    started: tuple[WSGIServer, threading.Thread] = start_http_server(
        port, addr=HOST, registry=registry
    )
    server, thread = started
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
