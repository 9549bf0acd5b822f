"""A coin that ends on one of the exchanges: nothing new is begun, and what is held goes in time."""

from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.hindrances.deadline import Deadline
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE
from trading_platform_order.transport.clock import epoch_ms, epoch_us

HELD = Decimal("0.006")
READ_S = 660.0
"""Filters are read every ten minutes."""
HOUR_S = 3_600
ENDS_IN_H = 49.0


async def _announced(scene: Scene, exchange: Venue) -> datetime:
    """Binance tells it in its contracts, Upbit's notice is written down by an operator."""
    ends_at = scene.testbed.clock.now() + timedelta(hours=ENDS_IN_H)
    if exchange is UPBIT:
        end = Deadline(exchange=exchange, base=BASE, at=ends_at)
        at_us = epoch_us(scene.testbed.clock.now())
        await scene.inbox().set_latch(end.latch, "announced by the exchange", at_us=at_us)
        await scene.wait_open(10.0)
    else:
        scene.testbed.world.binance.delist(f"{BASE}USDT", epoch_ms(ends_at))
        await scene.wait_open(READ_S)
    return ends_at


async def _ends(scene: Scene, exchange: Venue) -> None:
    await scene.hedged()
    await _announced(scene, exchange)
    scene.expect_alert("deadline")
    await scene.enter("late", strategy="other")
    await scene.expect_refused("late", "market_warning")
    scene.expect_kept(HELD)
    scene.jump(23.0)
    await scene.wait_open(30.0)
    scene.expect_kept(HELD)
    scene.jump(2.0)
    await scene.flat_within(10.0)
    await scene.quiet()


@scenario(rule="deliveryDate of a perpetual contract that is delisted (exchangeInfo)")
async def a_contract_that_ends_on_binance(scene: Scene) -> None:
    """Binance tells its end in 49 hours: no entry, told; held for a day, closed 24 hours before."""
    await _ends(scene, Venue.BINANCE)


@scenario(rule="notices of the end of trading support (Upbit)")
async def a_coin_that_ends_on_upbit(scene: Scene) -> None:
    """An operator wrote Upbit's notice down: no entry, told, and closed 24 hours before it."""
    await _ends(scene, Venue.UPBIT)


@scenario(rule="notices of the end of trading support (Upbit)")
async def a_coin_that_ends_while_upbit_is_shut(scene: Scene) -> None:
    """Upbit is in maintenance when the day comes: the close waits, and goes on after it."""
    await scene.hedged()
    await _announced(scene, UPBIT)
    scene.shut(UPBIT)
    await scene.wait_open(20.0)
    scene.jump(26.0)
    await scene.wait_open(60.0)
    scene.expect_kept(HELD)
    scene.expect_alert("close_waits")
    scene.reopen(UPBIT)
    await scene.flat_within(45.0)
    await scene.quiet()


@scenario(rule="operators are told daily, and hourly in the last day (our design)")
async def a_coin_that_ends_and_nobody_holds(scene: Scene) -> None:
    """Nothing is held: told once a day, then every hour; an end taken back opens entries again."""
    ends_at = await _announced(scene, UPBIT)
    for _ in range(3):
        scene.jump(20.0)
        await scene.wait_open(10.0)
    told = [alert for alert in scene.testbed.alerts() if alert.kind == "deadline"]
    scene.expect(that=len(told) == 3, otherwise=f"told {len(told)} times in 60 hours")  # noqa: PLR2004 - at once, after 40 h, after the end
    since_s = [int(alert.fields["since"].removesuffix(" s")) for alert in told]
    grows = since_s[0] < HOUR_S < since_s[1] < since_s[2]
    scene.expect(that=grows, otherwise=f"how long it is known: {since_s} s")
    end = Deadline(exchange=UPBIT, base=BASE, at=ends_at)
    at_us = epoch_us(scene.testbed.clock.now())
    await scene.inbox().clear_latch(end.latch, "taken back", at_us=at_us)
    await scene.wait_open(10.0)
    await scene.enters("hedged")
