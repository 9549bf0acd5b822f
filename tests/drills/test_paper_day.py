"""The drill of a day on paper, on a short day."""

from decimal import Decimal

from tests.drills.paper_day import ShownBooks, play


async def test_a_short_day_is_traded_inside_the_books_and_over_a_kill() -> None:
    found = await play(None, base="BTC", bars=16, bar_s=0.25, kills=1, seed=3)
    assert found.is_clean, found
    assert (found.kills, found.killed_in_flight) == (1, 1)
    assert found.fills >= 4, "a pair was opened and closed"


def test_a_price_that_no_book_showed_is_outside() -> None:
    books = ShownBooks()
    books.take(("upbit", "BUY"), {Decimal(100): Decimal(2)}, at=10.0)
    assert books.largest(("upbit", "BUY"), Decimal(100), at=11.0) == 2
    assert books.largest(("upbit", "BUY"), Decimal(101), at=11.0) == 0
    assert books.largest(("upbit", "BUY"), Decimal(100), at=30.0) == 0
    assert books.largest(("upbit", "SELL"), Decimal(100), at=11.0) == 0
