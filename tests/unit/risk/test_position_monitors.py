"""Stop-loss, margin and mismatch as pure decisions: at the limit, around it, and in doubt."""

import csv
import gzip
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.pair import HEDGE_MID, SPOT_MID, START, VIEW, D, pair_view, seconds
from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.market import Ages, Book
from trading_platform_order.risk.monitors.margin_monitor import (
    MarginLevel,
    MarginLimits,
    MarginReading,
    judge,
)
from trading_platform_order.risk.monitors.mismatch import Counted, MismatchWatch, differences
from trading_platform_order.risk.monitors.stop_loss import (
    StopLossLimits,
    StopLossWatch,
    is_young,
    loss_fraction,
)

PAIR = OpenPair(
    strategy="kimchi",
    base="BTC",
    position_id="p1",
    spot=D("0.1"),
    short=D("0.1"),
    spot_cost_krw=D(14_000_000),
    short_value_usdt=D(10_000),
)
KEY = ("kimchi", "BTC")


def loss(pair: OpenPair = PAIR, *, spot: str = "1", hedge: str = "1") -> Decimal:
    view = pair_view(spot_mid=SPOT_MID * D(spot), hedge_mid=HEDGE_MID * D(hedge))
    found = loss_fraction(pair, view)
    assert found is not None
    return found


def test_what_both_legs_share_is_no_loss() -> None:
    """Half or double the price: the spreads are all that is lost."""
    assert all(abs(loss(spot=k, hedge=k)) < D("0.0002") for k in ("0.5", "1", "2"))


def test_the_premium_is_the_loss() -> None:
    assert abs(loss(spot="0.95") - D("0.05")) < D("0.0002")
    assert loss(spot="1.05") < 0
    naked = replace(PAIR, short=D(0), short_value_usdt=D(0))
    assert abs(loss(naked, spot="0.9", hedge="0.9") - D("0.1")) < D("0.0002")
    only_short = replace(PAIR, spot=D(0), spot_cost_krw=D(0))
    assert abs(loss(only_short, spot="1.1", hedge="1.1") - D("0.1")) < D("0.0002")


def test_executable_means_down_the_book() -> None:
    thin = pair_view(spot_depth=D("0.01"))
    assert loss_fraction(PAIR, thin) == loss_fraction(PAIR, VIEW)  # one level: reckoned at it
    nothing = replace(PAIR, spot_cost_krw=D(0), short_value_usdt=D(0))
    assert loss_fraction(nothing, VIEW) is None
    assert loss_fraction(replace(PAIR, spot_cost_krw=D("NaN")), VIEW) is None


@pytest.mark.parametrize(
    ("seen", "expected"),
    [("0.05", (KEY,)), ("0.0499", ()), (None, ())],
)
def test_a_loss_must_last(seen: str | None, expected: tuple[object, ...]) -> None:
    limits = StopLossLimits()
    value = None if seen is None else D(seen)
    watch = StopLossWatch()
    for at_s in (0.0, 1.0, 2.99):
        watch, lasting = watch.seen({KEY: value}, at_s, limits)
        assert lasting == ()
    _, lasting = watch.seen({KEY: value}, 3.0, limits)
    assert lasting == expected


def test_a_loss_that_was_gone_for_a_moment_begins_anew() -> None:
    limits, watch = StopLossLimits(), StopLossWatch()
    for at_s, value in ((0, "0.06"), (2, "0.01"), (2.5, "0.06"), (5.4, "0.06")):
        watch, lasting = watch.seen({KEY: D(value)}, at_s, limits)
        assert lasting == ()
    assert watch.seen({KEY: D("0.06")}, 5.5, limits)[1] == (KEY,)


def test_a_symbol_may_have_its_own_limit() -> None:
    limits = StopLossLimits(by_symbol={"BTC": D("0.02")}, persist_s=0)
    seen = {KEY: D("0.02"), ("kimchi", "ETH"): D("0.02")}
    assert StopLossWatch().seen(seen, 0.0, limits)[1] == (KEY,)


def test_old_books_say_nothing() -> None:
    limits = StopLossLimits()
    assert is_young(replace(VIEW, ages=Ages(spot_s=5, hedge_s=5, fx_s=900)), limits)
    assert not is_young(replace(VIEW, ages=Ages(spot_s=5.1)), limits)
    assert not is_young(replace(VIEW, ages=Ages(hedge_s=5.1)), limits)
    a_wrong_calendar = replace(VIEW, now=START + seconds(3_600))
    assert is_young(a_wrong_calendar, limits)


