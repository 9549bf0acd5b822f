"""Every documented refusal, as each client tells it, and as our adapter judges it.

ccxt knows few of Upbit's names (no duplicated_identifier, under_min_total, invalid_price or
market_offline): those are plain ``ExchangeError`` with the name in their text.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import ccxt.pro as ccxt_module
import pytest
import upbit

from exchange_simulator.upbit.rules import ALL_PERMISSIONS, Rules
from tests.conformance.upbit.adapter_fixture import an_order, our_adapter
from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import UpbitFixture, open_fixture
from trading_platform_order.domain.order import Order, OrderSide, OrderType
from trading_platform_order.domain.outcome import (
    NOT_ENOUGH_COINS,
    PRICE_OFF_STEP,
    Accepted,
    Refused,
    Unknown,
)

MARKET, SYMBOL = "KRW-BTC", "BTC/KRW"
LOW = "100000000"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One mistake, and what everyone makes of it.

    Attributes:
        fields: of the order request, beyond a good limit bid.
        switch: turns something at the exchange before.
        ccxt: the class ccxt raises; ``sdk``: the SDK's.
        ours: the kind of outcome of our adapter, and its ``code`` where the core acts on it.
    """

    name: str
    status: int
    ccxt: type[Exception]
    sdk: type[upbit.APIStatusError]
    ours: type[Refused | Unknown] = Refused
    code: str = ""
    fields: dict[str, str] | None = None
    switch: Callable[[Rules], None] = lambda _rules: None


def no_orders(rules: Rules) -> None:
    rules.permissions = ALL_PERMISSIONS - {"make_orders"}


def expired(rules: Rules) -> None:
    rules.is_key_expired = True


def elsewhere(rules: Rules) -> None:
    rules.is_ip_allowed = False


def offline(rules: Rules) -> None:
    rules.is_offline = True


BAD, AUTH, DENIED = upbit.BadRequestError, upbit.AuthenticationError, upbit.PermissionDeniedError
ANY = ccxt_module.ExchangeError
WRONGS = [
    Wrong(
        name="insufficient_funds_bid",
        status=400,
        ccxt=ccxt_module.InsufficientFunds,
        sdk=BAD,
        fields={"volume": "2"},
    ),
    Wrong(
        name="insufficient_funds_ask",
        status=400,
        ccxt=ccxt_module.InsufficientFunds,
        sdk=BAD,
        fields={"side": "ask", "volume": "2", "price": "150000000"},
        code=NOT_ENOUGH_COINS,
    ),
    Wrong(name="under_min_total_bid", status=400, ccxt=ANY, sdk=BAD, fields={"volume": "0.00004"}),
    Wrong(name="over_krw_funds_bid", status=400, ccxt=ANY, sdk=BAD, fields={"volume": "11"}),
    Wrong(
        name="invalid_price_bid",
        status=400,
        ccxt=ANY,
        sdk=BAD,
        fields={"price": "100000001"},
        code=PRICE_OFF_STEP,
    ),
    Wrong(name="notfoundmarket", status=400, ccxt=ANY, sdk=BAD, fields={"market": "KRW-NONE"}),
    Wrong(
        name="out_of_scope",
        status=403,
        ccxt=ccxt_module.PermissionDenied,
        sdk=DENIED,
        switch=no_orders,
    ),
    Wrong(name="expired_access_key", status=401, ccxt=ANY, sdk=AUTH, switch=expired),
    Wrong(name="no_authorization_ip", status=401, ccxt=ANY, sdk=AUTH, switch=elsewhere),
    Wrong(name="market_offline", status=403, ccxt=ANY, sdk=DENIED, switch=offline),
]


@pytest.fixture
async def fixture() -> AsyncIterator[UpbitFixture]:
    async with open_fixture() as one:
        yield one


@asynccontextmanager
async def ccxt_client(fixture: UpbitFixture, **settings: object) -> AsyncIterator[Any]:
    client = fixture.ccxt(**settings)
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


async def repeat(call: Callable[[], Awaitable[object]]) -> None:
    for _ in range(80):
        await call()


def body(identifier: str, fields: dict[str, str] | None) -> dict[str, Any]:
    good = {"market": MARKET, "side": "bid", "ord_type": "limit", "price": LOW, "volume": "0.001"}
    return good | {"identifier": identifier} | (fields or {})


def as_intent(fields: dict[str, str] | None) -> Order:
    asked = body("ours", fields)
    quote, _, base = str(asked["market"]).partition("-")
    return an_order(
        "ours",
        symbol=f"{base}-{quote}",
        side=OrderSide.BUY if asked["side"] == "bid" else OrderSide.SELL,
        kind=OrderType.LIMIT,
        quantity=asked["volume"],
        price=asked["price"],
    )


@holds("U-021", "U-022", "U-023", "U-024", "U-025", "U-026", "U-027", "U-028")
@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.name)
async def test_a_refused_order(fixture: UpbitFixture, wrong: Wrong) -> None:
    async with ccxt_client(fixture) as ccxt, fixture.sdk() as sdk, our_adapter(fixture) as ours:
        wrong.switch(fixture.venue.rules)
        with pytest.raises(wrong.ccxt, match=wrong.name):
            await ccxt.privatePostOrders(body("by-ccxt", wrong.fields))
        with pytest.raises(wrong.sdk) as told:
            await sdk.orders.create(**body("by-sdk", wrong.fields))
        assert (told.value.status_code, told.value.name) == (wrong.status, wrong.name)
        outcome = await ours.send(as_intent(wrong.fields))
        assert isinstance(outcome, wrong.ours)
        assert isinstance(outcome, Refused)
        assert outcome.code == (wrong.code or wrong.name)
    assert fixture.orders() == []


