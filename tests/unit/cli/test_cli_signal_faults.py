"""Broken input: each kind exits with the documented code, names its fault, and is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.cli_world import tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.signals.faults import FaultCode
from trading_platform_order.signals.remedies import REMEDIES
from trading_platform_order.storage.sqlite.database import Database

GOOD: dict[str, Any] = {
    "id": "sig-1",
    "strategy": "kimp",
    "action": "ENTER",
    "symbol": "BTC",
    "created_at": "2026-11-22T09:00:00Z",
    "notional_krw": "1500000",
}


def changed(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


# By kind: the input, the code and the field that must be named.
BROKEN: dict[str, tuple[bytes, FaultCode, str]] = {
    "binary noise": (bytes(range(128, 256)), FaultCode.BAD_ENCODING, ""),
    "not UTF-8 in a text": (b'{"id": "\xff"}', FaultCode.BAD_ENCODING, ""),
    "UTF-16": (json.dumps(GOOD).encode("utf-16"), FaultCode.BAD_ENCODING, ""),
    "half a surrogate": (
        changed(metadata={"note": "\ud800"}),
        FaultCode.BAD_ENCODING,
        "note",
    ),
    "NUL": (b"\x00\n", FaultCode.BAD_JSON, ""),
    "plain words": (b"buy some coins\n", FaultCode.BAD_JSON, ""),
    "CSV": (b"id;strategy;action\n", FaultCode.BAD_JSON, ""),
    "single quotes": (b"{'id': 'a'}\n", FaultCode.BAD_JSON, ""),
    "two objects in a line": (b"{} {}\n", FaultCode.BAD_JSON, ""),
    "truncated": (json.dumps(GOOD).encode()[:-20], FaultCode.TRUNCATED, ""),
    "truncated over lines": (b'{\n"id": "a",\n"stra', FaultCode.BAD_JSON, ""),
    "far too long": (changed(id="x" * 200_000), FaultCode.TOO_LARGE, ""),
    "a long noise": (b"\xfe" * 50_000, FaultCode.TOO_LARGE, ""),
    "deeply nested": (b"[" * 16_000, FaultCode.TOO_DEEP, ""),
    "array": (json.dumps([GOOD]).encode(), FaultCode.NOT_AN_OBJECT, ""),
    "array over lines": (json.dumps([GOOD], indent=1).encode(), FaultCode.NOT_AN_OBJECT, ""),
    "a number": (b"42", FaultCode.NOT_AN_OBJECT, ""),
    "null": (b"null", FaultCode.NOT_AN_OBJECT, ""),
    "a field twice": (b'{"id": "a", "id": "b"}', FaultCode.DUPLICATE_FIELD, "id"),
    "unknown field": (changed(max_slipage_bps="5"), FaultCode.UNKNOWN_FIELD, "max_slipage_bps"),
    "no id": (without("id"), FaultCode.MISSING_FIELD, "id"),
    "no time": (without("created_at"), FaultCode.MISSING_FIELD, "created_at"),
    "null action": (changed(action=None), FaultCode.MISSING_FIELD, "action"),
    "id is a number": (changed(id=7), FaultCode.WRONG_TYPE, "id"),
    "amount is true": (changed(notional_krw=True), FaultCode.WRONG_TYPE, "notional_krw"),
    "time is a number": (changed(created_at=1_700_000_000), FaultCode.WRONG_TYPE, "created_at"),
    "metadata is a list": (changed(metadata=[1]), FaultCode.WRONG_TYPE, "metadata"),
    "amount is a float": (changed(notional_krw=1.5), FaultCode.FLOAT_AMOUNT, "notional_krw"),
    "amount with commas": (changed(notional_krw="1,500"), FaultCode.NOT_A_NUMBER, "notional_krw"),
    "amount in words": (changed(notional_krw="all"), FaultCode.NOT_A_NUMBER, "notional_krw"),
    "one leg of a research signal": (
        b'{"action": "BUY", "symbol": "BTC", "exchange": "binance"}',
        FaultCode.BAD_EXCHANGE,
        "exchange",
    ),
    "NaN": (changed(notional_krw=float("nan")), FaultCode.NOT_FINITE, "notional_krw"),
    "NaN as text": (changed(notional_krw="NaN"), FaultCode.NOT_FINITE, "notional_krw"),
    "infinite": (changed(notional_krw=float("inf")), FaultCode.NOT_FINITE, "notional_krw"),
    "too precise": (changed(notional_krw="1." + "1" * 19), FaultCode.TOO_PRECISE, "notional_krw"),
    "zero": (changed(notional_krw="0"), FaultCode.NOT_POSITIVE, "notional_krw"),
    "negative": (changed(notional_krw="-5"), FaultCode.NOT_POSITIVE, "notional_krw"),
    "slippage too large": (
        changed(max_slippage_bps="10001"),
        FaultCode.OUT_OF_RANGE,
        "max_slippage_bps",
    ),
    "no such day": (changed(created_at="2026-02-31T09:00:00Z"), FaultCode.BAD_TIME, "created_at"),
    "time in words": (changed(created_at="now"), FaultCode.BAD_TIME, "created_at"),
    "naive time": (changed(created_at="2026-11-22T09:00:00"), FaultCode.NAIVE_TIME, "created_at"),
    "expired at birth": (
        changed(expires_at=GOOD["created_at"]),
        FaultCode.EXPIRES_TOO_EARLY,
        "expires_at",
    ),
    "id with spaces": (changed(id="a b"), FaultCode.BAD_ID, "id"),
    "empty id": (changed(id=""), FaultCode.BAD_ID, "id"),
    "strategy in capitals": (changed(strategy="KIMP"), FaultCode.BAD_STRATEGY, "strategy"),
    "a pair for a symbol": (changed(symbol="BTC-KRW"), FaultCode.BAD_SYMBOL, "symbol"),
    "action in small letters": (changed(action="enter"), FaultCode.BAD_ACTION, "action"),
    "two sizes": (changed(quantity_base="1"), FaultCode.SEVERAL_SIZES, "quantity_base"),
    "metadata not flat": (changed(metadata={"a": {}}), FaultCode.BAD_METADATA, "metadata.a"),
    "another version": (changed(schema_version=2), FaultCode.UNSUPPORTED_VERSION, "schema_version"),
}


def stored(db: Path) -> list[str]:
    connection = Database.open(db)
    found = [row[0] for row in connection.execute("SELECT raw FROM inbox_signals ORDER BY id")]
    connection.close()
    return found


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_signal_is_named_and_kept(kind: str, tmp_path: Path) -> None:
    text, code, field = BROKEN[kind]
    db, file = tmp_path / "t.db", tmp_path / "signals.jsonl"
    file.write_bytes(text)

    result = tporder("signal", "send", file, "--db", db, "--wait", "0")

    assert result.exit_code == ExitCode.BAD_INPUT
    place = f"line 1, field {field}: " if field else "line 1: "
    assert result.stderr.startswith(f"{place}{code}: ")
    assert f"Cure: {REMEDIES[code]}" in result.stderr
    assert "Traceback" not in result.output
    assert len(stored(db)) == 1


def test_every_fault_is_among_the_kinds_or_has_its_own_test() -> None:
    tested = {code for _, code, _ in BROKEN.values()} | {FaultCode.EMPTY}
    assert tested == set(FaultCode)
    assert len(BROKEN) >= 30
    assert set(REMEDIES) == set(FaultCode)


@pytest.mark.parametrize("text", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_input_is_named(text: bytes, tmp_path: Path) -> None:
    result = tporder("signal", "send", "-", "--db", tmp_path / "t.db", stdin=text)

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "empty: no text at all" in result.stderr
    assert not (tmp_path / "t.db").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.json", "No such file"), ("", "Is a directory"), ("a\0b", "null byte")],
)
def test_what_cannot_be_opened_is_named(name: str, reason: str, tmp_path: Path) -> None:
    result = tporder("signal", "send", f"{tmp_path}/{name}", "--db", tmp_path / "t.db")

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "cannot read" in result.stderr
    assert reason in result.stderr
    assert not (tmp_path / "t.db").exists()


def test_what_was_not_utf8_never_becomes_readable(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    noise = changed(metadata={"note": "?"}).replace(b"?", b"\xff")

    tporder("signal", "send", "-", "--db", db, "--wait", "0", stdin=noise)

    (kept,) = stored(db)
    assert r'"note": "\xff"' in kept
    with pytest.raises(json.JSONDecodeError):
        json.loads(kept)


def test_good_lines_beside_broken_ones_are_handed_in(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    lines = b"\n".join([changed(id="a"), b"{", b"", changed(id="b"), changed(id="c", action="GO")])

    result = tporder("signal", "send", "-", "--db", db, "--wait", "0", "--json", stdin=lines)

    assert result.exit_code == ExitCode.BAD_INPUT
    answer = json.loads(result.stdout)
    assert [(item["line"], item["signal_id"], item["result"]) for item in answer["signals"]] == [
        (1, "a", "queued"),
        (2, "", "broken"),
        (4, "b", "queued"),
        (5, "c", "broken"),
    ]
    assert answer["exit"] == "BAD_INPUT"
    assert answer["signals"][3]["field"] == "action"
    assert len(stored(db)) == 4


def test_a_wrong_file_does_not_fill_the_inbox(tmp_path: Path) -> None:
    db = tmp_path / "t.db"

    result = tporder("signal", "send", "-", "--db", db, "--wait", "0", stdin=b"noise\n" * 5_000)

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "Nothing after line 100 was read or stored" in result.stderr
    assert len(stored(db)) == 100
