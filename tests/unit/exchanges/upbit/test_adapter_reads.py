"""Reads of the Upbit adapter: accounts, filters, clock, budgets."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.unit.exchanges.upbit.fixture import (
    CHANCE,
    SILENCE,
    TICKS,
    UpbitFixture,
    order,
    refusal,
    reply,
    run,
    wire_order,
    wire_trade,
)
from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.order import Balance
from trading_platform_order.domain.outcome import ReadFailed, Refused, SendOutcome
from trading_platform_order.domain.pairs.pair import Listing
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import OrderUnknown
from trading_platform_order.exchanges.config import Credentials, UpbitConfig
from trading_platform_order.exchanges.upbit import budgets
from trading_platform_order.exchanges.upbit.market.price_ticks import KRW_BANDS
from trading_platform_order.transport.http import HttpResponse, HttpResult

ACCOUNTS = [
    {"currency": "KRW", "balance": "1000000.5", "locked": "5000", "avg_buy_price": "0"},
    {
        "currency": "BTC",
        "balance": "0.5",
        "locked": "0.25",
        "avg_buy_price": "140000000",
        "unit_currency": "KRW",
    },
    {"currency": "DUST", "balance": "0", "locked": "0"},
]


def test_balances_and_position() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", reply(200, ACCOUNTS))
    balances = run(fixture.exchange.balances())
    assert not isinstance(balances, ReadFailed)
    assert [row.asset for row in balances] == ["KRW", "BTC"]
    assert balances[1] == Balance(asset="BTC", available=Decimal("0.5"), locked=Decimal("0.25"))
    position = run(fixture.exchange.get_position("BTC-KRW"))
    assert (position.quantity, position.entry_price) == (Decimal("0.75"), Decimal(140000000))
    assert run(fixture.exchange.get_position("ETH-KRW")).quantity == 0
    assert run(fixture.exchange.get_balance())["KRW"] == Decimal("1000000.5")


@pytest.mark.parametrize("accounts", [SILENCE, refusal(500, "x"), reply(200, [{"currency": None}])])
def test_what_is_held_of_a_coin_is_told_by_its_market_too(accounts: HttpResult) -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", accounts)
    fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE | {"ask_account": ACCOUNTS[1]}))
    position = run(fixture.exchange.get_position("BTC-KRW"))
    assert (position.quantity, position.entry_price) == (Decimal("0.75"), Decimal(140000000))
    fixture.http.on("GET", "/v1/orders/chance", refusal(500, "x"))
    assert isinstance(run(fixture.exchange.position("BTC-KRW")), ReadFailed)


def test_the_market_is_asked_only_where_the_accounts_do_not_answer() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", reply(200, ACCOUNTS))
    run(fixture.exchange.get_position("BTC-KRW"))
    assert len(fixture.http.requests) == 1


def test_what_may_pass_is_asked_again_after_1_2_and_4_seconds() -> None:
    fixture = UpbitFixture()
    limited = HttpResponse(status=429, body=b"Too many API requests.")
    fixture.http.on("GET", "/v1/accounts", SILENCE, limited, refusal(500, "x"), reply(200, []))

    async def main() -> float:
        loop_time = fixture.exchange._clock.monotonic
        assert await fixture.exchange.balances() == ()
        return loop_time()

    assert run(main()) == pytest.approx(7.0)
    assert len(fixture.http.requests) == 4
    fixture.http.on("GET", "/v1/accounts", SILENCE)
    assert isinstance(run(fixture.exchange.balances()), ReadFailed)
    assert len(fixture.http.requests) == 8


def test_what_will_not_pass_is_asked_once_and_names_the_remedy() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", refusal(401, "no_authorization_ip"))
    failed = run(fixture.exchange.balances())
    assert isinstance(failed, ReadFailed)
    assert "no_authorization_ip" in failed.reason
    assert "check the Upbit key" in failed.reason
    assert len(fixture.http.requests) == 1


def test_unreadable_accounts() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", HttpResponse(status=200, body=b"<html>"))
    assert isinstance(run(fixture.exchange.balances()), ReadFailed)


def prepared(chance: HttpResult, ticks: HttpResult) -> UpbitFixture:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/orders/chance", chance)
    fixture.http.on("GET", "/v1/orderbook/instruments", ticks)
    return fixture


def test_instrument_comes_from_the_exchange_and_is_kept_for_a_while() -> None:
    fixture = prepared(reply(200, CHANCE), reply(200, TICKS))

    async def main() -> Instrument:
        first = await fixture.exchange.instrument("BTC-KRW")
        again = await fixture.exchange.instrument("BTC-KRW")
        assert first is again
        assert isinstance(first, Instrument)
        return first

    instrument = run(main())
    assert len(fixture.http.requests) == 3
    assert instrument == Instrument(
        venue=Venue.UPBIT,
        symbol="BTC-KRW",
        price_tick=Decimal(1000),
        quantity_step=Decimal("0.00000001"),
        min_quantity=Decimal("0.00000001"),
        max_quantity=Decimal(0),
        min_notional=Decimal(5000),
        max_notional=Decimal(1000000000),
        taker_fee_rate=Decimal("0.0005"),
        is_trading=True,
        listing=Listing(code="KRW-BTC", names=("비트코인", "Bitcoin")),
        price_bands=KRW_BANDS,
    )
    assert "Authorization" in fixture.http.requests[0].headers
    assert "Authorization" not in fixture.http.requests[1].headers
    taken = [("default", False), ("orderbook", False), ("market", False)]
    assert fixture.limiter.taken == taken
    assert fixture.limiter.weights == [1, 1, 1]


def listing(*, warning: object, **cautions: object) -> HttpResponse:
    event = {"warning": warning, "caution": cautions}
    return reply(200, [{"market": "KRW-BTC", "market_event": event}])


@pytest.mark.parametrize(
    ("answer", "warning", "cautions"),
    [
        (listing(warning=False, PRICE_FLUCTUATIONS=False), "", ()),
        (listing(warning=True), "its trading may end", ()),
        (listing(warning=False, B=True, A=True, C=False), "", ("A", "B")),
        (listing(warning=True, A=True), "its trading may end", ("A",)),
        (reply(200, [{"market": "KRW-BTC"}]), "its market alerts are not told", ()),
        (reply(200, []), "it is not listed", ()),
        (listing(warning="no"), "its market alerts could not be read", ()),
        (refusal(500, "x"), "its market alerts could not be read", ()),
        (HttpResponse(status=200, body=b"<html>"), "its market alerts could not be read", ()),
    ],
)
def test_what_upbit_warns_of_is_told_and_what_is_not_known_counts_as_a_warning(
    answer: HttpResult, warning: str, cautions: tuple[str, ...]
) -> None:
    fixture = prepared(reply(200, CHANCE), reply(200, TICKS))
    fixture.http.on("GET", "/v1/market/all", answer)
    seen = run(fixture.exchange.instrument("BTC-KRW"))
    assert isinstance(seen, Instrument)
    assert (seen.warning, seen.cautions) == (warning, cautions)


def test_alerts_are_read_again_after_a_minute_and_kept_for_ten_while_upbit_is_silent() -> None:
    fixture = prepared(reply(200, CHANCE), reply(200, TICKS))
    fixture.http.on("GET", "/v1/market/all", listing(warning=False), listing(warning=True), SILENCE)

    async def main() -> list[str]:
        seen = []
        for pause_s in (0, 49, 1, 60, 539, 1):
            await asyncio.sleep(pause_s)
            told = await fixture.exchange.instrument("BTC-KRW")
            assert isinstance(told, Instrument)
            seen.append(told.warning)
        return seen

    calm, ending, unknown = "", "its trading may end", "its market alerts could not be read"
    assert run(main()) == [calm, calm, ending, ending, ending, unknown]
    assert all(
        "is_details=true" in request.url for request in fixture.http.sent("GET", "/v1/market/all")
    )


def test_room_is_the_least_of_what_an_order_and_its_look_up_need() -> None:
    fixture = UpbitFixture()
    assert fixture.exchange.rate_room() == 1.0
    fixture.limiter.rooms = {"order": 0.5, "default": 0.25, "market": 0.1}
    assert fixture.exchange.rate_room() == 0.25


@pytest.mark.parametrize(
    ("chance", "ticks", "words"),
    [
        (refusal(404, "notfoundmarket"), reply(200, TICKS), "notfoundmarket"),
        (refusal(401, "out_of_scope"), reply(200, TICKS), "permissions"),
        (reply(200, CHANCE), reply(200, []), "tick of BTC-KRW"),
        (reply(200, CHANCE), refusal(404, 404), "tick of BTC-KRW"),
        (reply(200, CHANCE), reply(200, [{**TICKS[0], "tick_size": 0}]), "tick of BTC-KRW"),
        (
            reply(200, {**CHANCE, "market": {**CHANCE["market"], "state": "delisted"}}),  # type: ignore[dict-item]
            reply(200, TICKS),
            "not active",
        ),
    ],
)
def test_prepare_names_what_is_wrong(chance: HttpResult, ticks: HttpResult, words: str) -> None:
    fixture = prepared(chance, ticks)
    failed = run(fixture.exchange.prepare(("BTC-KRW",), leverage=2))
    assert isinstance(failed, ReadFailed)
    assert words in failed.reason


def test_prepare_is_content_when_all_is_well() -> None:
    fixture = prepared(reply(200, CHANCE), reply(200, TICKS))
    assert run(fixture.exchange.prepare(("BTC-KRW",), leverage=2)) is None


def test_server_time_is_the_date_header() -> None:
    fixture = UpbitFixture()
    fixture.http.on(
        "GET",
        "/v1/ticker",
        reply(200, [], date="Sun, 22 Nov 2026 03:00:01 GMT"),
        HttpResponse(status=200),
    )
    assert run(fixture.exchange.server_time()) == datetime(2026, 11, 22, 3, 0, 1, tzinfo=UTC)
    assert isinstance(run(fixture.exchange.server_time()), ReadFailed)


def test_open_orders_are_read_page_by_page() -> None:
    fixture = UpbitFixture()
    page = [wire_order(uuid=str(number), identifier=None) for number in range(100)]
    fixture.http.on("GET", "/v1/orders/open", reply(200, page), reply(200, [wire_order()]))
    reports = run(fixture.exchange.open_orders("BTC-KRW"))
    assert not isinstance(reports, ReadFailed)
    assert len(reports) == 101
    assert reports[0].client_order_id == ""
    assert "page=2" in fixture.http.requests[1].url
    fixture.http.on("GET", "/v1/orders/open", reply(200, page))
    assert isinstance(run(fixture.exchange.open_orders("BTC-KRW")), ReadFailed)


def test_it_closes_its_connections() -> None:
    fixture = UpbitFixture()
    run(fixture.exchange.close())
    assert fixture.http.closed


def test_the_specifications_verb_waits_for_the_fill() -> None:
    fixture = UpbitFixture()
    ended = wire_order(
        state="cancel", executed_volume="0.0001", paid_fee="5", trades=[wire_trade()]
    )
    fixture.http.on("POST", "/v1/orders", reply(201, wire_order()))
    fixture.http.on("GET", "/v1/order", reply(200, wire_order()), reply(200, ended))
    fill = run(fixture.exchange.execute_order(order()))
    assert (fill.quantity, fill.price, fill.fee) == (
        Decimal("0.0001"),
        Decimal(100000000),
        Decimal(5),
    )
    fixture.http.on("GET", "/v1/order", reply(200, wire_order()))
    with pytest.raises(OrderUnknown):
        run(fixture.exchange.execute_order(order()))


def test_budgets_keep_a_reserve_for_the_urgent() -> None:
    config = UpbitConfig(rest_url="", ws_url="", credentials=Credentials(key="k", secret="s"))
    table = budgets(config)
    assert set(table) == {"order", "order-test", "default", "orderbook", "ticker", "market"}
    assert (table["order"].limit, table["order"].reserved) == (8, 2)
    assert table["default"].limit == 30
    assert all(budget.window_s == 1.0 for budget in table.values())


@pytest.mark.parametrize("seconds", ["60", "3600", "259200"])
def test_a_ban_holds_up_no_reader(seconds: str) -> None:
    fixture = UpbitFixture()
    fixture.http.on(
        "GET", "/v1/accounts", HttpResponse(status=418, headers={"retry-after": seconds})
    )

    async def main() -> float:
        assert isinstance(await fixture.exchange.balances(), ReadFailed)
        return asyncio.get_running_loop().time()

    assert run(main()) < 10


def test_a_full_line_is_a_failed_read_and_an_order_that_was_not_sent() -> None:
    fixture = UpbitFixture()
    fixture.limiter.hold_s = 1.0
    fixture.limiter.is_full = True
    assert isinstance(run(fixture.exchange.balances()), ReadFailed)
    outcome = run(awaited(fixture.exchange.send(order())))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.retryable) == ("not_sent", True)
    assert fixture.http.requests == []


async def awaited(outcome: Awaitable[SendOutcome]) -> SendOutcome:
    return await outcome
