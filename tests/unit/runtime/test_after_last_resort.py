"""Beside what the last resort went by no coin is traded; an operator deletes it and says so."""

from pathlib import Path

import pytest

from trading_platform_order.executor.set_aside import Culprit
from trading_platform_order.runtime.startup.after_last_resort import UNFINISHED, AfterLastResort
from trading_platform_order.runtime.startup.death_notes import DeathMemory

ROW = Culprit(base="ETH", row=7, trade_id="t")


@pytest.mark.parametrize("end", ["taken", "closed"])
def test_an_engine_beside_its_file_trades_no_coin_and_names_the_file(
    tmp_path: Path, end: str
) -> None:
    deaths = AfterLastResort(DeathMemory(), tmp_path / "owned.json")
    assert not deaths.set_aside()
    mark = tmp_path / f"owned.json.{end}"
    mark.touch()
    aside = deaths.set_aside()
    assert aside.freezes("BTC")
    assert aside.freezes("ETH")
    assert not aside.trades
    assert "two engines" not in aside.reason
    assert f"delete {mark.name}" in aside.reason
    mark.unlink()
    assert not deaths.set_aside()


def test_what_ended_engines_is_set_aside_as_ever(tmp_path: Path) -> None:
    deaths = AfterLastResort(DeathMemory(), tmp_path / "owned.json")
    for _ in range(2):
        deaths.note(ROW, "an error")
    assert deaths.set_aside().coins == {"ETH"}
    (tmp_path / "owned.json.closed").touch()
    assert deaths.set_aside().trades == {"t"}
    assert deaths.set_aside().freezes("BTC")
    assert "two engines" in deaths.set_aside().reason


def test_a_watchdog_goes_on_with_what_is_unfinished_only(tmp_path: Path) -> None:
    deaths = AfterLastResort(DeathMemory(), tmp_path / "owned.json", ends=(UNFINISHED,))
    (tmp_path / "owned.json.closed").touch()
    assert not deaths.set_aside().coins
    (tmp_path / "owned.json.taken").touch()
    assert deaths.set_aside().freezes("BTC")
