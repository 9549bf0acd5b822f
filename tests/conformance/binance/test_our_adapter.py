"""Our adapter over sockets: conditional orders, settings, and an account set up wrongly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from exchange_simulator.faults.kinds import parse_faults
from tests.conformance.binance.cards import card
from tests.conformance.binance.our_side import SYMBOL, our_exchange, our_order, our_stop
from tests.conformance.binance.testbed import TestBed, running
from trading_platform_order.domain.order import OrderReport, OrderSide, OrderType, TimeInForce
from trading_platform_order.domain.outcome import (
    Accepted,
    AlreadyGone,
    CancelRequested,
    NotFound,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopState
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.exchanges.binance.account.settings import (
    KeyRights,
    MarginType,
    SymbolSettings,
)
from trading_platform_order.exchanges.binance.orders.algo import (
    AlgoKind,
    AlgoReport,
    accepted,
    algo_params,
)
from trading_platform_order.exchanges.port.stream_events import (
    OrderUpdate,
    PrivateEvent,
    StopUpdate,
    StreamDown,
    StreamUp,
)


@pytest.fixture
async def testbed() -> AsyncIterator[TestBed]:
    async with asyncio.timeout(20), running() as found:
        yield found


@pytest.fixture
async def exchange(testbed: TestBed) -> AsyncIterator[BinanceExchange]:
    async with our_exchange(testbed) as found:
        yield found


@card("B-005")
async def test_a_triggered_stop_is_followed_to_its_child(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    stop = our_stop("tp-stop", AlgoKind.STOP_MARKET, trigger_price=Decimal(101_000))
    placed = await exchange.algo.send(stop)
    assert isinstance(placed, AlgoReport)
    assert isinstance(await exchange.algo.child(placed), NotFound)
    assert await exchange.algo.open(SYMBOL) != ()
    testbed.tick("101500")
    found = await exchange.algo.look_up(SYMBOL, "tp-stop")
    assert isinstance(found, AlgoReport)
    assert found.status == "FINISHED"
    child = await exchange.algo.child(found)
    assert isinstance(child, OrderReport)
    assert child.client_order_id == "tp-stop"
    assert child.executed_quantity == Decimal("0.01")
    assert await exchange.algo.open(SYMBOL) == ()
    assert await exchange.algo.cancel("tp-stop") == AlreadyGone()


async def test_waiting_orders_are_cancelled_one_by_one_and_all(
    exchange: BinanceExchange,
) -> None:
    for number in range(3):
        price = Decimal(101_000 + number)
        stop = our_stop(f"tp-{number}", AlgoKind.STOP_MARKET, trigger_price=price)
        assert isinstance(await exchange.algo.send(stop), AlgoReport)
    assert await exchange.algo.cancel("tp-0") == CancelRequested()
    assert await exchange.algo.cancel_all(SYMBOL) == CancelRequested()
    rows = await exchange.algo.history(SYMBOL)
    assert not isinstance(rows, ReadFailed)
    assert {row.status for row in rows} == {"CANCELED"}


@card("B-006")
async def test_a_stop_that_would_trigger_now_is_refused(exchange: BinanceExchange) -> None:
    stop = our_stop("tp-now", AlgoKind.STOP_MARKET, trigger_price=Decimal(99_000))
    outcome = await exchange.algo.send(stop)
    assert isinstance(outcome, Refused)
    assert outcome.code == "binance:-2021"
    assert isinstance(await exchange.algo.look_up(SYMBOL, "tp-now"), NotFound)


@pytest.mark.parametrize(
    ("force", "price", "code"),
    [
        (TimeInForce.FOK, "99000", "binance:-5021"),
        (TimeInForce.POST_ONLY, "101000", "binance:-5022"),
    ],
)
async def test_fok_and_post_only_are_refused_where_they_cannot_be(
    exchange: BinanceExchange, force: TimeInForce, price: str, code: str
) -> None:
    order = our_order(
        "tp-limit",
        side=OrderSide.BUY,
        type=OrderType.LIMIT,
        price=Decimal(price),
        time_in_force=force,
    )
    outcome = await exchange.send(order)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


@card("B-007")
async def test_the_countdown_cancels_when_nobody_calls_again(exchange: BinanceExchange) -> None:
    order = our_order("tp-rest", side=OrderSide.BUY, type=OrderType.LIMIT, price=Decimal(99_000))
    assert isinstance(await exchange.send(order), Accepted)
    assert await exchange.countdown(SYMBOL, 30) is None
    while await exchange.open_orders(SYMBOL) != ():  # noqa: ASYNC110 - the fixture bounds it
        await asyncio.sleep(0.01)
    assert await exchange.cancel_all(SYMBOL) == CancelRequested()


@card("B-008")
async def test_margin_type_and_brackets(exchange: BinanceExchange) -> None:
    assert await exchange.settings.set_margin_type(SYMBOL, MarginType.CROSSED) is None
    assert await exchange.settings.set_margin_type(SYMBOL, MarginType.ISOLATED) is None
    assert await exchange.settings.of_symbol(SYMBOL) == SymbolSettings(
        margin_type="ISOLATED", leverage=20
    )
    brackets = await exchange.settings.brackets(SYMBOL)
    assert not isinstance(brackets, ReadFailed)
    assert brackets[0].initial_leverage == 125
    await exchange.send(our_order("tp-short"))
    problem = await exchange.settings.set_margin_type(SYMBOL, MarginType.CROSSED)
    assert isinstance(problem, ReadFailed)
    assert "-4048" in problem.reason


@card("B-014")
async def test_an_account_set_up_wrongly_is_found_before_the_first_order(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    rights = await exchange.settings.key_rights(testbed.rest)
    assert isinstance(rights, KeyRights)
    assert rights.problem is None
    testbed.venue.door.may_withdraw = True
    rights = await exchange.settings.key_rights(testbed.rest)
    assert isinstance(rights, KeyRights)
    assert "withdraw" in (rights.problem or "")
    testbed.venue.door.may_trade_futures = False
    rights = await exchange.settings.key_rights(testbed.rest)
    assert isinstance(rights, KeyRights)
    assert "Enable Futures" in (rights.problem or "")
    problem = await exchange.prepare((SYMBOL,), leverage=3)
    assert isinstance(problem, ReadFailed)
    assert "-2015" in problem.reason


async def test_hedge_mode_is_found_with_its_remedy(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    async with our_exchange(testbed) as other:
        assert await other.prepare((SYMBOL,), leverage=3) is None
    testbed.venue._core.account.hedge_mode = True
    problem = await exchange.prepare((SYMBOL,), leverage=3)
    assert isinstance(problem, ReadFailed)
    assert "one-way mode" in problem.reason


def test_an_answer_about_another_order_is_unknown() -> None:
    assert isinstance(accepted(b"<html>", "tp"), Unknown)
    body = (
        b'{"algoId":1,"clientAlgoId":"other","symbol":"BTCUSDT","side":"BUY",'
        b'"orderType":"STOP_MARKET","algoStatus":"NEW"}'
    )
    assert isinstance(accepted(body, "tp"), Unknown)
    assert isinstance(accepted(body, "other"), AlgoReport)


@pytest.mark.parametrize(
    "wrong",
    [
        our_stop("tp", AlgoKind.STOP_MARKET),
        our_stop("tp", AlgoKind.TRAILING_STOP_MARKET),
        our_stop("tp", AlgoKind.TRAILING_STOP_MARKET, callback_percent=Decimal(21)),
        our_stop("tp", AlgoKind.TRAILING_STOP_MARKET, callback_percent=Decimal(1), quantity=None),
    ],
)
def test_parts_that_do_not_go_together(wrong: object) -> None:
    with pytest.raises(ValueError, match="tp"):
        algo_params(wrong)  # type: ignore[arg-type]  # the table holds objects


def test_closing_a_whole_position_names_no_quantity() -> None:
    stop = our_stop(
        "tp",
        AlgoKind.STOP_MARKET,
        quantity=None,
        trigger_price=Decimal(1),
        by_mark_price=True,
        reduce_only=True,
    )
    params = dict(algo_params(stop))
    assert params["closePosition"] == "true"
    assert params["workingType"] == "MARK_PRICE"
    assert {"quantity", "reduceOnly"}.isdisjoint(params)


async def test_a_mute_private_socket_is_replaced(testbed: TestBed) -> None:
    events: list[PrivateEvent] = []
    async with our_exchange(testbed, stream_mute_s=0.05) as exchange, asyncio.TaskGroup() as tasks:
        stream = tasks.create_task(exchange.run_private_stream(events.append))
        await until(lambda: StreamUp(exchange=Venue.BINANCE) in events)
        await exchange.send(our_order("tp-heard"))
        await until(lambda: any(isinstance(event, OrderUpdate) for event in events))
        await asyncio.sleep(0.1)
        assert not any(isinstance(event, StreamDown) for event in events)
        (fault,) = parse_faults(b'{"kind":"mute_stream","venue":"binance"}')
        testbed.world.arm(fault)
        await exchange.send(our_order("tp-mute"))
        await until(lambda: any(isinstance(event, StreamDown) for event in events))
        await until(lambda: events.count(StreamUp(exchange=Venue.BINANCE)) == 2)
        stream.cancel()
    (down,) = [event for event in events if isinstance(event, StreamDown)]
    assert "mute" in down.reason


@card("B-016")
async def test_the_stream_tells_of_triggers_and_rejections(testbed: TestBed) -> None:
    testbed.venue.tell_children_first()
    events: list[PrivateEvent] = []
    async with our_exchange(testbed) as exchange, asyncio.TaskGroup() as tasks:
        stream = tasks.create_task(exchange.run_private_stream(events.append))
        await until(lambda: StreamUp(exchange=Venue.BINANCE) in events)
        price = Decimal(101_000)
        plain = our_stop("tp-fills", AlgoKind.STOP_MARKET, trigger_price=price)
        idle = our_stop("tp-idle", AlgoKind.STOP_MARKET, trigger_price=price, quantity=Decimal(90))
        await exchange.algo.send(plain)
        await exchange.algo.send(idle)
        testbed.tick("101500")
        await until(
            lambda: (
                {ProtectiveStopState.FINISHED, ProtectiveStopState.REJECTED}
                <= {row.report.state for row in events if isinstance(row, StopUpdate)}
            )
        )
        stream.cancel()
    told = [event.report for event in events if isinstance(event, StopUpdate)]
    rejected = next(report for report in told if report.state is ProtectiveStopState.REJECTED)
    assert rejected.client_order_id == "tp-idle"
    assert "Margin" in rejected.reason
    fills = [e for e in events if isinstance(e, OrderUpdate) and e.report.fills]
    assert fills[0].report.client_order_id == "tp-fills"


async def test_an_order_of_over_a_thousand_trades_is_told_to_its_end(
    testbed: TestBed, exchange: BinanceExchange
) -> None:
    testbed.venue.split_trades(Decimal("0.001"))
    others, ours = our_order("tp-other"), our_order("tp-many", quantity=Decimal("1.201"))
    await exchange.send(others)
    await exchange.send(ours)
    await exchange.send(our_order("tp-next"))
    found = await exchange.look_up(ours)
    assert isinstance(found, Accepted), found
    fills = found.report.fills
    assert (len(fills), len({fill.trade_id for fill in fills})) == (1_201, 1_201)
    assert sum(fill.quantity for fill in fills) == found.report.executed_quantity
    (taken,) = (
        Decimal(order["commission"])
        for order in testbed.venue.state()["orders"]
        if order["clientOrderId"] == "tp-many"
    )
    assert sum(fill.fee for fill in fills) == taken


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - the fixture bounds it
        await asyncio.sleep(0.005)
