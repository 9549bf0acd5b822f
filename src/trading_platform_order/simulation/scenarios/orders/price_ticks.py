"""A limit's price lies on the step of its own band, whatever the step of the book is."""

from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.order import Leg, Order, OrderStatus, OrderType
from trading_platform_order.domain.trade.trade_events import ExecutionStyle
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

COIN = "XRP"
STEPS = "Upbit's price step is the one of the order's own price (docs krw-market-info)"
_DEFAULTS = bed_settings(COIN)
_MARKET = TestBedSetup(bases=(COIN,), settings=_DEFAULTS)
_LIMIT_IOC = TestBedSetup(
    bases=(COIN,),
    settings=replace(_DEFAULTS, policy=replace(_DEFAULTS.policy, style=ExecutionStyle.LIMIT_IOC)),
)


def _price(scene: Scene, price_krw: str) -> None:
    """Both exchanges at a price, with the premium as it was."""
    tick, spot = scene.testbed.tick(COIN), Decimal(price_krw)
    hedge = (tick.binance_close * spot / tick.upbit_close).quantize(Decimal("0.0001"))
    scene.testbed.set_tick(replace(tick, upbit_close=spot, binance_close=hedge))


def _spot_orders(scene: Scene) -> list[Order]:
    trades = scene.testbed.engine.executor.trades.values()
    return [order for trade in trades for order in trade.orders if order.leg is Leg.SPOT]


def _expect_none_refused(scene: Scene) -> None:
    refused = [o for o in _spot_orders(scene) if o.status is OrderStatus.REFUSED]
    scene.expect(that=not refused, otherwise=f"refused: {refused}")


@scenario(rule=STEPS, setup=_LIMIT_IOC)
async def a_limit_in_the_next_tick_band(scene: Scene) -> None:
    """The book is below 5,000 KRW (step 1), the buy's limit above it (step 5): hedged at once."""
    _price(scene, "4996")
    await scene.wait(1.0)
    await scene.enters("hedged", symbol=COIN)
    _expect_none_refused(scene)
    await scene.exits("flat", symbol=COIN)


@scenario(rule=STEPS, setup=_LIMIT_IOC)
async def a_price_that_crossed_a_tick_band(scene: Scene) -> None:
    """The filters were read at 4,990 KRW; the price is beyond 5,000 when the pair is entered."""
    _price(scene, "4990")
    await scene.testbed.crash_and_restart(1.0)
    await scene.wait(5.0)
    _price(scene, "5035")
    await scene.wait(1.0)
    await scene.enters("hedged", symbol=COIN)
    _price(scene, "4996")
    await scene.wait(1.0)
    await scene.exits("flat", symbol=COIN)
    _expect_none_refused(scene)


@scenario(rule="what is refused for its price goes as best with ioc", setup=_LIMIT_IOC)
async def a_close_after_a_refused_price(scene: Scene) -> None:
    """Upbit refuses the sell for its price: all of it goes at the best bid, as a limit, at once."""
    await scene.enters("hedged", symbol=COIN)
    held = scene.coins(base=COIN)
    scene.arm(m.refusal(UPBIT, "invalid_price_ask"))
    await scene.exits("flat", symbol=COIN)
    sent = [(order.type, order.quantity) for order in _spot_orders(scene)[-2:]]
    wanted = [(OrderType.LIMIT, held), (OrderType.BEST, held)]
    scene.expect(that=sent == wanted, otherwise=f"sold by {sent}, not by {wanted}")


@scenario(rule="a collar narrower than a tick reaches one tick (our rule)", setup=_LIMIT_IOC)
async def a_limit_where_one_tick_is_83_bps(scene: Scene) -> None:
    """At 120 KRW the collar ends within the tick: the limit reaches the best price all the same."""
    _price(scene, "120")
    await scene.wait(1.0)
    await scene.enters("hedged", symbol=COIN)
    await scene.exits("flat", symbol=COIN)


@scenario(rule="slippage is what goes beyond the tick (our rule)", setup=_MARKET)
async def an_entry_where_one_tick_is_83_bps(scene: Scene) -> None:
    """At 120 KRW half a tick is 42 bps, twice the slippage limit; no order could cost less."""
    _price(scene, "120")
    await scene.wait(1.0)
    await scene.enters("hedged", symbol=COIN)
    await scene.exits("flat", symbol=COIN)
