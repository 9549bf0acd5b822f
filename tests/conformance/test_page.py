"""The page of the cards is fresh."""

from tests.conformance.page import PAGE, card_tests, page


def test_the_page_says_what_the_cards_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_both_venues_have_cards() -> None:
    assert all(len(tests) > 45 for tests in card_tests().values())
