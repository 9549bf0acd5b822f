"""ENTER with uneven legs: complete, unwind, true up, or leave dust."""

from dataclasses import replace

import pytest

from tests.fakes.pair import (
    HEDGE,
    POLICY,
    SPOT,
    START,
    VIEW,
    D,
    holding,
    pair_view,
    seconds,
    signal,
)
from tests.fakes.script import Script
from trading_platform_order.domain.hindrances.order_access import Access
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderType, Purpose
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import Gate, Waits
from trading_platform_order.domain.trade.correction.leg_choice import enter_wishes
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.trade_events import TradeOutcome, TradePolicy


def hedge_only(policy: TradePolicy = POLICY, quantity: str = "0.010") -> Script:
    """The hedge leg is filled; how the spot leg ends is up to the test."""
    script = Script(signal(quantity=quantity), policy=policy)
    script.filled(script.of(Leg.HEDGE))
    return script


def what(order: Order) -> tuple[Purpose, Leg, OrderSide, str]:
    return order.purpose, order.leg, order.side, plain(order.quantity)


COMPLETE = (Purpose.COMPLETE, Leg.SPOT, OrderSide.BUY, "0.01")
UNWIND = (Purpose.UNWIND, Leg.HEDGE, OrderSide.BUY, "0.01")


def test_one_leg_refused_for_good_is_unwound_reduce_only() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT))
    unwind = script.planned()
    assert what(unwind) == UNWIND
    assert unwind.reduce_only
    assert unwind.type is OrderType.MARKET
    assert unwind.quote_amount is None
    script.filled(unwind)
    assert script.settles() is TradeOutcome.UNWOUND
    assert script.trade.holding == holding("0.000", "0.000")


def test_one_leg_refused_for_now_is_completed_at_once_then_ever_slower() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT), code="market_offline", retryable=True)
    waits = []
    for attempt in (1, 2, 3, 4):
        asked = script.now
        step = script.step()
        if not step.commands:
            assert step.ask_again_at is not None
            script.now = step.ask_again_at
        complete = script.planned()
        assert what(complete) == COMPLETE
        assert complete.attempt == attempt
        waits.append((script.now - asked).total_seconds())
        script.refused(complete, code="market_offline", retryable=True)
    assert waits == [0.0, 0.4, 0.8, 0.8]
    script.after(10)
    assert what(script.planned()) == UNWIND


def test_a_completion_buys_for_whole_krw_at_the_present_asks() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT), retryable=True)
    complete = script.planned()
    assert complete.quote_amount == D(1_400_100)
    assert not complete.reduce_only
    assert complete.client_order_id.endswith("-sm1")


def test_an_absent_leg_is_completed() -> None:
    script = hedge_only()
    script.absent(script.of(Leg.SPOT))
    complete = script.planned()
    assert what(complete) == COMPLETE
    script.filled(complete)
    assert script.settles() is TradeOutcome.HEDGED


def test_a_short_hedge_is_completed_by_selling_more() -> None:
    script = Script(signal(quantity="0.010"))
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE), "0.004")
    complete = script.planned()
    assert what(complete) == (Purpose.COMPLETE, Leg.HEDGE, OrderSide.SELL, "0.006")
    assert not complete.reduce_only


def test_the_budget_of_time_ends_completion() -> None:
    script = hedge_only()
    script.after(9.999).absent(script.of(Leg.SPOT))
    step = script.step()
    assert isinstance(step.commands[0], ns.PlanOrders)
    assert step.commands[0].orders[0].purpose is Purpose.COMPLETE
    script.after(0.001)
    assert what(script.planned()) == UNWIND


def test_time_spent_naked_before_counts() -> None:
    script = hedge_only()
    spot = script.of(Leg.SPOT)
    script.after(6).filled(spot, "0.006")
    first = script.planned()
    script.after(4).absent(first)
    assert what(script.planned()) == (Purpose.UNWIND, Leg.HEDGE, OrderSide.BUY, "0.004")


@pytest.mark.parametrize(("limit_krw", "purpose"), [("1400000", "complete"), ("1399999", "unwind")])
def test_the_budget_of_krw_ends_completion(limit_krw: str, purpose: str) -> None:
    script = hedge_only(replace(POLICY, exposure_krw=D(limit_krw)))
    script.absent(script.of(Leg.SPOT))
    assert script.planned().purpose == purpose


@pytest.mark.parametrize(
    ("limit_bps", "purpose"),
    [
        (20, "complete"),  # the ask is 8.6 bps over the decided mid, going back costs 10.4
        (8, "unwind"),
    ],
)
def test_a_price_that_moved_beyond_tolerance_ends_completion(limit_bps: int, purpose: str) -> None:
    script = hedge_only(replace(POLICY, completion_slippage_bps=D(limit_bps)))
    script.absent(script.of(Leg.SPOT))
    moved = pair_view(spot_mid=D(140_110_000), hedge_mid=D(100_050))
    assert script.planned(moved).purpose == purpose


