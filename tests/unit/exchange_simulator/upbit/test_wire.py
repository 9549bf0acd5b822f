"""The simulated Upbit's wire: tokens, limits, shapes, lists and streams."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_simulator.ports import StreamSession
from exchange_simulator.upbit.numbers import tick_size
from exchange_simulator.upbit.requests.limits import BLOCK_S
from exchange_simulator.wire import HttpRequest, HttpResponse
from tests.unit.exchange_simulator.upbit.world import World


@pytest.fixture
def world() -> World:
    return World()


class Client:
    """One stream connection and what it heard."""

    def __init__(self, world: World, *, is_private: bool) -> None:
        self.heard: list[str] = []
        headers = {"authorization": f"Bearer {world.token('')}"} if is_private else {}
        path = "/websocket/v1/private" if is_private else "/websocket/v1"
        session = world.venue.open_stream(path, headers, self.heard.append)
        assert not isinstance(session, HttpResponse)
        self.session: StreamSession = session

    def say(self, *parts: dict[str, Any]) -> None:
        self.session.on_message(json.dumps(parts))

    def take(self) -> list[Any]:
        heard = [json.loads(text, parse_float=Decimal) for text in self.heard]
        self.heard.clear()
        return heard


def get_accounts(world: World, token: str | None) -> HttpResponse:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return world.venue.handle(
        HttpRequest(method="GET", url="http://upbit/v1/accounts", headers=headers)
    )


def error_name(answer: HttpResponse) -> object:
    return json.loads(answer.body)["error"]["name"]


@pytest.mark.parametrize("algorithm", ["HS512", "HS256"])
def test_both_signing_algorithms_are_taken(world: World, algorithm: str) -> None:
    assert get_accounts(world, world.token("", algorithm=algorithm)).status == 200


def test_tokens_are_refused_by_name(world: World) -> None:
    cases = {
        "no_authorization_token": None,
        "jwt_verification": world.token("", secret="other"),
        "invalid_access_key": world.token("", access_key="other"),
        "invalid_query_payload": world.token("currency=KRW"),
    }
    for name, token in cases.items():
        answer = get_accounts(world, token)
        assert (answer.status, error_name(answer)) == (401, name)
    for token in ("no-dots", "a.b.c", world.token("", algorithm="none")):
        assert error_name(get_accounts(world, token)) == "jwt_verification"


def test_nonce_serves_once(world: World) -> None:
    token = world.token("")
    assert get_accounts(world, token).status == 200
    assert error_name(get_accounts(world, token)) == "nonce_used"


def test_body_must_be_signed_in_its_own_order(world: World) -> None:
    body = b'{"market":"KRW-BTC","side":"bid","ord_type":"price","price":"10000"}'
    token = world.token("side=bid&market=KRW-BTC&ord_type=price&price=10000")
    request = HttpRequest(
        method="POST",
        url="http://upbit/v1/orders",
        headers={"Authorization": f"Bearer {token}"},
        body=body,
    )
    assert error_name(world.venue.handle(request)) == "invalid_query_payload"


def test_query_must_be_percent_encoded_and_is_signed_decoded(world: World) -> None:
    start = (world.clock.at - timedelta(hours=1)).isoformat()
    assert world.rows("/v1/orders/closed", start_time=start) == []
    raw = f"start_time={start}"
    request = HttpRequest(
        method="GET",
        url=f"http://upbit/v1/orders/closed?{raw}",
        headers={"Authorization": f"Bearer {world.token(raw)}"},
    )
    assert error_name(world.venue.handle(request)) == "invalid_parameter"


def test_limits_are_told_and_enforced_per_second() -> None:
    world = World(raise_limits=True)
    order = {"market": "KRW-BTC", "side": "bid", "ord_type": "price", "price": "10000"}
    first = world.request("POST", "/v1/orders", **order)
    assert first.headers["remaining-req"] == "group=order; min=1800; sec=11"
    for _ in range(11):
        assert world.request("POST", "/v1/orders", **order).status == 201
    over = world.request("POST", "/v1/orders", **order, identifier="kept")
    assert (over.status, over.body) == (429, b"Too many API requests.")
    assert world.request("GET", "/v1/accounts").status == 200
    world.clock.pass_time(1)
    # A limited request was not processed: its identifier is still free.
    assert world.request("POST", "/v1/orders", **order, identifier="kept").status == 201


def test_ignoring_the_limit_ends_in_a_block() -> None:
    world = World(raise_limits=True)
    statuses = [world.request("GET", "/v1/accounts").status for _ in range(60)]
    assert statuses[:30] == [200] * 30
    assert statuses[30] == 429
    assert statuses[-1] == 418
    world.clock.pass_time(BLOCK_S + 1)
    assert world.request("GET", "/v1/accounts").status == 200


def test_date_header_is_the_clocks(world: World) -> None:
    answer = world.request("GET", "/v1/accounts")
    assert answer.headers["date"] == "Mon, 01 Sep 2025 00:00:00 GMT"


def test_order_and_trade_have_the_documented_fields(world: World) -> None:
    accepted = world.order(side="ask", ord_type="market", volume="0.001", identifier="shape")
    required = {
        "market",
        "uuid",
        "side",
        "ord_type",
        "state",
        "created_at",
        "remaining_volume",
        "executed_volume",
        "reserved_fee",
        "remaining_fee",
        "paid_fee",
        "locked",
        "trades_count",
        "prevented_volume",
        "prevented_locked",
        "smp_type",
        "identifier",
    }
    assert required <= accepted.keys()
    assert accepted["created_at"] == "2025-09-01T09:00:00+09:00"
    trade = world.seen(accepted["uuid"])["trades"][0]
    assert trade.keys() == {
        "market",
        "uuid",
        "price",
        "volume",
        "funds",
        "trend",
        "created_at",
        "side",
    }
    assert trade["created_at"] == "2025-09-01T09:00:00.000000+09:00"


def test_lists_tell_open_from_closed(world: World) -> None:
    resting = world.order(
        side="bid", ord_type="limit", price="140000000", volume="0.01", identifier="open-1"
    )
    world.clock.pass_time(10)
    filled = world.order(side="ask", ord_type="market", volume="0.001", identifier="closed-1")

    def uuids(path: str, **params: object) -> list[str]:
        return [row["uuid"] for row in world.rows(path, **params)]

    assert uuids("/v1/orders/open", market="KRW-BTC") == [resting["uuid"]]
    assert uuids("/v1/orders/open", **{"states[]": ["wait", "watch"]}) == [resting["uuid"]]
    assert uuids("/v1/orders/closed", state="done") == [filled["uuid"]]
    assert uuids("/v1/orders/closed", state="cancel") == []
    later = int(world.clock.at.timestamp() * 1_000) + 1
    assert uuids("/v1/orders/closed", start_time=later - 5_000, end_time=later) == [filled["uuid"]]
    ids = {"identifiers[]": ["open-1", "closed-1"]}
    assert uuids("/v1/orders/uuids", **ids) == [filled["uuid"], resting["uuid"]]
    for bad in (
        {"state": "wait"},
        {"state": "done", "states[]": "cancel"},
        {"start_time": "2025-08-01T00:00:00+09:00", "end_time": "2025-08-20T00:00:00+09:00"},
        {"limit": "0"},
    ):
        assert world.request("GET", "/v1/orders/closed", **bad).status == 400


def test_chance_and_accounts(world: World) -> None:
    chance = world.ask("GET", "/v1/orders/chance", market="KRW-BTC")
    assert chance["bid_fee"] == "0.0005"
    assert chance["market"]["bid"] == {"currency": "KRW", "min_total": "5000"}
    assert chance["bid_account"]["balance"] == "100000000"
    rows = {row["currency"]: row for row in world.rows("/v1/accounts")}
    assert rows.keys() == {"KRW", "BTC"}
    assert rows["BTC"]["balance"] == "1"


def test_transfers_move_balances_and_are_listed(world: World) -> None:
    world.venue.deposit("KRW", Decimal(1_000))
    world.venue.withdraw("BTC", Decimal("0.25"))
    assert world.balance("KRW")[0] == Decimal(100_001_000)
    assert world.balance("BTC")[0] == Decimal("0.75")
    deposits = world.rows("/v1/deposits")
    assert [(row["currency"], row["amount"], row["state"]) for row in deposits] == [
        ("KRW", "1000", "ACCEPTED")
    ]
    assert [row["currency"] for row in world.rows("/v1/withdraws", currency="BTC")] == ["BTC"]
    assert world.rows("/v1/withdraws", currency="KRW") == []
    with pytest.raises(ValueError, match="not available"):
        world.venue.withdraw("BTC", Decimal(1))


def test_quotation_carries_numbers_and_needs_no_token(world: World) -> None:
    def quotation(path: str) -> list[dict[str, Any]]:
        answer = world.venue.handle(HttpRequest(method="GET", url=f"http://upbit{path}"))
        assert answer.status == 200
        value: list[dict[str, Any]] = json.loads(answer.body)
        return value

    book = quotation("/v1/orderbook?markets=KRW-BTC,KRW-USDT")
    assert [row["market"] for row in book] == ["KRW-BTC", "KRW-USDT"]
    units = book[0]["orderbook_units"]
    assert len(units) == 30
    best = units[0]
    assert best["bid_price"] == 150_000_000
    assert 0.4 <= (best["ask_price"] - best["bid_price"]) / best["bid_price"] * 10_000 <= 0.9
    assert 100e6 < sum(u["bid_price"] * u["bid_size"] for u in units[:20]) < 200e6
    assert quotation("/v1/ticker?markets=KRW-USDT")[0]["trade_price"] == 1400
    assert quotation("/v1/orderbook/instruments?markets=KRW-BTC")[0]["tick_size"] == "1000"
    assert {row["market"] for row in quotation("/v1/market/all")} == {"KRW-BTC", "KRW-USDT"}
    missing = world.venue.handle(HttpRequest(method="GET", url="http://u/v1/ticker?markets=KRW-X"))
    assert (missing.status, error_name(missing)) == (400, 400)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("150000000", "1000"),
        ("999999", "500"),
        ("500000", "500"),
        ("499999", "100"),
        ("99999", "50"),
        ("49999", "10"),
        ("9999", "5"),
        ("4999", "1"),
        ("100", "1"),
        ("99.9", "0.1"),
        ("9", "0.01"),
        ("0.5", "0.001"),
        ("0.000001", "0.00000001"),
    ],
)
def test_tick_table(price: str, tick: str) -> None:
    assert tick_size(Decimal(price)) == Decimal(tick)


def test_private_handshake_needs_a_token(world: World) -> None:
    refused = world.venue.open_stream("/websocket/v1/private", {}, print)
    assert isinstance(refused, HttpResponse)
    assert (refused.status, error_name(refused)) == (401, "no_authorization_token")
    unknown = world.venue.open_stream("/websocket/v9", {}, print)
    assert isinstance(unknown, HttpResponse)
    assert unknown.status == 404


def test_private_stream_tells_wait_trades_and_end_before_the_answer(world: World) -> None:
    client = Client(world, is_private=True)
    client.say({"ticket": "t"}, {"type": "myOrder"}, {"type": "myAsset"}, {"format": "DEFAULT"})
    accepted = world.order(side="bid", ord_type="price", price="5000000", identifier="heard")
    events = client.take()
    orders = [event for event in events if event["type"] == "myOrder"]
    states = [event["state"] for event in orders]
    assert states[0] == "wait"
    assert states[-1] == "cancel"
    assert set(states[1:-1]) == {"trade"}
    trades = orders[1:-1]
    assert len(trades) > 1
    assert {event["identifier"] for event in orders} == {"heard"}
    assert {event["uuid"] for event in orders} == {accepted["uuid"]}
    assert sum(event["trade_fee"] for event in trades) == trades[-1]["paid_fee"]
    assert sum(event["volume"] for event in trades) == trades[-1]["executed_volume"]
    assert trades[-1]["executed_funds"] == sum(e["price"] * e["volume"] for e in trades)
    assert orders[-1]["trade_uuid"] is None
    assert orders[-1]["trade_fee"] is None
    assets = [event for event in events if event["type"] == "myAsset"]
    last = {row["currency"]: row for event in assets for row in event["assets"]}
    assert last["KRW"]["balance"] == world.balance("KRW")[0]
    assert last["BTC"]["balance"] == world.balance("BTC")[0]


def test_my_order_event_has_every_documented_field(world: World) -> None:
    client = Client(world, is_private=True)
    client.say({"ticket": "t"}, {"type": "myOrder", "codes": ["KRW-BTC"]})
    world.order(side="ask", ord_type="limit", price="160000000", volume="0.01")
    event = client.take()[0]
    fields = (
        "type code uuid ask_bid order_type state trade_uuid price avg_price volume"
        " remaining_volume executed_volume trades_count reserved_fee remaining_fee paid_fee locked"
        " executed_funds time_in_force trade_fee is_maker identifier smp_type prevented_volume"
        " prevented_locked trade_timestamp order_timestamp timestamp stream_type"
    )
    assert event.keys() == set(fields.split())
    assert (event["ask_bid"], event["order_type"], event["price"]) == ("ASK", "limit", 160_000_000)


def test_small_numbers_are_written_without_exponent(world: World) -> None:
    client = Client(world, is_private=True)
    client.say({"ticket": "t"}, {"type": "myAsset"})
    world.venue.deposit("ETH", Decimal("0.00000001"))
    assert '"balance":0.00000001,' in client.heard[0]


def test_public_stream_snapshots_then_follows(world: World) -> None:
    client = Client(world, is_private=False)
    client.say(
        {"ticket": "t"},
        {"type": "orderbook", "codes": ["KRW-BTC.5"]},
        {"type": "ticker", "codes": ["KRW-USDT"], "is_only_realtime": True},
    )
    (snapshot,) = client.take()
    assert snapshot["stream_type"] == "SNAPSHOT"
    assert len(snapshot["orderbook_units"]) == 5
    world.clock.pass_time(300)
    world.tick("150500000", krw_usdt="1401.5")
    book, ticker = client.take()
    assert (book["type"], book["stream_type"]) == ("orderbook", "REALTIME")
    assert book["timestamp"] == int(world.clock.at.timestamp() * 1_000)
    assert (ticker["code"], ticker["trade_price"]) == ("KRW-USDT", Decimal("1401.5"))
    world.order(side="ask", ord_type="market", volume="0.001")
    (after,) = client.take()
    assert after["orderbook_units"][0]["bid_size"] < book["orderbook_units"][0]["bid_size"]


def test_a_subscription_replaces_the_one_before(world: World) -> None:
    client = Client(world, is_private=False)
    client.say({"ticket": "t"}, {"type": "orderbook", "codes": ["KRW-BTC"]})
    client.say({"ticket": "t"}, {"type": "ticker", "codes": ["KRW-BTC"]}, {"format": "SIMPLE"})
    client.take()
    world.tick("150000000")
    (ticker,) = client.take()
    assert (ticker["ty"], ticker["cd"], ticker["tp"]) == ("ticker", "KRW-BTC", 150_000_000)
    client.session.on_close()
    client.session.on_close()
    world.tick("150000000")
    assert client.take() == []


@pytest.mark.parametrize("format_", ["SIMPLE", "JSON_LIST", "SIMPLE_LIST"])
def test_other_formats_carry_every_event(world: World, format_: str) -> None:
    private, public = Client(world, is_private=True), Client(world, is_private=False)
    private.say({"ticket": "t"}, {"type": "myOrder"}, {"type": "myAsset"}, {"format": format_})
    public.say(
        {"ticket": "t"},
        {"type": "orderbook", "codes": ["KRW-BTC"]},
        {"type": "ticker", "codes": ["KRW-BTC"]},
        {"format": format_},
    )
    world.order(side="bid", ord_type="price", price="10000")
    heard = private.take() + public.take()
    assert len(heard) >= 6
    for event in heard:
        assert isinstance(event, list) is format_.endswith("LIST")
        value = event[0] if isinstance(event, list) else event
        assert ("ty" in value) is format_.startswith("SIMPLE")


def test_ping_and_listing(world: World) -> None:
    client = Client(world, is_private=False)
    client.session.on_message("PING")
    assert client.take() == [{"status": "UP"}]
    client.say({"ticket": "t"}, {"type": "ticker", "codes": ["KRW-BTC"], "is_only_realtime": True})
    client.say({"ticket": "x"}, {"method": "LIST_SUBSCRIPTIONS"})
    assert client.take() == [
        {
            "method": "LIST_SUBSCRIPTIONS",
            "result": [{"type": "ticker", "codes": ["KRW-BTC"]}],
            "ticket": "x",
        }
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{", "WRONG_FORMAT"),
        ('{"ticket":"t"}', "WRONG_FORMAT"),
        ('[{"type":"ticker"}]', "NO_TICKET"),
        ('[{"ticket":"t"}]', "NO_TYPE"),
        ('[{"ticket":"t"},{"codes":["KRW-BTC"]}]', "NO_TYPE"),
        ('[{"ticket":"t"},{"type":"ticker"}]', "NO_CODES"),
        ('[{"ticket":"t"},{"type":"nothing","codes":["KRW-BTC"]}]', "INVALID_PARAM"),
        ('[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC.7"]}]', "INVALID_PARAM"),
        ('[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"]},{"format":"X"}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"myOrder"}]', "INVALID_AUTH"),
    ],
)
def test_bad_subscriptions_are_answered_by_name(world: World, text: str, name: str) -> None:
    client = Client(world, is_private=False)
    client.session.on_message(text)
    assert client.take()[0]["error"]["name"] == name


def test_order_requests_are_recognised(world: World) -> None:
    def is_order(method: str, path: str) -> bool:
        request = HttpRequest(method=method, url=f"http://h{path}")
        return world.venue.is_order_request(request)

    assert is_order("POST", "/v1/orders")
    assert not is_order("POST", "/v1/orders/test")
    assert not is_order("DELETE", "/v1/order")
