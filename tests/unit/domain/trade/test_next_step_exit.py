"""EXIT: both legs to the target, never re-opening; harder and harder, then an operator."""

from dataclasses import replace

import pytest

from tests.fakes.pair import HEDGE, POLICY, START, VIEW, D, holding, pair_view, seconds, signal
from tests.fakes.script import Script
from trading_platform_order.domain.hindrance import Hindrance
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
)
from trading_platform_order.domain.outcome import NOT_ENOUGH_COINS, REDUCE_ONLY_REJECTED
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome


def exiting(spot: str = "0.01000002", short: str = "0.010", *, part: str | None = None) -> Script:
    return Script(signal(Action.EXIT, quantity=part), start=holding(spot, short))


def what(order: Order) -> tuple[Purpose, Leg, OrderSide, str]:
    return order.purpose, order.leg, order.side, plain(order.quantity)


def position_read(script: Script, now: str) -> None:
    assert isinstance(script.only(), ns.ReadHedgePosition)
    script.happened(
        te.HedgePositionRead(
            short_before=script.trade.holding.short, short_now=D(now), at=script.now
        )
    )


def test_both_closed_is_flat_dust_included() -> None:
    script = exiting()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    assert what(spot) == (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.01000002")
    assert what(hedge) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.01")
    assert hedge.reduce_only
    script.filled(spot)
    script.filled(hedge)
    assert script.settles() is TradeOutcome.FLAT
    assert script.trade.holding == holding("0.00000000", "0.000")


def test_a_part_closed_leaves_the_rest_hedged() -> None:
    script = exiting(part="0.004")
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE))
    assert script.settles() is TradeOutcome.HEDGED
    assert script.trade.holding == holding("0.00600002", "0.006")


