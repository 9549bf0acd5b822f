"""From unknown to known on Upbit: only a consumed identifier decides."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.unit.exchanges.upbit.fixture import (
    BOOK,
    CHANCE,
    DUPLICATE,
    IDENTIFIER,
    NOT_FOUND,
    NOW,
    SILENCE,
    TICKS,
    UNREACHABLE,
    UpbitFixture,
    consuming_order,
    order,
    refusal,
    reply,
    run,
    wire_order,
)
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    ProvenAbsent,
    Unknown,
)
from trading_platform_order.transport.http import HttpResponse, HttpResult

ORDERS, ORDER = "/v1/orders", "/v1/order"
OPEN, CLOSED = "/v1/orders/open", "/v1/orders/closed"


def prove(fixture: UpbitFixture, *, still_wanted: bool) -> AbsenceOutcome:
    return run(fixture.exchange.prove_absence(order(), sent_at=NOW, still_wanted=still_wanted))


def fixture_with(post: HttpResult, *gets: HttpResult) -> UpbitFixture:
    fixture = UpbitFixture()
    fixture.http.on("POST", ORDERS, post)
    fixture.http.on("GET", ORDER, *(gets or (NOT_FOUND,)))
    fixture.http.on("GET", OPEN, reply(200, []))
    fixture.http.on("GET", CLOSED, reply(200, []))
    fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE))
    fixture.http.on("GET", "/v1/orderbook/instruments", reply(200, TICKS))
    fixture.http.on("GET", "/v1/orderbook", reply(200, BOOK))
    fixture.http.on("DELETE", ORDER, reply(200, consuming_order()))
    return fixture


def test_still_wanted_posts_the_very_same_order_again() -> None:
    fixture = fixture_with(reply(201, wire_order()))

    async def both() -> AbsenceOutcome:
        await fixture.exchange.send(order())
        return await fixture.exchange.prove_absence(order(), sent_at=NOW, still_wanted=True)

    assert isinstance(run(both()), Accepted)
    first, second = fixture.http.sent("POST", ORDERS)
    assert first.body == second.body
    assert first.headers["Authorization"] != second.headers["Authorization"]


def test_duplicate_and_found_is_the_earlier_attempt() -> None:
    outcome = prove(fixture_with(DUPLICATE, reply(200, wire_order())), still_wanted=True)
    assert isinstance(outcome, Accepted)
    assert outcome.report.client_order_id == IDENTIFIER


def test_duplicate_and_found_late() -> None:
    fixture = fixture_with(DUPLICATE, NOT_FOUND, SILENCE, NOT_FOUND, reply(200, wire_order()))
    assert isinstance(prove(fixture, still_wanted=True), Accepted)


@pytest.mark.parametrize("path", [OPEN, CLOSED])
def test_duplicate_and_found_in_a_list(path: str) -> None:
    fixture = fixture_with(DUPLICATE)
    foreign = wire_order(identifier="other", uuid="2")
    fixture.http.on("GET", path, reply(200, [foreign, wire_order()]))
    assert isinstance(prove(fixture, still_wanted=True), Accepted)


def test_duplicate_and_never_found_is_burned() -> None:
    fixture = fixture_with(DUPLICATE)
    outcome = prove(fixture, still_wanted=True)
    assert isinstance(outcome, ProvenAbsent)
    assert "burned" in outcome.evidence
    assert "21 rounds over 10.0 s" in outcome.evidence
    assert outcome.needs_account
    (first, *_) = fixture.http.sent("GET", CLOSED)
    assert "start_time=2026-11-22T02%3A55%3A00%2B00%3A00" in first.url
    (first, *_) = fixture.http.sent("GET", OPEN)
    assert "states[]=wait&states[]=watch" in first.url


def test_an_old_intent_is_sought_within_the_allowed_window() -> None:
    fixture = fixture_with(DUPLICATE)
    old = NOW - timedelta(days=30)
    intent = replace(order(), created_at=old)
    outcome = run(fixture.exchange.prove_absence(intent, sent_at=old, still_wanted=True))
    assert isinstance(outcome, ProvenAbsent)
    assert "start_time=2026-11-16T03" in fixture.http.sent("GET", CLOSED)[0].url


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", ORDER, SILENCE),
        ("GET", ORDER, HttpResponse(status=429)),
        ("GET", ORDER, refusal(500, "x")),
        ("GET", OPEN, SILENCE),
        ("GET", CLOSED, refusal(401, "out_of_scope")),
    ],
)
def test_burned_is_never_said_without_answers(method: str, path: str, answer: HttpResult) -> None:
    fixture = fixture_with(DUPLICATE)
    fixture.http.on(method, path, answer)
    outcome = prove(fixture, still_wanted=True)
    assert isinstance(outcome, Unknown)
    assert "look-up failed" in outcome.reason


def test_one_answered_round_is_too_few() -> None:
    fixture = fixture_with(DUPLICATE, *[SILENCE] * 20, NOT_FOUND)
    outcome = prove(fixture, still_wanted=True)
    assert isinstance(outcome, Unknown)
    assert "too few" in outcome.reason


UNDECIDED = [
    refusal(400, "insufficient_funds_bid"),
    HttpResponse(status=429, body=b"Too many API requests."),
    HttpResponse(status=418),
    refusal(403, "market_offline"),
    refusal(500, "internal_server_error"),
    SILENCE,
    UNREACHABLE,
    HttpResponse(status=201, body=b"<html>"),
]


@pytest.mark.parametrize("answer", UNDECIDED)
def test_any_other_answer_to_the_re_post_decides_nothing(answer: HttpResult) -> None:
    fixture = fixture_with(answer)
    assert isinstance(prove(fixture, still_wanted=True), Unknown)
    assert len(fixture.http.requests) == 1


def test_a_collision_is_never_taken_for_an_answer() -> None:
    outcome = prove(fixture_with(DUPLICATE, reply(200, wire_order(side="ask"))), still_wanted=True)
    assert isinstance(outcome, Unknown)
    assert outcome.reason.startswith("collision")


def test_not_wanted_consumes_the_identifier_and_cancels() -> None:
    fixture = fixture_with(
        reply(201, consuming_order()),
        reply(200, consuming_order()),
        reply(200, consuming_order(state="cancel")),
    )
    outcome = prove(fixture, still_wanted=False)
    assert isinstance(outcome, ProvenAbsent)
    assert "consumed by the post-only order consuming-1" in outcome.evidence
    assert "filled nothing" in outcome.evidence
    assert not outcome.needs_account
    (post,) = fixture.http.sent("POST", ORDERS)
    body = json.loads(post.body)
    assert body == {
        "market": "KRW-BTC",
        "side": "bid",
        "ord_type": "limit",
        "volume": "0.00007286",
        "price": "70000000",
        "time_in_force": "post_only",
        "identifier": IDENTIFIER,
    }
    assert Decimal(body["volume"]) * Decimal(body["price"]) > 5_000
    assert len(fixture.http.sent("DELETE", ORDER)) == 1


@pytest.mark.parametrize(("told", "bid", "price"), [(5, 15_005, "10500"), (1, 137, "95.9")])
def test_what_consumes_lies_on_the_step_of_its_own_price(told: int, bid: int, price: str) -> None:
    """The filters were read in another band: 7,000 KRW (step 5) rose, 137 KRW (step 1) did not."""
    fixture = fixture_with(
        reply(201, consuming_order()),
        reply(200, consuming_order(state="cancel")),
    )
    ticks = [{"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": told}]
    unit = {"ask_price": bid + 10, "bid_price": bid, "ask_size": 1, "bid_size": 1}
    book = [{"market": "KRW-BTC", "orderbook_units": [unit]}]
    fixture.http.on("GET", "/v1/orderbook/instruments", reply(200, ticks))
    fixture.http.on("GET", "/v1/orderbook", reply(200, book))
    prove(fixture, still_wanted=False)
    (post,) = fixture.http.sent("POST", ORDERS)
    assert json.loads(post.body)["price"] == price


def test_not_wanted_but_it_had_been_placed() -> None:
    assert isinstance(
        prove(fixture_with(DUPLICATE, reply(200, wire_order())), still_wanted=False), Accepted
    )


def test_our_own_earlier_consuming_order_is_recognised_and_ended() -> None:
    done = prove(
        fixture_with(DUPLICATE, reply(200, consuming_order(state="cancel"))), still_wanted=False
    )
    assert isinstance(done, ProvenAbsent)
    fixture = fixture_with(
        DUPLICATE, reply(200, consuming_order()), reply(200, consuming_order(state="cancel"))
    )
    outcome = prove(fixture, still_wanted=True)
    assert isinstance(outcome, ProvenAbsent)
    assert len(fixture.http.sent("DELETE", ORDER)) == 1


def test_a_consuming_order_that_traded_is_told() -> None:
    ended = reply(200, consuming_order(state="cancel", executed_volume="0.00001"))
    outcome = prove(fixture_with(reply(201, consuming_order()), ended), still_wanted=False)
    assert isinstance(outcome, ProvenAbsent)
    assert "bought 0.00001" in outcome.evidence


def test_a_consuming_order_that_does_not_end_leaves_it_unknown() -> None:
    outcome = prove(
        fixture_with(reply(201, consuming_order()), reply(200, consuming_order())),
        still_wanted=False,
    )
    assert isinstance(outcome, Unknown)
    fixture = fixture_with(reply(201, consuming_order()))
    fixture.http.on("DELETE", ORDER, SILENCE)
    assert isinstance(prove(fixture, still_wanted=False), Unknown)


@pytest.mark.parametrize("answer", UNDECIDED[:-1])
def test_any_other_answer_to_the_consuming_order_decides_nothing(answer: HttpResult) -> None:
    assert isinstance(prove(fixture_with(answer), still_wanted=False), Unknown)


@pytest.mark.parametrize(
    "book", [reply(200, []), SILENCE, reply(200, [{"market": "KRW-BTC", "orderbook_units": []}])]
)
def test_what_consumes_is_priced_by_the_last_trade_where_nobody_bids(book: HttpResult) -> None:
    ended = reply(200, consuming_order(state="cancel"))
    fixture = fixture_with(reply(201, consuming_order()), ended)
    fixture.http.on("GET", "/v1/orderbook", book)
    fixture.http.on("GET", "/v1/ticker", reply(200, [{"market": "KRW-BTC", "trade_price": 15_000}]))
    assert isinstance(prove(fixture, still_wanted=False), ProvenAbsent)
    (post,) = fixture.http.sent("POST", ORDERS)
    assert Decimal(json.loads(post.body)["price"]) <= 10_500


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/ticker", reply(200, [])),
        ("/v1/ticker", SILENCE),
        ("/v1/ticker", reply(200, [{"market": "KRW-BTC", "trade_price": 0}])),
    ],
)
def test_nothing_is_posted_without_a_price(path: str, answer: HttpResult) -> None:
    fixture = fixture_with(reply(201, consuming_order()))
    fixture.http.on("GET", "/v1/orderbook", reply(200, []))
    fixture.http.on("GET", "/v1/ticker", reply(200, [{"market": "KRW-BTC", "trade_price": 15_000}]))
    fixture.http.on("GET", path, answer)
    assert isinstance(prove(fixture, still_wanted=False), Unknown)
    assert fixture.http.sent("POST", ORDERS) == []


def test_without_filters_what_consumes_keeps_to_the_published_rule() -> None:
    ended = reply(200, consuming_order(state="cancel"))
    fixture = fixture_with(reply(201, consuming_order()), ended)
    fixture.http.on("GET", "/v1/orders/chance", refusal(401, "out_of_scope"))
    assert isinstance(prove(fixture, still_wanted=False), ProvenAbsent)
    body = json.loads(fixture.http.sent("POST", ORDERS)[0].body)
    assert Decimal(body["price"]) % 1_000 == 0
    assert Decimal(body["volume"]) * Decimal(body["price"]) > 5_000