def candles(shared_data: Path, name: str) -> list[tuple[Decimal, Decimal]]:
    with gzip.open(shared_data / name, "rt", encoding="utf-8") as file:
        return [(D(row["up_close"]), D(row["bn_close"])) for row in csv.DictReader(file)]


@pytest.mark.parametrize("base", ["BTC", "ETH", "XRP"])
def test_real_moves_of_the_coin_close_no_pair(shared_data: Path, base: str) -> None:
    """Entered at any day's first bar and held: the coin moves, the pair does not."""
    files = {"BTC": "joint_5m_BTC_20250901_20250914.csv.gz"}
    name = files.get(base, f"joint_5m_{base}_20250901_20250907.csv.gz")
    bars = candles(shared_data, name)
    spots = [spot for spot, _ in bars]
    assert max(spots) / min(spots) > D("1.03")
    for entry_spot, entry_hedge in bars[::288]:
        pair = replace(
            PAIR, spot_cost_krw=entry_spot * D("0.1"), short_value_usdt=entry_hedge * D("0.1")
        )
        for spot, hedge in bars:
            spread_spot, spread_hedge = spot / 10_000, hedge / 10_000
            view = pair_view(spot_mid=spot, hedge_mid=hedge)
            view = replace(
                view,
                spot_book=_quoted(view.spot_book, spot, spread_spot),
                hedge_book=_quoted(view.hedge_book, hedge, spread_hedge),
            )
            found = loss_fraction(pair, view)
            assert found is not None
            assert found < D("0.05")


def _quoted(book: Book, mid: Decimal, spread: Decimal) -> Book:
    bid, ask = book.bids[0], book.asks[0]
    return replace(
        book, bids=(bid._replace(price=mid - spread),), asks=(ask._replace(price=mid + spread),)
    )


# -- margin ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balance", "level"),
    [
        ("500", MarginLevel.CALM),
        ("256.25", MarginLevel.CALM),
        ("256.24", MarginLevel.WARN),
        ("125.60", MarginLevel.WARN),
        ("125.59", MarginLevel.REDUCE),
        ("0", MarginLevel.REDUCE),
        ("-1", MarginLevel.REDUCE),
        ("NaN", MarginLevel.WARN),
    ],
)
def test_the_way_to_liquidation(balance: str, level: MarginLevel) -> None:
    """Short 1,000 USDT, 0.5 %: 25 % away needs 5 + 251.25, 12 % away 5 + 120.60."""
    reading = MarginReading(balance_usdt=D(balance), notional_usdt=D(1_000))
    assert judge(reading, MarginLimits()).level is level


@pytest.mark.parametrize(
    ("maintenance", "level"),
    [
        ("199.99", MarginLevel.CALM),
        ("200", MarginLevel.WARN),
        ("200.01", MarginLevel.WARN),
        ("399.99", MarginLevel.WARN),
        ("400", MarginLevel.REDUCE),
        ("400.01", MarginLevel.REDUCE),
    ],
)
def test_the_ratio_as_binance_tells_it(maintenance: str, level: MarginLevel) -> None:
    """1,000 USDT of margin balance; 20 % warns, 40 % reduces; liquidation is far away."""
    reading = MarginReading(
        balance_usdt=D(1_000), notional_usdt=D(500), reported_maintenance_usdt=D(maintenance)
    )
    assert judge(reading, MarginLimits()).level is level


@pytest.mark.parametrize(
    ("distance", "level"),
    [
        ("0.2501", MarginLevel.CALM),
        ("0.25", MarginLevel.CALM),
        ("0.2499", MarginLevel.WARN),
        ("0.12", MarginLevel.WARN),
        ("0.1199", MarginLevel.REDUCE),
        ("-0.1", MarginLevel.REDUCE),
        ("NaN", MarginLevel.CALM),  # our own count stands
        ("Infinity", MarginLevel.CALM),
        (None, MarginLevel.CALM),
    ],
)
def test_the_distance_as_binance_tells_it(distance: str | None, level: MarginLevel) -> None:
    told = None if distance is None else D(distance)
    reading = MarginReading(balance_usdt=D(1_000), notional_usdt=D(500), told_distance=told)
    assert judge(reading, MarginLimits()).level is level


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["balance_usdt", "notional_usdt", "reported_maintenance_usdt"])
def test_a_figure_that_is_none_warns_and_closes_nothing(name: str, value: str) -> None:
    sound = MarginReading(balance_usdt=D(1_000), notional_usdt=D(500))
    verdict = judge(replace(sound, **{name: D(value)}), MarginLimits())
    assert (verdict.level, verdict.part_to_close) == (MarginLevel.WARN, D(0))


