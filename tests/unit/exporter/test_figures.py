"""What Prometheus is told of the export."""

import socket
import urllib.request

from trading_platform_order.exporter.figures import Figures, served


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_the_figures_are_served_as_they_are_now() -> None:
    figures = Figures(lag_rows=3)
    with served(figures, free_port()) as port:
        figures.lag_s = 1.5
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    assert "tporder_export_lag_rows 3.0" in text
    assert "tporder_export_lag_seconds 1.5" in text
    assert "tporder_export_rows_total 0.0" in text


def test_without_a_port_nothing_is_served() -> None:
    with served(Figures(), 0) as port:
        assert port == 0
