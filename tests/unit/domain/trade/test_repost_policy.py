"""Whether an order of unknown fate would still be placed: only what brings the legs together."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.pair import START, VIEW, holding, seconds, signal, spot_book
from tests.fakes.script import Script
from trading_platform_order.domain.order import Leg, OrderSide, Purpose
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.correction.repost_policy import still_wants


def entering() -> Script:
    return Script(signal(quantity="0.010"))


def wants(script: Script, leg: Leg, after_s: float = 0.0) -> bool:
    return still_wants(script.trade, script.of(leg), VIEW, START + seconds(after_s))


@pytest.mark.parametrize(
    ("age_s", "stopped", "wanted"),
    [(0.0, False, True), (9.999, False, True), (10.0, False, False), (1.0, True, False)],
)
def test_an_entry_of_unknown_outcome_is_wanted_only_while_the_budget_lasts(
    age_s: float, stopped: bool, wanted: bool
) -> None:
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    if stopped:
        script.happened(te.CompletionStopped(reason="EXIT", at=script.now))
    assert wants(script, Leg.SPOT, age_s) is wanted


def test_an_entry_is_not_wanted_when_the_other_leg_stood_alone_too_long() -> None:
    script = entering()
    script.filled(script.of(Leg.HEDGE))
    script.unanswered(script.of(Leg.SPOT))
    assert wants(script, Leg.SPOT, 9.9)
    assert not wants(script, Leg.SPOT, 10)


def test_an_entry_is_not_wanted_any_more_when_its_other_leg_was_refused() -> None:
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    script.refused(script.of(Leg.HEDGE))
    assert not wants(script, Leg.SPOT)


def test_an_entry_that_was_being_taken_back_is_not_wanted_any_more() -> None:
    """Rows are gone, and the order that took its hedge back was found again on Binance."""
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    hedge = script.of(Leg.HEDGE)
    script.unanswered(hedge)
    assert wants(script, Leg.SPOT)
    taken_back = replace(
        hedge,
        client_order_id=hedge.client_order_id.replace("-ho1", "-hu1"),
        side=OrderSide.BUY,
        purpose=Purpose.UNWIND,
        reduce_only=True,
    )
    script.happened(te.OrdersPlanned(orders=(taken_back,), reason="found", at=script.now))
    assert not wants(script, Leg.SPOT)


@pytest.mark.parametrize(("filled", "wanted"), [("0.010", True), ("0.009", False)])
def test_an_entry_is_wanted_only_for_what_the_other_leg_holds(filled: str, wanted: bool) -> None:
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE), filled)
    assert wants(script, Leg.SPOT) is wanted


@pytest.mark.parametrize(("mid_krw", "wanted"), [(140_250_000, True), (140_300_000, False)])
def test_an_entry_is_wanted_only_within_its_price_tolerance(mid_krw: int, wanted: bool) -> None:
    script = entering()
    spot = script.of(Leg.SPOT)
    script.filled(script.of(Leg.HEDGE))
    script.unanswered(spot)
    view = replace(VIEW, spot_book=spot_book(Decimal(mid_krw)))
    assert still_wants(script.trade, spot, view, START) is wanted
    assert not still_wants(script.trade, spot, None, START)


def test_an_exit_and_an_unwind_stay_wanted() -> None:
    script = Script(signal(Action.EXIT), start=holding("0.010", "0.010"))
    assert wants(script, Leg.SPOT, 3_600)
    assert wants(script, Leg.HEDGE, 3_600)
    enter = entering()
    enter.filled(enter.of(Leg.HEDGE))
    enter.refused(enter.of(Leg.SPOT))
    enter.planned(VIEW)
    assert wants(enter, Leg.HEDGE, 3_600)
    enter.happened(te.TradeHalted(reason="x", at=START))
    assert not wants(enter, Leg.HEDGE)


def test_an_unwind_is_not_wanted_when_the_other_leg_came_after_all() -> None:
    script = entering()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(spot)
    script.refused(hedge)
    unwind = script.planned(VIEW)
    assert (unwind.leg, unwind.side, unwind.purpose) == (Leg.SPOT, OrderSide.SELL, Purpose.UNWIND)
    script.unanswered(unwind)
    assert still_wants(script.trade, unwind, VIEW, START)
    script.filled(hedge)
    assert not still_wants(script.trade, unwind, VIEW, START)
