"""What keeps orders back outlives an engine, and a file that is not ours costs nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.hindrances.order_access import KnownHindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.runtime.startup.known_hindrances import HindranceFile

BAN = KnownHindrance(
    leg=Leg.SPOT,
    base="",
    hindrance=Hindrance.BANNED,
    reason="418",
    until=datetime(2026, 12, 3, 15, 0, tzinfo=UTC),
)
HALT = KnownHindrance(leg=Leg.HEDGE, base="XRP", hindrance=Hindrance.SUSPENDED, reason="halted")


def test_what_was_known_last_is_there_after_a_start(tmp_path: Path) -> None:
    path = tmp_path / "orders.hindrances.json"
    HindranceFile(path).keep([BAN, HALT])
    assert HindranceFile(path).load() == (BAN, HALT)
    HindranceFile(path).keep([])
    assert HindranceFile(path).load() == ()


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"leg":1}]', b"\x00\xff"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.hindrances.json"
    assert HindranceFile(path).load() == ()
    path.write_bytes(content)
    assert HindranceFile(path).load() == ()


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    HindranceFile(tmp_path / "gone" / "orders.hindrances.json").keep([BAN])
