"""What other hands did explains a balance only when it makes the difference exactly."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import ScriptedOutcome, refused
from tests.fakes.pair import START, D, signal
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import ForeignMovement
from trading_platform_order.domain.order import Fill, OrderSide
from trading_platform_order.domain.outcome import ProvenAbsent, Transfer
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.account.external_activity import (
    Change,
    changes_by,
    newest_that_sum_to,
)
from trading_platform_order.transport.virtual_loop import run_virtual

BURNED = ProvenAbsent(evidence="identifier burned")
LOST = ScriptedOutcome(exists=False, answer_s=None)


def changes(*amounts: str) -> list[Change]:
    """Newest first."""
    return [
        Change(amount=D(amount), what=f"order {number}", at=START - timedelta(seconds=number))
        for number, amount in enumerate(amounts)
    ]


@pytest.mark.parametrize(
    ("amount", "done", "words"),
    [
        ("0.3", ("0.3",), "order 0 0.3"),
        ("0.3", ("0.1", "0.2", "5"), "order 0 0.1, order 1 0.2"),
        ("-0.1", ("0.2", "-0.3"), "order 0 0.2, order 1 -0.3"),
        ("0.3", (), None),
        ("0.3", ("0.2999",), None),
        ("0.3", ("5", "0.3"), None),
    ],
)
def test_only_the_newest_that_make_exactly_the_difference_explain_it(
    amount: str, done: tuple[str, ...], words: str | None
) -> None:
    assert newest_that_sum_to(D(amount), changes(*done)) == words


def test_executions_change_a_position_by_what_they_bought_or_sold() -> None:
    bought = Fill(
        exchange=Venue.BINANCE,
        symbol="BTCUSDT",
        client_order_id="web",
        trade_id="7",
        side=OrderSide.BUY,
        quantity=D("0.004"),
        price=D(100_000),
        fee=D(0),
        fee_asset="USDT",
        at=START,
    )
    later = START + timedelta(seconds=1)
    sold = replace(bought, trade_id="8", side=OrderSide.SELL, quantity=D("0.001"), at=later)
    assert changes_by([bought, sold]) == (
        Change(amount=D("-0.001"), what="execution 8", at=later),
        Change(amount=D("0.004"), what="execution 7", at=START),
    )


@pytest.mark.parametrize(("came", "is_resolved"), [("0.004", True), ("0.0041", False)])
def test_a_deposit_explains_coins_that_a_lost_order_did_not_buy(
    came: str, is_resolved: bool
) -> None:
    async def scenario() -> None:
        async with ExecutorFixture().running() as fixture:
            fixture.upbit.proof = BURNED
            fixture.upbit.outcomes.append(LOST)
            receipt = await fixture.signal(signal(quantity="0.010"))
            fixture.upbit.base += D("0.004")
            fixture.upbit.transfer_list.append(
                Transfer(transaction_id="d", asset="BTC", amount=D(came), at=fixture.clock.now())
            )
            await asyncio.sleep(60)
            assert receipt.trade_id is not None
            trade = fixture.executor.trades[receipt.trade_id]
            assert bool(trade.unresolved) is not is_resolved
            proofs = [e for e in await fixture.events() if isinstance(e, te.OrderProvenAbsent)]
            assert [("transfer d 0.004" in proof.evidence) for proof in proofs] == (
                [True] if is_resolved else []
            )

    run_virtual(scenario())


@pytest.mark.parametrize("is_booked", [True, False])
def test_what_is_booked_already_explains_nothing(is_booked: bool) -> None:
    """The same quantity once more may be ours, which no list shows yet."""

    async def scenario() -> None:
        async with ExecutorFixture().running() as fixture:
            told = Transfer(
                transaction_id="d", asset="BTC", amount=D("0.004"), at=fixture.clock.now()
            )
            fixture.upbit.transfer_list.append(told)
            fixture.upbit.base += D("0.004")
            await asyncio.sleep(130 if is_booked else 2)
            fixture.upbit.proof = BURNED
            fixture.upbit.outcomes.append(LOST)
            receipt = await fixture.signal(signal(quantity="0.010", at=fixture.clock.now()))
            if is_booked:
                fixture.upbit.base += D("0.004")
            await asyncio.sleep(60)
            assert receipt.trade_id is not None
            assert bool(fixture.executor.trades[receipt.trade_id].unresolved) is is_booked

    run_virtual(scenario())


@in_virtual_time
async def test_a_movement_is_recorded_with_the_act_that_made_it() -> None:
    async with ExecutorFixture().running() as fixture:
        fixture.upbit.money += D(70_000)
        told = Transfer(transaction_id="d-7", asset="KRW", amount=D(70_000), at=fixture.clock.now())
        fixture.upbit.transfer_list.append(told)
        fixture.binance.money += D(5)
        await asyncio.sleep(130)
        moved = [e for e in await fixture.events() if isinstance(e, ForeignMovement)]
        assert sorted((e.asset, e.reason.split(";")[0]) for e in moved) == [
            ("KRW", "by another hand: transfer d-7 70000"),
            ("USDT", "not explained by any trade, fee or funding of ours"),
        ]


@in_virtual_time
async def test_a_stop_that_is_still_set_is_told_at_the_start() -> None:
    fixture = ExecutorFixture()
    async with fixture.running():
        await fixture.store.set_latch("stop", "the engine died as it set it", at_us=0)
        assert await fixture.alerts() == []
    async with fixture.running():
        assert ("emergency_stop", True) in await fixture.alerts()
        fixture.upbit.outcomes.append(refused())
        assert (await fixture.signal(signal())).refusal is not None
