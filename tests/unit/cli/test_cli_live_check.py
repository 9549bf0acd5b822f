"""The two commands of first contact, rehearsed in paper mode."""

import json
from pathlib import Path

from tests.unit.cli.cli_world import tporder
from trading_platform_order.cli.console.exit_codes import ExitCode


def test_shadow_in_paper_mode_finds_the_simulators_like_themselves(tmp_path: Path) -> None:
    env = {"TPORDER_STORE_PATH": str(tmp_path / "t.db")}
    record = tmp_path / "wire.jsonl"
    result = tporder("shadow", "--seconds", "0.2", "--record", record, "--json", env=env)
    assert result.exit_code == ExitCode.OK, result.output
    told = json.loads(result.stdout)
    assert told["differences"] == told["unexpected"] == told["problems"] == []
    assert told["records"] == len(record.read_text(encoding="utf-8").splitlines())


def test_live_check_wants_the_words_typed(tmp_path: Path) -> None:
    env = {"TPORDER_STORE_PATH": str(tmp_path / "t.db")}
    args = ("live-check", "--record", tmp_path / "wire.jsonl")
    refused = tporder(*args, stdin=b"yes\n", env=env)
    assert refused.exit_code == ExitCode.NOT_CONFIRMED, refused.output
    assert "nothing was placed" in refused.stderr
    agreed = tporder(*args, stdin=b"place real orders\n", env=env)
    assert agreed.exit_code == ExitCode.OK, agreed.output
    assert "upbit BTC-KRW" in agreed.stdout
    assert agreed.stdout.count(", flat; cost ") == 2


def test_a_recording_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = {"TPORDER_STORE_PATH": str(tmp_path / "t.db")}
    result = tporder("shadow", "--record", tmp_path / "file" / "wire.jsonl", env=env)
    assert result.exit_code == ExitCode.ENGINE_PROBLEM
    assert "file" in result.stderr
