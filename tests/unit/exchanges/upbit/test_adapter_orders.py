"""Sending, looking up and cancelling on Upbit: what every answer proves."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.unit.exchanges.upbit.fixture import (
    DUPLICATE,
    IDENTIFIER,
    NOT_FOUND,
    NOW,
    SILENCE,
    UNREACHABLE,
    UpbitFixture,
    consuming_order,
    order,
    refusal,
    reply,
    run,
    wire_order,
    wire_trade,
)
from trading_platform_order.domain.order import Order, Purpose
from trading_platform_order.domain.outcome import (
    Accepted,
    AlreadyGone,
    CancelOutcome,
    CancelRequested,
    LookUpOutcome,
    NotFound,
    ReadFailed,
    Refused,
    SendOutcome,
    Unknown,
)
from trading_platform_order.exchanges.upbit.requests.errors import KINDS, Kind
from trading_platform_order.transport.http import HttpResponse, HttpResult

ORDERS, ORDER = "/v1/orders", "/v1/order"


def send(fixture: UpbitFixture, wish: Order | None = None) -> SendOutcome:
    async def main() -> SendOutcome:
        return await fixture.exchange.send(wish or order())

    return run(main())


def look_up(fixture: UpbitFixture, wish: Order | None = None) -> LookUpOutcome:
    return run(fixture.exchange.look_up(wish or order()))


def answered(*answers: HttpResult) -> UpbitFixture:
    fixture = UpbitFixture()
    fixture.http.on("POST", ORDERS, *answers)
    return fixture


def test_created_is_accepted_and_the_request_is_as_documented() -> None:
    fixture = answered(reply(201, wire_order(), remaining_req="group=order; min=1800; sec=7"))
    outcome = send(fixture)
    assert isinstance(outcome, Accepted)
    assert outcome.report.is_open
    assert outcome.report.executed_quantity == 0
    assert outcome.report.client_order_id == IDENTIFIER
    (request,) = fixture.http.requests
    assert json.loads(request.body)["identifier"] == IDENTIFIER
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["Authorization"].startswith("Bearer ")
    assert "Origin" not in request.headers
    assert "very secret" not in repr(request)
    assert fixture.limiter.remaining == [("order", 7)]
    assert fixture.limiter.taken == [("order", False)]


def test_the_request_is_on_its_way_before_anything_is_awaited() -> None:
    fixture = answered(reply(201, wire_order()))

    async def main() -> int:
        pending = fixture.exchange.send(order())
        started = len(fixture.http.requests)
        await pending
        return started

    assert run(main()) == 1


def test_only_new_pairs_wait_behind_the_reserve() -> None:
    fixture = answered(reply(201, wire_order()))
    send(fixture, order(purpose=Purpose.UNWIND))
    assert fixture.limiter.taken == [("order", True)]


def test_without_budget_it_waits_and_in_the_end_proves_that_nothing_left() -> None:
    fixture = answered(reply(201, wire_order()))
    fixture.limiter.hold_s = 0.4
    assert isinstance(send(fixture), Accepted)
    fixture.limiter.hold_s = 30.0
    outcome = send(fixture)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.retryable) == ("not_sent", True)
    assert len(fixture.http.requests) == 1


def test_an_answer_without_identifier_is_still_ours() -> None:
    outcome = send(answered(reply(201, wire_order(identifier=None))))
    assert isinstance(outcome, Accepted)
    assert outcome.report.client_order_id == IDENTIFIER


REFUSING = {Kind.REFUSED, Kind.AUTH_FAILED}
CORE_NAMES = {
    "insufficient_funds_ask": "not_enough_coins",
    "invalid_price_ask": "price_off_step",
    "invalid_price_bid": "price_off_step",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_every_named_refusal_has_its_meaning(name: str, kind: Kind, status: int) -> None:
    outcome = send(answered(refusal(status, name)))
    if kind in REFUSING:
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.retryable) == (CORE_NAMES.get(name, name), False)
        assert name in f"{outcome.code}: {outcome.message}"
    elif kind is Kind.RETRYABLE:
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.retryable) == (name, True)
    else:
        assert isinstance(outcome, Unknown)
        assert outcome.reason.startswith(name)


@pytest.mark.parametrize(
    "answer",
    [
        SILENCE,
        refusal(400, "a_new_name"),
        refusal(400, 400),
        refusal(500, "internal_server_error"),
        refusal(500, "insufficient_funds_bid"),
        refusal(503, "market_offline"),
        HttpResponse(status=502, body=b"<html>"),
        HttpResponse(status=408, body=b""),
        HttpResponse(status=302, body=b""),
        HttpResponse(status=400, body=b"plain"),
        HttpResponse(status=201, body=b"<html>"),
        HttpResponse(status=201, body=b'{"uuid": "1"}'),
        HttpResponse(status=200, body=b""),
        reply(201, wire_order(executed_volume="NaN")),
        DUPLICATE,
    ],
)
def test_what_proves_nothing_is_unknown(answer: HttpResult) -> None:
    fixture = answered(answer)
    assert isinstance(send(fixture), Unknown)
    assert len(fixture.http.requests) == 1


def test_not_sent_may_be_tried_again() -> None:
    outcome = send(answered(UNREACHABLE))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.retryable) == ("not_sent", True)


def test_429_is_plain_text_and_stops_the_group() -> None:
    fixture = answered(HttpResponse(status=429, body=b"Too many API requests."))
    outcome = send(fixture)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.retryable) == ("rate_limited", True)
    assert outcome.retry_after_s == 1.0
    assert fixture.limiter.blocked == [("order", 1.0)]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (HttpResponse(status=418, body=b"blocked for 120 seconds"), 120.0),
        (HttpResponse(status=418, body="30초 후에".encode()), 30.0),
        (HttpResponse(status=418, headers={"retry-after": "90"}), 90.0),
        (HttpResponse(status=418, body=b"I'm a teapot"), 60.0),
    ],
)
def test_418_stops_everything(answer: HttpResponse, seconds: float) -> None:
    fixture = answered(answer)
    outcome = send(fixture)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.retry_after_s) == ("banned", seconds)
    assert fixture.limiter.blocked == [(None, seconds)]


def test_a_ban_that_comes_again_lasts_longer_and_one_that_many_are_told_of_does_not() -> None:
    fixture = answered(HttpResponse(status=418, headers={"retry-after": "20"}))

    async def main() -> None:
        await asyncio.gather(*[fixture.exchange.send(order()) for _ in range(3)])
        await asyncio.sleep(20)
        await asyncio.gather(*[fixture.exchange.send(order()) for _ in range(2)])
        await asyncio.sleep(40)
        await fixture.exchange.send(order())

    run(main())
    assert fixture.limiter.blocked == [(None, s) for s in (20.0, 20.0, 20.0, 40.0, 40.0, 80.0)]


def test_look_up_tells_all_fills() -> None:
    fixture = UpbitFixture()
    ended = wire_order(
        state="cancel", executed_volume="0.0001", paid_fee="5", trades=[wire_trade()]
    )
    fixture.http.on("GET", ORDER, reply(200, ended))
    seen = look_up(fixture)
    assert isinstance(seen, Accepted)
    assert seen.report.fills[0].fee == Decimal(5)
    assert fixture.http.requests[0].url.endswith(f"/v1/order?identifier={IDENTIFIER}")
    assert fixture.limiter.taken == [("default", True)]


def test_look_up_asks_once() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", ORDER, SILENCE)
    assert isinstance(look_up(fixture), ReadFailed)
    fixture.http.on("GET", ORDER, NOT_FOUND)
    assert isinstance(look_up(fixture), NotFound)
    assert len(fixture.http.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"market": "KRW-ETH"},
        {"side": "ask"},
        {"ord_type": "limit"},
        {"price": "20000"},
        {"created_at": (NOW - timedelta(minutes=10)).isoformat()},
    ],
)
def test_found_by_id_is_not_yet_ours(changes: dict[str, object]) -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", ORDER, reply(200, wire_order(**changes)))
    seen = look_up(fixture)
    assert isinstance(seen, ReadFailed)
    assert seen.reason.startswith("collision")


def test_a_calendar_that_was_ahead_does_not_disown_our_order() -> None:
    fixture = UpbitFixture()
    seen_at = (NOW - timedelta(seconds=90)).isoformat()
    fixture.http.on("GET", ORDER, reply(200, wire_order(created_at=seen_at)))
    assert isinstance(look_up(fixture), Accepted)


def test_a_consuming_order_is_not_the_intent() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", ORDER, reply(200, consuming_order()))
    assert isinstance(look_up(fixture), NotFound)


def test_unreadable_look_up_is_a_failed_read() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", ORDER, reply(200, wire_order(executed_volume="NaN")))
    seen = look_up(fixture)
    assert isinstance(seen, ReadFailed)
    assert not seen.reason.startswith("collision")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(200, wire_order()), CancelRequested),
        (NOT_FOUND, AlreadyGone),
        (SILENCE, Unknown),
        (refusal(500, "x"), Unknown),
        (UNREACHABLE, Refused),
        (refusal(401, "jwt_verification"), Refused),
    ],
)
def test_cancel(answer: HttpResult, expected: type[CancelOutcome]) -> None:
    fixture = UpbitFixture()
    fixture.http.on("DELETE", ORDER, answer)
    assert isinstance(run(fixture.exchange.cancel(order())), expected)
    request = fixture.http.requests[0]
    assert request.url.endswith(f"/v1/order?identifier={IDENTIFIER}")
    assert request.body == b""
    assert fixture.limiter.taken == [("default", True)]


def test_cancel_refused_because_it_has_ended() -> None:
    fixture = UpbitFixture()
    fixture.http.on("DELETE", ORDER, refusal(400, "bad_request"))
    fixture.http.on("GET", ORDER, reply(200, wire_order(state="cancel")), reply(200, wire_order()))
    assert isinstance(run(fixture.exchange.cancel(order())), AlreadyGone)
    assert isinstance(run(fixture.exchange.cancel(order())), Refused)


def test_cancellation_of_the_caller_is_not_swallowed() -> None:
    fixture = UpbitFixture()

    async def main() -> None:
        fixture.limiter.hold_s = 5.0
        task = asyncio.create_task(fixture.exchange.look_up(order()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert fixture.http.requests == []
