"""The judges of fills can object: a judge that never does proves nothing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.pair import START, signal
from tests.fakes.script import Script
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill
from trading_platform_order.simulation.checkers.fills import (
    every_fill_in_the_journal_once,
    exposure_within_budget,
    fees_are_those_charged,
    naked_times,
    nothing_sold_that_was_not_ours,
)

PRICES = {"BTC": Decimal(140_000_000)}


def fill(
    venue: Venue, quantity: str, *, buy: bool, at_s: float = 0.0, trade_id: str = "t"
) -> ExchangeFill:
    return ExchangeFill(
        venue=venue,
        client_order_id="order",
        base="BTC",
        trade_id=trade_id,
        is_buy=buy,
        quantity=Decimal(quantity),
        price=PRICES["BTC"] if venue is Venue.UPBIT else Decimal(100_000),
        at=START + timedelta(seconds=at_s),
    )


def test_a_fill_is_missing_invented_or_right() -> None:
    script = Script(signal(quantity="0.010"))
    script.filled(script.of(Leg.SPOT))
    trades = {script.trade.trade_id: script.trade}
    (known,) = script.trade.fills
    theirs = fill(Venue.UPBIT, "0.010", buy=True, trade_id=known.trade_id)
    assert list(every_fill_in_the_journal_once([theirs], trades)) == []
    assert "only in the journal" in next(iter(every_fill_in_the_journal_once([], trades)))
    other = fill(Venue.BINANCE, "0.010", buy=False, trade_id="other")
    assert "missing" in next(iter(every_fill_in_the_journal_once([theirs, other], trades)))


def test_a_fee_is_booked_in_the_asset_in_which_it_was_taken() -> None:
    script = Script(signal(quantity="0.010"))
    script.filled(script.of(Leg.HEDGE))
    trades = {script.trade.trade_id: script.trade}
    (known,) = script.trade.fills
    theirs = fill(Venue.BINANCE, "0.010", buy=False, trade_id=known.trade_id)
    theirs = replace(theirs, client_order_id=known.client_order_id)
    right = replace(theirs, fee=(known.fee, known.fee_asset))
    assert list(fees_are_those_charged([right], trades)) == []
    in_bnb = replace(theirs, fee=(known.fee, "BNB"))
    assert "BNB" in next(iter(fees_are_those_charged([in_bnb], trades)))


def test_coins_that_are_not_ours_are_never_sold() -> None:
    bought = fill(Venue.UPBIT, "1", buy=True)
    assert list(nothing_sold_that_was_not_ours([bought, fill(Venue.UPBIT, "1", buy=False)])) == []
    assert len(list(nothing_sold_that_was_not_ours([fill(Venue.UPBIT, "1", buy=False)]))) == 1
    late = [fill(Venue.UPBIT, "1", buy=False), bought]
    assert len(list(nothing_sold_that_was_not_ours(late))) == 1, "the order in time counts"


def test_more_is_never_bought_back_than_was_sold_short() -> None:
    short = fill(Venue.BINANCE, "1", buy=False)
    assert list(nothing_sold_that_was_not_ours([short, fill(Venue.BINANCE, "1", buy=True)])) == []
    over = fill(Venue.BINANCE, "1.1", buy=True)
    assert "above our short" in next(iter(nothing_sold_that_was_not_ours([short, over])))


@pytest.mark.parametrize(("apart_s", "objects"), [(9.9, False), (10.1, True)])
def test_legs_that_differ_too_long_are_told(apart_s: float, objects: bool) -> None:
    fills = [
        fill(Venue.UPBIT, "0.01", buy=True),
        fill(Venue.BINANCE, "0.01", buy=False, at_s=apart_s),
    ]
    naked = naked_times(fills, PRICES, START + timedelta(hours=1))
    assert [time.seconds for time in naked] == [pytest.approx(apart_s)]
    assert naked[0].krw == 1_400_000
    assert bool(list(exposure_within_budget(naked, 10.0))) is objects


def test_legs_that_never_meet_are_naked_until_now_and_dust_is_not() -> None:
    open_leg = [fill(Venue.UPBIT, "0.01", buy=True)]
    (naked,) = naked_times(open_leg, PRICES, START + timedelta(seconds=60))
    assert naked.seconds == 60
    dust = [fill(Venue.UPBIT, "0.00003", buy=True)]
    assert naked_times(dust, PRICES, START + timedelta(seconds=60)) == []


def test_what_was_too_little_to_trade_stays_so_when_the_coin_rises() -> None:
    left = [fill(Venue.UPBIT, "0.00003", buy=True)]
    dearer = {"BTC": PRICES["BTC"] * 2}
    assert naked_times(left, dearer, START + timedelta(seconds=60)) == []
