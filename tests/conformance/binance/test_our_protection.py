"""The adapter's part of protection: our stops on the wire, and executions of other hands."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_simulator.faults.kinds import parse_faults
from tests.conformance.binance.our_side import SYMBOL, our_exchange, our_order
from tests.conformance.binance.testbed import TestBed, running
from trading_platform_order.domain.outcome import (
    Accepted,
    AlreadyGone,
    CancelRequested,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopReport,
)
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.transport.clock import SystemClock

QUICK = {"horizon_margin_s": 0.01, "recv_window_ms": 500, "absence_span_s": 0.02}


@pytest.fixture
async def testbed() -> AsyncIterator[TestBed]:
    async with running() as found:
        yield found


@pytest.fixture
async def exchange(testbed: TestBed) -> AsyncIterator[BinanceExchange]:
    async with our_exchange(testbed, **QUICK) as found:
        assert isinstance(await found.send(our_order("tp-short")), Accepted)
        yield found


def stop(name: str = "tp-x-hp1", **changes: Any) -> ProtectiveStopOrder:  # noqa: ANN401 - any field of it
    made = ProtectiveStopOrder(
        client_order_id=name,
        base="BTC",
        kind=StopKind.PROTECTIVE,
        quantity=Decimal("0.01"),
        trigger_price_usdt=Decimal(110_000),
        callback_bps=None,
        created_at=SystemClock().now(),
    )
    return replace(made, **changes)


def trailing(name: str = "tp-x-hr1") -> ProtectiveStopOrder:
    return stop(name, kind=StopKind.TRAILING, trigger_price_usdt=None, callback_bps=Decimal(150))


@pytest.mark.parametrize("wish", [stop(), trailing()])
async def test_it_can_only_reduce_and_watches_the_mark_price(
    testbed: TestBed, exchange: BinanceExchange, wish: ProtectiveStopOrder
) -> None:
    placed = await exchange.place_stop(replace(wish, created_at=SystemClock().now()))
    assert isinstance(placed, StopReport)
    assert placed.state is ProtectiveStopState.WAITING
    sent = testbed.last("POST", "/fapi/v1/algoOrder").params
    assert (sent["side"], sent["reduceOnly"], sent["workingType"]) == ("BUY", "true", "MARK_PRICE")
    if wish.kind is StopKind.TRAILING:
        assert (sent["type"], sent["callbackRate"]) == ("TRAILING_STOP_MARKET", "1.5")
    else:
        assert (sent["type"], sent["triggerPrice"]) == ("STOP_MARKET", "110000")
    assert [r.client_order_id for r in await waiting(exchange)] == [wish.client_order_id]


async def waiting(exchange: BinanceExchange) -> tuple[StopReport, ...]:
    found = await exchange.open_stops(SYMBOL)
    assert not isinstance(found, ReadFailed)
    return found


async def test_its_life_is_told_by_look_ups(testbed: TestBed, exchange: BinanceExchange) -> None:
    wish = stop()
    assert isinstance(await exchange.look_up_stop(wish), NotFound)
    await exchange.place_stop(wish)
    assert (await looked_up(exchange, wish)).state is ProtectiveStopState.WAITING
    assert await exchange.cancel_stop(wish.client_order_id) == CancelRequested()
    assert (await looked_up(exchange, wish)).state is ProtectiveStopState.CANCELLED
    assert await exchange.cancel_stop(wish.client_order_id) == AlreadyGone()
    other = stop("tp-x-hp2")
    await exchange.place_stop(other)
    testbed.tick("110500")
    assert (await looked_up(exchange, other)).state is ProtectiveStopState.FINISHED
    position = await exchange.position(SYMBOL)
    assert not isinstance(position, ReadFailed)
    assert position.quantity == 0


async def looked_up(exchange: BinanceExchange, wish: ProtectiveStopOrder) -> StopReport:
    found = await exchange.look_up_stop(wish)
    assert isinstance(found, StopReport)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": Decimal("0.02")},
        {"trigger_price_usdt": Decimal(111_000)},
        {"kind": StopKind.TRAILING, "trigger_price_usdt": None},
    ],
)
async def test_found_by_id_is_not_yet_ours(
    exchange: BinanceExchange, changes: dict[str, Any]
) -> None:
    await exchange.place_stop(stop())
    found = await exchange.look_up_stop(stop(**changes))
    assert isinstance(found, ReadFailed)
    assert found.reason.startswith("collision")


async def test_one_that_would_fire_at_once_is_refused(exchange: BinanceExchange) -> None:
    refused = await exchange.place_stop(stop(trigger_price_usdt=Decimal(99_000)))
    assert isinstance(refused, Refused)
    assert refused.code == "binance:-2021"


@pytest.mark.parametrize("executed", [True, False])
async def test_an_unanswered_one_is_proven_there_or_absent(
    testbed: TestBed, exchange: BinanceExchange, executed: bool
) -> None:
    wish = stop()
    kind = "drop_response" if executed else "drop_request"
    text = f'{{"kind":"{kind}","venue":"binance","match":{{"is_order":true}}}}'
    (fault,) = parse_faults(text.encode())
    testbed.world.arm(fault)
    async with our_exchange(testbed, order_timeout_s=0.1, **QUICK) as hasty:
        assert isinstance(await hasty.place_stop(wish), Unknown)
        verdict = await hasty.prove_stop_absence(wish)
    assert isinstance(verdict, StopReport if executed else ProvenAbsent)


async def test_one_that_fired_unseen_is_found_by_its_market_order(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    wish = stop()
    await exchange.place_stop(wish)
    testbed.tick("110500")
    verdict = await exchange.prove_stop_absence(wish)
    assert isinstance(verdict, StopReport)
    assert verdict.state is ProtectiveStopState.FINISHED


# -- whose executions -----------------------------------------------------------------------------


async def test_executions_name_whoever_ordered_them(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    began = SystemClock().now() - timedelta(hours=1)
    await exchange.send(our_order("tp-more", quantity=Decimal("0.02")))
    testbed.venue.close_by_hand(SYMBOL, Decimal("0.005"))
    await exchange.place_stop(stop(quantity=Decimal("0.005")))
    testbed.tick("110500")
    testbed.venue.deleverage(SYMBOL)
    everything = await exchange.executions(SYMBOL, since=began, known=frozenset())
    assert not isinstance(everything, ReadFailed)
    names = [fill.client_order_id for fill in everything]
    assert names[:2] == ["tp-short", "tp-more"]
    assert names[2].startswith("web_")
    assert names[3:] == ["tp-x-hp1", "adl_autoclose"]
    assert sum(fill.quantity for fill in everything[2:]) == Decimal("0.03")
    assert all(fill.fee > 0 for fill in everything)
    ours = {fill.trade_id for fill in everything[:2]}
    others = await exchange.executions(SYMBOL, since=began, known=ours)
    assert others == everything[2:]


async def test_an_execution_whose_order_cannot_be_read_makes_the_answer_a_failed_read(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    text = (
        '{"kind":"http_status","venue":"binance","status":502,"execute":false,"body":"",'
        '"match":{"path_prefix":"/fapi/v1/order","method":"GET"}}'
    )
    (fault,) = parse_faults(text.encode())
    testbed.world.arm(fault)
    began = SystemClock().now() - timedelta(hours=1)
    answer = await exchange.executions(SYMBOL, since=began, known=frozenset())
    assert isinstance(answer, ReadFailed)
    assert "order of execution" in answer.reason
