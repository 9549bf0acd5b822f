"""``tporder init`` and ``completion``: from nothing to a command that knows its settings."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.unit.cli.cli_world import as_json, offline_env, tporder


def test_the_files_are_their_owners_alone_and_the_engine_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "tporder"

    written = as_json(tporder("init", "--mode", "live", "--directory", folder, "--json"))

    names = ["tporder.toml", "engine.env", "watchdog.env", "web.env", "exporter.env"]
    assert written == {"written": [str(folder / name) for name in names]}
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in names] == [0o600] * len(names)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    refused = tporder("run", "--config", folder / "tporder.toml")
    assert refused.exit_code == 11
    assert "TPORDER_UPBIT_ACCESS_KEY" in refused.stderr
    assert "TPORDER_ENGINE_LIVE_CONFIRMATION" in refused.stderr


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "engine.env").write_text("TPORDER_UPBIT_ACCESS_KEY=mine\n")

    refused = tporder("init", "--mode", "live", "--directory", tmp_path)

    assert refused.exit_code == 3
    assert str(tmp_path / "engine.env") in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine.env"]
    assert "mine" in (tmp_path / "engine.env").read_text()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "tporder.toml").symlink_to(tmp_path / "elsewhere")

    refused = tporder("init", "--directory", tmp_path)

    assert refused.exit_code == 3
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_is_named_before_anything_is_written(tmp_path: Path) -> None:
    assert tporder("init", "--directory", tmp_path, "--symbol", "btc").exit_code == 11
    assert tporder("init", "--directory", tmp_path, "--account", "../x").exit_code == 11
    assert list(tmp_path.iterdir()) == []


def test_it_says_what_comes_next_in_both_languages(tmp_path: Path) -> None:
    english = tporder("init", "--mode", "testnet", "--directory", tmp_path / "en")
    korean = tporder("init", "--directory", tmp_path / "ko", env={"TPORDER_LANG": "ko"})

    assert "tporder doctor" in english.stdout
    assert f"export TPORDER_CONFIG={tmp_path / 'en' / 'tporder.toml'}" in english.stdout
    assert "작성함" in korean.stdout
    assert "doctor" not in korean.stdout
    told = {name: (tmp_path / name / "tporder.toml").read_text("utf-8") for name in ("en", "ko")}
    assert "# name of the account; one engine per account\n" in told["en"]
    assert "# 계정 이름. 계정 하나에 엔진 하나\n" in told["ko"]


def test_a_command_finds_the_settings_that_the_environment_names(tmp_path: Path) -> None:
    tporder("init", "--directory", tmp_path, "--account", "desk")

    told = tporder("status", env={"TPORDER_CONFIG": str(tmp_path / "tporder.toml")})

    assert told.exit_code == 8
    assert str(tmp_path / "tporder.db") in told.stderr


def test_a_named_file_outranks_the_environments(tmp_path: Path) -> None:
    for name in ("one", "two"):
        tporder("init", "--directory", tmp_path / name)

    told = tporder(
        "status",
        "--config",
        tmp_path / "two" / "tporder.toml",
        env={"TPORDER_CONFIG": str(tmp_path / "one" / "tporder.toml")},
    )

    assert str(tmp_path / "two" / "tporder.db") in told.stderr


def completed(*words: str) -> list[str]:
    """What bash would offer after these words."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [Path(sys.executable).with_name("tporder")],
        env=offline_env()
        | {
            "_TPORDER_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("tporder", *words)),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.partition(",")[2] for line in ended.stdout.splitlines()]


def test_the_shells_get_their_lines() -> None:
    for shell in ("bash", "zsh", "fish"):
        told = tporder("completion", shell)
        assert told.exit_code == 0, told.output
        assert "_TPORDER_COMPLETE" in told.stdout
    assert tporder("completion", "tcsh").exit_code == 2


def test_commands_options_and_values_are_completed(tmp_path: Path) -> None:
    script = tporder("completion", "bash").stdout
    file = tmp_path / "completion"
    file.write_text(script)

    subprocess.run(["bash", "-n", os.fspath(file)], check=True, timeout=60)  # noqa: S603, S607
    assert completed("st") == ["status", "stop", "store"]
    assert completed("init", "--mo") == ["--mode"]
    assert completed("init", "--mode", "l") == ["live"]
