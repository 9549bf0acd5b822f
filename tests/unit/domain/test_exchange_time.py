"""An exchange's time between bounds, and which measurement is believed."""

from datetime import UTC, datetime, timedelta

import pytest

from trading_platform_order.domain.market import ExchangeTime, believed_time

AT = datetime(2026, 1, 5, tzinfo=UTC)


def told(
    off_s: float, asked_s: float, *, took_s: float = 0.1, slack_s: float = 0.0
) -> ExchangeTime:
    """The exchange's clock is ``AT`` plus seconds since boot plus ``off_s``; told half way."""
    at = AT + timedelta(seconds=asked_s + took_s / 2 + off_s)
    return ExchangeTime(at=at, asked_s=asked_s, answered_s=asked_s + took_s, slack_s=slack_s)


def test_what_is_told_of_a_stamp_is_certain() -> None:
    time = told(0.0, 100.0, took_s=2.0, slack_s=1.0)
    stamp = AT + timedelta(seconds=150.0)
    # It is true that 50 s have passed at 200, and that it is 50 s ahead at 100.
    assert time.age_s(stamp, 200.0) == pytest.approx(49.0)
    assert time.ahead_s(stamp, 100.0) == pytest.approx(48.0)


def test_the_first_measurement_is_believed_and_a_later_one_replaces_it() -> None:
    first, second = told(0.0, 0.0), told(0.02, 60.0)
    assert believed_time(None, None, first) == (first, None)
    assert believed_time(first, None, second) == (second, None)


def test_an_answer_that_contradicts_is_believed_when_the_next_one_agrees_with_it() -> None:
    held, odd, again = told(0.0, 0.0), told(3_600.0, 60.0), told(3_600.0, 120.0)
    assert believed_time(held, None, odd) == (held, odd)
    well = told(0.0, 120.0)
    assert believed_time(held, odd, well) == (well, None)
    assert believed_time(held, odd, again) == (again, None)
    other = told(-900.0, 120.0)
    assert believed_time(held, odd, other) == (held, other)


def test_a_slow_answer_replaces_only_what_is_old() -> None:
    held, slow = told(0.0, 0.0), told(0.0, 60.0, took_s=30.0)
    assert believed_time(held, None, slow) == (held, None)
    much_later = told(0.0, 700.0, took_s=30.0)
    assert believed_time(held, None, much_later) == (much_later, None)
    assert believed_time(slow, None, told(0.0, 200.0, took_s=20.0))[0].asked_s == 200.0


def test_age_and_ahead_at_once_are_the_same_figures() -> None:
    time = told(0.3, 100.0, took_s=2.0, slack_s=1.0)
    stamp = AT + timedelta(seconds=150.0)
    both = time.age_and_ahead_s(stamp, 200.0)
    assert both == pytest.approx((time.age_s(stamp, 200.0), time.ahead_s(stamp, 200.0)))
