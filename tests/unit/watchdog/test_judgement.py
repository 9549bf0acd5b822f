"""The watchdog's pure judgements: loss, vital signs, strays."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.kennel import SETTINGS
from tests.fakes.pair import START, D
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    Purpose,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.storage.liveness import Heartbeat, ProcessState, Who
from trading_platform_order.watchdog.engine.liveness import Condition, Signs, judge
from trading_platform_order.watchdog.loss_limit.loss import (
    Reading,
    Transfers,
    day_of,
    loss_krw,
    passes_limit,
    transfers_in,
)
from trading_platform_order.watchdog.unjournalled_orders import UnjournalledOrders

NAME = "tp-aaaaaaaaaaaaaaaaaaaa-so1"


def order(ending: str) -> Order:
    return Order(
        id="1",
        client_order_id=f"tp-aaaaaaaaaaaaaaaaaaaa-{ending}",
        exchange=Venue.UPBIT,
        symbol="BTC-KRW",
        side=OrderSide.BUY,
        type=OrderType.MARKET,
        quantity=D("0.010"),
        leg=Leg.SPOT,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="s1",
        created_at=START,
    )


def report(executed: str) -> OrderReport:
    return OrderReport(
        exchange=Venue.UPBIT,
        symbol="BTC-KRW",
        client_order_id=NAME,
        exchange_order_id="1",
        side=OrderSide.BUY,
        type=OrderType.MARKET,
        quantity=None,
        price=None,
        executed_quantity=D(executed),
        is_open=False,
    )


BASELINE = Reading(
    krw=D(10_000_000), coins_krw=D(0), margin_usdt=D(10_000), krw_per_usdt=D(1_000), at=START
)
NONE = Transfers()


def now(krw: int, coins: int = 0, margin: int = 10_000, rate: int = 1_000) -> Reading:
    return Reading(
        krw=D(krw), coins_krw=D(coins), margin_usdt=D(margin), krw_per_usdt=D(rate), at=START
    )


@pytest.mark.parametrize(
    ("reading", "transfers", "lost"),
    [
        (now(10_000_000), NONE, 0),
        (now(5_000_000, 4_000_000), NONE, 1_000_000),
        (now(10_000_000, margin=9_000), NONE, 1_000_000),
        (now(10_000_000, rate=900), NONE, 0),  # idle USDT lost by the rate alone
        (now(9_000_000), Transfers(krw=D(-1_000_000)), 0),  # withdrawn
        (now(10_000_000, margin=11_000), Transfers(usdt=D(1_000)), 0),  # paid in: no profit
        (now(10_500_000), NONE, -500_000),
    ],
)
def test_the_loss_is_counted_by_what_both_exchanges_show(
    reading: Reading, transfers: Transfers, lost: int
) -> None:
    assert loss_krw(BASELINE, reading, transfers) == lost


@pytest.mark.parametrize(
    ("krw", "fraction", "passes"),
    [
        (9_200_000, "0.04", False),  # exactly 4 % of 20,000,000
        (9_199_999, "0.04", True),
        (9_200_001, "0.04", False),
        (0, "0", False),
    ],
)
def test_the_limit_is_passed_only_beyond_it(krw: int, fraction: str, *, passes: bool) -> None:
    assert passes_limit(BASELINE, now(krw), NONE, fraction=D(fraction)) is passes


@pytest.mark.parametrize("figure", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_nothing_is_sold_for_a_figure_that_is_none(figure: str) -> None:
    broken = replace(now(1), margin_usdt=D(figure))
    assert not passes_limit(BASELINE, broken, NONE, fraction=D("0.04"))
    assert not passes_limit(broken, now(1), NONE, fraction=D("0.04"))
    moved = Transfers(krw=D(figure))
    assert not passes_limit(BASELINE, now(1), moved, fraction=D("0.04"))


WISH = replace(order("so1"), quantity=D("0.010"))


@pytest.mark.parametrize(("age_s", "told"), [(2.9, 0), (3.0, 1), (3.1, 1)])
def test_an_order_in_no_journal_is_told_from_its_limit_on(age_s: float, told: int) -> None:
    clock = [0.0]
    unjournalled = UnjournalledOrders(prefix="tp-", monotonic=lambda: clock[0])
    unjournalled.note(report("0"))
    clock[0] = age_s
    assert len(unjournalled.judge(lambda _: None, limit_s=3.0)) == told
    assert unjournalled.judge(lambda _: None, limit_s=3.0) == (), "once"


@pytest.mark.parametrize(
    ("executed", "told"),
    [("0", 0), ("0.00999999", 0), ("0.01", 0), ("0.01000001", 1), ("9", 1)],
)
def test_more_executed_than_intended_is_told_just_over_it(executed: str, told: int) -> None:
    unjournalled = UnjournalledOrders(prefix="tp-", monotonic=lambda: 0.0)
    unjournalled.note(report(executed))
    assert len(unjournalled.judge(lambda _: WISH, limit_s=3.0)) == told


@pytest.mark.parametrize(("quote", "told"), [("999999", 0), ("1000000", 0), ("1000001", 1)])
def test_more_krw_than_intended_is_told_just_over_it(quote: str, told: int) -> None:
    unjournalled = UnjournalledOrders(prefix="tp-", monotonic=lambda: 0.0)
    unjournalled.note(replace(report("0.5"), quote_amount=D(quote)))
    wish = replace(WISH, quote_amount=D(1_000_000))
    assert len(unjournalled.judge(lambda _: wish, limit_s=3.0)) == told


@pytest.mark.parametrize(("executed", "told"), [("0", 0), ("0.001", 1)])
@pytest.mark.parametrize("other", [{"symbol": "ETH-KRW"}, {"side": OrderSide.SELL}])
def test_another_symbol_or_side_under_our_id_is_told_once_it_fills(
    other: dict[str, object], executed: str, told: int
) -> None:
    unjournalled = UnjournalledOrders(prefix="tp-", monotonic=lambda: 0.0)
    unjournalled.note(replace(report(executed), **other))  # type: ignore[arg-type]
    assert len(unjournalled.judge(lambda _: WISH, limit_s=3.0)) == told


def test_orders_of_others_are_not_told() -> None:
    unjournalled = UnjournalledOrders(prefix="tp-", monotonic=lambda: 99.0)
    unjournalled.note(replace(report("1"), client_order_id="web-1"))
    assert unjournalled.judge(lambda _: None, limit_s=0.0) == ()


def test_the_day_starts_at_midnight_in_seoul() -> None:
    assert day_of(datetime(2026, 11, 26, 14, 59, tzinfo=UTC)) == "2026-11-26"
    assert day_of(datetime(2026, 11, 26, 15, 0, tzinfo=UTC)) == "2026-11-27"


def test_only_money_that_moved_after_the_baseline_is_left_out() -> None:
    rows: list[dict[str, str | int | None]] = [
        {"exchange": "upbit", "asset": "KRW", "amount": "5", "at_us": 11},
        {"exchange": "upbit", "asset": "KRW", "amount": "7", "at_us": 10},
        {"exchange": "upbit", "asset": "BTC", "amount": "1", "at_us": 12},
        {"exchange": "binance", "asset": "USDT", "amount": "-3", "at_us": 12},
    ]
    assert transfers_in(rows, since_us=10) == Transfers(krw=D(5), usdt=D(-3))


BEAT = Heartbeat(who=Who.ENGINE, boot="1", beat=1, at_us=0)


@pytest.mark.parametrize(
    ("last", "silent_s", "gone", "condition"),
    [
        (None, 999, True, Condition.NEVER_SEEN),
        (BEAT, 4.9, True, Condition.ALIVE),
        (BEAT, 5.0, True, Condition.GONE),
        (BEAT, 9.9, False, Condition.ALIVE),
        (BEAT, 10.0, False, Condition.SILENT),
        (replace(BEAT, state=ProcessState.ENDED), 299.9, True, Condition.PAUSED),
        (replace(BEAT, state=ProcessState.ENDED), 300.0, True, Condition.STOPPED),
        (replace(BEAT, state=ProcessState.YIELDED), 5.0, True, Condition.GONE),
    ],
)
def test_when_an_engine_is_dead(
    last: Heartbeat | None, silent_s: float, condition: Condition, *, gone: bool
) -> None:
    there_s = 0.0 if gone else silent_s + 60
    signs = Signs(last=last, silent_s=silent_s, gone=gone, there_s=there_s)
    found = judge(signs, SETTINGS)
    assert found.condition is condition


STARTS = replace(BEAT, state=ProcessState.STARTING)


@pytest.mark.parametrize(
    ("starting_s", "silent_s", "condition"),
    [
        (0.0, 0.4, Condition.STARTING),
        (119.9, 9.9, Condition.STARTING),  # a long journal: its beat moves
        (120.0, 0.4, Condition.STUCK),
        (20.0, 10.0, Condition.SILENT),
    ],
)
def test_a_start_is_judged_by_its_progress(
    starting_s: float, silent_s: float, condition: Condition
) -> None:
    signs = Signs(last=STARTS, silent_s=silent_s, gone=False, there_s=200.0, starting_s=starting_s)
    assert judge(signs, SETTINGS).condition is condition


@pytest.mark.parametrize(
    ("condition", "is_dead", "has_ended", "serves"),
    [
        (Condition.ALIVE, False, False, True),
        (Condition.STARTING, False, False, True),
        (Condition.STUCK, True, False, False),
        (Condition.PAUSED, False, True, False),
        (Condition.STOPPED, True, True, False),
        (Condition.GONE, True, True, False),
        (Condition.SILENT, True, True, False),
    ],
)
def test_who_can_answer_and_who_serves(
    condition: Condition, *, is_dead: bool, has_ended: bool, serves: bool
) -> None:
    found = (condition.is_dead, condition.has_ended, condition.serves_exits)
    assert found == (is_dead, has_ended, serves)
