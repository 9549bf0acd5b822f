"""What was begun lately, which pairs are open at what price, and how old prices are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.pair import START, VIEW, D, holding, signal
from tests.fakes.script import Script
from tests.unit.domain.account.test_ledger import fill
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.account_events import AccountOpened, FxMarked
from trading_platform_order.domain.account.recent_activity import (
    OpenPair,
    OpenPositions,
    RecentTrades,
)
from trading_platform_order.domain.account.valuation.price_ages import PriceAges
from trading_platform_order.domain.market import ANY_SOURCE, STREAMED, Ages, Source, Sources
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopBook,
    ProtectiveStopOrder,
    StopKind,
    StopPlanned,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.trade_events import HedgePositionRead


def test_only_the_same_wish_of_after_the_moment_counts_as_repeated() -> None:
    recent = RecentTrades()
    wish = signal(quantity="0.010")
    recent.note(wish, START)
    recent.note(signal(quantity="0.020"), START + timedelta(seconds=10))
    recent.note(replace(wish, id="s2"), START + timedelta(seconds=20))
    recent.note(signal(Action.EXIT), START + timedelta(seconds=30))
    assert recent.same_since(wish, START - timedelta(seconds=1)) == 2
    assert recent.same_since(wish, START) == 1, "after the moment, not at it"
    assert recent.same_since(signal(quantity="0.020"), START + timedelta(seconds=15)) == 0
    assert recent.entries_since(START - timedelta(seconds=1)) == 3
    recent.note(wish, START + timedelta(seconds=3_611))
    assert recent.entries_since(START - timedelta(seconds=1)) == 2, "an hour is kept"


def test_an_open_pair_carries_its_position_and_its_entry_prices() -> None:
    positions, opened = OpenPositions(), Script(signal(quantity="0.010")).opened
    positions.opened(opened)
    assert list(positions.pairs()) == []
    for leg, side, price in (
        (Leg.SPOT, OrderSide.BUY, "140000000"),
        (Leg.HEDGE, OrderSide.SELL, "100000"),
    ):
        positions.book_fill(fill(leg, side, "0.010", price), leg=leg, strategy="kimchi", base="BTC")
    pair = OpenPair(
        strategy="kimchi",
        base="BTC",
        position_id=opened.trade_id,
        spot=D("0.010"),
        short=D("0.010"),
        spot_cost_krw=D(1_400_000),
        short_value_usdt=D(1_000),
    )
    assert list(positions.pairs()) == [pair]
    positions.adjust_short(strategy="kimchi", base="BTC", delta=D("-0.004"))
    positions.lose_coins(strategy="kimchi", base="BTC", quantity=D("0.005"))
    (left,) = positions.pairs()
    assert (left.short, left.short_value_usdt) == (D("0.006"), D(600))
    assert (left.spot, left.spot_cost_krw) == (D("0.005"), D(700_000))


@pytest.mark.parametrize(
    ("sources", "age_s"), [(STREAMED, 30.0), (ANY_SOURCE, 12.0)], ids=["streamed", "any"]
)
def test_a_price_that_was_asked_for_counts_only_where_such_prices_do(
    sources: frozenset[Source], age_s: float
) -> None:
    ages = PriceAges()
    ages.note(VIEW, 100.0)
    asked = replace(
        VIEW, sources=Sources(spot=Source.ASKED, hedge=Source.STREAM), ages=Ages(spot_s=2.0)
    )
    ages.note(asked, 120.0)
    assert ages.oldest_s(["BTC"], 130.0, sources) == age_s
    assert ages.oldest_s(["BTC", "ETH"], 130.0, sources) is None
    assert ages.oldest_s([], 130.0, sources) == 0.0


def test_the_owners_dollars_are_valued_anew_when_the_rate_is_marked() -> None:
    book = AccountBook()
    opened = AccountOpened(krw=D(1_000_000), usdt=D(500), krw_per_usdt=D(1_400), at=START)
    book.book_account(opened)
    assert book.parts().fx_idle == 0
    book.book_account(FxMarked(krw_per_usdt=D(1_410), source="a test", at=START))
    assert book.parts().fx_idle == D(5_000)


def test_a_short_that_went_without_an_order_of_ours_leaves_its_pair() -> None:
    book = AccountBook()
    opened = AccountOpened(krw=D(10_000_000), usdt=D(5_000), krw_per_usdt=D(1_400), at=START)
    book.book_account(opened)
    entered = Script(signal(quantity="0.010"))
    for leg in Leg:
        entered.filled(entered.of(leg))
    exiting = Script(signal(Action.EXIT, name="s2"), start=entered.trade.holding)
    read = HedgePositionRead(short_before=D("0.010"), short_now=D("0.004"), at=START)
    exiting.happened(read)
    for script in (entered, exiting):
        trade: PairTrade | None = None
        for event in script.events:
            before, trade = trade, apply(trade, event)
            book.book_trade(before, trade, event)
    (pair,) = book.positions.pairs()
    assert (pair.base, pair.spot, pair.short) == ("BTC", D("0.010"), D("0.004"))
    assert book.ledger.holding("kimchi", "BTC") == holding("0.010", "0.004")


def test_conditional_orders_that_stand_are_told_oldest_first() -> None:
    book = ProtectiveStopBook()
    for name, kind, after_s in (
        ("b", StopKind.TRAILING, 5),
        ("a", StopKind.PROTECTIVE, 5),
        ("c", StopKind.PROTECTIVE, 0),
    ):
        stop = ProtectiveStopOrder(
            client_order_id=name,
            base="BTC",
            kind=kind,
            quantity=D("0.010"),
            trigger_price_usdt=D(140_000),
            callback_bps=None,
            created_at=START + timedelta(seconds=after_s),
        )
        book.apply(StopPlanned(stop=stop, reason="", at=START))
    assert [stop.client_order_id for stop in book.live("BTC")] == ["c", "a", "b"]
    assert [stop.client_order_id for stop in book.live("BTC", StopKind.PROTECTIVE)] == ["c", "a"]
    assert book.live("ETH") == ()