@pytest.mark.parametrize(
    ("spot_mid", "hedge_mid", "purpose"),
    [
        # within tolerance both ways: what costs less. Completing pays one spot fee, unwinding one
        # hedge fee and throws away the fee paid for the hedge that stands.
        (140_000_000, 100_000, "complete"),
        (140_200_000, 100_000, "unwind"),  # spot 15 bps dearer, the hedge comes back cheaply
        (140_200_000, 100_150, "complete"),  # both markets rose: going back costs as much
        (139_800_000, 99_700, "unwind"),  # the hedge stands in profit by more than spot got cheap
    ],
)
def test_within_tolerance_the_cheaper_way_wins(spot_mid: int, hedge_mid: int, purpose: str) -> None:
    script = hedge_only()
    script.absent(script.of(Leg.SPOT))
    view = pair_view(spot_mid=D(spot_mid), hedge_mid=D(hedge_mid))
    assert script.planned(view).purpose == purpose


def test_a_thin_book_is_not_completed_into() -> None:
    script = hedge_only()
    script.absent(script.of(Leg.SPOT))
    assert what(script.planned(pair_view(spot_depth=D("0.009")))) == UNWIND


def test_an_unwind_into_a_thin_book_is_dearer_than_completing() -> None:
    script = hedge_only()
    script.absent(script.of(Leg.SPOT))
    assert what(script.planned(pair_view(hedge_depth=D("0.009")))) == COMPLETE


def test_completion_stopped_by_an_exit_unwinds() -> None:
    script = hedge_only()
    script.happened(te.CompletionStopped(reason="EXIT s2 arrived", at=START))
    script.absent(script.of(Leg.SPOT))
    assert what(script.planned()) == UNWIND


def test_both_refused_is_flat_without_a_trace() -> None:
    script = Script(signal(quantity="0.010"))
    script.refused(script.of(Leg.SPOT), retryable=True)
    script.refused(script.of(Leg.HEDGE))
    assert script.settles() is TradeOutcome.FLAT


def test_both_partly_filled_alike_is_hedged() -> None:
    script = Script(signal(quantity="0.010"))
    script.filled(script.of(Leg.SPOT), "0.005")
    script.filled(script.of(Leg.HEDGE), "0.005")
    assert script.settles() is TradeOutcome.HEDGED


# -- small gaps -----------------------------------------------------------------------------------


def uneven(spot: str, hedge: str, quantity: str = "0.100") -> Script:
    script = Script(signal(quantity=quantity))
    script.filled(script.of(Leg.SPOT), spot)
    script.filled(script.of(Leg.HEDGE), hedge)
    return script


def test_a_small_gap_is_trued_up_on_the_side_that_costs_less() -> None:
    script = uneven("0.09980000", "0.100")
    only_spot_can = script.planned()
    assert what(only_spot_can) == (Purpose.TRUE_UP, Leg.SPOT, OrderSide.BUY, "0.0002")
    # 0.001 too much short can be bought back, or bought on spot: spread and fee decide.
    back = uneven("0.099", "0.100").planned()
    assert what(back) == (Purpose.TRUE_UP, Leg.HEDGE, OrderSide.BUY, "0.001")
    assert back.reduce_only
    dear = pair_view(hedge=replace(HEDGE, taker_fee_rate=D("0.002")))
    on_spot = uneven("0.099", "0.100").planned(dear)
    assert what(on_spot) == (Purpose.TRUE_UP, Leg.SPOT, OrderSide.BUY, "0.001")


def test_too_much_spot_is_sold_when_the_hedge_cannot_trade_so_little() -> None:
    script = uneven("0.1005", "0.100")
    order = script.planned()
    assert what(order) == (Purpose.TRUE_UP, Leg.SPOT, OrderSide.SELL, "0.0005")
    script.filled(order)
    assert script.settles() is TradeOutcome.HEDGED


@pytest.mark.parametrize(
    ("spot", "tradable"),
    [("0.10003580", True), ("0.10003560", False), ("0.09996360", False), ("0.09996350", True)],
)
def test_what_neither_side_can_trade_is_dust(spot: str, tradable: bool) -> None:
    # 5,000 KRW to sell, 2 % more to buy; a hedge step is 140,000 KRW
    script = uneven(spot, "0.100")
    if tradable:
        assert script.planned().purpose is Purpose.TRUE_UP
    else:
        assert script.settles() is TradeOutcome.HEDGED
        assert script.trade.holding == holding(spot, "0.100")


def test_dust_of_the_strategy_is_used_up_by_its_next_entry() -> None:
    script = Script(signal(quantity="0.010"), start=holding("0.00003", "0"))
    spot = script.of(Leg.SPOT)
    assert spot.quantity == D("0.00997")
    script.filled(spot)
    script.filled(script.of(Leg.HEDGE))
    assert script.settles() is TradeOutcome.HEDGED
    assert script.trade.holding == holding("0.01000", "0.010")


