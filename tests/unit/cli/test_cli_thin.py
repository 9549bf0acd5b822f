"""Commands that only hand over: the market's options, the demo, the simulation; and tables."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit.cli.cli_world import as_json, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import figure, krw, print_table


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (("--symbol", "DOGE"), ExitCode.USAGE, "no generated market for DOGE; there are BTC"),
        (("--data", "no_BTC.csv"), ExitCode.BAD_INPUT, "no_BTC.csv: No such file"),
        (("--krw", "much"), ExitCode.USAGE, "'much' is not a number"),
        (("--usdt", "NaN"), ExitCode.USAGE, "must be above 0"),
        (("--usdt", "-1"), ExitCode.USAGE, "must be above 0"),
        (("--bar-seconds", "0"), ExitCode.USAGE, "--bar-seconds"),
    ],
)
def test_a_market_that_cannot_be_is_named(
    options: tuple[str, ...], code: ExitCode, text: str
) -> None:
    result = tporder("simulator", "serve", *options)

    assert result.exit_code == code
    assert text in result.stderr


CANDLES = (
    "ts_ms,up_open,up_high,up_low,up_close,up_volume,"
    "bn_open,bn_high,bn_low,bn_close,bn_volume,krw_usdt"
)
PRICES = "333600,335300,333300,335000,7295,239.62,240.61,239.54,240.47,95230,1391"


@pytest.fixture
def sol_candles(tmp_path: Path) -> Path:
    """A file whose name does not say that these are SOL's."""
    path = tmp_path / "candles.csv"
    rows = [f"{1_757_894_400_000 + index * 300_000},{PRICES}" for index in range(2)]
    path.write_text("\n".join((CANDLES, *rows)), encoding="utf-8")
    return path


def candles_of(path: Path) -> dict[str, str]:
    return {"TPORDER_PAPER_MARKET": "file", "TPORDER_PAPER_DATA": str(path)}


@pytest.mark.parametrize("command", [("simulator", "serve"), ("demo",), ("run",)])
def test_candles_nobody_names_are_not_traded(command: tuple[str, ...], sol_candles: Path) -> None:
    given = () if command == ("run",) else ("--data", sol_candles)
    db = sol_candles.with_name("engine.db")
    environment = candles_of(sol_candles) | {"TPORDER_STORE_PATH": str(db)}
    result = tporder(*command, *given, env=environment)

    assert result.exit_code == ExitCode.BAD_INPUT
    assert "neither a column symbol nor its name" in result.stderr


def test_paper_trades_the_candles_of_its_symbol(sol_candles: Path) -> None:
    named = sol_candles.rename(sol_candles.with_name("candles_SOL.csv"))
    db = sol_candles.with_name("engine.db")
    environment = candles_of(named) | {"TPORDER_STORE_PATH": str(db)}
    result = tporder("run", env=environment)

    assert result.exit_code == ExitCode.SETTINGS_REFUSED
    assert "paper.data holds candles of SOL; set engine.symbols to it (now BTC)" in result.stderr


@pytest.mark.parametrize("market", ["live", "generated"])
def test_candles_beside_another_market_are_refused(sol_candles: Path, market: str) -> None:
    result = tporder("run", env=candles_of(sol_candles) | {"TPORDER_PAPER_MARKET": market})

    assert result.exit_code == ExitCode.SETTINGS_REFUSED
    assert f"paper.data names candles, but paper.market is {market}" in result.stderr


def test_a_demo_names_the_symbol_it_trades(sol_candles: Path) -> None:
    result = tporder("demo", "--data", sol_candles, "--symbol", "SOL", "--json")

    assert json.loads(result.stdout.splitlines()[-1])["symbol"] == "SOL"


