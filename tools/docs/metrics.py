"""The table of all metrics, from the code that makes them."""

from collections.abc import Iterator

from trading_platform_order.observability.counters import Counters
from trading_platform_order.observability.gauges import GAUGES

Row = tuple[str, str, tuple[str, ...], str]


def metrics_table() -> str:
    """Every metric with its labels and its meaning."""
    lines = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for name, kind, labels, meaning in sorted(_rows()):
        shown = ", ".join(f"`{label}`" for label in labels)
        lines.append(f"| `{name}` | {kind} | {shown} | {meaning} |")
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[Row]:
    counters = Counters()
    for family in counters.registry.collect():
        end = "_total" if family.type == "counter" else ""
        labels = counters.labels[family.name]
        yield f"{family.name}{end}", family.type, labels, family.documentation
    for gauge in GAUGES:
        kind = "counter" if gauge.name.endswith("_total") else "gauge"
        yield f"tporder_{gauge.name}", kind, gauge.labels, gauge.meaning
