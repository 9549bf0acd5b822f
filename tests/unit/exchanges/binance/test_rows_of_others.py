"""A row that is not ours never matters; a row of ours that cannot be read is its symbol's trouble.

Binance lists contracts before they have prices, adds words without notice, and other people's
symbols stand in every list of the account.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from tests.unit.exchanges.binance.fakes import START, Rig, ok, trade
from tests.unit.exchanges.binance.test_adapter_account import (
    BALANCE,
    CONFIG,
    FILTERS,
    INCOME,
    INFO,
    POSITION,
    instruments,
    position_row,
)
from trading_platform_order.domain.outcome import Accepted, ReadFailed
from trading_platform_order.domain.rows import NAMELESS, Rows
from trading_platform_order.exchanges.binance.market import market_stream
from trading_platform_order.exchanges.binance.streams import private_stream
from trading_platform_order.exchanges.port.stream_events import (
    OrderUpdate,
    PositionChanged,
    PrivateEvent,
)
from trading_platform_order.exchanges.rows import OurSymbols
from trading_platform_order.transport.http import HttpResponse

OPEN, ALL, TRADES = "GET /fapi/v1/openOrders", "GET /fapi/v1/allOrders", "GET /fapi/v1/userTrades"
ALGO = "GET /fapi/v1/openAlgoOrders"
ODDITIES: tuple[Callable[[Any], Any], ...] = (
    lambda _: None,
    lambda value: {"odd": value},
    lambda value: "ODD_WORD" if isinstance(value, str) else value,
)


def odd(row: dict[str, Any], *, name: str = "ZZZUSDT", key: str = "symbol") -> list[dict[str, Any]]:
    """Rows of this owner with a null, another type, and a word that nobody has heard of."""
    return [{k: change(v) for k, v in row.items()} | {key: name} for change in ODDITIES]


def ours(*names: str) -> OurSymbols:
    """As after these symbols were asked for."""
    symbols = OurSymbols()
    symbols.note(*names)
    return symbols


async def test_positions_of_others() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([*odd(position_row()), position_row()]))
    found = await rig.exchange.positions(["BTCUSDT", "ETHUSDT"])
    assert isinstance(found, tuple)
    assert [one.quantity for one in found if not isinstance(one, ReadFailed)] == [
        Decimal("-0.002"),
        0,
    ]
    assert not isinstance(await rig.exchange.position("BTCUSDT"), ReadFailed)


async def test_an_unreadable_position_of_ours_is_unknown_and_the_others_are_not() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row(), position_row(symbol="ETHUSDT", positionAmt=None)]))
    found = await rig.exchange.positions(["BTCUSDT", "ETHUSDT", "SOLUSDT"])
    assert isinstance(found, tuple)
    assert [isinstance(one, ReadFailed) for one in found] == [False, True, False]
    assert "ETHUSDT" in getattr(found[1], "reason", "")


async def test_a_position_that_names_nobody_may_be_that_of_whoever_has_none() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row(), position_row(symbol=None)]))
    found = await rig.exchange.positions(["BTCUSDT", "ETHUSDT"])
    assert isinstance(found, tuple)
    assert [isinstance(one, ReadFailed) for one in found] == [False, True]


async def test_balances_of_others() -> None:
    rig = Rig()
    row = {"asset": "USDT", "balance": "1000", "availableBalance": "900"}
    rig.http.on(BALANCE, ok([*odd(row, name="ZZZ", key="asset"), row]))
    found = await rig.exchange.balances()
    assert not isinstance(found, ReadFailed)
    assert ([one.asset for one in found], list(found.unread)) == (["USDT"], ["ZZZ"])


async def test_contracts_and_filters_of_others() -> None:
    rig = Rig()
    instruments(rig)
    symbol = {"symbol": "BTCUSDT", "status": "TRADING", "deliveryDate": 4133404800000}
    filters = [
        *odd(cast("dict[str, object]", FILTERS[0]), name="ZZZ_FILTER", key="filterType"),
        *FILTERS,
    ]
    listed = symbol | {"filters": filters}
    rig.http.on(INFO, ok({"symbols": [*odd(listed), None, 3, listed]}))
    assert not isinstance(await rig.exchange.instrument("BTCUSDT"), ReadFailed)


@pytest.mark.parametrize("name", ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL"])
async def test_a_filter_of_ours_that_cannot_be_read_is_not_guessed(name: str) -> None:
    rig = Rig()
    instruments(rig)
    rows = [
        dict.fromkeys(row) | {"filterType": name} if row["filterType"] == name else row
        for row in cast("list[dict[str, object]]", FILTERS)
    ]
    others = {"symbol": "ETHUSDT", "status": "TRADING", "filters": FILTERS}
    ours_odd = {"symbol": "BTCUSDT", "status": "TRADING", "filters": rows}
    rig.http.on(INFO, ok({"symbols": [ours_odd, others]}))
    failed = await rig.exchange.instrument("BTCUSDT")
    assert isinstance(failed, ReadFailed)
    assert name in failed.reason
    assert not isinstance(await rig.exchange.instrument("ETHUSDT"), ReadFailed)


async def test_funding_and_transfers_of_others() -> None:
    rig = Rig()
    row = {
        "symbol": "BTCUSDT",
        "incomeType": "FUNDING_FEE",
        "income": "-0.5",
        "asset": "USDT",
        "time": 1_700_000_000_000,
        "tranId": 7,
    }
    rig.http.on(INCOME, ok([*odd(row), row]))
    paid = await rig.exchange.funding(START - timedelta(days=1))
    assert not isinstance(paid, ReadFailed)
    assert ([one.amount_usdt for one in paid], list(paid.unread)) == (
        [Decimal("-0.5")],
        ["ZZZUSDT"],
    )
    moved = row | {"incomeType": "TRANSFER", "symbol": "", "income": "100"}
    rig.http.on(INCOME, ok([*odd(moved, name="ZZZ", key="asset"), moved]))
    found = await rig.exchange.transfers("USDT", START - timedelta(days=1))
    assert not isinstance(found, ReadFailed)
    assert [one.amount for one in found] == [Decimal(100)]
    rig.http.on(INCOME, ok([moved | {"income": None}]))
    assert isinstance(await rig.exchange.transfers("USDT", START), ReadFailed)


async def test_order_lists_of_others() -> None:
    rig = Rig()
    row = rig.found()
    for path in (OPEN, ALL):
        rig.http.on(path, ok([*odd(row), row]))
    opened = await rig.exchange.open_orders("BTCUSDT")
    assert isinstance(opened, Rows)
    assert len(opened) == 1
    listed = await rig.exchange.orders_since(rig.clock.now(), "BTCUSDT")
    assert isinstance(listed, Rows)
    assert len(listed) == 1


async def test_an_unreadable_order_of_ours_leaves_only_its_symbol_unlisted() -> None:
    rig = Rig()
    row = rig.found()

    def answer(params: dict[str, str]) -> HttpResponse:
        is_odd = params["symbol"] == "ETHUSDT"
        return ok([row | {"symbol": "ETHUSDT", "side": None}] if is_odd else [row])

    for path in (OPEN, ALL):
        rig.http.on(path, answer)
    for read in (
        rig.exchange.open_orders("BTCUSDT", "ETHUSDT"),
        rig.exchange.orders_since(rig.clock.now(), "BTCUSDT", "ETHUSDT"),
    ):
        found = await read
        assert isinstance(found, Rows)
        assert (len(found), list(found.unread)) == (1, ["ETHUSDT"])
    assert isinstance(await rig.exchange.open_orders("ETHUSDT"), ReadFailed)


async def test_trades_of_others_beside_those_of_an_order() -> None:
    rig = Rig()
    rig.http.on("GET /fapi/v1/order", ok(rig.found(status="FILLED", executedQty="0.002")))
    rig.http.on(TRADES, ok([*odd(trade()), trade()]))
    found = await rig.exchange.look_up(rig.order())
    assert isinstance(found, Accepted)
    assert len(found.report.fills) == 1


async def test_absence_is_not_proven_by_a_list_with_an_unreadable_order_of_ours() -> None:
    rig = Rig()
    rig.http.on("GET /fapi/v1/order", HttpResponse(400, {}, b'{"code":-2013,"msg":"none"}'))
    row = rig.found(clientOrderId="x", orderId=None)
    rig.http.on(OPEN, ok([]))
    rig.http.on(ALL, ok([row]))
    rig.http.on(TRADES, ok([]))
    judged = await rig.exchange.prove_absence(
        rig.order(), sent_at=rig.clock.now() - timedelta(minutes=1), still_wanted=False
    )
    assert "allOrders" in getattr(judged, "reason", "")


async def test_settings_of_others() -> None:
    rig = Rig()
    row = {"symbol": "BTCUSDT", "marginType": "CROSSED", "leverage": 2}
    rig.http.on(CONFIG, ok([*odd(row), row]))
    assert not isinstance(await rig.exchange.settings.of_symbol("BTCUSDT"), ReadFailed)
    rig.http.on(
        "GET /fapi/v1/accountConfig", ok({"dualSidePosition": False, "multiAssetsMargin": False})
    )
    rig.http.on("GET /fapi/v1/feeBurn", ok({"feeBurn": False}))
    found = await rig.exchange.account_settings(("BTCUSDT",))
    assert not isinstance(found, ReadFailed)
    assert found.leverage == {"BTCUSDT": 2}


async def test_conditional_orders_of_others() -> None:
    rig = Rig()
    row = {
        "algoId": 1,
        "clientAlgoId": "stop",
        "symbol": "BTCUSDT",
        "side": "BUY",
        "orderType": "STOP_MARKET",
        "algoStatus": "NEW",
        "quantity": "0.002",
        "triggerPrice": "120000",
    }
    rig.http.on(ALGO, ok([*odd(row), row]))
    found = await rig.exchange.open_stops("BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert len(found) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda rig: rig.exchange.balances(),
        lambda rig: rig.exchange.position("BTCUSDT"),
        lambda rig: rig.exchange.server_time(),
    ],
)
async def test_json_with_a_byte_order_mark_is_json(
    read: Callable[[Rig], Awaitable[object]],
) -> None:
    rig = Rig()
    mark = b"\xef\xbb\xbf"
    rig.http.on(BALANCE, HttpResponse(200, {}, mark + b"[]"))
    rig.http.on(POSITION, HttpResponse(200, {}, mark + b"[]"))
    rig.http.on("GET /fapi/v1/time", HttpResponse(200, {}, mark + b'{"serverTime":1700000000000}'))
    assert not isinstance(await read(rig), ReadFailed)


async def test_bytes_that_are_no_text_matter_only_where_they_are_ours() -> None:
    rig = Rig()
    row = msgspec.json.encode(position_row())
    foreign = row.replace(b"BTCUSDT", b"ZZZUSDT").replace(b"107000.5", b"\xff\xfe")
    rig.http.on(POSITION, HttpResponse(200, {}, b"[" + foreign + b"," + row + b"]"))
    assert not isinstance(await rig.exchange.position("BTCUSDT"), ReadFailed)


# -- streams ---------------------------------------------------------------------------------------


def hear(message: object, known: OurSymbols) -> tuple[list[PrivateEvent], str | None]:
    """What a private message brings, and whether the connection is given up."""
    events: list[PrivateEvent] = []
    raw = msgspec.json.encode(message)
    return events, private_stream.deliver(raw, events.append, print, known)


def test_private_messages_about_others_cut_nothing() -> None:
    known = ours("BTCUSDT")
    for kind in ("ORDER_TRADE_UPDATE", "ALGO_UPDATE"):
        assert hear({"e": kind, "o": {"s": "ZZZUSDT", "c": None}}, known) == ([], None)
        assert (hear({"e": kind, "o": {"s": "BTCUSDT", "c": None}}, known)[1] or "").startswith(
            "unreadable"
        )
        assert (hear({"e": kind, "o": {"s": None}}, known)[1] or "").startswith("unreadable")


def test_an_account_message_is_read_row_by_row() -> None:
    known = ours("BTCUSDT")
    position = {"s": "BTCUSDT", "pa": "-0.5", "ps": "BOTH"}
    wallet = {"a": "USDT", "wb": "100", "cw": "100"}
    told = {
        "e": "ACCOUNT_UPDATE",
        "T": 1,
        "a": {
            "m": "ORDER",
            "B": [{"a": "ZZZ", "wb": None}, wallet],
            "P": [{"s": "ZZZUSDT", "pa": None}, position],
        },
    }
    events, reason = hear(told, known)
    assert reason is None
    assert [e.quantity for e in events if isinstance(e, PositionChanged)] == [Decimal("-0.5")]
    for row in ({"s": "BTCUSDT", "pa": None}, {"s": None, "pa": "1"}):
        lost = {"e": "ACCOUNT_UPDATE", "a": {"P": [row, position]}}
        assert (hear(lost, known)[1] or "").startswith("unreadable")


def test_wrapped_private_messages_are_unwrapped() -> None:
    order = {
        "s": "BTCUSDT",
        "c": "x",
        "S": "SELL",
        "o": "MARKET",
        "x": "NEW",
        "X": "NEW",
        "i": 1,
        "z": "0",
        "q": "0.5",
    }
    event = {"e": "ORDER_TRADE_UPDATE", "o": order}
    for message in (event, {"stream": "key", "data": event}):
        events, reason = hear(message, ours("BTCUSDT"))
        assert reason is None
        assert [type(e) for e in events] == [OrderUpdate]


@pytest.mark.parametrize("wrapped", [True, False])
def test_books_come_wrapped_or_not(wrapped: bool) -> None:
    book = {"e": "depthUpdate", "s": "BTCUSDT", "E": 1, "b": [["1", "1"]], "a": [["2", "1"]]}
    raw = msgspec.json.encode({"stream": "x", "data": book} if wrapped else book)
    events: list[object] = []
    assert market_stream.deliver(b"\xef\xbb\xbf" + raw, events.append) is None
    assert len(events) == 1


def test_the_rows_tell_whom_an_unreadable_one_concerns() -> None:
    rows = Rows([1], {"A": "null", NAMELESS: "no name"})
    assert rows.is_unread("A", listed=True)
    assert rows.is_unread("B", listed=False)
    assert not rows.is_unread("B", listed=True)
    assert set(rows.why_unread({"B"})) == {NAMELESS}