def test_the_exchanges_word_counts_when_it_is_worse() -> None:
    reading = MarginReading(balance_usdt=D(500), notional_usdt=D(1_000), told_distance=D("0.11"))
    verdict = judge(reading, MarginLimits())
    assert (verdict.level, verdict.part_to_close) == (MarginLevel.REDUCE, D("0.1"))
    told = replace(reading, told_distance=None, reported_maintenance_usdt=D(250))
    assert judge(told, MarginLimits()).level is MarginLevel.REDUCE


@pytest.mark.parametrize(
    ("distance", "is_alone"), [("0.0499", True), ("0.05", False), ("0.11", False)]
)
def test_the_hedge_alone_is_reduced_in_danger_only(distance: str, is_alone: bool) -> None:
    reading = MarginReading(
        balance_usdt=D(1_000), notional_usdt=D(5_000), told_distance=D(distance)
    )
    assert (judge(reading, MarginLimits()).part_alone > 0) is is_alone
    assert judge(reading, MarginLimits(alone=False)).part_alone == 0


def test_what_is_reduced_alone_restores_its_target() -> None:
    limits = MarginLimits()
    verdict = judge(MarginReading(balance_usdt=D(50), notional_usdt=D(1_500)), limits)
    kept = MarginReading(balance_usdt=D(50), notional_usdt=D(1_500) * (1 - verdict.part_alone))
    after = judge(kept, limits).distance
    assert after is not None
    assert abs(after - limits.alone_target) < D("0.0001")


def test_what_is_reduced_or_moved_restores_the_target() -> None:
    reading = MarginReading(balance_usdt=D(100), notional_usdt=D(1_000))
    limits = MarginLimits()
    verdict = judge(reading, limits)
    kept = MarginReading(balance_usdt=D(100), notional_usdt=D(1_000) * (1 - verdict.part_to_close))
    moved = replace(reading, balance_usdt=D(100) + verdict.usdt_to_move)
    for better in (kept, moved):
        after = judge(better, limits)
        assert after.level is MarginLevel.CALM
        assert after.distance is not None
        assert abs(after.distance - limits.target_distance) < D("0.0001")


def test_without_a_short_there_is_nothing_to_liquidate() -> None:
    reading = MarginReading(balance_usdt=D(0), notional_usdt=D(0))
    assert judge(reading, MarginLimits()).level is MarginLevel.CALM


# -- mismatch -------------------------------------------------------------------------------------

EVEN = Counted(ours_short=D(1), theirs_short=D(1), ours_coins=D(1), theirs_coins=D(1))


@pytest.mark.parametrize(
    ("counted", "differs"),
    [
        (EVEN, False),
        (replace(EVEN, theirs_coins=D(5)), False),  # the owner's own coins
        (replace(EVEN, theirs_coins=D("0.9")), True),
        (replace(EVEN, theirs_coins=D("0.9"), flight_coins=D("0.1")), False),
        (replace(EVEN, theirs_short=D("0.9")), True),
        (replace(EVEN, theirs_short=D("1.1")), True),
        (replace(EVEN, theirs_short=D("1.1"), flight_short=D("0.1")), False),
        (replace(EVEN, theirs_short=D("1.2"), flight_short=D("0.1")), True),
        (replace(EVEN, theirs_short=D(-1)), True),
    ],
)
def test_only_what_nothing_in_flight_explains(counted: Counted, differs: bool) -> None:
    assert bool(differences({"BTC": counted})) is differs


def test_a_difference_must_last_and_be_seen_again() -> None:
    watch, found = MismatchWatch(), {"BTC": "words"}
    for at_s in (0.0, 14.0):
        watch, lasting = watch.seen(found, at_s, 15.0)
        assert lasting == ()
    assert watch.seen(found, 15.0, 15.0)[1] == ("words",)
    gone, _ = watch.seen({}, 16.0, 15.0)
    assert gone.seen(found, 40.0, 15.0)[1] == ()