@holds("U-029", "U-030")
async def test_an_identifier_serves_once_for_ever(fixture: UpbitFixture) -> None:
    async with ccxt_client(fixture) as ccxt, fixture.sdk() as sdk, our_adapter(fixture) as ours:
        with pytest.raises(ANY, match="under_min_total"):
            await ccxt.privatePostOrders(body("ours", {"volume": "0.00001"}))
        with pytest.raises(ANY, match="duplicated_identifier"):
            await ccxt.privatePostOrders(body("ours", None))
        with pytest.raises(upbit.BadRequestError) as told:
            await sdk.orders.create(**body("ours", None))
        assert told.value.name == "duplicated_identifier"
        assert isinstance(await ours.send(as_intent(None)), Unknown)
    assert fixture.orders() == []


@holds("U-031")
async def test_an_unknown_order(fixture: UpbitFixture) -> None:
    unknown = str(uuid.UUID(int=1))
    async with ccxt_client(fixture) as ccxt, fixture.sdk() as sdk:
        with pytest.raises(ccxt_module.OrderNotFound):
            await ccxt.fetch_order(unknown)
        with pytest.raises(ccxt_module.OrderNotFound):
            await ccxt.cancel_order(unknown)
        with pytest.raises(upbit.NotFoundError, match="주문을 찾지 못했습니다"):
            await sdk.orders.retrieve(uuid=unknown)


@holds("U-032")
async def test_a_wrong_key_and_a_wrong_secret(fixture: UpbitFixture) -> None:
    async with (
        ccxt_client(fixture, apiKey="wrong") as wrong_key,
        ccxt_client(fixture, secret="wrong" * 8) as wrong_secret,
        fixture.sdk(access_key="wrong") as sdk,
    ):
        with pytest.raises(ccxt_module.AuthenticationError, match="invalid_access_key"):
            await wrong_key.fetch_balance()
        with pytest.raises(ccxt_module.AuthenticationError, match="jwt_verification"):
            await wrong_secret.fetch_balance()
        with pytest.raises(upbit.AuthenticationError) as told:
            await sdk.accounts.list()
        assert told.value.name == "invalid_access_key"


@holds("U-033")
async def test_a_nonce_used_twice(fixture: UpbitFixture) -> None:
    async with ccxt_client(fixture) as ccxt:
        ccxt.uuid = lambda: "always-the-same"
        await ccxt.fetch_balance()
        with pytest.raises(ANY, match="nonce_used"):
            await ccxt.fetch_balance()


@holds("U-034")
async def test_a_key_that_may_only_look(fixture: UpbitFixture) -> None:
    fixture.venue.rules.permissions = frozenset({"view_account", "view_orders"})
    async with ccxt_client(fixture) as ccxt, fixture.sdk() as sdk:
        await ccxt.fetch_balance()
        await ccxt.fetch_open_orders(SYMBOL)
        with pytest.raises(ccxt_module.PermissionDenied, match="out_of_scope"):
            await ccxt.cancel_order("any")
        with pytest.raises(upbit.PermissionDeniedError):
            await sdk.deposits.list()
    fixture.venue.rules.permissions = frozenset({"make_orders"})
    async with fixture.sdk() as sdk:
        with pytest.raises(upbit.PermissionDeniedError):
            await sdk.accounts.list()


@holds("U-035", "U-036")
async def test_too_many_requests_is_plain_text_and_then_a_ban() -> None:
    async with (
        open_fixture(raise_limits=True) as fixture,
        ccxt_client(fixture) as ccxt,
        fixture.sdk() as sdk,
        our_adapter(fixture) as ours,
    ):
        with pytest.raises(upbit.RateLimitError) as told:
            await repeat(sdk.accounts.list)
        assert told.value.response.text == "Too many API requests."
        assert told.value.response.headers["remaining-req"] == "group=default; min=1800; sec=0"
        with pytest.raises(ccxt_module.RateLimitExceeded):
            await repeat(ccxt.fetch_balance)
        fixture.venue.limits.block(30.0)
        with pytest.raises(upbit.RateLimitPenaltyError, match="teapot"):
            await sdk.accounts.list()
        with pytest.raises(ccxt_module.DDoSProtection):
            await ccxt.fetch_balance()
        outcome = await ours.send(as_intent(None))
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.retryable) == ("banned", True)
        assert outcome.retry_after_s is not None
        assert 29 <= outcome.retry_after_s <= 31


@holds("U-037")
async def test_an_order_of_ours_is_taken_after_all_that(fixture: UpbitFixture) -> None:
    async with our_adapter(fixture) as ours:
        assert isinstance(await ours.send(as_intent(None)), Accepted)
        assert await ours.test_order(as_intent(None)) is None
    assert [row["identifier"] for row in fixture.orders()] == ["ours"]
