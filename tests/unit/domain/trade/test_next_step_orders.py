"""While an order is open, unknown or not fully told: look, cancel, wait; send nothing."""

import itertools
from dataclasses import replace

import pytest

from tests.fakes.pair import START, D, holding, pair_view, seconds, signal
from tests.fakes.script import Script, commands_of
from trading_platform_order.domain.order import Leg, OrderStatus
from trading_platform_order.domain.outcome import Unknown
from trading_platform_order.domain.trade import next_step as ns
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import IllegalTransition, TradeState, apply
from trading_platform_order.domain.trade.report_events import events_of_outcome
from trading_platform_order.domain.trade.trade_events import TradeOutcome


def entering() -> Script:
    return Script(signal(quantity="0.010"))


def test_both_filled_settles_hedged_and_keeps_the_dust() -> None:
    script = entering()
    script.filled(script.of(Leg.SPOT), "0.01000002")
    script.filled(script.of(Leg.HEDGE))
    assert script.settles() is TradeOutcome.HEDGED
    assert script.trade.state is TradeState.SETTLED
    assert script.trade.holding == holding("0.01000002", "0.010")


def test_a_fresh_order_is_waited_for_then_looked_up() -> None:
    script = entering()
    assert script.waits() == START + seconds(0.5)
    script.after(0.5)
    assert commands_of(script.step()) == ["LookUp", "LookUp"]


def test_an_unknown_order_is_looked_up_at_once() -> None:
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    step = script.step()
    assert [c.order.leg for c in step.commands if isinstance(c, ns.LookUp)] == [Leg.SPOT]
    assert step.ask_again_at == START + seconds(0.5)


@pytest.mark.parametrize("status", ["pending", "unknown", "working"])
def test_while_one_leg_is_not_known_nothing_is_sent(status: str) -> None:
    script = entering()
    script.filled(script.of(Leg.SPOT))
    hedge = script.of(Leg.HEDGE)
    if status == "unknown":
        script.unanswered(hedge)
    if status == "working":
        script.accepted(hedge, "0.004")
    for _ in range(100):
        script.after(1.0)
        assert not set(commands_of(script.step())) & {"PlanOrders", "Settle", "Halt"}


def test_a_working_market_order_is_cancelled_after_its_limit_and_its_end_awaited() -> None:
    script = entering()
    script.filled(script.of(Leg.SPOT))
    hedge = script.of(Leg.HEDGE)
    script.accepted(hedge, "0.004")
    assert script.waits() == START + seconds(0.5)
    script.after(2.999)
    assert commands_of(script.step()) == ["LookUp"]
    script.after(0.001)
    assert commands_of(script.step()) == ["CancelOrder", "LookUp"]
    script.happened(
        te.CancelSent(client_order_id=hedge.client_order_id, reason="late", at=script.now)
    )
    assert commands_of(script.step()) == ["LookUp"]
    script.filled(hedge, "0.004")
    assert script.trade.order(hedge.client_order_id).status is OrderStatus.CANCELLED
    assert script.planned().quantity == D("0.006")


def test_a_cancel_that_was_lost_is_asked_for_again_ever_more_slowly() -> None:
    script = entering()
    hedge = script.of(Leg.HEDGE)
    script.filled(script.of(Leg.SPOT))
    script.accepted(hedge)
    cancelled_at = []
    for _ in range(4_000):
        script.after(0.25)
        if "CancelOrder" in commands_of(script.step()):
            cancelled_at.append((script.now - START).total_seconds())
            script.happened(
                te.CancelSent(client_order_id=hedge.client_order_id, reason="late", at=script.now)
            )
    assert cancelled_at[:6] == [3.0, 6.0, 12.0, 24.0, 48.0, 96.0]
    gaps = [late - early for early, late in itertools.pairwise(cancelled_at)]
    assert max(gaps) == 192.0


def test_fills_not_told_are_looked_up_after_a_pause() -> None:
    script = entering()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(hedge)
    script.after(0.2).ended(spot, "0.010")
    assert script.waits() == script.now + seconds(0.5)
    script.after(0.5)
    assert commands_of(script.step()) == ["LookUp"]
    script.happened(script.fill(spot, D("0.010")))
    assert script.settles() is TradeOutcome.HEDGED


def test_without_a_view_what_needs_none_is_done() -> None:
    script = entering()
    script.after(5)
    assert commands_of(script.step(None)) == ["LookUp", "LookUp"]
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE), "0.009")
    assert script.waits(None) == script.now + ns.ASK_AGAIN


