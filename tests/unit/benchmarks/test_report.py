"""The figures: ratios of rounds, the JSON line's keys, and the gate."""

import json

import pytest

from benchmarks import gate
from benchmarks.measure.figures import quantile, ratio_of, spread_of, undisturbed_ratio
from benchmarks.measure.latency import Outcome
from benchmarks.measure.report import keys, summary, table


def samples(*wire_us: float) -> dict[str, object]:
    values = list(wire_us)
    return {"wire_us": values, "done_us": values, "skew_us": values, "cpu_us": 1.0, "missed": 0}


def outcome() -> Outcome:
    """Two rounds; in the second one the machine was a hundred times slower, for everybody."""
    ours = [{"enter": samples(4, 6, 8), "exit": samples(5)}]
    ours.append({"enter": samples(600, 900), "exit": samples(500)})
    theirs = [samples(2, 2, 2), samples(200, 300, 400)]
    return Outcome(
        rounds={
            "normal": {"dense": list(ours), "sparse": list(ours)},
            "aiohttp": {"dense": list(theirs), "sparse": list(theirs)},
        },
        absent={"nautilus": "no environment"},
        front="C",
    )


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    found = ratio_of([[4, 6, 8], [600, 900]], [[2, 2, 2], [200, 300, 400]])
    assert found == (2.75, 2.5, 3.0)


def test_there_is_no_ratio_without_a_common_round() -> None:
    assert ratio_of([], [[1.0]]) is None
    assert ratio_of([[]], [[1.0]]) is None


def test_quantiles() -> None:
    values = [float(value) for value in range(100)]
    assert quantile(values, 0.9) == 90
    assert quantile(values, 1.0) == 99
    assert spread_of(values) == (50.0, 90.0, 99.0, 100)
    assert spread_of([]) is None


def test_the_line_has_every_key_and_null_where_a_peer_is_absent() -> None:
    found = json.loads(json.dumps(summary(outcome())))
    assert set(keys()) <= set(found)
    assert {"send_over_floor", "us", "skew_us", "cpu_us", "missed", "absent", "front"} <= set(found)
    assert found["normal_over_aiohttp_dense"] == 2.75
    assert found["normal_over_nautilus_dense"] is None
    assert found["us"]["normal"]["dense"]["p50"] == 8
    assert found["us"]["normal_exit"]["sparse"]["p50"] == 500
    assert found["absent"] == {"nautilus": "no environment"}


@pytest.mark.parametrize(
    "key",
    [
        "normal_over_nautilus_dense",
        "normal_over_nautilus_sparse",
        "full_over_aiohttp_sparse",
        "send_over_floor_dense",
    ],
)
def test_the_named_ratios_are_among_them(key: str) -> None:
    assert key in keys()


def test_the_table_names_who_is_absent() -> None:
    text = table(summary(outcome()))
    assert "absent: nautilus: no environment" in text
    assert "normal_over_aiohttp_dense" in text
    assert "normal_over_nautilus_dense" not in text


def test_what_interrupts_hardly_moves_the_undisturbed_ratio() -> None:
    calm, busy = [float(x) for x in range(10, 110)], [1.0] * 20 + [9_000.0] * 80
    assert undisturbed_ratio([calm[:50], calm[50:]], [busy]) == 20.0
    assert undisturbed_ratio([calm], []) is None


def measured(**changed: float | None) -> dict[str, object]:
    return {"undisturbed": {**gate.BOUNDS, **changed}}


def test_the_gate_passes_what_is_within_its_bounds() -> None:
    assert gate.broken(measured()) == []


def test_the_gate_names_what_is_above_its_bound() -> None:
    bound = gate.BOUNDS["send_over_floor_dense"]
    found = gate.broken(measured(send_over_floor_dense=bound + 1))
    assert found == [f"send_over_floor_dense is {bound + 1:.2f}, above {bound:g}"]


def test_the_gate_fails_on_what_was_not_measured() -> None:
    found = gate.broken(measured(normal_over_aiohttp_dense=None))
    assert found == ["normal_over_aiohttp_dense was not measured"]