def test_a_true_up_refused_for_good_goes_to_the_other_side() -> None:
    script = uneven("0.099", "0.100")
    first = script.planned()
    assert first.leg is Leg.HEDGE
    script.refused(first)
    second = script.after(5).planned()
    assert what(second) == (Purpose.TRUE_UP, Leg.SPOT, OrderSide.BUY, "0.001")
    script.filled(second)
    assert script.settles() is TradeOutcome.HEDGED


def test_an_unwind_refused_for_good_is_completed_instead() -> None:
    script = hedge_only()
    script.absent(script.of(Leg.SPOT))
    unwind = script.planned(pair_view(spot_mid=D(140_200_000)))
    assert unwind.purpose is Purpose.UNWIND
    script.refused(unwind, code="binance:-2023")
    complete = script.after(5).planned(pair_view(spot_mid=D(140_200_000)))
    assert what(complete) == COMPLETE


def test_when_only_the_other_side_can_be_traded_a_tolerance_does_not_keep_the_legs_apart() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT))
    stuck = replace(HEDGE, min_quantity=D("0.02"))
    assert what(script.planned(pair_view(hedge=stuck))) == COMPLETE


def test_the_hedge_is_bought_back_below_its_minimum_value_because_it_reduces() -> None:
    # 0.001 is 100 USDT, under 102: too small to sell, never too small to buy back
    assert tradable_quantity(VIEW, Leg.HEDGE, OrderSide.SELL, D("0.0015")) == 0
    assert tradable_quantity(VIEW, Leg.HEDGE, OrderSide.BUY, D("0.0015")) == D("0.001")


@pytest.mark.parametrize(
    ("view", "leg", "wanted", "part"),
    [
        (VIEW, Leg.HEDGE, "500", "120"),
        (pair_view(spot=replace(SPOT, max_notional=D(14_000_000))), Leg.SPOT, "1", "0.0980"),
        (VIEW, Leg.SPOT, "0.000000009", "0"),
    ],
)
def test_one_order_never_exceeds_the_exchanges_maximum(
    view: PairView, leg: Leg, wanted: str, part: str
) -> None:
    got = tradable_quantity(view, leg, OrderSide.SELL, D(wanted))
    assert got.quantize(D("0.0001")) == D(part)


# -- pacing ---------------------------------------------------------------------------------------


def test_the_exchanges_own_word_on_when_binds_only_that_exchange() -> None:
    script = hedge_only()
    spot = script.of(Leg.SPOT)
    script.refused(spot, code="rate_limited", retryable=True, retry_after_s=1.0)
    assert script.waits() == START + seconds(1.0)
    script.after(1.0)
    complete = script.planned()
    assert complete.purpose is Purpose.COMPLETE
    script.refused(complete, code="banned", retryable=True, retry_after_s=60.0)
    # Sixty seconds alone would be longer than the budget: the hedge comes back at once.
    script.after(0.4)
    assert what(script.planned()) == UNWIND


def test_after_many_attempts_a_operator_is_called_and_it_goes_on_without_end() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT))
    for _ in range(POLICY.fast_attempts + 1):
        script.after(1.0)
        script.refused(script.planned(), code="binance:-1008", retryable=True)
    script.after(1.0)
    command = script.only()
    assert isinstance(command, ns.CallOperator)
    script.happened(te.OperatorCalled(reason=command.reason, at=script.now))
    for _ in range(POLICY.slow_attempts + 3):
        assert script.trade.last_corrected_at is not None
        script.now = script.trade.last_corrected_at
        assert script.waits() == script.now + seconds(5.0)
        script.now = script.waits()
        order = script.planned()
        assert order.purpose is Purpose.UNWIND
        script.refused(order, code="binance:-1008", retryable=True)


def test_the_wait_for_closed_exchanges_names_each_and_why() -> None:
    script = hedge_only()
    script.refused(script.of(Leg.SPOT), retryable=True)
    closed = Gate(
        access={Leg.SPOT: Access.CLOSED, Leg.HEDGE: Access.CLOSED}, why={Leg.HEDGE: "banned"}
    )
    waits = enter_wishes(script.trade, VIEW, script.now, closed)
    text = "legs differ by -0.010 BTC: spot takes no orders; banned"
    assert waits == Waits(reason=text, is_closed=True)
    one = Gate(access={Leg.SPOT: Access.CLOSED}, why={Leg.SPOT: "maintenance"})
    found = enter_wishes(script.trade, VIEW, script.now, one)
    assert not isinstance(found, Waits)
    (wish,) = found
    assert (wish.leg, wish.purpose) == (Leg.HEDGE, Purpose.UNWIND), "the open one is the choice"


@pytest.mark.parametrize(("ask_krw", "purpose"), [(0, Purpose.COMPLETE), (1, Purpose.UNWIND)])
def test_the_tolerance_of_a_completion_is_inclusive(ask_krw: int, purpose: Purpose) -> None:
    """20 bps above the decision's mid; taking the hedge back would cost much more."""
    script = hedge_only()
    script.refused(script.of(Leg.SPOT), retryable=True)
    ask = D(140_280_000) + ask_krw
    view = pair_view(spot_mid=ask - 10_000, hedge_mid=D(105_000))
    assert script.after(0.3).planned(view).purpose is purpose
