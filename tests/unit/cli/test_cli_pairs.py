"""Which coin is meant: shown, confirmed for exactly what is listed, taken back."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.pair import HEDGE, SPOT
from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.pairs.pair import Listing
from trading_platform_order.runtime.startup.known_filters import FilterFile

ENV = {"TPORDER_ENGINE_SYMBOLS": "BTC,TON"}
BITCOIN = (
    Listing(code="KRW-BTC", names=("비트코인", "Bitcoin")),
    Listing(code="BTCUSDT", names=("BTC", "PERPETUAL"), onboard_ms=1_567_965_300_000),
)
TON = (
    Listing(code="KRW-TON", names=("토카막네트워크", "Tokamak Network")),
    Listing(code="TONUSDT", names=("TON", "PERPETUAL"), onboard_ms=1_709_000_000_000),
)


def listed(db: Path, *ton: Listing) -> None:
    """What an engine read last, beside its journal."""
    rows = []
    for code, (spot, hedge) in {"BTC": BITCOIN, "TON": ton or TON}.items():
        rows.append(replace(SPOT, symbol=f"{code}-KRW", listing=spot))
        rows.append(replace(HEDGE, symbol=f"{code}USDT", listing=hedge))
    FilterFile(db.with_suffix(".filters.json")).keep(rows)


@pytest.fixture(name="db")
def story(tmp_path: Path) -> Path:
    db = story_db(tmp_path)
    listed(db)
    return db


def states(db: Path) -> dict[str, str]:
    rows = as_json(tporder("pairs", "list", "--db", db, "--json", env=ENV))
    return {row["code"]: row["state"] for row in rows}


def confirm(db: Path, *more: str) -> None:
    words = ("pairs", "confirm", "TON", "--db", str(db), "--reason", "compared both pages", *more)
    assert tporder(*words, env=ENV).exit_code == 0


def test_a_reviewed_pair_and_one_that_nobody_compared(db: Path) -> None:
    assert states(db) == {"BTC": "reviewed", "TON": "no entries"}
    shown = tporder("pairs", "list", "--db", db, env=ENV).stdout
    assert "Tokamak Network" in shown
    assert "not in the reviewed table" in shown


def test_a_word_is_durable_and_can_be_taken_back(db: Path) -> None:
    confirm(db, "--yes")
    assert states(db)["TON"] == "confirmed"
    taken = tporder("pairs", "withdraw", "TON", "--db", db, "--reason", "was wrong", env=ENV)
    assert taken.exit_code == 0
    assert states(db)["TON"] == "no entries"
    again = tporder("pairs", "withdraw", "TON", "--db", db, "--reason", "again", env=ENV)
    assert again.exit_code == ExitCode.NOT_FOUND


def test_without_an_answer_nothing_is_confirmed(db: Path) -> None:
    words = ("pairs", "confirm", "TON", "--db", db, "--reason", "x")
    assert tporder(*words, stdin=b"n\n", env=ENV).exit_code != 0
    assert states(db)["TON"] == "no entries"
    assert tporder(*words, stdin=b"y\n", env=ENV).exit_code == 0
    assert states(db)["TON"] == "confirmed"


@pytest.mark.parametrize(
    "change",
    [
        (replace(TON[0], names=("톤코인", "Toncoin")), TON[1]),
        (replace(TON[0], names=("토카막네트워크", "Tokamak")), TON[1]),
        (TON[0], replace(TON[1], onboard_ms=1_709_000_000_001)),
        (TON[0], replace(TON[1], names=("TON", "TRADIFI_PERPETUAL"))),
    ],
)
def test_whatever_changes_takes_the_word_away(db: Path, change: tuple[Listing, Listing]) -> None:
    confirm(db, "--yes")
    listed(db, *change)
    assert states(db)["TON"] == "no entries"


def test_what_no_engine_has_read_cannot_be_confirmed(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    words = ("pairs", "confirm", "TON", "--db", db, "--reason", "x", "--yes")
    refused = tporder(*words, env=ENV)
    assert refused.exit_code == ExitCode.NOT_FOUND
    assert "TPORDER_ENGINE_SYMBOLS" in refused.stderr


def test_a_row_of_the_settings_is_a_review(db: Path) -> None:
    row = "TON|토카막네트워크|Tokamak Network|TONUSDT|1|1709000000000"
    rows = as_json(
        tporder("pairs", "list", "--db", db, "--json", env={**ENV, "TPORDER_PAIRS_EXTRA": row})
    )
    assert {row["code"]: row["state"] for row in rows}["TON"] == "reviewed"


@pytest.mark.parametrize(
    "row",
    [
        "TON",
        "TON|a|b|TONUSDT|3|",
        "TON|a|b|TONUSDT|1000|soon",
        "TON|a|b|TONUSD|1|",
        "XBT|a|b|BTCUSDT|1|",
    ],
)
def test_a_row_that_is_none_is_named(db: Path, row: str) -> None:
    refused = tporder("pairs", "list", "--db", db, env={**ENV, "TPORDER_PAIRS_EXTRA": row})
    assert refused.exit_code == ExitCode.SETTINGS_REFUSED
    assert "pairs.extra" in refused.stderr


def test_a_factor_is_part_of_what_is_confirmed(db: Path) -> None:
    confirm(db, "--yes")
    row = "TON|x|y|TONUSDT|1000|"
    rows = as_json(
        tporder("pairs", "list", "--db", db, "--json", env={**ENV, "TPORDER_PAIRS_EXTRA": row})
    )
    assert {r["code"]: r["state"] for r in rows}["TON"] == "no entries"
    assert Decimal(rows[1]["coins_in_one_contract"]) == 1_000