def test_an_ended_trade_wants_nothing() -> None:
    script = entering()
    script.filled(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE))
    script.settles()
    assert script.step() == ns.NextStep()
    halted = entering()
    halted.filled(halted.of(Leg.SPOT))
    halted.refused(halted.of(Leg.HEDGE))
    halted.happened(te.TradeHalted(reason="an operator", at=START))
    assert halted.step() == ns.NextStep()


def test_a_halted_trade_is_asked_about_until_all_is_known_and_sends_nothing() -> None:
    script = entering()
    script.unanswered(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE))
    script.happened(te.TradeHalted(reason="something impossible", at=START))
    assert commands_of(script.step()) == ["LookUp"]
    script.after(60)
    assert commands_of(script.step()) == ["CallAbout", "LookUp"]
    script.refused(script.of(Leg.SPOT))
    assert script.step() == ns.NextStep(), "the legs differ, but an operator decides"


def test_an_operator_is_called_ever_more_rarely_and_without_end() -> None:
    script = entering()
    script.filled(script.of(Leg.HEDGE))
    script.unanswered(script.of(Leg.SPOT))
    called_at_min = []
    for minute in range(1, 250):
        script.after(60)
        for command in script.step().commands:
            if isinstance(command, ns.CallAbout):
                called_at_min.append(minute)
                script.happened(
                    te.OrderStillUnresolved(
                        client_order_id=command.order.client_order_id,
                        number=command.number,
                        age_s=command.age_s,
                        reason="x",
                        at=script.now,
                    )
                )
    assert called_at_min == [1, 5, 15, 60, 120, 180, 240]


def test_an_old_order_that_became_a_question_again_does_not_call_all_at_once() -> None:
    script = entering()
    script.after(7_200)
    script.unanswered(script.of(Leg.SPOT))
    script.filled(script.of(Leg.HEDGE))
    calls = [c for c in script.step().commands if isinstance(c, ns.CallAbout)]
    assert [call.number for call in calls] == [1]
    (call,) = calls
    script.happened(
        te.OrderStillUnresolved(
            client_order_id=call.order.client_order_id,
            number=1,
            age_s=call.age_s,
            reason="x",
            at=script.now,
        )
    )
    assert commands_of(script.after(239).step()) == ["LookUp"]
    assert commands_of(script.after(1).step()) == ["CallAbout", "LookUp"]


def test_missing_fills_call_an_operator_too() -> None:
    script = entering()
    script.filled(script.of(Leg.HEDGE))
    spot = script.of(Leg.SPOT)
    script.happened(
        te.OrderEnded(
            client_order_id=spot.client_order_id,
            exchange_order_id="x",
            executed_quantity=D("0.010"),
            at=script.now,
        )
    )
    script.after(60)
    assert commands_of(script.step()) == ["CallAbout", "LookUp"]


def test_a_late_fill_of_a_settled_entry_opens_it_again_and_is_only_taken_back() -> None:
    script = entering()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(hedge)
    script.absent(spot)
    unwind = script.planned(pair_view(spot_mid=D(141_000_000)))
    script.filled(unwind)
    assert script.settles() is TradeOutcome.UNWOUND

    script.after(60)
    script.happened(script.fill(spot, D("0.010")))
    assert script.trade.state is TradeState.EXECUTING
    assert script.trade.reopened
    assert commands_of(script.step()) == ["CallAbout", "CancelOrder", "LookUp"]
    script.ended(spot, "0.010")
    back = script.planned()
    assert (back.leg, back.purpose, back.quantity) == (Leg.SPOT, "unwind", D("0.010"))
    script.filled(back)
    assert script.settles() is TradeOutcome.UNWOUND
    assert script.trade.holding == holding("0.000", "0.000")


def test_more_taken_back_than_was_brought_is_restored_on_that_leg() -> None:
    """An unwind proven absent fills after its successor: coins were sold that were not there."""
    script = entering()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(spot)
    script.refused(hedge)
    first = script.planned()
    script.absent(first)
    script.after(1).filled(script.planned())
    assert script.settles() is TradeOutcome.UNWOUND

    script.after(60).filled(first)
    assert script.trade.holding == holding("-0.010", "0")
    back = script.planned()
    assert (back.leg, back.side, back.quantity) == (Leg.SPOT, "BUY", D("0.010"))
    script.filled(back)
    assert script.settles() is TradeOutcome.UNWOUND
    assert script.trade.holding == holding("0.000", "0")


def test_repeated_news_of_a_settled_trade_changes_nothing() -> None:
    script = entering()
    spot, hedge = script.of(Leg.SPOT), script.of(Leg.HEDGE)
    script.filled(spot)
    script.filled(hedge)
    script.settles()
    before = script.trade
    for event in script.events[1:-1]:
        assert apply(before, event) is before