def test_a_withdrawn_rest_stays_and_what_differs_is_still_closed() -> None:
    script = exiting()
    script.refused(script.of(Leg.SPOT), retryable=True)
    script.filled(script.of(Leg.HEDGE), "0.004")
    withdrawn = te.CompletionStopped(reason="an operator", withdrawn=True, at=script.now)
    script.happened(withdrawn)
    assert script.trade.target == holding("0.006", "0.006")
    order = script.planned()
    assert what(order) == (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.00400002")
    script.filled(order)
    assert script.settles() is TradeOutcome.HEDGED
    assert script.trade.holding == holding("0.00600000", "0.006")


def test_nothing_is_withdrawn_while_an_order_may_fill() -> None:
    script = exiting()
    before = script.trade
    script.happened(te.CompletionStopped(reason="an operator", withdrawn=True, at=script.now))
    assert script.trade == before


def coins_read(script: Script, now: str) -> None:
    assert isinstance(script.only(), ns.ReadCoins)
    held = script.trade.holding.spot
    script.happened(te.CoinsRead(coins_before=held, coins_now=D(now), at=script.now))


def test_coins_that_somebody_else_took_are_asked_for_once_and_not_sold_again_and_again() -> None:
    script = exiting()
    script.filled(script.of(Leg.HEDGE))
    script.refused(script.of(Leg.SPOT), code=NOT_ENOUGH_COINS)
    coins_read(script, "0.004")
    script.after(1.0)
    rest = script.planned()
    assert what(rest) == (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.004")
    script.filled(rest)
    assert script.settles() is TradeOutcome.FLAT
    assert script.trade.holding == holding("0.000", "0.000")


def test_coins_that_are_all_there_are_offered_again() -> None:
    script = exiting()
    script.filled(script.of(Leg.HEDGE))
    script.refused(script.of(Leg.SPOT), code=NOT_ENOUGH_COINS)
    coins_read(script, "0.01000002")
    script.after(1.0)
    assert what(script.planned()) == (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.01000002")


def test_the_short_follows_coins_that_were_taken_beyond_the_part() -> None:
    script = exiting(part="0.004")
    script.refused(script.of(Leg.SPOT), code=NOT_ENOUGH_COINS)
    script.filled(script.of(Leg.HEDGE))
    coins_read(script, "0.002")
    script.after(1.0)
    rest = script.planned()
    assert what(rest) == (Purpose.UNWIND, Leg.HEDGE, OrderSide.BUY, "0.004")
    script.filled(rest)
    assert script.settles() is TradeOutcome.HEDGED


def test_an_entry_whose_coins_are_gone_takes_its_short_back() -> None:
    script = Script(signal(Action.ENTER))
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE), "0.005")
    script.happened(te.CompletionStopped(reason="stopped", at=script.now))
    back = script.planned()
    assert (back.leg, back.side) == (Leg.SPOT, OrderSide.SELL)
    script.refused(back, code=NOT_ENOUGH_COINS)
    coins_read(script, "0")
    script.after(1.0)
    assert what(script.planned()) == (Purpose.UNWIND, Leg.HEDGE, OrderSide.BUY, "0.005")


def test_one_leg_is_tried_again_and_never_reopened() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.absent(script.of(Leg.HEDGE))
    again = script.planned()
    assert what(again) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.01")
    assert (again.attempt, again.reduce_only, again.type) == (2, True, OrderType.MARKET)
    script.filled(again, "0.006")
    last = script.planned()
    assert what(last) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.004")
    script.filled(last)
    assert script.settles() is TradeOutcome.FLAT


def test_both_refused_for_now_are_both_tried_again_after_a_pause() -> None:
    script = exiting()
    script.refused(script.of(Leg.SPOT), retryable=True)
    script.refused(script.of(Leg.HEDGE), retryable=True)
    assert script.waits() == START + seconds(1.0)
    script.after(1.0)
    orders = script.planned_all()
    assert [what(order) for order in orders] == [
        (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.01000002"),
        (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.01"),
    ]


def test_one_leg_refused_while_the_other_is_gone_is_tried_at_once() -> None:
    script = exiting()
    script.filled(script.of(Leg.HEDGE))
    script.refused(script.of(Leg.SPOT), retryable=True)
    assert what(script.planned()) == (Purpose.CLOSE, Leg.SPOT, OrderSide.SELL, "0.01000002")


def test_while_one_exchange_bans_us_the_other_brings_the_legs_together() -> None:
    script = exiting("0.010")
    script.filled(script.of(Leg.SPOT), "0.006")
    script.refused(script.of(Leg.HEDGE), retryable=True)
    spot, hedge = script.planned_all()
    script.refused(spot, code="banned", retryable=True, retry_after_s=60.0)
    script.refused(hedge, retryable=True)
    script.after(2)
    again = script.planned()
    assert what(again) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.006")
    script.filled(again)
    assert script.trade.gap == 0
    assert script.waits() == START + seconds(60.0)
    script.now = script.waits()
    assert [plain(order.quantity) for order in script.planned_all()] == ["0.004", "0.004"]


def test_the_shorter_leg_is_not_closed_further_while_the_longer_one_is_banned() -> None:
    script = exiting("0.010")
    script.filled(script.of(Leg.SPOT), "0.006")
    script.refused(script.of(Leg.HEDGE), code="banned", retryable=True, retry_after_s=60.0)
    assert script.waits() == START + seconds(60.0)


def test_a_ban_on_one_leg_does_not_tear_an_even_pair_apart() -> None:
    script = exiting()
    script.refused(script.of(Leg.SPOT), code="banned", retryable=True, retry_after_s=60.0)
    script.refused(script.of(Leg.HEDGE), retryable=True)
    assert script.waits() == START + seconds(60.0)


def test_a_reduce_only_rejection_asks_for_the_position_flat_means_done() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), code=REDUCE_ONLY_REJECTED)
    position_read(script, "0")
    assert script.settles() is TradeOutcome.FLAT
    assert script.trade.holding == holding("0.00000000", "0")


def test_what_is_left_of_the_position_is_closed() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), code=REDUCE_ONLY_REJECTED)
    position_read(script, "0.003")
    again = script.planned()
    assert what(again) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.003")
    script.refused(again, code=REDUCE_ONLY_REJECTED)
    position_read(script, "0.000")
    assert script.settles() is TradeOutcome.FLAT


def test_a_position_closed_by_somebody_else_ends_an_entry_too() -> None:
    script = Script(signal(quantity="0.010"))
    script.filled(script.of(Leg.HEDGE))
    script.refused(script.of(Leg.SPOT))
    script.refused(script.planned(), code=REDUCE_ONLY_REJECTED)
    position_read(script, "0")
    assert script.settles() is TradeOutcome.UNWOUND


