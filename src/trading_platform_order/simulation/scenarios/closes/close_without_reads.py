"""Closes while an exchange does not tell what it holds: what is only read extends nothing.

The journal says what is ours. What could not be read may be otherwise all the same, so no close of
the watchdog's strips a hedge that it cannot see.
"""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.faults.kinds import DropRequest, RequestMatch
from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import tests_hang
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.failover_dsl import (
    SETTLED_S,
    FailoverScene,
    beside_watchdog,
)
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, EVER, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE

READS = "an endpoint that is only read extends nothing (our design)"
STRIPS = "no close strips a hedge (our design)"
ROWS = "where rows may be lost the exchanges are read first (our design)"
ACTED = "watchdog: "
BALANCES, POSITIONS = "/v1/accounts", "/fapi/v3/positionRisk"
OPEN = {UPBIT: "/v1/orders/open", BINANCE: "/fapi/v1/openOrders"}
IN_TIME_S = 41.0
"""The watchdog waits 35 s for an engine, and notices in a second or two that there is none."""


def _unread(scene: Scene, venue: Venue, path: str) -> None:
    scene.arm(m.reads_fail(venue, path, 500, count=EVER))


async def _exit_beside_a_dead_engine(scene: FailoverScene) -> None:
    """An EXIT lies in the inbox, and no engine is there."""
    await scene.hedged()
    await scene.pass_time(SETTLED_S)
    await scene.engine_dies()
    await scene.exit_in_inbox()


async def _ends(scene: FailoverScene) -> None:
    scene.calm()
    await scene.pass_time(10.0)
    await scene.engine_returns()


async def _is_closed_in_time(scene: FailoverScene) -> None:
    await scene.pass_time(IN_TIME_S)
    scene.expect_flat()
    scene.expect_told(AlertKind.WATCHDOG_ACTED)
    await _ends(scene)


@beside_watchdog(rule=READS, stopped=ACTED)
async def exit_beside_a_dead_engine_and_no_balances(scene: FailoverScene) -> None:
    """Upbit tells no balances: its leg goes first, the hedge follows with what that filled."""
    await _exit_beside_a_dead_engine(scene)
    _unread(scene, UPBIT, BALANCES)
    await _is_closed_in_time(scene)


@beside_watchdog(rule=READS, stopped=ACTED)
async def exit_beside_a_dead_engine_and_no_positions(scene: FailoverScene) -> None:
    """Binance tells no positions: the hedge goes first, reduce-only, and the coins follow."""
    await _exit_beside_a_dead_engine(scene)
    _unread(scene, BINANCE, POSITIONS)
    await _is_closed_in_time(scene)


@beside_watchdog(rule=READS, stopped=ACTED)
async def exit_beside_a_dead_engine_and_no_open_orders(scene: FailoverScene) -> None:
    """Neither exchange tells what rests on it, both judge orders: the coins go first."""
    await _exit_beside_a_dead_engine(scene)
    for venue, path in OPEN.items():
        _unread(scene, venue, path)
    await _is_closed_in_time(scene)


@beside_watchdog(rule=READS, stopped=ACTED)
async def exit_beside_a_dead_engine_and_no_order_test_of_binance(scene: FailoverScene) -> None:
    """Binance answers no order test, and takes orders: its leg goes first, the coins follow."""
    await _exit_beside_a_dead_engine(scene)
    scene.arm(*tests_hang(BINANCE))
    await _is_closed_in_time(scene)


@beside_watchdog(rule=READS, stopped=ACTED)
async def exit_beside_a_dead_engine_and_no_order_test_of_upbit(scene: FailoverScene) -> None:
    """Upbit answers no order test, and takes orders: its leg goes first, the hedge follows."""
    await _exit_beside_a_dead_engine(scene)
    scene.arm(*tests_hang(UPBIT))
    await _is_closed_in_time(scene)


@beside_watchdog(rule=STRIPS, stopped=ACTED)
async def the_watchdog_leaves_the_owners_coins_alone(scene: FailoverScene) -> None:
    """The owner holds the same coin and Upbit tells no balances: exactly ours are sold."""
    own = Decimal("0.5")
    scene.testbed.owner.transfer(UPBIT, BASE, own)
    await _exit_beside_a_dead_engine(scene)
    _unread(scene, UPBIT, BALANCES)
    await scene.pass_time(IN_TIME_S)
    left = scene.testbed.world.upbit.totals[BASE]
    scene.expect(that=left == own, otherwise=f"{left} coins are left of the owner's {own}")
    scene.expect_flat()
    await _ends(scene)


