"""``tporder report``: the same figures as page, data and picture."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.cli_world import as_json, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("run")
    (told,) = as_json(
        tporder("backtest", "--bars", "1500", "--interval", "300", "--out", out, "--json")
    )
    return out / "backtest.db", told


Played = tuple[Path, dict[str, Any]]
pytestmark = pytest.mark.xdist_group("report")


def test_profit_is_the_backtests(played: Played) -> None:
    db, told = played
    report = as_json(tporder("report", "--db", db, "--json"))
    profit = told["pnl_krw"]
    assert len(report["trades"]) > 2
    for name in ("premium", "funding", "fees", "slippage"):
        assert round(Decimal(report["parts_krw"][name]), 2) == Decimal(profit[name]), name
    assert round(Decimal(report["fx_idle_krw"]), 2) == Decimal(profit["fx_on_idle_usdt"])
    assert round(Decimal(report["total_krw"]), 2) == Decimal(profit["total"])


def test_what_the_legs_cost_against_the_mid_is_the_slippage(played: Played) -> None:
    """Two ways to one figure: by leg from the fills, and from the account's own profit."""
    report = as_json(tporder("report", "--db", played[0], "--json"))
    legs = report["shortfall"].values()
    cost = sum(Decimal(leg["decision_mid"]["krw"]) for leg in legs)
    assert cost == -Decimal(report["parts_krw"]["slippage"])
    assert cost > 0
    by_trade = sum(
        Decimal(leg["decision_mid"]["krw"])
        for trade in report["trades"]
        for leg in trade["legs"].values()
    )
    assert by_trade == cost


def test_a_period_has_its_own_profit_and_trades(played: Played) -> None:
    """Two halves: every trade in one of them, and their profits add up."""
    db, _ = played
    whole = as_json(tporder("report", "--db", db, "--json"))
    middle = "2026-01-08T00:00:00+00:00"
    first = as_json(tporder("report", "--db", db, "--to", middle, "--json"))
    second = as_json(tporder("report", "--db", db, "--from", middle, "--json"))
    assert first["trades"] + second["trades"] == whole["trades"]
    assert first["trades"]
    assert second["trades"]
    parts = [Decimal(half["trading_krw"]) for half in (first, second)]
    assert sum(parts) == Decimal(whole["trading_krw"])
    assert first["funding_payments"] + second["funding_payments"] == whole["funding_payments"]


@pytest.mark.parametrize(("lang", "words"), [("en", "Execution"), ("ko", "체결 품질")])
def test_the_page_needs_nothing_else(played: Played, tmp_path: Path, lang: str, words: str) -> None:
    out = tmp_path / "report.html"
    result = tporder("report", "--db", played[0], "--out", out, env={"TPORDER_LANG": lang})
    assert result.exit_code == 0, result.output
    page = out.read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert words in page
    assert page.count("<svg") == 2
    assert "<script" not in page
    for address in ("src=", "@import", "url(http"):
        assert address not in page


def test_the_plots_are_a_picture(played: Played, tmp_path: Path) -> None:
    out = tmp_path / "plots.png"
    result = tporder("report", "--db", played[0], "--png", out)
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"\x89PNG")


def test_the_same_journal_gives_the_same_page(played: Played, tmp_path: Path) -> None:
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    for out in (first, second):
        tporder("report", "--db", played[0], "--out", out)
    assert first.read_bytes() == second.read_bytes()


def test_a_period_that_is_none_is_refused(played: Played) -> None:
    db = played[0]
    both = tporder("report", "--db", db, "--day", "2026-01-08", "--to", "2026-01-08T00:00:00Z")
    assert both.exit_code == ExitCode.BAD_INPUT
    no_zone = tporder("report", "--db", db, "--from", "2026-01-08")
    assert no_zone.exit_code == ExitCode.BAD_INPUT
