"""What a known end of a coin asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from trading_platform_order.domain.hindrances.deadline import Deadline, deadline_of
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.hindrances.deadlines import (
    DeadlineLimits,
    is_told_again,
    must_close,
    nearest,
    objection,
)

END_AT = datetime(2026, 12, 24, 6, 0, tzinfo=UTC)
END = Deadline(exchange=Venue.UPBIT, base="XRP", at=END_AT)


def test_a_latch_keeps_it() -> None:
    assert END.latch == "delisting:upbit:XRP:2026-12-24T06:00Z"
    assert deadline_of(END.latch) == END


@pytest.mark.parametrize(
    "latch",
    ["stop", "delisting:upbit:XRP", "delisting::XRP:2026-12-24T06:00Z", "delisting:"],
)
def test_what_is_no_such_latch(latch: str) -> None:
    assert deadline_of(latch) is None


def test_the_first_end_of_a_coin_counts() -> None:
    later = Deadline(exchange=Venue.BINANCE, base="XRP", at=END_AT + timedelta(days=1))
    other = Deadline(exchange=Venue.BINANCE, base="SOL", at=END_AT)
    assert nearest([later, END, other]) == {"XRP": END, "SOL": other}


def test_no_entry_once_an_end_is_known() -> None:
    refusal = objection(END)
    assert refusal.code is RefusalCode.MARKET_WARNING
    assert "XRP ends on upbit at 2026-12-24T06:00Z" in refusal.message


@pytest.mark.parametrize(("hours", "is_due"), [(24.01, False), (24, True), (1, True), (-1, True)])
def test_closed_a_day_before(hours: float, is_due: bool) -> None:
    now = END_AT - timedelta(hours=hours)
    assert must_close(END, now, DeadlineLimits()) is is_due
    assert must_close(END, now, DeadlineLimits(close_lead_s=0)) is (hours <= 0)


@pytest.mark.parametrize(
    ("hours_left", "told_hours_ago", "is_told"),
    [
        (100, None, True),
        (100, 23.9, False),
        (100, 24, True),
        (20, 0.9, False),
        (20, 1, True),
        (-2, 1, True),
        (-100, 23, False),
    ],
)
def test_told_daily_and_hourly_in_the_last_day(
    hours_left: float, told_hours_ago: float | None, is_told: bool
) -> None:
    now = END_AT - timedelta(hours=hours_left)
    told_at = None if told_hours_ago is None else now - timedelta(hours=told_hours_ago)
    assert is_told_again(END, told_at, now) is is_told
