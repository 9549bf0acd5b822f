"""Prices to close by while no book comes: the last known ones, on filters that fit what is held."""

import asyncio
from dataclasses import replace

from tests.fakes.fixture import ExecutorFixture, FakeMarket
from tests.fakes.pair import HEDGE, HEDGE_MID, SPOT, SPOT_MID, START, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.market import Instrument, Level, PairView
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.ports import ExecutorPorts


class WithoutBooks(FakeMarket):
    """No book comes; its filters are known or not."""

    def __init__(self, filters: dict[Leg, Instrument]) -> None:
        super().__init__()
        self.gone = True
        self._filters = filters

    def instruments(self, base: str) -> dict[Leg, Instrument]:
        del base
        return self._filters


async def invented(filters: dict[Leg, Instrument]) -> PairView:
    """What a pair of 0.012 BTC is closed by, in slices of 700,000 KRW."""
    async with ExecutorFixture().running() as fixture:
        await fixture.done(signal(quantity="0.012"))
        market = WithoutBooks(filters)
        prices = ClosingPrices(
            ports=ExecutorPorts(
                exchanges=PairExchanges(spot=fixture.upbit, hedge=fixture.binance),
                store=fixture.store,
                clock=fixture.clock,
                market=market,
                wire_time=lambda _: None,
                stop_flag=lambda: None,
                may_send=lambda: True,
            ),
            book=fixture.executor.book,
            book_age_s_max=5.0,
            slice_krw=D(700_000),
        )
        assert prices.view("BTC") is None
        await asyncio.sleep(2.9)
        assert prices.view("BTC") is None, "a usable book may still come"
        await asyncio.sleep(0.2)
        found = prices.view("BTC")
        assert found is not None
        assert found.is_blind
        assert market.asked_for == ["BTC"] * 3
        return found.view


@in_virtual_time
async def test_known_filters_stay_and_prices_are_the_last_ones() -> None:
    tick = replace(SPOT, price_tick=D(500))
    view = await invented({Leg.SPOT: tick, Leg.HEDGE: HEDGE})
    assert (view.spot, view.hedge) == (tick, HEDGE)
    # Held coins are valued at the bid.
    slice_base = D(700_000) / (SPOT_MID - 10_000)
    spot = Level(price=SPOT_MID - 10_000, quantity=slice_base)
    hedge = Level(price=HEDGE_MID, quantity=slice_base)
    assert (view.spot_book.bids, view.spot_book.asks) == ((spot,), (spot,))
    assert (view.hedge_book.bids, view.hedge_book.asks) == ((hedge,), (hedge,))
    assert (view.spot_book.symbol, view.hedge_book.symbol) == ("BTC-KRW", "BTCUSDT")
    assert view.fx.krw_per_usdt == D(1_400)
    assert view.base == "BTC"
    assert view.now == view.spot_book.at == view.hedge_book.at == view.fx.at
    assert view.now > START


@in_virtual_time
async def test_without_filters_the_steps_are_those_of_what_is_held() -> None:
    view = await invented({})
    assert (view.spot.venue, view.spot.symbol) == (Venue.UPBIT, "BTC-KRW")
    assert (view.hedge.venue, view.hedge.symbol) == (Venue.BINANCE, "BTCUSDT")
    assert view.spot.quantity_step == view.spot.min_quantity == D("0.00000001")
    assert view.hedge.quantity_step == view.hedge.min_quantity == D("0.001")
    for made in (view.spot, view.hedge):
        assert made.is_trading
        assert {made.min_notional, made.max_notional, made.max_quantity} == {D(0)}
