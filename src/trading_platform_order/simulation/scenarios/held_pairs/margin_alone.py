"""Margin in danger while Upbit takes no orders: the one case in which the hedge is closed alone."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

ALONE = "liquidation nearer than 5 %, Upbit closed, no stop: the hedge alone (our design)"
LITTLE = Opening(krw=Decimal(20_000_000), usdt=Decimal(2_000))
ENTRY_KRW = Decimal(3_800_000)
"""0.024 BTC: some 2,600 USDT short, liquidated some 76 % higher."""
NEAR_BPS, FARTHER_BPS = 7_000, 1_000
LEFT_USDT, GUARDED_BPS = Decimal(520), 1_480
"""With so little left: liquidated 19.4 % higher, stopped out at 15.5 %."""
BACK_S = 45.0


def _setup(*, stop: bool = False, alone: bool = True) -> TestBedSetup:
    """With or without a stop on Binance, and with the exception on or off."""
    usual = bed_settings()
    margin = MarginLimits(alone=alone)
    return TestBedSetup(
        opening=LITTLE,
        settings=replace(
            usual,
            protect=replace(usual.protect, enabled=stop),
            monitors=replace(usual.monitors, margin=margin),
        ),
    )


async def _near(scene: Scene) -> Decimal:
    """Upbit is shut, the coin has risen until liquidation is 4 % away. Returns what is held."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    held = scene.short()
    scene.shut(UPBIT)
    await scene.wait_open(20.0)
    scene.move(spot_bps=NEAR_BPS, hedge_bps=NEAR_BPS)
    await scene.wait_open(10.0)
    return held


async def _back(scene: Scene) -> None:
    scene.reopen(UPBIT)
    await scene.wait_open(BACK_S)
    await scene.quiet()


def _expect_hedge_reduced(scene: Scene, held: Decimal, short: Decimal) -> None:
    scene.expect(that=scene.coins() == held, otherwise=f"{scene.coins()} coins, were {held}")
    scene.expect(that=0 < scene.short() < short, otherwise=f"{scene.short()} short, was {short}")


@scenario(rule=ALONE, setup=_setup())
async def margin_in_danger_while_upbit_is_shut(scene: Scene) -> None:
    """No stop stands: some of the hedge is closed alone, the coins follow when Upbit is back."""
    held = await _near(scene)
    _expect_hedge_reduced(scene, held, held)
    scene.expect_alert("margin_reduced", "margin_warning")
    await _back(scene)
    scene.expect_hedged()


@scenario(rule=ALONE, setup=_setup())
async def margin_in_danger_twice_while_upbit_is_shut(scene: Scene) -> None:
    """The coin rises on: the hedge is reduced again beside the close that waits for the coins."""
    held = await _near(scene)
    left = scene.short()
    scene.move(spot_bps=FARTHER_BPS, hedge_bps=FARTHER_BPS)
    await scene.wait_open(40.0)
    _expect_hedge_reduced(scene, held, left)
    await _back(scene)
    scene.expect_hedged()


@scenario(rule=ALONE, setup=_setup())
async def margin_in_danger_and_upbit_back_meanwhile(scene: Scene) -> None:
    """Upbit is back while the second reduction is unanswered: each coin is sold once."""
    await _near(scene)
    await scene.wait_open(20.0)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=2))
    scene.arm(m.look_up_fails(BINANCE, 500, count=5))
    scene.move(spot_bps=FARTHER_BPS, hedge_bps=FARTHER_BPS)
    await scene.wait_open(2.0)
    scene.reopen(UPBIT)
    await scene.wait_open(BACK_S)
    await scene.ends_hedged()


@scenario(rule=ALONE, setup=_setup())
async def margin_in_danger_while_an_exit_waits(scene: Scene) -> None:
    """An EXIT waits for Upbit: the reduction goes beside it, and the EXIT closes what is left."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    held = scene.short()
    scene.shut(UPBIT)
    await scene.wait_open(20.0)
    await scene.exit()
    await scene.wait_open(2.0)
    scene.move(spot_bps=NEAR_BPS, hedge_bps=NEAR_BPS)
    await scene.wait_open(10.0)
    _expect_hedge_reduced(scene, held, held)
    await _back(scene)
    scene.expect_flat()


@scenario(rule=ALONE, setup=_setup())
async def margin_in_danger_and_a_crash(scene: Scene) -> None:
    """The engine dies once the hedge is reduced: the next one sells the coins when it can."""
    held = await _near(scene)
    _expect_hedge_reduced(scene, held, held)
    await scene.testbed.kill()
    ready = scene.testbed.begin()
    await scene.wait_open(5.0)
    await _back(scene)
    await asyncio.wait_for(ready.wait(), 120.0)
    scene.expect_hedged()


@scenario(rule=ALONE, setup=_setup(stop=True))
async def margin_in_danger_with_a_stop_that_stands(scene: Scene) -> None:
    """Most of the margin was withdrawn; the stop stands 1 % higher: nothing is closed by us."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    held = scene.short()
    free = LEFT_USDT - LITTLE.usdt
    scene.owner.transfer(BINANCE, "USDT", free)
    await scene.wait_open(70.0)
    scene.shut(UPBIT)
    await scene.wait_open(20.0)
    scene.move(spot_bps=GUARDED_BPS, hedge_bps=GUARDED_BPS)
    await scene.wait_open(20.0)
    scene.expect_kept(held)
    told = {alert.kind for alert in scene.testbed.alerts()}
    scene.expect(that="margin_reduced" not in told, otherwise="the hedge was reduced beside it")
    scene.expect_alert("margin_warning", "close_waits")
    await _back(scene)


@scenario(rule=ALONE, setup=_setup(alone=False))
async def margin_in_danger_and_the_exception_is_off(scene: Scene) -> None:
    """``margin_alone`` is off: both legs are kept whatever comes, operators are told."""
    held = await _near(scene)
    scene.expect_kept(held)
    scene.expect_alert("close_waits", "margin_warning")
    await _back(scene)
