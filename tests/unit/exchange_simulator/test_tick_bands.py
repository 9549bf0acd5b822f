"""Simulated books of coins with coarse ticks, and across the edges of tick bands."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_simulator.decimals import BPS
from exchange_simulator.market.book import build_book
from exchange_simulator.upbit.market_data.markets import Market, Markets
from exchange_simulator.upbit.numbers import is_on_step, tick_size

AT = datetime(2025, 9, 1, tzinfo=UTC)
DEPTH, USDT_DEPTH = Decimal(150_000_000), Decimal(1_500_000_000)


def shown(price: str, *more: str, learns_ticks: bool = False) -> Market:
    markets = Markets(depth_krw=DEPTH, usdt_depth_krw=USDT_DEPTH, learns_ticks=learns_ticks)
    for number, told in enumerate((price, *more)):
        value, at = Decimal(told), AT + timedelta(minutes=number)
        market = markets.set_price("KRW-DOGE", value, high=value, low=value, at=at)
    return market


@pytest.mark.parametrize(
    ("price", "bids", "asks"),
    [
        ("100", "100 99.9 99.8", "101 102 103"),
        ("99.9", "99.9 99.8 99.7", "100 101 102"),
        ("9990", "9990 9985 9980", "9995 10000 10010"),
        ("1000000", "1000000 999500 999000", "1001000 1002000 1003000"),
    ],
)
def test_every_level_is_a_possible_price(price: str, bids: str, asks: str) -> None:
    book = shown(price).book
    assert [level.price for level in book.bids[:3]] == list(map(Decimal, bids.split()))
    assert [level.price for level in book.asks[:3]] == list(map(Decimal, asks.split()))
    assert all(is_on_step(at, tick_size(at)) for at, _ in (*book.bids, *book.asks))


def test_a_wide_spread_over_an_edge_ends_on_a_possible_price() -> None:
    book = build_book(
        price=Decimal("99.9"),
        tick_of=tick_size,
        quantity_step=Decimal("0.1"),
        spread=Decimal("0.7"),
        top_quote=Decimal(1_000_000),
        growth=Decimal(0),
    )
    assert book.asks[0].price == Decimal(101)


@pytest.mark.parametrize("price", ["387", "100", "0.0173", "153224000"])
def test_a_basis_point_holds_some_millions_however_coarse_the_tick_is(price: str) -> None:
    market = shown(price)
    at, quantity = market.book.bids[0]
    tick_bps = tick_size(at) / at * BPS
    assert at * quantity >= Decimal(3_799_000) * max(tick_bps, Decimal(1))


def test_a_replay_trades_on_the_ticks_of_its_candles() -> None:
    """DOGE was traded at 100.7 KRW in 2023; today's step there is 1."""
    market = shown("100.7", "101", learns_ticks=True)
    assert market.tick_at(Decimal(101)) == Decimal("0.1")
    assert market.book.bids[0].price == Decimal(101)
    assert market.book.asks[0].price == Decimal("101.1")
    assert market.tick_at(Decimal(5_000)) == 5


@pytest.mark.parametrize("price", ["387", "150661000", "3957.123456"])
def test_prices_of_today_and_of_no_market_leave_the_rule_alone(price: str) -> None:
    assert shown(price, learns_ticks=True).finer_ticks == {}


def test_a_market_that_is_made_up_follows_todays_rule() -> None:
    assert shown("100.7").book.bids[0].price == Decimal(100)
