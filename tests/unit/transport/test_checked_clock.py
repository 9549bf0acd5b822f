"""The machine's calendar while it is right, the exchanges' time when it is not."""

from datetime import UTC, datetime, timedelta

import pytest

from trading_platform_order.domain.market import ExchangeTime
from trading_platform_order.transport.checked_clock import CheckedClock

AT = datetime(2026, 1, 5, tzinfo=UTC)


class Machine:
    """A calendar that can be wrong, and a stopwatch that cannot."""

    def __init__(self) -> None:
        self.off_s = self.passed_s = 0.0
        self.times: list[ExchangeTime | None] = [None, None]

    def now(self) -> datetime:
        return at(self.passed_s + self.off_s)

    def monotonic(self) -> float:
        return self.passed_s

    def boottime(self) -> float:
        return self.passed_s


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def told(at_s: float, *, slack_s: float = 0.0) -> ExchangeTime:
    return ExchangeTime(at=at(at_s), asked_s=at_s, answered_s=at_s + 0.02, slack_s=slack_s)


def checked(machine: Machine, not_before: datetime | None = None) -> CheckedClock:
    return CheckedClock(machine, times=lambda: machine.times, not_before=not_before)


@pytest.mark.parametrize("off_s", [-1.0, -0.3, 0.0, 0.3, 1.0])
def test_a_calendar_that_may_be_right_is_used(off_s: float) -> None:
    machine = Machine()
    machine.times = [told(0, slack_s=1.0), told(0)]
    machine.passed_s, machine.off_s = 30.0, off_s
    assert checked(machine).now() == machine.now()


@pytest.mark.parametrize("off_s", [-600.0, -1.1, 1.1, 90.0])
def test_a_calendar_that_is_wrong_is_not(off_s: float) -> None:
    machine = Machine()
    machine.times = [told(0, slack_s=1.0), told(0)]
    machine.passed_s, machine.off_s = 30.0, off_s
    assert abs(checked(machine).now() - at(30)) < timedelta(seconds=0.02)


def test_one_exchange_is_enough() -> None:
    machine = Machine()
    machine.times = [None, told(0)]
    machine.off_s = 90.0
    assert abs(checked(machine).now() - at(0)) < timedelta(seconds=0.02)


def test_exchanges_that_contradict_each_other_say_nothing() -> None:
    machine = Machine()
    machine.times = [told(0), ExchangeTime(at=at(60), asked_s=0, answered_s=0.02)]
    machine.off_s = 90.0
    assert checked(machine).now() == at(90)


def test_a_later_measurement_is_used() -> None:
    machine = Machine()
    clock = checked(machine)
    machine.off_s = 90.0
    assert clock.now() == at(90)
    machine.times = [None, told(0)]
    assert clock.now() < at(1)


def test_what_is_under_way_at_the_start_goes_on_from_its_last_time() -> None:
    machine = Machine()
    machine.off_s = -600.0
    clock = checked(machine, not_before=at(5))
    machine.passed_s = 7.0
    assert clock.now() == at(12)
    machine.times = [told(7), None]
    assert abs(clock.now() - at(7)) < timedelta(seconds=0.02)


@pytest.mark.parametrize("off_s", [-600.0, -1.2, 1.2, 600.0])
def test_a_calendar_that_was_right_just_now_may_have_been_set(off_s: float) -> None:
    machine = Machine()
    machine.times = [told(0), told(0)]
    clock = checked(machine)
    machine.passed_s = 0.5
    assert clock.now() == at(0.5)
    machine.off_s = off_s
    assert abs(clock.now() - at(0.5)) < timedelta(seconds=0.02)
    machine.off_s = 0.0
    machine.passed_s = 0.6
    assert clock.now() == at(0.6)


def test_a_calendar_that_drifts_away_is_noticed() -> None:
    machine = Machine()
    machine.times = [told(0), told(0)]
    clock = checked(machine)
    for tenth in range(1_000):
        machine.passed_s, machine.off_s = tenth / 10, tenth / 10 * 0.02
        assert abs(clock.now() - at(tenth / 10)) < timedelta(seconds=1.1)