def test_a_demo_for_programs_and_its_database(tmp_path: Path) -> None:
    result = tporder("demo", "--bars", "200", "--seed", "3", "--out", tmp_path, "--json")

    report = json.loads(result.stdout.splitlines()[-1])
    assert result.exit_code == ExitCode.OK
    assert report["market"] == "generated"
    assert report["ledger_matches_exchanges"] is True
    assert report["pair_trades"]["open"] == 0
    orders = as_json(tporder("orders", "--db", tmp_path / "demo.db", "--json"))
    assert len(orders) == report["orders"] > 0
    status = as_json(tporder("status", "--db", tmp_path / "demo.db", "--json"))
    assert status["journal"]["chain"] == "verified"
    story = as_json(
        tporder("explain", str(orders[0]["signal_id"]), "--db", tmp_path / "demo.db", "--json")
    )
    assert story["steps"][-1]["kind"] == "trade_settled"


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (("--bars", "0"), ExitCode.USAGE, "--bars"),
        (("--symbol", "DOGE"), ExitCode.BAD_INPUT, "DOGE"),
        (("--data", "no_BTC.csv"), ExitCode.BAD_INPUT, "no_BTC.csv: No such file"),
    ],
)
def test_a_demo_that_cannot_be_is_named(
    options: tuple[str, ...], code: ExitCode, text: str
) -> None:
    result = tporder("demo", *options)

    assert result.exit_code == code
    assert text in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("env", "code", "text"),
    [
        ({"TPORDER_ENGINE_MODE": "live"}, ExitCode.SETTINGS_REFUSED, "TPORDER_UPBIT_ACCESS_KEY"),
        ({"TPORDER_ENGINE_MODE": "testnet"}, ExitCode.SETTINGS_REFUSED, "TPORDER_BINANCE_API_KEY"),
        ({"TPORDER_ENGINE_MOOD": "paper"}, ExitCode.SETTINGS_REFUSED, "TPORDER_ENGINE_MODE?"),
        ({"TPORDER_STORE_PATH": "{file}/t.db"}, ExitCode.MACHINE_REFUSED, "the engine stopped: "),
    ],
)
def test_an_engine_that_cannot_start_says_why(
    env: dict[str, str], code: ExitCode, text: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    defaults = {"TPORDER_STORE_PATH": str(tmp_path / "t.db")}
    filled = {name: value.format(file=tmp_path / "file") for name, value in env.items()}

    result = tporder("run", env=defaults | filled)

    assert result.exit_code == code
    assert text in result.stderr
    assert "Traceback" not in result.output


def test_a_demo_that_cannot_keep_its_database_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = tporder("demo", "--bars", "5", "--out", tmp_path / "file" / "deep")

    assert result.exit_code == ExitCode.ENGINE_PROBLEM
    assert "the demo stopped: " in result.stderr
    assert "Traceback" not in result.output


def test_in_a_terminal_progress_is_shown_beside_the_answer() -> None:
    result = tporder("simulate", "--runs", "1", "--jobs", "1", "--json", env={"FORCE_COLOR": "1"})

    assert "simulating" in result.stderr
    assert json.loads(result.stdout)["runs"] == 1


def test_a_simulation_exits_by_its_violations() -> None:
    result = tporder("simulate", "--runs", "1", "--seed", "3", "--jobs", "1", "--json")
    operators = tporder("simulate", "--runs", "1", "--seed", "3", "--jobs", "1")

    summary = json.loads(result.stdout)
    assert summary["runs"] == 1
    expected = ExitCode.VIOLATIONS if summary["violations"] else ExitCode.OK
    assert result.exit_code == operators.exit_code == expected
    assert operators.stdout.splitlines()[-1] == f"violations: {summary['violations']}"


def test_one_run_is_told_step_by_step() -> None:
    result = tporder("simulate", "--replay", "3:0", "--json")
    operators = tporder("simulate", "--replay", "3:0")

    told = json.loads(result.stdout)
    assert told["seed"] == "3:0"
    assert operators.stdout.splitlines() == [*told["timeline"], f"digest {told['digest']}"]
    assert result.exit_code == (ExitCode.VIOLATIONS if told["violations"] else ExitCode.OK)


def test_figures_are_grouped_and_never_rounded() -> None:
    assert figure("-1234567.8900") == "-1,234,567.89"
    assert figure("0.00000001") == "0.00000001"
    assert figure("1E+3") == "1,000"
    assert krw("-1234.6") == "-1,235 KRW"


def test_in_a_terminal_a_table_has_lines() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=60)

    print_table(("a", "b"), [("1", "[red]2")], empty="none", console=screen)

    assert isinstance(screen.file, io.StringIO)
    assert "┃" in screen.file.getvalue()
    assert "[red]2" in screen.file.getvalue()


def test_a_table_that_a_terminal_is_too_narrow_for_is_told_row_by_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=30)
    rows = [("sig-1", "one two three four five"), ("sig-2", "")]

    print_table(("signal_id", "a_long_column"), rows, empty="none", console=screen)

    assert capsys.readouterr().out.splitlines() == [
        "signal_id      sig-1",
        "a_long_column  one two three four",
        "               five",
        "",
        "signal_id      sig-2",
        "a_long_column",
    ]
