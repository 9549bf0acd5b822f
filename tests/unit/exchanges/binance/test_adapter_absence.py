"""Proving that an order on Binance never was."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.exchanges.binance.fakes import CLIENT_ID, Rig, error, ok, trade
from trading_platform_order.domain.outcome import Accepted, ProvenAbsent, Unknown
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import HttpResult, MaybeSent

ORDER = "GET /fapi/v1/order"
OPEN = "GET /fapi/v1/openOrders"
ALL = "GET /fapi/v1/allOrders"
TRADES = "GET /fapi/v1/userTrades"
TIME = "GET /fapi/v1/time"
POST = "POST /fapi/v1/order"


def empty(rig: Rig) -> None:
    rig.http.on(ORDER, error(-2013))
    rig.http.on(OPEN, ok([]))
    rig.http.on(ALL, ok([]))
    rig.http.on(TRADES, ok([]))


async def test_absent_after_the_horizon_and_all_rounds() -> None:
    rig = Rig()
    empty(rig)
    order, sent_at = rig.order(), rig.clock.now()
    outcome = await rig.exchange.prove_absence(order, sent_at=sent_at, still_wanted=True)
    assert isinstance(outcome, ProvenAbsent)
    assert "3 rounds" in outcome.evidence
    assert "horizon" in outcome.evidence
    assert rig.clock.now() - sent_at >= timedelta(milliseconds=15 + 4)
    for route in (ORDER, OPEN, ALL, TRADES):
        assert len(rig.http.calls(route)) == 3
    assert rig.http.calls(POST) == []
    (window, *_) = rig.http.calls(ALL)
    assert int(window.params["startTime"]) < epoch_ms(sent_at)
    assert window.params["limit"] == "1000"
    assert "endTime" not in window.params


async def test_the_timestamp_this_process_signed_outweighs_the_journals() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(POST, MaybeSent(reason="time-out"))
    order = rig.order()
    await rig.exchange.send(order)
    signed = int(rig.http.calls(POST)[0].params["timestamp"])
    long_ago = rig.clock.now() - timedelta(seconds=60)
    outcome = await rig.exchange.prove_absence(order, sent_at=long_ago, still_wanted=False)
    assert isinstance(outcome, ProvenAbsent)
    assert epoch_ms(rig.clock.now()) > signed + 15


async def test_an_order_of_a_process_before_waits_from_the_first_question_on() -> None:
    """The journal's time is what the calendar said then: it may have been wrong."""
    rig = Rig(recv_window_ms=2_000, horizon_margin_s=3.0)
    empty(rig)
    asked = rig.clock.now()
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=asked - timedelta(hours=2), still_wanted=False
    )
    assert isinstance(outcome, ProvenAbsent)
    assert "before a restart" in outcome.evidence
    assert rig.clock.now() - asked >= timedelta(seconds=5)
    (window, *_) = rig.http.calls(ALL)
    assert int(window.params["startTime"]) < epoch_ms(asked - timedelta(hours=3)) + 1


async def test_fewer_reads_than_three_over_two_seconds_are_never_enough() -> None:
    rig = Rig(absence_reads=1, absence_span_s=0.0)
    empty(rig)
    began = rig.clock.now()
    order = rig.order()
    outcome = await rig.exchange.prove_absence(order, sent_at=began, still_wanted=False)
    assert isinstance(outcome, ProvenAbsent)
    assert len(rig.http.calls(TRADES)) == 3
    assert rig.clock.now() - began >= timedelta(seconds=2)
    assert outcome.needs_account


async def test_the_evidence_names_times_reads_and_counts() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(ALL, ok([rig.found(clientOrderId="web", orderId=7)]))
    rig.http.on(POST, MaybeSent(reason="time-out"))
    order = rig.order()
    await rig.exchange.send(order)
    outcome = await rig.exchange.prove_absence(order, sent_at=order.created_at, still_wanted=False)
    assert isinstance(outcome, ProvenAbsent)
    for text in ("signed by 2026-", "server time 2026-", "3 rounds", "0/1/0, 0/1/0, 0/1/0 rows"):
        assert text in outcome.evidence


