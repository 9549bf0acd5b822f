"""The drills as an operator runs them: whole processes, loopback sockets, budgets kept."""

import json
import os
import subprocess
from pathlib import Path

from tests.e2e.fixture import TPORDER


def drilled(name: str, folder: Path, *options: str) -> dict[str, object]:
    hostile = {"TPORDER_STORE_PATH": str(folder / "mine.db"), "TPORDER_ENGINE_ACCOUNT": "mine"}
    done = subprocess.run(  # noqa: S603 - our own program
        [str(TPORDER), "drill", name, "--json", *options],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | hostile,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert not list(folder.iterdir()), "the operator's own store is not touched"
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_the_watchdog_takes_over_from_a_killed_engine_within_its_budgets(tmp_path: Path) -> None:
    told = drilled("watchdog", tmp_path)
    assert told["within_budgets"] is True
    assert told["booked"] is True
    assert told["budgets"] == {"blocked_ms": 1_000, "cancels_sent_ms": 1_000, "flat_ms": 30_000}


def test_the_emergency_stop_closes_everything_within_its_budgets(tmp_path: Path) -> None:
    told = drilled("emergency", tmp_path)
    assert told["within_budgets"] is True
    assert told["booked"] is True
    assert told["budgets"] == {"blocked_ms": 1_000, "cancels_sent_ms": 1_000, "flat_ms": 30_000}


def test_paper_fills_inside_the_books_of_another_process_and_goes_on_after_a_kill(
    tmp_path: Path,
) -> None:
    told = drilled("paper", tmp_path, "--bars", "60", "--bar-seconds", "0.2")
    assert told["outside_of_books"] == told["unequal"] == told["latches"] == told["refused"] == []
    assert told["kills"] == 1
    assert told["holds"] is True
