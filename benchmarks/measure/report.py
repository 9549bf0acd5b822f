"""From samples to the one JSON line, and to a table for whoever reads it."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from benchmarks.measure.figures import ratio_of, spread_of, undisturbed_ratio
from benchmarks.measure.latency import GAPS, Outcome

RATIOS = (
    ("normal", "nautilus"),
    ("normal", "aiohttp"),
    ("normal", "ccxt"),
    ("normal", "floor"),
    ("full", "nautilus"),
    ("full", "aiohttp"),
    ("full", "normal"),
    ("witnessed", "nautilus"),
    ("witnessed", "normal"),
    ("inbox", "normal"),
    ("socket", "normal"),
    ("send", "floor"),
    ("send", "aiohttp"),
    ("floor", "nautilus"),
)
"""Who over whom, each dense and sparse: ``normal_over_nautilus_dense`` and so on."""

DURABLE = ("full", "witnessed")
"""Which of our engines flush before they send, or right after."""


def keys() -> list[str]:
    """Every ratio of the JSON line."""
    return [f"{ours}_over_{theirs}_{gap}" for ours, theirs in RATIOS for gap in GAPS]


def summary(outcome: Outcome) -> dict[str, Any]:
    """Ratios (``None`` where a side is absent), with what is behind them.

    ``send_over_floor`` is the dense one.
    """
    ratios: dict[str, float | None] = {}
    ranges: dict[str, list[float] | None] = {}
    undisturbed: dict[str, float | None] = {}
    for ours, theirs in RATIOS:
        for gap in GAPS:
            found = ratio_of(outcome.by_round(ours, gap), outcome.by_round(theirs, gap))
            key = f"{ours}_over_{theirs}_{gap}"
            ratios[key] = None if found is None else found.median
            ranges[key] = None if found is None else [found.least, found.most]
            undisturbed[key] = undisturbed_ratio(
                outcome.by_round(ours, gap), outcome.by_round(theirs, gap)
            )
    return {
        **ratios,
        "send_over_floor": ratios["send_over_floor_dense"],
        "flushes_of": {name: _flushes(outcome, name) for name in DURABLE},
        "us": {
            label: {gap: _spread(outcome, name, gap, action) for gap in GAPS}
            for label, name, action in _rows(outcome)
        },
        "skew_us": {
            label: {gap: _spread(outcome, name, gap, action, "skew_us") for gap in GAPS}
            for label, name, action in _rows(outcome)
        },
        "cpu_us": {name: _cpu(outcome, name) for name in outcome.rounds},
        "missed": {name: _missed(outcome, name) for name in outcome.rounds},
        "ranges": ranges,
        "undisturbed": undisturbed,
        "absent": outcome.absent,
        "front": outcome.front,
    }


def _rows(outcome: Outcome) -> Iterable[tuple[str, str, str]]:
    """Label, client and action: an engine's exits stand beside its entries."""
    for name in outcome.rounds:
        yield name, name, ""
        if "enter" in outcome.rounds[name]["dense"][0]:
            yield f"{name}_exit", name, "exit"


def _spread(
    outcome: Outcome, name: str, gap: str, action: str, what: str = "wire_us"
) -> dict[str, float] | None:
    values = [x for one in outcome.by_round(name, gap, what, action) for x in one]
    found = spread_of(values)
    return None if found is None else found._asdict()


def _flushes(outcome: Outcome, name: str) -> dict[str, float | None]:
    """How many flushes of the same disk an engine takes longer than ``normal``, by medians."""
    found: dict[str, float | None] = {}
    for gap in GAPS:
        sides = [
            [x for one in outcome.by_round(client, gap) for x in one]
            for client in (name, "normal", "fdatasync")
        ]
        found[gap] = None
        if all(sides):
            ours, normal, flush = map(median, sides)
            found[gap] = round((ours - normal) / flush, 2)
    return found


def _cpu(outcome: Outcome, name: str) -> dict[str, float]:
    found = {}
    for gap, rounds in outcome.rounds[name].items():
        values = [one.get("enter", one)["cpu_us"] for one in rounds]
        if values:
            found[gap] = round(sorted(values)[len(values) // 2], 1)
    return found


def _missed(outcome: Outcome, name: str) -> int:
    return sum(
        samples["missed"]
        for rounds in outcome.rounds[name].values()
        for one in rounds
        for samples in (one.values() if "enter" in one else (one,))
    )


def table(found: dict[str, Any]) -> str:
    """Quantiles as lines, the fastest first."""
    lines = [f"{'microseconds to the wire':26}{'dense p50/p90/p99':>26}{'apart p50/p90/p99':>26}"]
    ranked = sorted(found["us"].items(), key=lambda item: (item[1]["dense"] or {"p50": 0})["p50"])
    for name, gaps in ranked:
        cells = [
            "-" if one is None else f"{one['p50']:.0f} / {one['p90']:.0f} / {one['p99']:.0f}"
            for one in (gaps["dense"], gaps["sparse"])
        ]
        lines.append(f"{name:26}{cells[0]:>26}{cells[1]:>26}")
    lines.append(f"{'ratio':34}{'median':>8}{'p10s':>8}   of the rounds")
    least = found["undisturbed"]
    lines += [
        f"{key:34}{found[key]:>8.2f}{least[key]:>8.2f}   {_range(found['ranges'][key])}"
        for key in keys()
        if found[key] is not None
    ]
    lines += [f"absent: {name}: {why}" for name, why in found["absent"].items()]
    return "\n".join(lines)


def _range(found: list[float] | None) -> str:
    return "" if found is None else f"[{found[0]:.2f} to {found[1]:.2f}]"
