"""The wire form of a signal: what is taken, what is refused by which code, what is published."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.signals.content import content_hash
from trading_platform_order.signals.faults import MEANING, FaultCode, SignalFault, faults_markdown
from trading_platform_order.signals.fields import FIELDS, MAX_BYTES
from trading_platform_order.signals.schema import (
    json_schema,
    json_schema_text,
    parse_signal,
    signal_from_values,
    signal_to_json,
)

REPOSITORY = Path(__file__).parents[3]
GOOD: dict[str, Any] = {
    "id": "kimp-2026-11-22-0001",
    "strategy": "kimchi_premium",
    "action": "ENTER",
    "symbol": "BTC",
    "created_at": "2026-11-22T09:00:00+09:00",
}


def text(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


def without(name: str) -> str:
    return json.dumps({key: value for key, value in GOOD.items() if key != name})


def raw(field: str, token: str) -> str:
    """A signal with a field whose JSON is written by hand."""
    return text()[:-1] + f', "{field}": {token}}}'


def good(found: Signal | SignalFault) -> Signal:
    assert isinstance(found, Signal), found
    return found


def test_the_smallest_signal() -> None:
    assert good(parse_signal(text())) == Signal(
        id="kimp-2026-11-22-0001",
        strategy="kimchi_premium",
        action=Action.ENTER,
        symbol="BTC",
        created_at=datetime(2026, 11, 22, 0, 0, tzinfo=UTC),
    )


def test_a_signal_with_everything() -> None:
    found = good(
        parse_signal(
            text(
                schema_version=1,
                action="EXIT",
                expires_at="2026-11-22T00:00:05.250Z",
                quantity_base="0.0150",
                spot_price_krw=100_000_000,
                hedge_price_usdt="70000.5",
                max_slippage_bps="0",
                metadata={"z": -1.5, "메모": "김프", "n": 3, "ok": True, "none": None},
            )
        )
    )

    assert found.expires_at == datetime(2026, 11, 22, 0, 0, 5, 250_000, tzinfo=UTC)
    assert found.quantity_base == Decimal("0.015")
    assert found.spot_price_krw == Decimal(100_000_000)
    assert found.max_slippage_bps == 0
    assert found.metadata == {"z": -1.5, "메모": "김프", "n": 3, "ok": True, "none": None}


@pytest.mark.parametrize(
    "layout",
    [
        text().encode(),
        b"\xef\xbb\xbf" + text().encode(),
        f"\ufeff{text()}",
        f"\r\n  {text()}\r\n",
        json.dumps(GOOD, indent=4),
        text(expires_at=None, metadata=None),
    ],
)
def test_layouts_that_are_taken(layout: bytes | str) -> None:
    assert isinstance(parse_signal(layout), Signal)


BROKEN: list[tuple[str, bytes | str, str, FaultCode]] = [
    # the text as a whole
    ("nothing", "", "", FaultCode.EMPTY),
    ("only white space", " \r\n\t", "", FaultCode.EMPTY),
    ("only a byte order mark", b"\xef\xbb\xbf", "", FaultCode.EMPTY),
    ("too large", text(metadata={"a": "x" * MAX_BYTES}), "", FaultCode.TOO_LARGE),
    ("too large in bytes", text(metadata={"a": "x"}) + "\u3000" * 6_000, "", FaultCode.TOO_LARGE),
    ("UTF-16", text().encode("utf-16"), "", FaultCode.BAD_ENCODING),
    ("Latin-1", b'{"id": "caf\xe9"}', "", FaultCode.BAD_ENCODING),
    ("half a surrogate in the text", text().replace("BTC", "\ud800"), "", FaultCode.BAD_ENCODING),
    ("half a surrogate escaped", raw("metadata", '{"a": "\\ud800"}'), "a", FaultCode.BAD_ENCODING),
    ("not JSON", "enter BTC now", "", FaultCode.BAD_JSON),
    ("cut off", text()[:-5], "", FaultCode.BAD_JSON),
    ("two objects", text() + text(), "", FaultCode.BAD_JSON),
    ("single quotes", text().replace('"', "'"), "", FaultCode.BAD_JSON),
    ("trailing comma", text()[:-1] + ",}", "", FaultCode.BAD_JSON),
    ("a NUL inside", text().replace("BTC", "B\0TC"), "", FaultCode.BAD_JSON),
    ("an array", f"[{text()}]", "", FaultCode.NOT_AN_OBJECT),
    ("a string", '"ENTER"', "", FaultCode.NOT_AN_OBJECT),
    ("null", "null", "", FaultCode.NOT_AN_OBJECT),
    ("brackets without end", "[" * 10_000, "", FaultCode.TOO_DEEP),
    # fields as such
    ("a field twice", raw("id", '"other"'), "id", FaultCode.DUPLICATE_FIELD),
    ("twice inside", raw("metadata", '{"a": 1, "a": 2}'), "a", FaultCode.DUPLICATE_FIELD),
    ("misspelt field", text(max_slipage_bps="5"), "max_slipage_bps", FaultCode.UNKNOWN_FIELD),
    ("wrong case of a field", text(Symbol="BTC"), "Symbol", FaultCode.UNKNOWN_FIELD),
    *(
        (f"without {name}", without(name), name, FaultCode.MISSING_FIELD)
        for name in ("id", "strategy", "action", "symbol", "created_at")
    ),
    ("required but null", text(id=None), "id", FaultCode.MISSING_FIELD),
    # names
    ("id is a number", text(id=7), "id", FaultCode.WRONG_TYPE),
    ("id is empty", text(id=""), "id", FaultCode.BAD_ID),
    ("id with a space", text(id="a b"), "id", FaultCode.BAD_ID),
    ("id with a line break at its end", text(id="a\n"), "id", FaultCode.BAD_ID),
    ("id not ASCII", text(id="신호"), "id", FaultCode.BAD_ID),
    ("id too long", text(id="x" * 129), "id", FaultCode.BAD_ID),
    ("strategy in capitals", text(strategy="Kimp"), "strategy", FaultCode.BAD_STRATEGY),
    ("strategy too long", text(strategy="x" * 65), "strategy", FaultCode.BAD_STRATEGY),
    ("symbol in small letters", text(symbol="btc"), "symbol", FaultCode.BAD_SYMBOL),
    ("symbol of an exchange", text(symbol="BTC-KRW"), "symbol", FaultCode.BAD_SYMBOL),
    ("symbol in full-width digits", text(symbol="１INCH"), "symbol", FaultCode.BAD_SYMBOL),  # noqa: RUF001 - meant
    ("action unknown", text(action="BUY"), "action", FaultCode.BAD_ACTION),
    ("action in small letters", text(action="enter"), "action", FaultCode.BAD_ACTION),
    ("action is a list", text(action=["ENTER"]), "action", FaultCode.WRONG_TYPE),
    # times
    (
        "no zone",
        text(created_at="2026-11-22T09:00:00"),
        "created_at",
        FaultCode.NAIVE_TIME,
    ),
    ("a date", text(created_at="2026-11-22"), "created_at", FaultCode.NAIVE_TIME),
    ("epoch seconds", text(created_at=1_795_000_000), "created_at", FaultCode.WRONG_TYPE),
    ("words", text(created_at="now"), "created_at", FaultCode.BAD_TIME),
    ("no such day", text(created_at="2026-02-30T00:00:00Z"), "created_at", FaultCode.BAD_TIME),
    ("no such hour", text(created_at="2026-02-20T25:00:00Z"), "created_at", FaultCode.BAD_TIME),
    (
        "before the calendar",
        text(created_at="0001-01-01T00:00:00+09:00"),
        "created_at",
        FaultCode.BAD_TIME,
    ),
    (
        "nanoseconds",
        text(created_at="2026-11-22T09:00:00.123456789Z"),
        "created_at",
        FaultCode.BAD_TIME,
    ),
    (
        "expires at once",
        text(expires_at="2026-11-22T00:00:00Z"),
        "expires_at",
        FaultCode.EXPIRES_TOO_EARLY,
    ),
    (
        "expires without zone",
        text(expires_at="2026-11-22 10:00"),
        "expires_at",
        FaultCode.NAIVE_TIME,
    ),
    # amounts
    ("a JSON float", text(quantity_base=0.015), "quantity_base", FaultCode.FLOAT_AMOUNT),
    ("an exponent", raw("notional_krw", "1e6"), "notional_krw", FaultCode.FLOAT_AMOUNT),
    ("JSON NaN", raw("notional_krw", "NaN"), "notional_krw", FaultCode.NOT_FINITE),
    ("JSON Infinity", raw("spot_price_krw", "-Infinity"), "spot_price_krw", FaultCode.NOT_FINITE),
    ("NaN as text", text(quantity_base="NaN"), "quantity_base", FaultCode.NOT_FINITE),
    ("sNaN as text", text(quantity_base="sNaN"), "quantity_base", FaultCode.NOT_FINITE),
    ("infinity as text", text(quantity_base="-inf"), "quantity_base", FaultCode.NOT_FINITE),
    ("true as amount", text(quantity_base=True), "quantity_base", FaultCode.WRONG_TYPE),
    ("an object as amount", text(quantity_base={}), "quantity_base", FaultCode.WRONG_TYPE),
    ("no digits", text(quantity_base=""), "quantity_base", FaultCode.NOT_A_NUMBER),
    ("with commas", text(notional_krw="1,000,000"), "notional_krw", FaultCode.NOT_A_NUMBER),
    ("with underscores", text(notional_krw="1_000"), "notional_krw", FaultCode.NOT_A_NUMBER),
    ("with a unit", text(notional_krw="1000 KRW"), "notional_krw", FaultCode.NOT_A_NUMBER),
    ("exponent as text", text(quantity_base="1E+9999"), "quantity_base", FaultCode.NOT_A_NUMBER),
    ("full-width digits", text(quantity_base="１"), "quantity_base", FaultCode.NOT_A_NUMBER),  # noqa: RUF001 - meant
    ("19 decimals", text(quantity_base="0." + "1" * 19), "quantity_base", FaultCode.TOO_PRECISE),
    ("a huge integer", raw("notional_krw", "9" * 40), "notional_krw", FaultCode.TOO_PRECISE),
    ("5,000 digits", raw("notional_krw", "9" * 5_000), "notional_krw", FaultCode.TOO_PRECISE),
    (
        "5,000 digits in metadata",
        raw("metadata", f'{{"a": {"9" * 5_000}}}'),
        "metadata.a",
        FaultCode.NOT_FINITE,
    ),
    (
        "5,000 digits as version",
        raw("schema_version", "1" * 5_000),
        "schema_version",
        FaultCode.WRONG_TYPE,
    ),
    ("zero", text(quantity_base="0.00"), "quantity_base", FaultCode.NOT_POSITIVE),
    ("negative", text(notional_krw="-5"), "notional_krw", FaultCode.NOT_POSITIVE),
    ("negative price", text(spot_price_krw=-5), "spot_price_krw", FaultCode.NOT_POSITIVE),
    ("over all capital", text(capital_fraction="1.01"), "capital_fraction", FaultCode.OUT_OF_RANGE),
    ("no capital", text(capital_fraction="0"), "capital_fraction", FaultCode.NOT_POSITIVE),
    (
        "negative slippage",
        text(max_slippage_bps="-1"),
        "max_slippage_bps",
        FaultCode.OUT_OF_RANGE,
    ),
    ("absurd slippage", text(max_slippage_bps=10_001), "max_slippage_bps", FaultCode.OUT_OF_RANGE),
    (
        "two sizes",
        text(notional_krw="5000", capital_fraction="0.5"),
        "capital_fraction",
        FaultCode.SEVERAL_SIZES,
    ),
    # the rest
    ("another version", text(schema_version=2), "schema_version", FaultCode.UNSUPPORTED_VERSION),
    ("version as text", text(schema_version="1"), "schema_version", FaultCode.WRONG_TYPE),
    ("version true", text(schema_version=True), "schema_version", FaultCode.WRONG_TYPE),
    ("metadata is text", text(metadata="x"), "metadata", FaultCode.WRONG_TYPE),
    ("nested metadata", text(metadata={"a": {"b": 1}}), "metadata.a", FaultCode.BAD_METADATA),
    ("a list in metadata", text(metadata={"a": []}), "metadata.a", FaultCode.BAD_METADATA),
    ("long metadata", text(metadata={"a": "x" * 257}), "metadata.a", FaultCode.BAD_METADATA),
    (
        "much metadata",
        text(metadata={str(n): n for n in range(33)}),
        "metadata",
        FaultCode.BAD_METADATA,
    ),
    ("an empty key", text(metadata={"": 1}), "metadata", FaultCode.BAD_METADATA),
    ("an unprintable key", text(metadata={"\u202e": 1}), "metadata", FaultCode.BAD_METADATA),
    ("NaN in metadata", raw("metadata", '{"a": NaN}'), "metadata.a", FaultCode.NOT_FINITE),
    ("too large in metadata", raw("metadata", '{"a": 1e999}'), "metadata.a", FaultCode.NOT_FINITE),
    (
        "a huge count",
        raw("metadata", '{"a": 99999999999999999}'),
        "metadata.a",
        FaultCode.OUT_OF_RANGE,
    ),
]


@pytest.mark.parametrize(
    ("broken", "field", "code"),
    [case[1:] for case in BROKEN],
    ids=[case[0] for case in BROKEN],
)
def test_broken_input_is_named(broken: bytes | str, field: str, code: FaultCode) -> None:
    found = parse_signal(broken)

    assert isinstance(found, SignalFault), found
    assert (found.field, found.code) == (field, code), found.message
    assert found.message.isprintable()
    assert len(found.message) < 400
    assert field.split(".", maxsplit=1)[0] in found.message or code is FaultCode.BAD_ENCODING


def test_at_least_thirty_kinds_and_every_code_are_tried() -> None:
    assert len({case[0] for case in BROKEN}) == len(BROKEN) >= 30
    # a truncated line is the reader's word for it (test_signal_sources), an exchange is research's
    assert {case[3] for case in BROKEN} == set(FaultCode) - {
        FaultCode.TRUNCATED,
        FaultCode.BAD_EXCHANGE,
    }


def test_a_fault_tells_the_id_if_there_is_one() -> None:
    told = parse_signal(text(symbol="btc"))
    awaiting_fills = parse_signal(text(id="x" * 500))

    assert isinstance(told, SignalFault)
    assert isinstance(awaiting_fills, SignalFault)
    assert (told.signal_id, awaiting_fills.signal_id) == (GOOD["id"], "")


def test_the_remedy_for_a_float_is_in_the_message() -> None:
    found = parse_signal(raw("quantity_base", "0.015"))

    assert isinstance(found, SignalFault)
    assert 'write it as text: "0.015"' in found.message


def test_plain_values_are_as_strict_as_text() -> None:
    values = {**GOOD, "metadata": {"z": 1.25}}
    floating = signal_from_values({**GOOD, "quantity_base": 0.5})
    infinite = signal_from_values({**GOOD, "metadata": {"z": float("inf")}})

    assert good(signal_from_values(values)) == good(parse_signal(json.dumps(values)))
    assert isinstance(floating, SignalFault)
    assert floating.code is FaultCode.FLOAT_AMOUNT
    assert isinstance(infinite, SignalFault)
    assert infinite.code is FaultCode.NOT_FINITE


def test_the_hash_sees_content_and_not_spelling() -> None:
    one = good(parse_signal(text(quantity_base="0.50", metadata={"a": 1, "b": 2})))
    same = good(
        parse_signal(
            text(
                quantity_base="0.5",
                created_at="2026-11-22T00:00:00.000Z",
                metadata={"b": 2, "a": 1},
                schema_version=1,
            )
        )
    )

    assert content_hash(one) == content_hash(same)
    for change in (
        {"quantity_base": "0.51"},
        {"action": "EXIT"},
        {"metadata": {"a": 1}},
        {"created_at": "2026-11-22T00:00:00.001Z"},
        {"quantity_base": None},
    ):
        other = good(parse_signal(text(**{"quantity_base": "0.50", **change})))
        assert content_hash(other) != content_hash(one)


def test_times_are_normalised_to_utc() -> None:
    seoul = datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=9)))
    found = good(parse_signal(text()))

    assert found.created_at == seoul
    assert found.created_at.tzinfo is UTC
    assert '"created_at":"2026-11-22T00:00:00Z"' in signal_to_json(found)


def test_the_published_schema_and_the_fault_table_are_fresh() -> None:
    schema = (REPOSITORY / "docs" / "signal.schema.json").read_text(encoding="utf-8")
    signals = (REPOSITORY / "docs" / "SIGNALS.md").read_text(encoding="utf-8")

    assert schema == json_schema_text()
    assert faults_markdown() in signals
    assert set(MEANING) == set(FaultCode)


def test_the_schema_names_every_field_of_a_signal() -> None:
    schema = json_schema()

    # Which leg to close alone is an operator's word, confirmed with its value; nobody can send it.
    assert set(Signal.__dataclass_fields__) - {"leg"} == set(FIELDS)
    assert schema["required"] == ["id", "strategy", "action", "symbol", "created_at"]
    assert schema["additionalProperties"] is False
