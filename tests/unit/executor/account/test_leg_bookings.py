"""What is gone from a leg is booked by one alone, and by no count that another has changed."""

from trading_platform_order.executor.account.leg_loss.leg_bookings import LegBookings


def test_one_at_a_time_and_none_by_an_older_count() -> None:
    bookings = LegBookings()
    before = bookings.count("BTC")
    with (
        bookings.booking("BTC", before) as first,
        bookings.booking("BTC", before) as beside,
        bookings.booking("ETH", bookings.count("ETH")) as other,
    ):
        assert (first, beside, other) == (True, False, True)
    with bookings.booking("BTC", before) as late:
        assert not late
    with bookings.booking("BTC", bookings.count("BTC")) as anew:
        assert anew


def test_whoever_may_not_book_makes_no_reading_old() -> None:
    bookings = LegBookings()
    before = bookings.count("BTC")
    with bookings.booking("BTC", before + 1) as refused:
        assert not refused
    assert bookings.count("BTC") == before
