"""``tporder backtest``: one run, a grid, and what it refuses."""

from pathlib import Path

from tests.unit.cli.cli_world import as_json, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode

GRID = "[parameters]\nbars_min = 20\n[grid]\nband = [0.001, 0.002]\nwindow_bars = [40, 60]\n"


def test_one_run_tells_the_strategys_profit_apart_from_idle_fx() -> None:
    (told,) = as_json(tporder("backtest", "--bars", "300", "--interval", "300", "--json"))
    parts = {name: float(value) for name, value in told["pnl_krw"].items()}
    without_idle = parts["total"] - parts["fx_on_idle_usdt"]
    assert abs(float(told["strategy_krw"]) - without_idle) < 0.02  # each is rounded by itself
    assert told["ledger_matches_exchanges"]
    assert told["bars"] == 300
    shown = tporder("backtest", "--bars", "300", "--interval", "300")
    assert shown.exit_code == 0
    assert told["trades_digest"][:16] in shown.output
    assert "without FX on idle USDT" in shown.output


def test_a_run_keeps_its_journal(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = tporder("backtest", "--bars", "200", "--interval", "300", "--out", out)
    assert result.exit_code == 0, result.output
    rows = as_json(tporder("fills", "--db", out / "backtest.db", "--json"))
    assert rows


def test_a_grid_is_a_table_and_a_heat_map(tmp_path: Path) -> None:
    path, out = tmp_path / "grid.toml", tmp_path / "out"
    path.write_text(GRID)
    result = tporder(
        *("backtest", "--bars", "150", "--interval", "300", "--parameters", path),
        *("--out", out, "--jobs", "1"),
        env={"TPORDER_LANG": "ko"},
    )
    assert result.exit_code == 0, result.output
    page = (out / "grid.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert page.count("background:rgb(") == 4
    assert "http" not in page.replace("http-equiv", "")


def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text("[grid]\nband = 3\n")
    assert tporder("backtest", "--parameters", path).exit_code == ExitCode.BAD_INPUT
    assert tporder("backtest", "--strategy", "nothing").exit_code == ExitCode.BAD_INPUT
    assert tporder("backtest", "--bars", "10", "--symbol", "NOPE").exit_code == ExitCode.BAD_INPUT
    broken = tmp_path / "candles_BTC.csv"
    broken.write_text("ts_ms\n")
    assert tporder("backtest", "--data", broken).exit_code == ExitCode.BAD_INPUT
