"""Open, doubtful, closed: what makes an exchange the one or the other, for orders."""

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.hindrances.order_access import (
    PROBE_PATIENCE_S,
    Access,
    OrderAccess,
)
from trading_platform_order.domain.order import Leg

SPOT, HEDGE = Leg.SPOT, Leg.HEDGE
OPEN, DOUBTFUL, CLOSED = Access.OPEN, Access.DOUBTFUL, Access.CLOSED


def test_all_is_open_until_something_is_heard() -> None:
    access = OrderAccess()
    assert access.of(SPOT, "BTC", 0.0) is OPEN
    assert not access.unsettled(0.0)


def test_an_order_that_is_not_answered_makes_the_exchange_doubtful_and_an_answer_opens_it() -> None:
    access = OrderAccess()
    access.failed(HEDGE, 1.0, "no answer")
    assert (access.of(HEDGE, "BTC", 1.0), access.of(SPOT, "BTC", 1.0)) == (DOUBTFUL, OPEN)
    access.judged(HEDGE, 2.0)
    assert access.of(HEDGE, "BTC", 2.0) is OPEN


def test_a_suspension_closes_its_symbol_alone() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "XRP", Hindrance.SUSPENDED, "halted", 1.0)
    assert access.of(SPOT, "XRP", 1.0) is CLOSED
    assert access.of(SPOT, "BTC", 1.0) is OPEN


def test_a_dead_key_closes_every_symbol() -> None:
    access = OrderAccess()
    access.hindered(HEDGE, "XRP", Hindrance.KEY, "-2015", 1.0)
    assert access.of(HEDGE, "BTC", 1.0) is CLOSED
    assert access.door(HEDGE, "BTC", 1.0).hindrance is Hindrance.KEY


def test_maintenance_told_by_one_market_closes_all_and_that_market_stays_closed() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "XRP", Hindrance.MAINTENANCE, "offline", 1.0)
    assert access.of(SPOT, "BTC", 1.0) is CLOSED
    access.test_passed(SPOT, "BTC", 2.0)
    assert access.of(SPOT, "BTC", 2.0) is DOUBTFUL
    assert access.of(SPOT, "XRP", 2.0) is CLOSED


def test_a_ban_lapses_into_doubt_when_its_time_is_over() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.BANNED, "418", 10.0, lasts_s=60.0)
    assert access.of(SPOT, "BTC", 69.9) is CLOSED
    assert {one.access for one in access.unsettled(69.9).values()} == {CLOSED}
    door = access.door(SPOT, "BTC", 70.0)
    assert (door.access, door.reopened_s) == (DOUBTFUL, 70.0)
    assert {one.access for one in access.unsettled(70.0).values()} == {DOUBTFUL}


def test_a_closed_one_needs_two_passed_tests_to_be_open() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.MAINTENANCE, "offline", 1.0)
    access.test_passed(SPOT, "BTC", 5.0)
    assert access.of(SPOT, "BTC", 5.0) is DOUBTFUL
    access.test_passed(SPOT, "BTC", 6.0)
    assert access.of(SPOT, "BTC", 6.0) is OPEN
    assert access.door(SPOT, "BTC", 6.0).reopened_s == 5.0


def test_tests_without_a_verdict_make_a_closed_one_doubtful_after_a_while() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.MAINTENANCE, "offline", 1.0)
    access.test_unsure(SPOT, "BTC", 2.0)
    access.test_unsure(SPOT, "BTC", 1.9 + PROBE_PATIENCE_S)
    assert access.of(SPOT, "BTC", 40.0) is CLOSED
    access.test_unsure(SPOT, "BTC", 2.0 + PROBE_PATIENCE_S)
    assert access.of(SPOT, "BTC", 40.0) is DOUBTFUL


def test_an_unsure_test_does_not_shorten_a_ban() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.BANNED, "418", 0.0, lasts_s=600.0)
    access.test_unsure(SPOT, "BTC", 1.0)
    access.test_unsure(SPOT, "BTC", 100.0)
    assert access.of(SPOT, "BTC", 100.0) is CLOSED


def test_a_failed_call_does_not_open_what_is_closed() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.KEY, "expired", 1.0)
    access.failed(SPOT, 2.0, "no answer")
    assert access.of(SPOT, "BTC", 2.0) is CLOSED


def test_an_accepted_order_opens_both_the_exchange_and_the_symbol() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.SUSPENDED, "halted", 1.0)
    access.hindered(SPOT, "BTC", Hindrance.KEY, "expired", 1.0)
    access.accepted(SPOT, "BTC", 3.0)
    assert access.of(SPOT, "BTC", 3.0) is OPEN


def test_a_listing_that_calls_the_symbol_tradable_ends_its_suspension_in_doubt() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.SUSPENDED, "halted", 1.0)
    access.lapsed(SPOT, "BTC", Hindrance.SUSPENDED, 9.0)
    assert access.of(SPOT, "BTC", 9.0) is DOUBTFUL


def test_since_when_it_is_closed_is_kept_while_the_word_is_repeated() -> None:
    access = OrderAccess()
    access.hindered(SPOT, "BTC", Hindrance.KEY, "expired", 1.0)
    access.hindered(SPOT, "BTC", Hindrance.KEY, "expired", 50.0)
    assert access.door(SPOT, "BTC", 50.0).since_s == 1.0
