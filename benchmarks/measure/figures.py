"""Quantiles and ratios. A ratio is the median over rounds of the ratio of that round's medians."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple


class Spread(NamedTuple):
    """Quantiles in microseconds."""

    p50: float
    p90: float
    p99: float
    samples: int


def quantile(values: Sequence[float], part: float) -> float:
    """The value that ``part`` of them do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))]


def spread_of(values: Sequence[float]) -> Spread | None:
    """Quantiles, rounded to a tenth; ``None`` of nothing."""
    if not values:
        return None
    p50, p90, p99 = (round(quantile(values, part), 1) for part in (0.5, 0.9, 0.99))
    return Spread(p50, p90, p99, len(values))


UNDISTURBED = 0.1
"""The quantile that a busy machine hardly moves: these samples were not interrupted."""


def undisturbed_ratio(
    ours: Iterable[Sequence[float]], theirs: Iterable[Sequence[float]]
) -> float | None:
    """How many times as long ``ours`` takes where nothing came between; of all rounds together."""
    mine, others = ([x for one in side for x in one] for side in (ours, theirs))
    if not mine or not others:
        return None
    return round(quantile(mine, UNDISTURBED) / quantile(others, UNDISTURBED), 3)


class Ratio(NamedTuple):
    """Of two clients of one run: median, smallest and largest of the rounds."""

    median: float
    least: float
    most: float


def ratio_of(ours: Iterable[Sequence[float]], theirs: Iterable[Sequence[float]]) -> Ratio | None:
    """How many times as long ``ours`` takes, by rounds; ``None`` without a common round."""
    found = [
        median(mine) / median(other)
        for mine, other in zip(ours, theirs, strict=False)
        if mine and other
    ]
    if not found:
        return None
    return Ratio(*(round(value, 3) for value in (median(found), min(found), max(found))))
