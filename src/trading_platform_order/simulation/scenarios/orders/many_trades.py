"""Orders of many trades, and a list that ends before they do."""

from collections.abc import Iterable
from decimal import Decimal

from exchange_simulator.account_setup import AccountOrder, set_up
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill
from trading_platform_order.domain.trade.orders.told_fills import is_rest
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT

_LISTED = 3
_PIECE = "0.0011"
"""Of 1,000,000 KRW in BTC this makes six trades."""


def _many_trades(scene: Scene, *, listed: int = _LISTED, piece: str = _PIECE) -> None:
    order = AccountOrder(trade_quantity_max={UPBIT: piece}, upbit_trades_listed=listed)
    set_up(scene.testbed.world, order)
    scene.testbed.world.upbit.limit_depth("KRW-BTC", Decimal("0.002"), beyond_bps=3)


async def _spot_fills(scene: Scene) -> list[Fill]:
    trades = (await scene.trades()).values()
    return [fill for trade in trades for fill in trade.fills if fill.exchange is UPBIT]


def _rests(fills: Iterable[Fill]) -> list[Fill]:
    return [fill for fill in fills if is_rest(fill)]


async def _expect_told(scene: Scene, *, rests: int) -> None:
    """All that Upbit filled and took is in the journal; so many fills stand for what is not."""
    fills = await _spot_fills(scene)
    scene.expect(that=len(_rests(fills)) == rests, otherwise=f"{len(_rests(fills))} rests")
    orders = scene.testbed.world.accounts()["upbit"]["orders"]
    taken = sum((Decimal(order["paid_fee"]) for order in orders), ZERO)
    booked = sum((fill.fee for fill in fills), ZERO)
    scene.expect(that=booked == taken, otherwise=f"fees of {booked}, {taken} KRW were taken")


@scenario(rule="GET /v1/order: whether the list of trades has an end of its own is not documented")
async def a_list_that_ends_before_the_trades_do(scene: Scene) -> None:
    """Upbit lists three of six trades, the stream told none: the rest is one fill, fees right."""
    _many_trades(scene)
    scene.arm(m.news_lost(UPBIT, count=m.EVER))
    await scene.enters("hedged")
    await _expect_told(scene, rests=1)
    await scene.exits("flat")
    await _expect_told(scene, rests=2)
    told = [alert for alert in scene.testbed.alerts() if "trades_not_listed" in alert.fields]
    scene.expect(that=len(told) == 2, otherwise=f"{len(told)} alerts tell of it")  # noqa: PLR2004 - entry and exit


@scenario(rule="myOrder: nothing is replayed; GET /v1/order may list too few")
async def a_short_list_and_a_stream_with_gaps(scene: Scene) -> None:
    """The stream lost some of the trades that are not listed: only those make up the rest."""
    _many_trades(scene)
    trade = '"state":"trade"'
    scene.arm(m.told_nothing(UPBIT, trade, skip=3), m.told_nothing(UPBIT, trade, skip=3))
    await scene.enters("hedged")
    await _expect_told(scene, rests=1)
    fills = await _spot_fills(scene)
    (rest,) = _rests(fills)
    scene.expect(
        that=rest.quantity <= 2 * Decimal(_PIECE) and len(fills) > _LISTED + 1,
        otherwise=f"{rest.quantity} of {len(fills)} fills is told as the rest",
    )


@scenario(rule="a stream may be late by more than the time that look-ups are given")
async def trades_told_after_the_rest(scene: Scene) -> None:
    """The stream tells the missing trades seconds later: they are in the rest already."""
    _many_trades(scene)
    scene.arm(m.news_late(UPBIT, 5.0))
    await scene.enter()
    await scene.wait_open(45.0)
    await scene.ends("enter", "hedged")
    await _expect_told(scene, rests=1)


@scenario(rule="lists of the other endpoints end at 1,000 rows")
async def an_order_of_over_a_thousand_trades(scene: Scene) -> None:
    """Upbit lists the first thousand, the stream tells none: hedged, and all of it is told."""
    _many_trades(scene, listed=1_000, piece="0.000004")
    scene.arm(m.news_lost(UPBIT, count=m.EVER * 10))
    await scene.enters("hedged")
    await _expect_told(scene, rests=1)
