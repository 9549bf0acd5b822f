"""What a watchdog leaves for the next one outlives it, and not the machine's boot."""

from pathlib import Path

from trading_platform_order.runtime.closing.failure_file import FailureFile, failures_path
from trading_platform_order.watchdog.failure_notes import Failures

NOTED = Failures(takeover=3, failed=2, uneven_since_s=12.5)


def file(folder: Path, boot: str, told: list[str] | None = None) -> FailureFile:
    unheard: list[str] = []
    tell = (unheard if told is None else told).append
    return FailureFile(failures_path(folder / "db", "main"), boot=boot, tell=tell)


def test_the_next_watchdog_reads_what_the_last_one_counted(tmp_path: Path) -> None:
    assert file(tmp_path, "a").load() == Failures()
    file(tmp_path, "a").save(NOTED)
    assert file(tmp_path, "a").load() == NOTED


def test_after_a_boot_nothing_counts_because_its_clock_is_another_one(tmp_path: Path) -> None:
    file(tmp_path, "a").save(NOTED)
    assert file(tmp_path, "b").load() == Failures()


def test_a_damaged_file_counts_nothing_and_is_replaced(tmp_path: Path) -> None:
    failures_path(tmp_path / "db", "main").write_bytes(b"{")
    assert file(tmp_path, "a").load() == Failures()
    file(tmp_path, "a").save(NOTED)
    assert file(tmp_path, "a").load() == NOTED


def test_what_cannot_be_written_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    notes = file(tmp_path / "gone", "a", told)
    notes.save(NOTED)
    notes.save(Failures())
    (line,) = told
    assert "cannot be written" in line
