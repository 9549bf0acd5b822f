"""A row that is not ours never matters; a row of ours that cannot be read is its coin's trouble."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.exchanges.upbit.fixture import (
    BOOK,
    CHANCE,
    LISTING,
    NOW,
    TICKS,
    FakeConnection,
    UpbitFixture,
    reply,
    run,
    wire_order,
)
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.rows import NAMELESS, Rows
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    OrderUpdate,
    PrivateEvent,
    StreamDown,
)
from trading_platform_order.transport.http import HttpResponse

KRW = {"currency": "KRW", "balance": "1000000", "locked": "0"}
BTC = {"currency": "BTC", "balance": "0.5", "locked": "0"}
ODDITIES: tuple[Callable[[Any], Any], ...] = (
    lambda _: None,
    lambda value: {"odd": value},
    lambda value: "ODD_WORD" if isinstance(value, str) else value,
)


def odd(row: dict[str, Any], *, name: str = "KRW-ZZZ", key: str = "market") -> list[dict[str, Any]]:
    """Rows of this owner with a null, another type, and a word that nobody has heard of."""
    return [{k: change(v) for k, v in row.items()} | {key: name} for change in ODDITIES]


def test_balances_of_others() -> None:
    fixture = UpbitFixture()
    rows = [KRW, *odd(BTC, name="ZZZ", key="currency"), BTC]
    fixture.http.on("GET", "/v1/accounts", reply(200, rows))
    found = run(fixture.exchange.balances())
    assert not isinstance(found, ReadFailed)
    assert ([one.asset for one in found], list(found.unread)) == (["KRW", "BTC"], ["ZZZ"])
    assert run(fixture.exchange.get_position("BTC-KRW")).quantity == Decimal("0.5")


def test_an_unreadable_balance_of_ours_is_not_zero() -> None:
    for row in (BTC | {"balance": None}, BTC | {"balance": "NaN"}, BTC | {"currency": None}):
        fixture = UpbitFixture()
        fixture.http.on("GET", "/v1/accounts", reply(200, [KRW, row]))
        fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE | {"ask_account": row}))
        assert isinstance(run(fixture.exchange.position("BTC-KRW")), ReadFailed)
        found = run(fixture.exchange.balances())
        assert not isinstance(found, ReadFailed)
        assert found.is_unread("BTC", listed=False)
        assert not found.is_unread("KRW", listed=True)


def test_filters_beside_odd_rows_and_fields_that_are_not_needed() -> None:
    fixture = UpbitFixture()
    market = CHANCE["market"] | {"max_total": None, "state": None, "ask_types": None}  # type: ignore[operator]
    fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE | {"market": market}))
    fixture.http.on("GET", "/v1/orderbook/instruments", reply(200, [None, *odd(TICKS[0]), *TICKS]))
    fixture.http.on("GET", "/v1/market/all", reply(200, [*odd(LISTING[0]), *LISTING]))
    found = run(fixture.exchange.instrument("BTC-KRW"))
    assert not isinstance(found, ReadFailed)
    assert (found.warning, found.is_trading, found.max_notional) == ("", True, Decimal(0))


def test_an_unreadable_alert_of_ours_is_a_warning_of_that_market_alone() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE))
    fixture.http.on(
        "GET",
        "/v1/orderbook/instruments",
        reply(200, TICKS),
        reply(200, [{"market": "KRW-ETH", "tick_size": 1000}]),
    )
    eth = {"market": "KRW-ETH", "market_event": {"warning": None, "caution": {}}}
    fixture.http.on("GET", "/v1/market/all", reply(200, [*LISTING, eth]))

    async def both() -> list[Any]:
        return [await fixture.exchange.instrument(symbol) for symbol in ("BTC-KRW", "ETH-KRW")]

    assert [one.warning for one in run(both())] == ["", "its market alerts could not be read"]


@pytest.mark.parametrize("markets", [("BTC-KRW",), ("BTC-KRW", "ETH-KRW")])
def test_order_lists_of_others(markets: tuple[str, ...]) -> None:
    fixture = UpbitFixture()
    rows = [*odd(wire_order()), wire_order()]
    for path in ("/v1/orders/open", "/v1/orders/closed"):
        fixture.http.on("GET", path, reply(200, rows))
    opened = run(fixture.exchange.open_orders(*markets))
    assert isinstance(opened, Rows)
    assert (len(opened), dict(opened.unread)) == (1, {})
    listed = run(fixture.exchange.orders_since(NOW - timedelta(hours=1), *markets))
    assert isinstance(listed, Rows)
    assert (len(listed), dict(listed.unread)) == (1, {})


def test_an_unreadable_order_of_ours_leaves_only_its_market_unlisted() -> None:
    fixture = UpbitFixture()
    rows = [wire_order(), wire_order(market="KRW-ETH", uuid="order-2", side=None)]
    for path in ("/v1/orders/open", "/v1/orders/closed"):
        fixture.http.on("GET", path, reply(200, rows))
    for read in (
        fixture.exchange.open_orders("BTC-KRW", "ETH-KRW"),
        fixture.exchange.orders_since(NOW - timedelta(hours=1), "BTC-KRW", "ETH-KRW"),
    ):
        found = run(read)
        assert isinstance(found, Rows)
        assert (len(found), list(found.unread)) == (1, ["ETH-KRW"])


def test_an_order_that_names_no_market_may_be_any_ones() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/orders/open", reply(200, [wire_order(market=None)]))
    assert isinstance(run(fixture.exchange.open_orders("BTC-KRW", "ETH-KRW")), ReadFailed)


def test_wallets_keys_books_and_transfers_of_others() -> None:
    fixture = UpbitFixture()
    wallet = {"currency": "BTC", "wallet_state": "working"}
    fixture.http.on(
        "GET", "/v1/status/wallet", reply(200, [*odd(wallet, name="ZZZ", key="currency"), wallet])
    )
    states = run(fixture.exchange.suspended_wallets())
    assert not isinstance(states, ReadFailed)
    assert set(states) == {"ZZZ"}
    key = {"access_key": "access", "expire_at": "2027-01-01T00:00:00+09:00"}
    rows = [*odd(key, name="another", key="access_key"), key]
    fixture.http.on("GET", "/v1/api_keys", reply(200, rows))
    assert not isinstance(run(fixture.exchange.key_expires_at()), ReadFailed)
    fixture.http.on("GET", "/v1/orderbook", reply(200, [*odd(BOOK[0]), BOOK[0] | {"timestamp": 1}]))
    assert not isinstance(run(fixture.exchange.order_book("BTC-KRW")), ReadFailed)
    came = {
        "uuid": "d1",
        "currency": "BTC",
        "state": "ACCEPTED",
        "created_at": NOW.isoformat(),
        "amount": "1",
        "fee": "0",
    }
    fixture.http.on(
        "GET", "/v1/deposits", reply(200, [*odd(came, name="ZZZ", key="currency"), came])
    )
    fixture.http.on("GET", "/v1/withdraws", reply(200, []))
    moved = run(fixture.exchange.transfers("BTC", NOW - timedelta(days=1)))
    assert not isinstance(moved, ReadFailed)
    assert [one.amount for one in moved] == [Decimal(1)]
    fixture.http.on("GET", "/v1/deposits", reply(200, [came | {"amount": None}]))
    assert isinstance(run(fixture.exchange.transfers("BTC", NOW)), ReadFailed)


def test_a_byte_order_mark_is_left_aside() -> None:
    fixture = UpbitFixture()
    fixture.http.on("GET", "/v1/accounts", HttpResponse(200, {}, b"\xef\xbb\xbf[]"))
    found = run(fixture.exchange.balances())
    assert not isinstance(found, ReadFailed)
    assert NAMELESS not in found.unread


# -- streams ---------------------------------------------------------------------------------------


def told_by(*messages: dict[str, Any]) -> list[PrivateEvent]:
    """What the private stream brings while BTC is ours."""
    frames = [b"\xef\xbb\xbf" + json.dumps(message).encode() for message in messages]
    fixture = UpbitFixture(FakeConnection([b'{"status":"UP"}', *frames, 0.1]))
    fixture.http.on("GET", "/v1/accounts", reply(200, []))
    fixture.http.on("GET", "/v1/orders/chance", reply(200, CHANCE))
    fixture.http.on("GET", "/v1/orderbook/instruments", reply(200, TICKS))
    events: list[PrivateEvent] = []

    async def listen() -> None:
        assert await fixture.exchange.prepare_symbol("BTC-KRW", leverage=1) is None
        task = asyncio.get_running_loop().create_task(
            fixture.exchange.run_private_stream(events.append)
        )
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait((task,))

    run(listen())
    return events


ORDER = {
    "type": "myOrder",
    "code": "KRW-BTC",
    "uuid": "u",
    "ask_bid": "BID",
    "order_type": "price",
    "state": "wait",
    "price": 1000,
}


def test_private_messages_about_others_cut_nothing() -> None:
    foreign = [row | {"type": "myOrder", "code": "KRW-ZZZ"} for row in odd(ORDER, key="code")]
    events = told_by(*foreign, ORDER)
    assert not [event for event in events if isinstance(event, StreamDown)]
    assert len([event for event in events if isinstance(event, OrderUpdate)]) >= 1
    lost = told_by(ORDER | {"uuid": None})
    assert [event for event in lost if isinstance(event, StreamDown)]


def test_assets_are_read_row_by_row() -> None:
    krw = {"currency": "KRW", "balance": 1, "locked": 0}
    foreign = {"currency": "ZZZ", "balance": None}
    events = told_by({"type": "myAsset", "assets": [foreign, krw]})
    assert not [event for event in events if isinstance(event, StreamDown)]
    assert [one.asset for e in events if isinstance(e, BalancesChanged) for one in e.balances] == [
        "KRW"
    ]
    for row in (krw | {"balance": None}, {"currency": "BTC", "balance": None}, {"currency": None}):
        events = told_by({"type": "myAsset", "assets": [row]})
        assert [event for event in events if isinstance(event, StreamDown)]