async def test_before_the_horizon_it_stays_unknown() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(TIME, ok({"serverTime": epoch_ms(rig.clock.now())}))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Unknown)
    assert "horizon" in outcome.reason
    assert rig.http.calls(ORDER) == []


async def test_a_send_far_ahead_of_the_exchanges_clock_is_not_waited_for() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(POST, MaybeSent(reason="time-out"))
    order = rig.order()
    rig.clock.shift = timedelta(minutes=5)
    await rig.exchange.send(order)
    rig.clock.shift = timedelta()
    outcome = await rig.exchange.prove_absence(order, sent_at=order.created_at, still_wanted=True)
    assert isinstance(outcome, Unknown)
    assert len(rig.http.calls(TIME)) == 1


@pytest.mark.parametrize("route", [ORDER, OPEN, ALL, TRADES, TIME])
async def test_any_failed_read_leaves_it_unknown(route: str) -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(route, MaybeSent(reason="time-out"))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Unknown)


async def test_an_order_that_appears_late_is_accepted() -> None:
    rig = Rig()
    empty(rig)
    found = rig.found(status="FILLED", executedQty="0.002")
    rig.http.on(ORDER, error(-2013), error(-2013), ok(found))
    rig.http.on(TRADES, ok([]), ok([]), ok([trade()]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Accepted)
    assert len(outcome.report.fills) == 1


@pytest.mark.parametrize("route", [OPEN, ALL])
async def test_an_order_seen_only_in_a_list_is_accepted(route: str) -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(route, ok([rig.found(clientOrderId="foreign", orderId=1), rig.found()]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Accepted)
    assert outcome.report.client_order_id == CLIENT_ID


async def test_a_found_order_that_does_not_fit_stays_unknown() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(ALL, ok([rig.found(side="BUY")]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Unknown)
    assert outcome.reason.startswith("collision")


def by_order_id(answer: HttpResult) -> Callable[[dict[str, str]], HttpResult]:
    return lambda params: answer if "orderId" in params else error(-2013)


async def test_a_trade_of_our_order_is_found_through_its_order_id() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(ORDER, by_order_id(ok(rig.found(status="FILLED", executedQty="0.002"))))
    rig.http.on(TRADES, ok([trade()]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Accepted)


async def test_a_trade_of_nobodys_order_leaves_it_unknown() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(TRADES, ok([trade(orderId=77)]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Unknown)
    assert "77" in outcome.reason


async def test_a_trade_of_another_known_order_proves_nothing_against_absence() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(ORDER, by_order_id(ok(rig.found(clientOrderId="foreign"))))
    rig.http.on(TRADES, ok([trade(orderId=77)]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, ProvenAbsent)


async def test_a_list_that_may_be_cut_leaves_it_unknown() -> None:
    rig = Rig()
    empty(rig)
    rig.http.on(ALL, ok([rig.found(clientOrderId="foreign", orderId=n) for n in range(1_000)]))
    outcome = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now(), still_wanted=True
    )
    assert isinstance(outcome, Unknown)


async def test_after_days_the_lists_are_read_within_their_window() -> None:
    rig = Rig()
    empty(rig)
    sent_at = rig.clock.now() - timedelta(days=9)
    outcome = await rig.exchange.prove_absence(rig.order(), sent_at=sent_at, still_wanted=True)
    assert isinstance(outcome, ProvenAbsent)
    params = rig.http.calls(ALL)[0].params
    assert int(params["endTime"]) - int(params["startTime"]) < 7 * 86_400_000
    too_old = rig.clock.now() - timedelta(days=81)
    old = await rig.exchange.prove_absence(rig.order(), sent_at=too_old, still_wanted=True)
    assert isinstance(old, Unknown)
