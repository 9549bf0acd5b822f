"""Every order of a symbol since a time: complete, or no answer at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from tests.unit.exchanges.binance.fakes import CLIENT_ID, Rig, error, ok
from tests.unit.exchanges.upbit import fixture as upbit
from trading_platform_order.domain.outcome import ListedOrder, NotFound, ReadFailed
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import HttpResult

OPEN = "GET /fapi/v1/openOrders"
ALL = "GET /fapi/v1/allOrders"
ORDER = "GET /fapi/v1/order"
DAY_MS = 86_400_000


def newest_first(rows: list[dict[str, object]]) -> Callable[[dict[str, str]], HttpResult]:
    """As the exchange does: the newest rows of the window, a page of them."""

    def answer(params: dict[str, str]) -> HttpResult:
        end = int(params.get("endTime", "9" * 15))
        window = [r for r in rows if int(params["startTime"]) <= int(str(r["time"])) <= end]
        return ok(sorted(window, key=lambda r: int(str(r["time"])))[-int(params["limit"]) :])

    return answer


async def test_binance_tells_open_and_ended_orders_once() -> None:
    rig = Rig()
    rig.http.on(OPEN, ok([rig.found(orderId=1, status="NEW")]))
    rig.http.on(
        ALL, ok([rig.found(orderId=1, status="FILLED"), rig.found(orderId=2, clientOrderId="web")])
    )
    found = await rig.exchange.orders_since(rig.clock.now() - timedelta(hours=1), "BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert [row.report.client_order_id for row in found] == [CLIENT_ID, "web"]
    assert not found[0].report.is_open, "what was read later is newer"
    assert all(not urgent for _, _, urgent in rig.limiter.taken)


async def test_binance_pages_and_windows_lose_nothing() -> None:
    rig = Rig()
    now_ms = epoch_ms(rig.clock.now())
    rows = [rig.found(orderId=n, time=now_ms - n * 600_000) for n in range(1, 2_900)]
    rig.http.on(OPEN, ok([]))
    rig.http.on(ALL, newest_first(rows))
    found = await rig.exchange.orders_since(rig.clock.now() - timedelta(days=30), "BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert len(found) == 2_899
    for call in rig.http.calls(ALL):
        end = int(call.params.get("endTime", str(now_ms)))
        assert end - int(call.params["startTime"]) < 7 * DAY_MS


async def test_binance_a_list_that_may_be_cut_is_no_answer() -> None:
    rig = Rig()
    now_ms = epoch_ms(rig.clock.now())
    rig.http.on(OPEN, ok([]))
    rig.http.on(ALL, newest_first([rig.found(orderId=n, time=now_ms) for n in range(1_000)]))
    since = rig.clock.now() - timedelta(hours=1)
    assert isinstance(await rig.exchange.orders_since(since, "BTCUSDT"), ReadFailed)
    rig.http.on(OPEN, error(-1000, status=500))
    assert isinstance(await rig.exchange.orders_since(since, "BTCUSDT"), ReadFailed)


async def test_binance_finds_whatever_stands_under_an_id() -> None:
    rig = Rig()
    rig.http.on(ORDER, ok(rig.found(side="BUY", origQty="77")))
    found = await rig.exchange.find_order("BTCUSDT", CLIENT_ID)
    assert isinstance(found, ListedOrder)
    rig.http.on(ORDER, error(-2013))
    assert await rig.exchange.find_order("BTCUSDT", CLIENT_ID) == NotFound()
    rig.http.on(ORDER, error(-1000, status=500))
    assert isinstance(await rig.exchange.find_order("BTCUSDT", CLIENT_ID), ReadFailed)


def test_upbit_tells_open_and_ended_orders_once_and_what_only_uses_up_an_identifier() -> None:
    fixture = upbit.UpbitFixture()
    standing = upbit.consuming_order(uuid="u-1")
    fixture.http.on("GET", "/v1/orders/open", upbit.reply(200, [standing]))
    ended = [
        upbit.consuming_order(uuid="u-1", state="cancel"),
        upbit.wire_order(uuid="u-2", state="cancel", executed_volume="0.0001"),
        upbit.wire_order(uuid="u-3", state="done", identifier=None),
    ]
    fixture.http.on("GET", "/v1/orders/closed", upbit.reply(200, ended))
    since = upbit.NOW - timedelta(days=1)
    found = upbit.run(fixture.exchange.orders_since(since, "BTC-KRW"))
    assert not isinstance(found, ReadFailed)
    seen = [(row.report.client_order_id, row.uses_up, row.report.is_open) for row in found]
    assert seen == [
        (upbit.IDENTIFIER, True, False),
        (upbit.IDENTIFIER, False, False),
        ("", False, False),
    ]


def test_upbit_reads_every_page_of_open_orders() -> None:
    fixture = upbit.UpbitFixture()
    full = [upbit.wire_order(uuid=f"u-{n}", identifier=None) for n in range(100)]
    last = [upbit.wire_order(uuid="u-last")]
    fixture.http.on("GET", "/v1/orders/open", upbit.reply(200, full), upbit.reply(200, last))
    fixture.http.on("GET", "/v1/orders/closed", upbit.reply(200, []))
    found = upbit.run(fixture.exchange.orders_since(upbit.NOW - timedelta(days=1), "BTC-KRW"))
    assert not isinstance(found, ReadFailed)
    assert len(found) == 101
    pages = [
        parse_qs(urlsplit(request.url).query)["page"]
        for request in fixture.http.sent("GET", "/v1/orders/open")
    ]
    assert pages == [["1"], ["2"]]


def test_upbit_asks_beyond_now_for_what_was_created_within_this_second() -> None:
    fixture = upbit.UpbitFixture()
    fixture.http.on("GET", "/v1/orders/open", upbit.reply(200, []))
    fixture.http.on("GET", "/v1/orders/closed", upbit.reply(200, []))
    upbit.run(fixture.exchange.orders_since(upbit.NOW - timedelta(days=1), "BTC-KRW"))
    (request,) = fixture.http.sent("GET", "/v1/orders/closed")
    asked = parse_qs(urlsplit(request.url).query)
    end = datetime.fromisoformat(asked["end_time"][0])
    assert end > upbit.NOW + timedelta(seconds=30)


def test_upbit_finds_whatever_stands_under_an_identifier() -> None:
    fixture = upbit.UpbitFixture()
    fixture.http.on("GET", "/v1/order", upbit.reply(200, upbit.consuming_order()))
    found = upbit.run(fixture.exchange.find_order("BTC-KRW", upbit.IDENTIFIER))
    assert isinstance(found, ListedOrder)
    assert found.uses_up
    fixture.http.on("GET", "/v1/order", upbit.refusal(404, "order_not_found"))
    assert upbit.run(fixture.exchange.find_order("BTC-KRW", upbit.IDENTIFIER)) == NotFound()
    fixture.http.on("GET", "/v1/order", upbit.reply(500, {}))
    assert isinstance(
        upbit.run(fixture.exchange.find_order("BTC-KRW", upbit.IDENTIFIER)), ReadFailed
    )


def test_upbit_lists_several_markets_at_once_and_shows_no_others() -> None:
    fixture = upbit.UpbitFixture()
    rows = [
        upbit.wire_order(uuid="u-1", market="KRW-BTC"),
        upbit.wire_order(uuid="u-2", market="KRW-ETH", identifier=None),
        upbit.wire_order(uuid="u-3", market="USDT-BTC", identifier=None),
    ]
    fixture.http.on("GET", "/v1/orders/open", upbit.reply(200, rows))
    ended = [upbit.wire_order(uuid="u-4", market="KRW-XRP", state="done", identifier=None)]
    fixture.http.on("GET", "/v1/orders/closed", upbit.reply(200, ended))
    since = upbit.NOW - timedelta(days=1)
    found = upbit.run(fixture.exchange.orders_since(since, "BTC-KRW", "ETH-KRW"))
    assert not isinstance(found, ReadFailed)
    assert [row.report.symbol for row in found] == ["BTC-KRW", "ETH-KRW"]
    asked = [
        *fixture.http.sent("GET", "/v1/orders/open"),
        *fixture.http.sent("GET", "/v1/orders/closed"),
    ]
    assert ["market" in parse_qs(urlsplit(request.url).query) for request in asked] == [False] * 2
    standing = upbit.run(fixture.exchange.open_orders("ETH-KRW", "XRP-KRW"))
    assert not isinstance(standing, ReadFailed)
    assert [report.symbol for report in standing] == ["ETH-KRW"]


def test_upbit_reads_each_market_by_itself_where_the_owner_is_busy_in_others() -> None:
    """Many orders elsewhere neither hide ours nor keep us from reading them."""
    fixture = upbit.UpbitFixture()
    others = [
        upbit.wire_order(uuid=f"o-{n}", market="USDT-BTC", identifier=None) for n in range(1_000)
    ]
    ours = [upbit.wire_order(uuid="u-1", market="KRW-BTC")]
    fixture.http.on(
        "GET",
        "/v1/orders/open",
        upbit.reply(200, others[:100]),
        upbit.reply(200, ours),
        upbit.reply(200, []),
    )
    ended = [upbit.wire_order(uuid="u-2", market="KRW-ETH", state="done", identifier=None)]
    fixture.http.on(
        "GET",
        "/v1/orders/closed",
        upbit.reply(200, others),
        upbit.reply(200, []),
        upbit.reply(200, ended),
    )
    since = upbit.NOW - timedelta(days=1)
    found = upbit.run(fixture.exchange.orders_since(since, "BTC-KRW", "ETH-KRW"))
    assert not isinstance(found, ReadFailed)
    assert [row.report.symbol for row in found] == ["BTC-KRW", "ETH-KRW"]
    for path in ("/v1/orders/open", "/v1/orders/closed"):
        asked = [
            parse_qs(urlsplit(request.url).query).get("market")
            for request in fixture.http.sent("GET", path)
        ]
        assert asked == [None, ["KRW-BTC"], ["KRW-ETH"]]


async def test_binance_lists_several_symbols_one_by_one() -> None:
    rig = Rig()
    rig.http.on(OPEN, lambda asked: ok([rig.found(orderId=7, symbol=asked["symbol"])]))
    rig.http.on(ALL, ok([]))
    since = rig.clock.now() - timedelta(hours=1)
    found = await rig.exchange.orders_since(since, "BTCUSDT", "ETHUSDT")
    assert not isinstance(found, ReadFailed)
    assert [row.report.symbol for row in found] == ["BTCUSDT", "ETHUSDT"]
    assert [call.params["symbol"] for call in rig.http.calls(ALL)] == ["BTCUSDT", "ETHUSDT"]
    standing = await rig.exchange.open_orders("BTCUSDT", "ETHUSDT")
    assert not isinstance(standing, ReadFailed)
    assert len(standing) == 2
    rig.http.on(OPEN, error(-1000, status=500))
    assert isinstance(await rig.exchange.open_orders("BTCUSDT", "ETHUSDT"), ReadFailed)
