"""Differences in shape: what is missing, what is new, what has another type, and nothing else."""

from datetime import UTC, datetime

import msgspec
import pytest

from trading_platform_order.domain.venue import Venue
from trading_platform_order.operations.live_check.wire_shapes import Comparison, Shapes, compare
from trading_platform_order.transport.decorators.recording import HttpExchange, StreamNote

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BASES = {"https://u": Venue.UPBIT, "wss://b": Venue.BINANCE, "https://b": Venue.BINANCE}


def answer(
    value: object, *, url: str = "https://b/fapi/v3/balance?x=1", status: int = 200
) -> HttpExchange:
    body = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return HttpExchange(
        at=NOW,
        method="GET",
        url=url,
        request_headers={},
        request_body="",
        outcome="answered",
        status=status,
        body=body,
        took_ms=1.0,
    )


def message(value: object) -> StreamNote:
    text = msgspec.json.encode(value).decode()
    return StreamNote(at=NOW, url="wss://b/private/ws", what="received", text=text)


def compared(theirs: list[object], ours: list[object], *, stream: bool = False) -> Comparison:
    found, expected = Shapes(BASES), Shapes(BASES)
    for shapes, values in ((found, theirs), (expected, ours)):
        for value in values:
            shapes.add(message(value) if stream else answer(value))
    return compare(found, expected)


def lines(comparison: Comparison) -> list[str]:
    return [difference.line() for difference in comparison.differences]


def test_the_same_shape_with_other_values_is_the_same() -> None:
    told = compared([{"a": "2", "b": [1, 2]}], [{"a": "1", "b": [3]}])
    assert lines(told) == []
    assert told.compared == ("binance GET /fapi/v3/balance",)


@pytest.mark.parametrize(
    ("theirs", "ours", "line"),
    [
        ({"a": 1}, {"a": 1, "b": "x"}, ".b: missing: the simulator sends string"),
        ({"a": 1, "c": None}, {"a": 1}, ".c: extra: null; the simulator has no such field"),
        ({"a": 1}, {"a": "1"}, ".a: other type: number; the simulator sends string"),
        (
            [{"a": {"b": True}}],
            [{"a": {"b": "t"}}],
            "[].a.b: other type: boolean; the simulator sends string",
        ),
        (
            "<html>",
            {"a": 1},
            "(all of it): other type: text that is no JSON; the simulator sends object",
        ),
    ],
)
def test_a_difference_is_told(theirs: object, ours: object, line: str) -> None:
    told = lines(compared([theirs], [ours]))
    assert told[0] == f"binance GET /fapi/v3/balance {line}"


def test_a_stream_event_is_known_by_its_name_in_and_out_of_its_envelope() -> None:
    told = compared([{"e": "TRADE_LITE", "q": 1}], [{"e": "TRADE_LITE", "q": "1"}], stream=True)
    assert lines(told) == [
        "binance stream TRADE_LITE .q: other type: number; the simulator sends string"
    ]
    wrapped = compared(
        [{"stream": "s", "data": {"e": "depthUpdate", "x": 1}}],
        [{"stream": "s", "data": {"e": "depthUpdate"}}],
        stream=True,
    )
    assert "stream depthUpdate .data.x: extra" in lines(wrapped)[0]


def test_an_empty_list_says_nothing_about_its_items() -> None:
    assert lines(compared([[]], [[{"a": 1}]])) == []
    assert lines(compared([[{"a": 1}]], [[]])) == []


def test_a_field_that_the_simulator_sends_only_at_times_is_not_missing() -> None:
    assert lines(compared([[{"a": 1}]], [[{"a": 1}, {"a": 1, "b": 2}]])) == []


def test_what_the_simulators_never_said_is_named() -> None:
    told = compared([{"a": 1}], [])
    assert told.unexpected == ("binance GET /fapi/v3/balance",)


def test_refusals_of_an_exchange_are_one_kind_and_foreign_addresses_none() -> None:
    shapes = Shapes(BASES)
    shapes.add(answer({"error": {}}, url="https://u/v1/order", status=404))
    shapes.add(answer({"error": {}}, url="https://u/v1/orders", status=400))
    shapes.add(answer({}, url="https://elsewhere/"))
    assert list(shapes.by_subject) == ["upbit refusals"]
