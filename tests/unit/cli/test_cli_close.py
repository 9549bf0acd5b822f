"""``close`` by hand: what it asks the engine, and what must be typed to strip a hedge."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result

from tests.unit.cli.cli_world import answer_one, as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode

NAKED = '{"before_krw":"0","after_krw":"1399900","strips":true}'
EVENED = '{"before_krw":"1399900","after_krw":"0","strips":false}'
ORDERED = "ordered: close-7-1-kimp has begun"


def asked(
    db: Path, answers: list[tuple[str, str]], call: Callable[[], Result]
) -> tuple[Result, list[tuple[str, dict[str, object]]]]:
    """The command's result, and what it asked an engine that answers so."""

    async def engine() -> list[tuple[str, dict[str, object]]]:
        found = [await answer_one(db, result, detail) for result, detail in answers]
        return [(one.kind, json.loads(one.body)) for one in found]

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(asyncio.run, engine())
        result = call()
        return result, told.result(timeout=10)


def body(**changed: object) -> dict[str, object]:
    plain = dict.fromkeys(("strategy", "leg", "krw", "confirm_krw"))
    return {"symbol": "BTC", **plain, "reason": "", **changed}


def test_a_pair_is_ordered_without_a_question(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result, told = asked(
        db,
        [("done", ORDERED)],
        lambda: tporder(
            "close", "btc", "--krw", "500,000", "--strategy", "kimp", "--db", db, "--json"
        ),
    )
    assert as_json(result)["detail"] == ORDERED
    assert told == [("close", body(krw="500000", strategy="kimp"))]


def test_how_it_ended_is_told(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    begun = "ordered: sig-1 has begun: tporder explain sig-1"
    result, _ = asked(db, [("done", begun)], lambda: tporder("close", "BTC", "--db", db))

    ordered, ended = result.stdout.splitlines()
    assert ordered == f"BTC: {begun}"
    assert ended.startswith("  sig-1: pair trade ")
    assert "is hedged: " in ended


@pytest.mark.parametrize("typed", ["1399900", "1,399,900"])
def test_the_naked_value_is_shown_and_typed(typed: str, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result, told = asked(
        db,
        [("done", NAKED), ("done", ORDERED)],
        lambda: tporder("close", "BTC", "--leg", "spot", "--db", db, stdin=typed.encode()),
    )
    assert result.exit_code == ExitCode.OK, result.output
    assert "1,399,900 KRW of BTC will stand WITHOUT A HEDGE: the short on Binance" in result.stderr
    assert told == [
        ("naked", body(leg="spot")),
        ("close", body(leg="spot", confirm_krw="1399900")),
    ]


@pytest.mark.parametrize("typed", ["", "yes", "1399901", "1400000"])
def test_anything_else_orders_nothing(typed: str, tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result, told = asked(
        db,
        [("done", NAKED)],
        lambda: tporder("close", "BTC", "--leg", "hedge", "--db", db, stdin=typed.encode()),
    )
    assert result.exit_code == ExitCode.NOT_CONFIRMED
    assert "nothing was ordered" in result.stderr
    assert [kind for kind, _ in told] == ["naked"]


def test_what_evens_the_legs_asks_nothing(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result, told = asked(
        db,
        [("done", EVENED), ("done", ORDERED)],
        lambda: tporder("close", "BTC", "--leg", "spot", "--db", db),
    )
    assert result.exit_code == ExitCode.OK, result.output
    assert told[1] == ("close", body(leg="spot"))


def test_a_script_confirms_beforehand(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    refusal = "refused: 1399900 KRW would stand without a hedge, and 9 KRW were confirmed"
    result, told = asked(
        db,
        [("refused", refusal)],
        lambda: tporder("close", "BTC", "--leg", "spot", "--confirm", "9", "--db", db),
    )
    assert (result.exit_code, result.stdout) == (ExitCode.REFUSED, f"BTC: {refusal}\n")
    assert told == [("close", body(leg="spot", confirm_krw="9"))]


def test_what_the_engine_cannot_value_is_not_asked_for(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result, _ = asked(
        db,
        [("refused", "refused: nothing of BTC is held")],
        lambda: tporder("close", "BTC", "--leg", "spot", "--db", db),
    )
    assert result.exit_code == ExitCode.REFUSED
    assert "nothing of BTC is held" in result.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--krw", "0"),
        ("--krw", "-1"),
        ("--krw", "NaN"),
        ("--krw", "much"),
        ("--confirm", "9"),
        ("--leg", "both"),
        ("--leg", "spot", "--json"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(wrong: tuple[str, ...], tmp_path: Path) -> None:
    db = story_db(tmp_path)
    assert tporder("close", "BTC", *wrong, "--db", db).exit_code == ExitCode.USAGE
    assert as_json(tporder("status", "--db", db, "--json"))["waiting"]["commands"] == 0