def test_a_part_of_a_hedge_that_somebody_else_closed_is_never_opened_again() -> None:
    script = exiting(part="0.004")
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), code=REDUCE_ONLY_REJECTED)
    position_read(script, "0.001")
    rest = script.planned()
    assert what(rest) == (Purpose.UNWIND, Leg.SPOT, OrderSide.SELL, "0.00500002")
    script.filled(rest)
    assert script.settles() is TradeOutcome.HEDGED
    assert script.trade.holding == holding("0.00100000", "0.001")


def test_a_part_of_a_hedge_that_is_gone_altogether_ends_flat() -> None:
    script = exiting(part="0.004")
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), code=REDUCE_ONLY_REJECTED)
    position_read(script, "0")
    script.filled(script.planned())
    assert script.settles() is TradeOutcome.FLAT
    assert script.trade.holding == holding("0.00000000", "0")


def test_more_sold_than_held_is_restored() -> None:
    """An order proven absent fills after all: both attempts sold, the first one too much."""
    script = exiting()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(hedge)
    script.absent(spot)
    script.filled(script.planned())
    script.settles()
    script.after(30).filled(spot)
    assert script.trade.holding.spot == D("-0.01000002")
    back = script.planned()
    assert what(back) == (Purpose.UNWIND, Leg.SPOT, OrderSide.BUY, "0.01000002")
    assert back.quote_amount == D(1_400_102)
    script.filled(back)
    assert script.settles() is TradeOutcome.FLAT


def test_more_bought_back_than_short_is_sold_again() -> None:
    script = exiting()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(spot)
    script.absent(hedge)
    script.filled(script.planned())
    script.settles()
    script.after(30).filled(hedge)
    back = script.planned()
    assert what(back) == (Purpose.UNWIND, Leg.HEDGE, OrderSide.SELL, "0.01")
    assert not back.reduce_only


@pytest.mark.parametrize(
    ("spot", "short", "legs"),
    [
        ("0.00003", "0.010", [Leg.HEDGE]),  # 4,200 KRW of coins are dust
        ("0.010", "0", [Leg.SPOT]),
        ("0.010", "0.0004", [Leg.SPOT]),
    ],
)
def test_a_leg_that_cannot_be_traded_is_left_as_dust(
    spot: str, short: str, legs: list[Leg]
) -> None:
    script = exiting(spot, short)
    assert [order.leg for order in script.trade.orders] == legs
    script.filled(script.trade.orders[0])
    assert script.settles() is TradeOutcome.FLAT


def test_an_exit_over_the_maximum_goes_in_parts_on_both_legs() -> None:
    small = pair_view(hedge=replace(HEDGE, max_quantity=D("0.004")))
    script = Script(signal(Action.EXIT), start=holding("0.010", "0.010"), view=small)
    sizes: list[list[str]] = []
    for _ in range(3):
        orders = script.planned_all(small) if sizes else script.trade.orders
        sizes.append([plain(order.quantity) for order in orders])
        for order in orders:
            script.filled(order)
    assert sizes == [["0.004", "0.004"], ["0.004", "0.004"], ["0.002", "0.002"]]
    assert script.settles(small) is TradeOutcome.FLAT


def test_quick_attempts_then_a_operator_then_slow_ones_that_never_end_while_naked() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), retryable=True)
    at = []
    for _ in range(POLICY.fast_attempts):
        while not script.step(VIEW).commands:
            script.now = script.waits()
        at.append((script.now - START).total_seconds())
        script.refused(script.planned(), retryable=True)
    assert at == pytest.approx([0.0, 0.4, 1.2, 2.0, 2.8, 3.6, 4.4, 5.2])
    called = script.only()
    assert isinstance(called, ns.CallOperator)
    assert called.reason == "9 orders in a row brought nothing; going on slowly"
    script.happened(te.OperatorCalled(reason=called.reason, at=script.now))
    for _ in range(POLICY.slow_attempts + 5):
        assert script.waits() == script.now + seconds(5)
        script.after(5)
        script.refused(script.planned(), retryable=True)


def test_an_even_pair_that_both_exchanges_keep_refusing_is_told_and_never_given_up() -> None:
    script = exiting()
    for order in script.trade.orders:
        script.refused(order, retryable=True)
    told = 0
    for _ in range(POLICY.fast_attempts + POLICY.slow_attempts + 20):
        step = script.after(5).step()
        if isinstance(step.commands[0], ns.CallOperator):
            told += 1
            script.happened(te.OperatorCalled(reason="x", at=script.now))
        for order in script.planned_all():
            script.refused(order, retryable=True)
    assert told == 1


