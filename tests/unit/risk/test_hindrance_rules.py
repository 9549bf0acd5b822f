"""Taken back, maintenance, frozen books, funding, keys: each rule at its limit and beside it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.pair import START, D, pair_view, seconds
from tests.unit.risk.test_risk_manager import account, code, limits
from trading_platform_order.domain.account.recent_activity import SettledEntries, SettledEntry
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.hindrances.entry_blocks import ALL, EntryBlocks
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow, window_of
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.hindrances import announced_maintenance, funding_bleed
from trading_platform_order.risk.hindrances.announced_maintenance import MaintenanceLimits
from trading_platform_order.risk.hindrances.frozen_book import FrozenBookLimits, FrozenBooks
from trading_platform_order.risk.hindrances.funding_bleed import FundingLimits
from trading_platform_order.risk.hindrances.key_expiry import due_warning
from trading_platform_order.risk.monitors import taken_back
from trading_platform_order.risk.monitors.taken_back import TakenBackLimits

LIMITS = TakenBackLimits()
WINDOW = MaintenanceWindow(
    exchange=Venue.UPBIT, begins_at=START + seconds(7_200), ends_at=START + seconds(10_800)
)


def entries(*rows: tuple[str, bool, float, int]) -> SettledEntries:
    """Base, whether taken back, seconds after START, cost in KRW."""
    found = SettledEntries()
    for number, (base, is_taken_back, at_s, cost) in enumerate(rows):
        entry = SettledEntry(
            trade_id=str(number),
            base=base,
            is_taken_back=is_taken_back,
            cost_krw=D(cost),
            at=START + seconds(at_s),
        )
        found.keep(entry)
    return found


def at(seconds_: float) -> datetime:
    return START + seconds(seconds_)


@pytest.mark.parametrize(
    ("rows", "now_s", "paused"),
    [
        ((("BTC", True, 0, 1),), 1, False),
        ((("BTC", True, 0, 1), ("BTC", True, 10, 1)), 909.9, True),
        ((("BTC", True, 0, 1), ("BTC", True, 10, 1)), 910, False),
        ((("BTC", True, 0, 1), ("BTC", False, 5, 0), ("BTC", True, 10, 1)), 11, False),
        ((("BTC", True, 0, 1), ("ETH", False, 5, 0), ("BTC", True, 10, 1)), 11, True),
        ((("ETH", True, 0, 1), ("ETH", True, 10, 1)), 11, False),
        ((("BTC", True, 0, 1), ("BTC", True, 10, 1), ("BTC", False, 20, 0)), 21, False),
    ],
)
def test_two_in_a_row_pause_their_coin(
    rows: tuple[tuple[str, bool, float, int], ...], now_s: float, paused: bool
) -> None:
    found = taken_back.pause(entries(*rows), "BTC", at(now_s), LIMITS)
    assert (found is not None) is paused
    assert found is None or found.code is RefusalCode.TAKEN_BACK


@pytest.mark.parametrize(
    ("rows", "stops"),
    [
        ((("BTC", True, 0, 1), ("BTC", True, 1, 1), ("BTC", True, 2, 1)), False),
        ((("BTC", True, 0, 1), ("ETH", True, 1, 1)), False),
        ((("BTC", True, 0, 1), ("BTC", True, 1, 1), ("ETH", True, 2, 1)), True),
        ((("BTC", True, 0, 1), ("ETH", True, 1, 1), ("A", False, 2, 0), ("A", True, 3, 1)), False),
        ((("BTC", True, -3_601, 1), ("BTC", True, 1, 1), ("ETH", True, 2, 1)), False),
        ((("BTC", True, 0, 15_000), ("BTC", True, 1, 15_000)), False),
        ((("BTC", True, 0, 15_000), ("BTC", True, 1, 15_001)), True),
        ((("BTC", True, -3_601, 15_000), ("BTC", True, 1, 15_001)), False),
        # What one made by luck does not pay for what another cost.
        ((("BTC", True, 0, -20_000), ("BTC", True, 1, 30_001)), True),
    ],
)  # fmt: skip
def test_many_or_dear_ones_stop(
    rows: tuple[tuple[str, bool, float, int], ...], stops: bool
) -> None:
    words = taken_back.stop_words(entries(*rows), at(3), LIMITS)
    assert (words is not None) is stops


@pytest.mark.parametrize(
    ("now_s", "refused"),
    [(5_399, False), (5_400, True), (7_200, True), (10_799, True), (10_800, False)],
)
def test_entries_end_before_maintenance(now_s: float, refused: bool) -> None:
    found = announced_maintenance.objection((WINDOW,), at(now_s), MaintenanceLimits())
    assert (found is not None) is refused


@pytest.mark.parametrize(
    ("now_s", "needed"), [(-7_201, "0"), (-7_200, "0.5"), (10_799, "0.5"), (10_800, "0")]
)
def test_the_runway_is_asked_for_earlier(now_s: float, needed: str) -> None:
    found = announced_maintenance.runway_needed((WINDOW,), at(now_s), MaintenanceLimits())
    assert found == D(needed)


def test_an_entry_needs_the_longer_runway() -> None:
    """10,000 USDT short: +30 % takes 3,065 USDT, +50 % takes 5,075."""
    tight = limits(leverage_max=D(10), hedge_leverage=D(100))
    usual = account(margin_balance_usdt=D(4_000))
    assert code(account=usual, limits=tight) == "ok"
    needs = account(margin_balance_usdt=D(4_000), runway_fraction_min=D("0.5"))
    assert code(account=needs, limits=tight) == "margin_runway"


def test_what_a_monitor_found_refuses_an_entry() -> None:
    found = Refusal(code=RefusalCode.WALLET_SUSPENDED, message="paused")
    assert code(account=account(entry_blocks=(found,))) == "wallet_suspended"


def test_a_window_is_its_latch() -> None:
    assert window_of(WINDOW.latch) == WINDOW
    assert WINDOW.latch == "maintenance:upbit:2026-11-22T05:00Z/2026-11-22T06:00Z"
    for wrong in ("stop", "maintenance:", "maintenance:kraken:1/2", "maintenance:upbit:x/y"):
        assert window_of(wrong) is None


def look(books: FrozenBooks, now_s: float, *, spot: str = "0", hedge: str = "0") -> bool:
    """Mids moved by these fractions; time stamps always go on."""
    view = pair_view(
        spot_mid=D(140_000_000) * (1 + D(spot)),
        hedge_mid=D(100_000) * (1 + D(hedge)),
        now=START + timedelta(seconds=now_s),
    )
    return books.seen(view, now_s, FrozenBookLimits()) is not None


@pytest.mark.parametrize(
    ("after_s", "moved", "frozen"),
    [(10, "0.003", True), (9.9, "0.003", False), (10, "0.0029", False), (60, "-0.003", True)],
)
def test_a_book_that_stands_still_while_the_other_moves(
    after_s: float, moved: str, frozen: bool
) -> None:
    books = FrozenBooks()
    assert not look(books, 0)
    assert look(books, after_s, hedge=moved) is frozen
    assert look(books, after_s, hedge=moved) is frozen, "looking changes nothing"
    assert not look(books, after_s + 1, hedge=moved, spot="0.001"), "it lives"


def test_a_market_that_was_away_begins_anew() -> None:
    books = FrozenBooks()
    look(books, 0)
    books.forget("BTC")
    assert not look(books, 60, hedge="0.01")


@pytest.mark.parametrize(
    ("rate", "interval", "refused"),
    [
        ("0.01", 8, False),
        ("-0.00166", 8, False),
        ("-0.00167", 8, True),
        ("-0.0003", 1, True),
        ("NaN", 8, False),
        ("-0.01", 0, False),
    ],
)
def test_funding_that_is_too_much(rate: str, interval: int, refused: bool) -> None:
    terms = FundingTerms(rate=D(rate), interval_h=D(interval), next_at=START)
    found = funding_bleed.objection("BTC", terms, FundingLimits())
    assert (found is not None) is refused


@pytest.mark.parametrize(
    ("days", "due"), [(31, None), (30, 30), (8, 30), (7, 7), (1.5, 7), (1, 1), (0, 0), (-3, 0)]
)
def test_a_key_near_its_end(days: float, due: int | None) -> None:
    assert due_warning(START + timedelta(days=days), START) == due


def test_each_finder_shows_all_it_finds() -> None:
    one = Refusal(code=RefusalCode.FUNDING, message="one")
    blocks = EntryBlocks()
    blocks.replace_found("funding", {"BTC": one})
    blocks.replace_found("settings", {ALL: replace(one, message="all")})
    assert [b.message for b in blocks.of("BTC")] == ["one", "all"]
    assert [b.message for b in blocks.of("ETH")] == ["all"]
    blocks.replace_found("funding", {})
    blocks.replace_found("settings", {})
    assert blocks.of("BTC") == ()
