"""Our adapter over real sockets: what it has beyond placing, looking up and cancelling."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.conformance.upbit.adapter_fixture import an_order, our_adapter
from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import UpbitFixture, open_fixture, until
from tests.fakes.bars import START
from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.order import OrderReport, OrderSide, OrderType, TimeInForce
from trading_platform_order.domain.outcome import Accepted, CancelRequested, NotFound
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    OrderUpdate,
    PrivateEvent,
)
from trading_platform_order.exchanges.upbit import UpbitExchange

SELL = OrderSide.SELL


@pytest.fixture
async def fixture() -> AsyncIterator[UpbitFixture]:
    async with open_fixture() as one:
        yield one


@pytest.fixture
async def ours(fixture: UpbitFixture) -> AsyncIterator[UpbitExchange]:
    async with our_adapter(fixture) as adapter:
        yield adapter


@holds("U-052")
async def test_closed_orders_over_more_than_a_week(
    fixture: UpbitFixture, ours: UpbitExchange
) -> None:
    for number in range(3):
        await ours.send(an_order(f"old-{number}", side=SELL))
    found = await ours.closed_orders(
        "BTC-KRW", since=START - timedelta(days=20), until=START + timedelta(hours=1)
    )
    assert isinstance(found, tuple)
    assert [report.client_order_id for report in found] == ["old-0", "old-1", "old-2"]
    windows = [seen for seen in fixture.gateway.requests if "/v1/orders/closed" in seen.target]
    assert len(windows) == 3


@holds("U-055")
async def test_what_upbit_warns_of(fixture: UpbitFixture, ours: UpbitExchange) -> None:
    async with fixture.sdk() as sdk:
        rows = await sdk.trading_pairs.list(is_details=True)
    event = next(row.market_event for row in rows if row.market == "KRW-BTC")
    assert event is not None
    assert event.warning is False
    quiet = await ours.instrument("BTC-KRW")
    assert isinstance(quiet, Instrument)
    assert (quiet.warning, quiet.cautions) == ("", ())
    fixture.world.upbit.warn_of("KRW-BTC", "warning", "PRICE_FLUCTUATIONS")
    async with our_adapter(fixture) as another:
        seen = await another.instrument("BTC-KRW")
        other = await another.instrument("USDT-KRW")
    assert isinstance(seen, Instrument)
    assert isinstance(other, Instrument)
    assert (seen.warning, seen.cautions) == ("its trading may end", ("PRICE_FLUCTUATIONS",))
    assert (other.warning, other.cautions) == ("", ())


async def test_by_uuid_what_has_no_identifier(fixture: UpbitFixture, ours: UpbitExchange) -> None:
    async with fixture.sdk() as sdk:
        placed = await sdk.orders.create(
            market="KRW-BTC", ord_type="limit", side="bid", price="100000000", volume="0.001"
        )
    seen = await ours.order_by_uuid(placed.uuid)
    assert isinstance(seen, OrderReport)
    assert (seen.client_order_id, seen.is_open) == ("", True)
    assert isinstance(await ours.order_by_uuid("never-was"), NotFound)


@holds("U-053")
async def test_a_post_only_bid_of_ours_is_found_as_ours(
    fixture: UpbitFixture, ours: UpbitExchange
) -> None:
    intent = an_order(
        "maker", kind=OrderType.LIMIT, price="100000000", time_in_force=TimeInForce.POST_ONLY
    )
    assert isinstance(await ours.send(intent), Accepted)
    seen = await ours.look_up(intent)
    assert isinstance(seen, Accepted)
    assert seen.report.client_order_id == "maker"
    other = replace(intent, price=Decimal(90_000_000))
    assert isinstance(await ours.look_up(other), NotFound)
    assert isinstance(await ours.cancel(intent), CancelRequested)


@holds("U-054")
async def test_our_streams(fixture: UpbitFixture, ours: UpbitExchange) -> None:
    heard: list[PrivateEvent] = []
    books: list[object] = []
    tasks = [
        asyncio.create_task(ours.run_private_stream(heard.append)),
        asyncio.create_task(ours.run_market_stream(("BTC-KRW",), books.append)),
    ]
    await until(lambda: bool(heard) and bool(books))
    best = an_order("best-1", side=SELL, kind=OrderType.BEST, time_in_force=TimeInForce.IOC)
    assert isinstance(await ours.send(best), Accepted)
    await until(lambda: any(isinstance(event, BalancesChanged) for event in heard))
    await until(lambda: any(isinstance(e, OrderUpdate) and not e.report.is_open for e in heard))
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    reports = [event.report for event in heard if isinstance(event, OrderUpdate)]
    assert {report.client_order_id for report in reports} == {"best-1"}
    assert {report.type for report in reports} == {OrderType.BEST}
    fills = [fill for report in reports for fill in report.fills]
    assert sum(fill.quantity for fill in fills) == Decimal("0.001")
