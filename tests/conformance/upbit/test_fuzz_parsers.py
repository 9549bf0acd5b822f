"""Damaged answers and messages: a value or one named failure each; never a crash or a wrong yes."""

import asyncio
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.upbit import fuzz
from tests.conformance.upbit.adapter_fixture import an_order
from tests.conformance.upbit.card import holds
from tests.unit.exchanges.upbit.fixture import UpbitFixture as FakeFixture
from tests.unit.exchanges.upbit.fixture import run
from trading_platform_order.domain.market import Book, FxRate
from trading_platform_order.domain.order import Order, OrderType
from trading_platform_order.domain.outcome import (
    Accepted,
    NotFound,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.exchanges.port.stream_events import BalancesChanged, OrderUpdate
from trading_platform_order.exchanges.rows import OurSymbols
from trading_platform_order.exchanges.upbit.market.market_stream import market_subscription
from trading_platform_order.exchanges.upbit.orders.lookup import judge, placed
from trading_platform_order.exchanges.upbit.requests import errors
from trading_platform_order.exchanges.upbit.requests.rest import Success, decode
from trading_platform_order.exchanges.upbit.requests.server_clock import ServerClock
from trading_platform_order.exchanges.upbit.requests.signing import Signer
from trading_platform_order.exchanges.upbit.requests.wire import Order as WireOrder
from trading_platform_order.exchanges.upbit.streams.private_stream import private_subscription
from trading_platform_order.exchanges.upbit.streams.stream import Subscription, Visit
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.http import HttpResponse

SEED = 20261122
EACH = 9_000
CLOCK = ServerClock(SystemClock())
INTENT = an_order("fuzz-1", kind=OrderType.LIMIT, quantity="0.001", price="140000000")


INSTRUMENTS = "orderbook/instruments"


def answered(body: bytes) -> HttpResponse:
    return HttpResponse(status=200, headers={}, body=body)


def each(sample: object, check: Callable[[bytes], None], *, seed: int = SEED) -> None:
    def everything() -> Iterator[bytes]:
        yield from fuzz.inputs(sample, seed=seed, count=EACH)
        yield from fuzz.noise(seed=seed)

    for index, body in enumerate(everything()):
        try:
            check(body)
        except Exception as error:
            error.add_note(f"seed {seed}, input {index}: {body[:2_000]!r}")
            raise


def tells_of(intent: Order, body: bytes) -> bool:
    """Whether the text is an order that may be the intent, read without our parsers."""
    try:
        value: Any = json.loads(body.decode("utf-8-sig", errors="replace"))
    except ValueError:
        return False
    return (
        isinstance(value, dict)
        and isinstance(value.get("uuid"), str)
        and value.get("identifier") in {None, intent.client_order_id}
        and value.get("market") == "KRW-BTC"
        and value.get("side") == "bid"
        and value.get("ord_type") == "limit"
        and all(
            value.get(name) is None or Decimal(str(value[name])) == wanted
            for name, wanted in (("price", intent.price), ("volume", intent.quantity))
        )
    )


@holds("U-040")
def test_answers_to_an_order() -> None:
    seen: set[type] = set()

    def check(body: bytes) -> None:
        outcome = placed(INTENT, Success(body=body, headers={}))
        seen.add(type(outcome))
        if isinstance(outcome, Accepted):
            assert tells_of(INTENT, body)
        else:
            assert isinstance(outcome, Unknown)
            assert outcome.reason

    each(fuzz.ORDER, check)
    assert seen == {Accepted, Unknown}


@holds("U-041")
def test_answers_to_a_look_up() -> None:
    def check(body: bytes) -> None:
        found = decode(Success(body=body, headers={}), WireOrder)
        if not isinstance(found, WireOrder):
            assert found.kind is errors.Kind.UNKNOWN
            return
        verdict = judge(INTENT, found, CLOCK)
        assert isinstance(verdict, Accepted | ReadFailed | NotFound)
        if isinstance(verdict, Accepted):
            report = verdict.report
            assert sum((f.quantity for f in report.fills), Decimal(0)) <= report.executed_quantity

    each(fuzz.ORDER, check)


@holds("U-042")
def test_refusals() -> None:
    def check(body: bytes) -> None:
        for status in (400, 401, 403, 404, 418, 429, 500, 502):
            failure = errors.of_response(HttpResponse(status=status, headers={}, body=body))
            outcome = errors.as_order_outcome(failure)
            assert isinstance(outcome, Refused | Unknown)
            if isinstance(outcome, Refused) and status not in {418, 429}:
                # Only a name of the table proves that there is no order.
                assert failure.code in errors.KINDS
                assert (
                    json.loads(body.decode("utf-8-sig", errors="replace"))["error"]["name"]
                    == failure.code
                )
                assert status < 500

    each(fuzz.ERROR, check)


def taken(subscription: Subscription[Any], message: bytes) -> None:
    told = Visit(subscription).take(message)
    assert told is None or told.startswith(("unreadable message", "refused: "))


@holds("U-043")
@pytest.mark.parametrize("sample", [fuzz.MY_ORDER, fuzz.MY_ASSET])
def test_private_messages(sample: dict[str, Any]) -> None:
    events: list[object] = []
    signer = Signer(Credentials(key="k", secret="s"), lambda: "n")
    subscription = private_subscription(
        ws_url="ws://x", signer=signer, ticket="t", sink=events.append, ours=OurSymbols()
    )

    async def all_of_them() -> None:
        each(sample, lambda message: taken(subscription, message))

    asyncio.run(all_of_them())
    kinds = OrderUpdate | BalancesChanged
    told = [event for event in events if isinstance(event, kinds)]
    assert told
    for event in told:
        if isinstance(event, OrderUpdate):
            assert all(fill.quantity.is_finite() for fill in event.report.fills)


@holds("U-043")
def test_books() -> None:
    events: list[object] = []
    subscription = market_subscription(
        ws_url="ws://x", symbols=("BTC-KRW",), ticket="t", sink=events.append
    )

    async def all_of_them() -> None:
        each(fuzz.BOOK, lambda message: taken(subscription, message))

    asyncio.run(all_of_them())
    assert {type(event) for event in events} == {Book}
    assert not any(isinstance(event, FxRate) for event in events)


@holds("U-044")
def test_reads_through_the_whole_adapter() -> None:
    """Fewer, because each goes all the way; what may pass is asked again in virtual time."""

    def reads(path: str, sample: object, call: Callable[[FakeFixture], Any]) -> None:
        for index, body in enumerate(fuzz.inputs(sample, seed=SEED, count=300)):
            fixture = FakeFixture()
            for other, good in (("orders/chance", fuzz.CHANCE), (INSTRUMENTS, fuzz.TICKS)):
                fixture.http.on("GET", f"/v1/{other}", answered(json.dumps(good).encode()))
            fixture.http.on("GET", path, answered(body))
            value = run(call(fixture))
            assert value is not None, f"seed {SEED}, input {index}"

    reads("/v1/accounts", fuzz.ACCOUNTS, lambda fixture: fixture.exchange.balances())
    reads("/v1/orders/open", [fuzz.ORDER], lambda fixture: fixture.exchange.open_orders("BTC-KRW"))
    reads("/v1/orders/chance", fuzz.CHANCE, lambda fixture: fixture.exchange.instrument("BTC-KRW"))
