"""A loss needs two counts: a withdrawal shows in one of them alone."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.kennel import HOLDING, Kennel
from tests.fakes.pair import SPOT_MID, START, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.venue import Venue
from trading_platform_order.watchdog.loss_limit.loss import (
    Flows,
    Reading,
    flows_in,
    traded_loss_krw,
    trades_pass_limit,
)

BASELINE = Reading(
    krw=D(10_000_000),
    coins_krw=D(0),
    margin_usdt=D(10_000),
    krw_per_usdt=D(1_000),
    at=START,
    short_usdt=D(0),
)
ENTER = signal(quantity="0.010")


@pytest.mark.parametrize(
    ("coins", "short", "flows", "lost"),
    [
        (0, 0, Flows(), 0),
        (1_000_000, 1_000, Flows(krw=D(-1_000_500), usdt=D("999.5")), 1_000),  # fees alone
        (900_000, 1_000, Flows(krw=D(-1_000_000), usdt=D(1_000)), 100_000),
        (1_000_000, 1_100, Flows(krw=D(-1_000_000), usdt=D(1_000)), 100_000),
        (1_500_000, 1_500, Flows(krw=D(-1_000_000), usdt=D(1_000)), 0),  # the coin rose
    ],
)
def test_the_trades_are_counted_without_the_balances(
    coins: int, short: int, flows: Flows, lost: int
) -> None:
    now = replace(BASELINE, krw=D(1), margin_usdt=D(1), coins_krw=D(coins), short_usdt=D(short))
    assert traded_loss_krw(BASELINE, now, flows) == lost


def test_what_cannot_be_told_passes_no_limit() -> None:
    now = replace(BASELINE, coins_krw=D(-9_000_000))
    assert trades_pass_limit(BASELINE, now, Flows(), fraction=D("0.04"))
    before = replace(BASELINE, short_usdt=None)
    assert not trades_pass_limit(before, now, Flows(), fraction=D("0.04"))
    broken = replace(now, short_usdt=D("NaN"))
    assert not trades_pass_limit(BASELINE, broken, Flows(), fraction=D("0.04"))


def test_fills_and_funding_after_the_baseline_are_its_flows() -> None:
    fill: dict[str, str | int | None] = {
        "seq": 7,
        "exchange": "upbit",
        "side": "BUY",
        "quantity": "2",
        "price": "100",
        "fee": "1",
        "fee_quote": "1",
    }
    hedge = {**fill, "exchange": "binance", "side": "SELL", "price": "10"}
    in_bnb = {**hedge, "fee": "0.001", "fee_quote": "0.6"}
    not_valued = {**in_bnb, "fee_quote": None}
    paid: dict[str, str | int | None] = {"seq": 9, "amount_usdt": "-3"}
    found = flows_in([fill, hedge, in_bnb, not_valued], [paid], since_seq=6)
    estimated = D("0.02")  # 0.1 % of what was traded
    assert found == Flows(krw=D(-201), usdt=D(20 - 1) + D("19.4") + D(20) - estimated - 3)
    assert flows_in([fill], [paid], since_seq=9) == Flows()


@in_virtual_time
async def test_a_withdrawal_that_nobody_can_explain_is_told_and_closes_nothing() -> None:
    kennel = Kennel(dog=HOLDING)
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await asyncio.sleep(150)
        kennel.snapshot[Venue.BINANCE].loss_usdt = D(8_000)
        await asyncio.sleep(150)
        assert kennel.held == (D("0.010"), D("-0.010"))
        assert kennel.told_kinds == ["loss_unconfirmed"]
        assert kennel.told[0].urgent
        assert await kennel.store.latch("stop") is None
        await asyncio.sleep(600)
        assert kennel.told_kinds == ["loss_unconfirmed"] * 2


@in_virtual_time
async def test_a_deposit_does_not_hide_a_loss_from_an_operator() -> None:
    kennel = Kennel(dog=replace(HOLDING, loss_fraction=D("0.001")))
    market = kennel.prices_of_its_own()
    async with kennel.watched(), kennel.running():
        await kennel.done(ENTER)
        await asyncio.sleep(150)
        market.spot_mid = SPOT_MID / 2
        kennel.snapshot[Venue.BINANCE].loss_usdt = D(-8_000)
        await asyncio.sleep(150)
        assert kennel.told_kinds == ["loss_unconfirmed"]