def test_a_fill_begins_the_count_anew() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), retryable=True)
    for _ in range(3 * POLICY.fast_attempts):
        script.after(1)
        script.refused(script.planned(), retryable=True)
        script.after(1)
        script.filled(script.planned(), "0.0001")
    assert not script.trade.operator_called
    assert script.step().commands, "what is uneven is paced by what is uneven"


@pytest.mark.parametrize("hindrance", list(Hindrance))
def test_an_exchange_that_takes_no_orders_uses_up_no_attempts(hindrance: Hindrance) -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), hindrance=hindrance)
    for _ in range(3 * (POLICY.fast_attempts + POLICY.slow_attempts)):
        script.after(1)
        script.refused(script.planned(), hindrance=hindrance)
    assert script.trade.state is TradeState.EXECUTING
    assert not script.trade.operator_called


def test_what_was_refused_for_its_own_reason_is_never_sent_again_as_it_was() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    order = script.of(Leg.HEDGE)
    seen, prices = [], []
    for _ in range(8):
        script.refused(order, code="binance:-4131")
        script.after(10)
        if script.only() != script.only() or isinstance(script.only(), ns.CallOperator):
            break
        order = script.planned()
        seen.append((plain(order.quantity), order.type))
        prices.append((order.price, order.time_in_force))
    assert seen[:3] == [
        ("0.005", OrderType.MARKET),
        ("0.002", OrderType.MARKET),
        ("0.001", OrderType.MARKET),
    ]
    assert seen[3:5] == [("0.001", OrderType.LIMIT), ("0.001", OrderType.MARKET)]
    farthest = VIEW.hedge_book.asks[-1].price
    assert prices[2:5] == [(None, None), (farthest, TimeInForce.IOC), (None, None)]


def test_a_leg_closed_by_hand_is_no_unwind_whatever_the_other_leg_loses() -> None:
    wish = replace(signal(Action.EXIT, quantity="0.004"), leg=Leg.SPOT)
    script = Script(wish, start=holding("0.010", "0.010"))
    script.refused(script.of(Leg.SPOT), retryable=True)
    script.happened(
        te.HedgePositionRead(short_before=D("0.010"), short_now=D("0.002"), at=script.now)
    )
    again = script.after(10).planned()
    assert (again.leg, again.purpose, again.quantity) == (Leg.SPOT, Purpose.CLOSE, D("0.004"))


def test_an_empty_book_does_not_use_up_the_quick_attempts_at_once() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE), "0")
    at = []
    for _ in range(POLICY.fast_attempts):
        while not script.step(VIEW).commands:
            script.now = script.waits()
        at.append((script.now - START).total_seconds())
        script.filled(script.planned(), "0")
    assert at == pytest.approx([0.0, 0.4, 1.2, 2.0, 2.8, 3.6, 4.4, 5.2])


def test_a_called_operator_does_not_stop_success() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), retryable=True)
    script.happened(te.OperatorCalled(reason="x", at=script.now))
    script.after(30).filled(script.planned())
    assert script.settles() is TradeOutcome.FLAT


def test_a_halted_trade_that_a_operator_resumes_gets_all_its_attempts_again() -> None:
    script = exiting()
    script.filled(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE), retryable=True)
    script.happened(te.OperatorCalled(reason="x", at=script.now))
    script.happened(te.TradeHalted(reason="all used up", at=script.now))
    assert script.after(60).step() == ns.NextStep()
    script.happened(te.TradeResumed(reason="the stop was lifted", at=script.now))
    resumed = script.trade
    script.happened(te.TradeResumed(reason="told twice", at=script.now))
    assert script.trade is resumed
    for _ in range(POLICY.fast_attempts + 1):
        again = script.planned()
        assert what(again) == (Purpose.CLOSE, Leg.HEDGE, OrderSide.BUY, "0.01")
        script.refused(again, retryable=True)
        script.after(5)
    assert isinstance(script.only(), ns.CallOperator)
    names = [order.client_order_id for order in script.trade.orders]
    assert len(set(names)) == len(names)
