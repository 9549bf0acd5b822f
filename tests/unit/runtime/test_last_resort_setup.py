"""Whether the watchdog could start the last resort, and what an operator is told about it."""

from pathlib import Path

import pytest

from trading_platform_order.exchanges.base import Level
from trading_platform_order.runtime.closing.last_resort_setup import (
    last_resort_finding,
    last_resort_setup,
)
from trading_platform_order.runtime.followers.owned_file import encoded, owned_path, write_owned
from trading_platform_order.runtime.settings.settings import Settings, load_settings

NAMES = ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "BINANCE_API_KEY", "BINANCE_SECRET_KEY")
OWNED = {"at": "2026-11-30T00:00:00+00:00", "head": 1, "coins": []}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "last_resort.py").write_text("")
    write_owned(owned_path(tmp_path / "desk.db", "main"), encoded(OWNED))
    return tmp_path / "desk.db"


def settings(store: Path, **more: str) -> Settings:
    script = str(store.with_name("last_resort.py"))
    own = {f"TPORDER_WATCHDOG_LAST_RESORT_{name}": f"own {name}" for name in NAMES}
    return load_settings(None, own | {"TPORDER_WATCHDOG_LAST_RESORT_SCRIPT": script} | more)


def test_with_all_of_it_the_watchdog_can_start_it(store: Path) -> None:
    finding = last_resort_finding(settings(store), store)
    assert (finding.level, finding.remedy) == (Level.OK, "")
    assert "can start" in finding.text
    keys = last_resort_setup(settings(store), store).environment()
    assert keys == {f"LAST_RESORT_{name}": f"own {name}" for name in NAMES}


def test_without_keys_it_is_a_persons_to_start(store: Path) -> None:
    finding = last_resort_finding(load_settings(None, {}), store)
    assert finding.level is Level.OK
    assert "a person does" in finding.text
    assert last_resort_setup(load_settings(None, {}), store).fault()


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_is_missing_is_named(store: Path, name: str) -> None:
    variable = f"TPORDER_WATCHDOG_LAST_RESORT_{name}"
    finding = last_resort_finding(settings(store, **{variable: ""}), store)
    assert finding.level is Level.WARNING
    assert finding.remedy == f"set {variable}"


def test_a_file_that_is_not_there_or_not_whole_is_named(store: Path) -> None:
    owned = owned_path(store, "main")
    owned.write_text(owned.read_text().replace('"head": 1', '"head": 2'))
    assert "its checksum does not fit" in last_resort_finding(settings(store), store).remedy
    owned.unlink()
    assert "there is none" in last_resort_finding(settings(store), store).remedy
    write_owned(Path(f"{owned}.taken"), encoded(OWNED))
    assert last_resort_finding(settings(store), store).level is Level.OK
    store.with_name("last_resort.py").unlink()
    assert "is not there" in last_resort_finding(settings(store), store).remedy


def test_keys_that_others_use_as_well_are_told(store: Path) -> None:
    shared = settings(store, TPORDER_UPBIT_ACCESS_KEY="own UPBIT_ACCESS_KEY")
    finding = last_resort_finding(shared, store)
    assert finding.level is Level.WARNING
    assert "the engine" in finding.text
    assert "own " not in f"{finding.text}{finding.remedy}".replace("of its own", "")