def test_naked_time_and_value_are_watched() -> None:
    script = entering()
    script.after(0.1).filled(script.of(Leg.SPOT))
    assert script.trade.is_uneven
    script.after(0.25).accepted(script.of(Leg.HEDGE))
    script.after(0.25).filled(script.of(Leg.HEDGE))
    assert (script.trade.naked_ms, script.trade.naked_krw_max) == (500, D(1_400_000))
    assert script.trade.uneven_since is None


def test_what_cannot_follow_stops_the_trade_loudly() -> None:
    script = entering()
    with pytest.raises(IllegalTransition, match="opened twice"):
        script.happened(script.opened)
    with pytest.raises(IllegalTransition, match="before the trade opened"):
        apply(None, te.CompletionStopped(reason="", at=START))
    stranger = Script(signal(name="s2", quantity="0.010"))
    with pytest.raises(IllegalTransition, match="not an order of trade"):
        script.accepted(stranger.of(Leg.SPOT))
    script.happened(te.TradeHalted(reason="x", at=START))
    with pytest.raises(IllegalTransition, match="halted"):
        script.happened(te.OrdersPlanned(orders=(), reason="", at=START))


def test_a_refusal_told_of_an_order_that_was_seen_is_no_refusal() -> None:
    script = entering()
    spot = script.of(Leg.SPOT)
    script.accepted(spot)
    before = script.trade
    script.refused(spot)
    assert script.trade is before, "it would be journalled as refused"
    script.filled(spot, "0.009")
    script.filled(script.of(Leg.HEDGE))
    assert script.planned().purpose == "complete"


def test_what_an_absent_order_was_refused_for_is_kept_with_its_words() -> None:
    script = entering()
    spot = script.of(Leg.SPOT)
    unknown = Unknown(reason="HTTP 400: too small", refused_as="new_rule")
    (told,) = events_of_outcome(spot, unknown, script.now)
    assert told == te.OrderUnanswered(
        client_order_id=spot.client_order_id,
        reason="HTTP 400: too small",
        refused_as="new_rule",
        at=script.now,
    )
    script.happened(told)
    script.absent(spot)
    (refusal,) = script.trade.refusals
    assert (refusal.code, refusal.message, refusal.retryable) == (
        "new_rule",
        "HTTP 400: too small",
        False,
    )


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_working_entry_is_called_back_at_once_when_an_exit_came(is_stopped: bool) -> None:
    script = entering()
    script.accepted(script.of(Leg.SPOT))
    if is_stopped:
        script.happened(te.CompletionStopped(reason="an EXIT came", at=script.now))
    else:
        script.after(3)
    cancels = [c for c in script.step().commands if isinstance(c, ns.CancelOrder)]
    reason = "it would still add exposure" if is_stopped else "still working after 3.0 s"
    assert [(c.order.leg, c.reason) for c in cancels] == [(Leg.SPOT, reason)]


def test_fills_alone_tell_how_much_of_an_order_is_executed() -> None:
    script = entering()
    spot = script.of(Leg.SPOT)
    for part, executed in (("0.004", "0.004"), ("0.003", "0.007")):
        script.happened(script.fill(spot, D(part)))
        assert script.of(Leg.SPOT).executed_quantity == D(executed)
    script.accepted(spot, "0.005")
    assert script.of(Leg.SPOT).executed_quantity == D("0.007"), "an older answer takes none back"


def test_an_order_that_is_known_is_not_planned_a_second_time() -> None:
    """Rows were lost, and two looks found its order at once: planned twice it would never end."""
    script = Script(signal(quantity="0.010"))
    script.refused(script.of(Leg.HEDGE))
    script.filled(script.of(Leg.SPOT))
    unwind = script.planned()
    script.filled(unwind)
    before = script.trade
    again = te.OrdersPlanned(orders=(unwind,), reason="found", at=script.now)
    script.happened(again)
    assert script.trade == before


def test_a_correction_takes_no_number_that_was_used_in_lost_rows() -> None:
    """The second one was found again, the first one's row is gone: the next one is the third."""
    script = Script(signal(quantity="0.010"))
    script.refused(script.of(Leg.HEDGE))
    script.filled(script.of(Leg.SPOT))
    wanted = script.only()
    assert isinstance(wanted, ns.PlanOrders)
    (first,) = wanted.orders
    second = replace(
        first, client_order_id=first.client_order_id[:-1] + "2", quantity=D("0.004"), attempt=2
    )
    script.happened(te.OrdersPlanned(orders=(second,), reason="found", at=script.now))
    script.filled(second)
    third = script.planned()
    assert (third.leg, third.purpose, third.attempt) == (first.leg, first.purpose, 3)
    assert third.client_order_id == first.client_order_id[:-1] + "3"
