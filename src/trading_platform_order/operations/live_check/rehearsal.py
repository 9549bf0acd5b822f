"""What the simulated exchanges say to the same questions: what a real exchange is held to."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import (
    Opening,
    SimulatedWorld,
    SimulatorKeys,
    open_world,
)
from exchange_simulator.market.market import standing, tick_of
from exchange_simulator.ports import MarketTick
from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    TimeInForce,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.outcome import Accepted
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.exchanges.binance.orders.algo import AlgoKind, AlgoOrder
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.operations.live_check.live_check import (
    Contact,
    listening,
    read_everything,
)
from trading_platform_order.operations.live_check.round_trip import Patience, RoundTripper
from trading_platform_order.operations.live_check.wire_log import WireLog
from trading_platform_order.operations.live_check.wire_shapes import Shapes
from trading_platform_order.runtime.assembly import Network, make_exchanges
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.transport.decorators.recording import (
    RecordingHttp,
    RecordingWebSockets,
    Redactor,
)

BASE = "BTC"
_UPBIT, _BINANCE = "https://upbit.simulated", "https://binance.simulated"
# Just before a funding settlement, so that one is seen.
_START = datetime(2026, 1, 5, 7, 59, 59, tzinfo=UTC)
_REPUBLISH_S = 0.05
_HEARD_S = 1.2
_PATIENCE = Patience(working_s=1.0, outcome_s=5.0, poll_s=0.02, flat_s=5.0)
_AWAY = Decimal("0.97")
_BAR = generate_bars(seed=1, bars=1, symbol=BASE)[0]
_COARSE_TICK = Decimal(1_000)  # a multiple of both exchanges' price steps


async def expected_shapes() -> Shapes:
    """Go through everything against fresh simulated exchanges; takes a second or two."""
    shapes = Shapes({_UPBIT: Venue.UPBIT, _BINANCE: Venue.BINANCE})
    async with asyncio.timeout(60), _simulated() as world:
        contact = _contact(world, WireLog(None, shapes))
        async with asyncio.TaskGroup() as group:
            market = group.create_task(_keep_moving(world), name="market")
            await _go_through(contact, world)
            market.cancel()
        for exchange in contact.exchanges.values():
            await exchange.close()
    return shapes


@asynccontextmanager
async def _simulated() -> AsyncIterator[SimulatedWorld]:
    world = open_world(
        clock=MarketClock(_START, asyncio.get_running_loop().time),
        keys=SimulatorKeys(),
        opening=Opening(krw=Decimal(10_000_000), usdt=Decimal(500_000), coins={"ETH": Decimal(1)}),
        raise_limits=False,
    )
    try:
        yield world
    finally:
        world.close()


def _contact(world: SimulatedWorld, log: WireLog) -> Contact:
    keys, clock = SimulatorKeys(), world.clock
    assert isinstance(clock, MarketClock)  # noqa: S101 - as _simulated made it, for the type checker
    routes = {_UPBIT: world.gateways[Venue.UPBIT], _BINANCE: world.gateways[Venue.BINANCE]}
    redactor = Redactor()
    nonces = itertools.count()
    exchanges = make_exchanges(
        network=Network(
            http=RecordingHttp(InProcessHttp(routes), clock=clock, redactor=redactor, sink=log),
            websockets=RecordingWebSockets(
                InProcessWebSockets(routes), clock=clock, redactor=redactor, sink=log
            ),
            clock=clock,
            nonce=lambda: f"rehearsal-{next(nonces)}",
        ),
        upbit_config=UpbitConfig(
            rest_url=_UPBIT,
            ws_url=f"{_UPBIT}/websocket/v1",
            credentials=Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
            consume_timeout_s=0.1,
        ),
        binance_config=BinanceConfig(
            rest_url=_BINANCE,
            ws_url=_BINANCE,
            spot_url=_BINANCE,
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
            # Whoever listens for a minute extends the stream's key; here it is done at once.
            listen_key_renew_s=_HEARD_S / 4,
        ),
    )
    return Contact(
        exchanges=exchanges,
        clock=clock,
        base=BASE,
        mode_letter="p",
        announce=lambda _: None,
    )


def _tick(world: SimulatedWorld) -> MarketTick:
    return standing(tick_of(BASE, _BAR), world.clock.now())


async def _keep_moving(world: SimulatedWorld) -> None:
    while True:
        world.show([_tick(world)])
        await asyncio.sleep(_REPUBLISH_S)


async def _go_through(contact: Contact, world: SimulatedWorld) -> None:
    await asyncio.sleep(2 * _REPUBLISH_S)  # until there are books
    for exchange, symbol in contact.pairs():
        await exchange.prepare((symbol,), leverage=2)
    async with listening(contact):
        await asyncio.sleep(_HEARD_S / 4)
        for leg in Leg:
            await _trade(contact, leg)
        await _wait_on_a_condition(contact, world)
        await asyncio.sleep(_HEARD_S)
    for exchange, symbol in contact.pairs():
        await exchange.inspect((symbol,), leverage=2)
    await read_everything(contact)


async def _trade(contact: Contact, leg: Leg) -> None:
    key = trade_key(strategy="rehearsal", signal_id=leg.value, symbol=contact.base)
    tripper = RoundTripper(contact=contact, leg=leg, key=key, patience=_PATIENCE)
    opening = await tripper.plan()
    if not isinstance(opening, Order):
        raise TypeError(f"the simulated exchange has no market: {opening}")
    exchange = contact.exchanges.of(leg)
    await exchange.send(opening)
    await read_everything(contact)  # with a position
    held = await exchange.look_up(opening)
    if not isinstance(held, Accepted):
        raise TypeError(f"the simulated exchange did not fill: {held}")
    closing = tripper.closing(held.report.executed_quantity)
    await exchange.send(closing)
    await exchange.look_up(closing)
    resting = _resting(contact, leg, opening)
    await exchange.look_up(resting)  # refused: nobody knows it yet
    await exchange.send(resting)
    await exchange.open_orders(resting.symbol)
    await exchange.cancel(resting)


def _resting(contact: Contact, leg: Leg, like: Order) -> Order:
    book = contact.books[leg_symbol(leg, contact.base)]
    price = floor_to_step(book.bids[0].price * _AWAY, _COARSE_TICK)
    return replace(
        like,
        client_order_id=f"{like.client_order_id}9",
        side=OrderSide.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        price=price,
        quantity=like.quantity * 2,
        quote_amount=None,
    )


async def _wait_on_a_condition(contact: Contact, world: SimulatedWorld) -> None:
    """One conditional order is cancelled while it waits, another one is triggered and fills."""
    exchange = contact.exchanges.hedge
    if not isinstance(exchange, BinanceExchange):
        raise TypeError("the hedge exchange is Binance")
    symbol = leg_symbol(Leg.HEDGE, contact.base)
    trigger_price = floor_to_step(contact.books[symbol].asks[0].price / _AWAY, _COARSE_TICK)
    stop = AlgoOrder(
        client_algo_id="rehearsal-stop",
        symbol=symbol,
        side=OrderSide.BUY,
        kind=AlgoKind.STOP_MARKET,
        quantity=Decimal("0.01"),
        trigger_price=trigger_price,
    )
    await exchange.algo.send(stop)
    await exchange.algo.open(symbol)
    await exchange.algo.cancel(stop.client_algo_id)
    await exchange.algo.send(replace(stop, client_algo_id="rehearsal-triggered"))
    world.show([replace(_tick(world), binance_high=trigger_price + _COARSE_TICK)])