@beside_watchdog(rule=STRIPS, stopped=ACTED)
async def coins_that_cannot_be_sold_and_are_not_told(scene: FailoverScene) -> None:
    """Our coins are locked in an order of the owner's that cannot be read: the hedge is kept."""
    await _exit_beside_a_dead_engine(scene)
    price = scene.testbed.tick(BASE).upbit_close * 2
    order = scene.testbed.owner.rest_ask(BASE, price_krw=price, quantity=scene.coins())
    _unread(scene, UPBIT, BALANCES)
    await scene.pass_time(IN_TIME_S + 40.0)
    scene.expect(that=scene.short() == scene.coins() > 0, otherwise="a leg was closed alone")
    scene.expect_told(AlertKind.WATCHDOG_STUCK)
    scene.testbed.owner.cancel_on_upbit(order)
    scene.calm()  # what Upbit refused for want of coins is tried again once it tells what is there
    await scene.pass_time(20.0)
    scene.expect_flat()
    await _ends(scene)


@beside_watchdog(rule=STRIPS, stopped=ACTED)
async def upbit_away_as_an_exit_waits_beside_a_dead_engine(scene: FailoverScene) -> None:
    """Upbit answers nothing at all: its leg goes first, so both legs are kept until it is back."""
    await _exit_beside_a_dead_engine(scene)
    scene.arm(DropRequest(venue=UPBIT, match=RequestMatch(), count=EVER))
    before = scene.short()
    await scene.pass_time(IN_TIME_S + 60.0)
    scene.expect(that=scene.short() == before == scene.coins(), otherwise="a leg was closed alone")
    scene.calm()
    await scene.pass_time(30.0)
    scene.expect_flat()
    await _ends(scene)


@beside_watchdog(rule=ROWS, stopped=ACTED)
async def a_watchdog_after_lost_power_reads_first(scene: FailoverScene) -> None:
    """Rows of the journal may be lost, and Upbit lists no orders: nothing leaves unread."""
    await scene.hedged()
    await scene.pass_time(SETTLED_S)
    await scene.watched.kill_dog()
    await scene.engine_dies()
    scene.testbed.place = replace(scene.testbed.place, boot="after power was lost")
    await scene.exit_in_inbox()
    scene.arm(m.reads_fail(UPBIT, "/v1/orders/closed", 500, count=EVER))
    scene.watched.start_dog()
    await scene.pass_time(IN_TIME_S + 30.0)
    scene.expect(that=scene.short() == scene.coins() > 0, otherwise="closed before it had read")
    scene.calm()
    await scene.pass_time(30.0)
    scene.expect_flat()
    await scene.engine_returns()


# -- an engine that starts -------------------------------------------------------------------------


@scenario(rule=READS)
async def a_loss_beside_a_start_that_cannot_read(scene: Scene) -> None:
    """After a crash Binance lists no orders and tells no margin; a pair loses 7 %: it is closed."""
    await scene.hedged()
    await scene.wait_open(3.0)
    await scene.testbed.kill()
    _unread(scene, BINANCE, "/fapi/v1/allOrders")
    _unread(scene, BINANCE, "/fapi/v3/account")
    scene.testbed.begin()
    await scene.wait_open(10.0)
    scene.move(spot_bps=-700)
    await scene.flat_within(8.0)
    scene.expect_alert("stop_loss")
    scene.calm()
    await scene.wait_open(30.0)


@scenario(rule=READS)
async def an_exit_after_lost_power_while_no_margin_is_told(scene: Scene) -> None:
    """Power was lost and Binance tells no margin account: swept, and the EXIT is served."""
    await scene.hedged()
    await scene.wait_open(3.0)
    await scene.testbed.kill()
    scene.testbed.place = replace(scene.testbed.place, boot="after power was lost")
    _unread(scene, BINANCE, "/fapi/v3/account")
    scene.testbed.begin()
    await scene.wait_open(8.0)
    await scene.exit()
    await scene.flat_within(3.0)
    scene.calm()
    await scene.wait_open(30.0)


@scenario(rule=READS)
async def an_exit_from_before_power_was_lost_while_no_order_is_told(scene: Scene) -> None:
    """It may have been traded in lost rows; the lists and the position say that it was not."""
    await scene.hedged()
    await scene.wait_open(3.0)
    asked_for = scene.signal("exit", Action.EXIT)
    await scene.testbed.kill()
    scene.testbed.place = replace(scene.testbed.place, boot="after power was lost")
    for venue in (UPBIT, BINANCE):
        scene.arm(m.no_order_told(venue))
    scene.testbed.begin()
    await scene.wait_open(8.0)
    await scene.send(asked_for)
    await scene.flat_within(3.0)
    scene.calm()
    await scene.wait_open(30.0)
    scene.expect_filled(upbit=2, binance=2)
