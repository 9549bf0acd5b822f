"""What ended engines is counted, by what was worked on and for one program alone."""

from pathlib import Path

import pytest

from trading_platform_order.executor.set_aside import (
    ALL_COINS,
    Culprit,
    SetAside,
    blame,
    culprit_of,
)
from trading_platform_order.runtime.startup.death_notes import DeathFile, deaths_path
from trading_platform_order.storage.base import StoreUnavailable

ROW = Culprit(base="BTC", row=17, trade_id="aaaaaaaaaaaaaaaaaaaa")
TRADE = Culprit(base="ETH", trade_id="bbbbbbbbbbbbbbbbbbbb")
SIGNAL = Culprit(base="XRP", signal_id="s1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return deaths_path(tmp_path / "store.db", "main")


def test_once_may_have_been_anything_and_twice_is_set_aside(file: Path) -> None:
    DeathFile(file).note(ROW, "first")
    DeathFile(file).note(TRADE, "other")
    assert not DeathFile(file).set_aside()
    DeathFile(file).note(ROW, "second")
    found = DeathFile(file).set_aside()
    assert found.errors == {ROW: "second"}
    assert found.in_words() == "row 17 of trade aaaaaaaaaaaaaaaaaaaa (second)"


def test_a_mended_program_tries_everything_again(file: Path) -> None:
    for _ in range(2):
        DeathFile(file).note(ROW, "x")
    code = b'"code":"'
    before, _, after = file.read_bytes().partition(code)
    file.write_bytes(before + code + b"0" + after[1:])
    assert not DeathFile(file).set_aside()
    DeathFile(file).note(ROW, "x")
    assert not DeathFile(file).set_aside(), "counted anew"


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_what_cannot_be_read_sets_nothing_aside(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert not DeathFile(file).set_aside()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    DeathFile(tmp_path / "none" / "deaths.json", told.append).note(ROW, "x")
    assert "cannot be noted" in told[0]


def test_what_is_set_aside_is_not_looked_at_and_its_coin_not_traded() -> None:
    aside = SetAside({ROW: "x", TRADE: "y"})
    assert [aside.skips(seq, ROW.trade_id) for seq in (16, 17, 18)] == [False, True, True]
    assert aside.skips(17, "")
    assert not aside.skips(18, ""), "of another trade"
    assert not aside.skips(18, TRADE.trade_id), "its rows can be read"
    assert aside.trades == {ROW.trade_id, TRADE.trade_id}
    assert [aside.freezes(base) for base in ("BTC", "ETH", "XRP")] == [True, True, False]
    assert SetAside({Culprit(base=ALL_COINS, row=1): ""}).freezes("XRP")
    assert aside.knows(f"tp-{ROW.trade_id}-so1")
    assert not aside.knows("tp-cccccccccccccccccccc-so1")
    assert not aside.knows("web-1")


def test_an_error_says_what_was_worked_on_through_every_group() -> None:
    with pytest.raises(ZeroDivisionError) as failed, blame(SIGNAL):
        raise ZeroDivisionError("by it")
    tasks = ExceptionGroup("tasks", [RuntimeError("beside"), failed.value])
    engine = ExceptionGroup("engine", [tasks])
    assert culprit_of(engine) == (SIGNAL, "ZeroDivisionError: by it")


def test_a_store_that_fails_is_nobodys_fault() -> None:
    with pytest.raises(StoreUnavailable) as failed, blame(TRADE):
        raise StoreUnavailable("the disk is full")
    assert culprit_of(failed.value) is None
    assert culprit_of(KeyError("of something else")) is None
