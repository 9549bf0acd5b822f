"""Prices of real candles that cross a tick band, traded with limits: nothing is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.domain.trade.trade_events import ExecutionStyle
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.catalogue import Scenario, play_scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings
from trading_platform_order.transport.virtual_loop import run_virtual

STEPS_OF = "XRP"
"""The coin whose quantity step and minimum are used; the prices are the file's."""
_DEFAULTS = bed_settings(STEPS_OF)
_LIMIT_IOC = TestBedSetup(
    bases=(STEPS_OF,),
    settings=replace(_DEFAULTS, policy=replace(_DEFAULTS.policy, style=ExecutionStyle.LIMIT_IOC)),
)


@pytest.mark.parametrize("name", ["LINK_band_9990.csv", "DOGE_cross_100.csv"])
def test_limits_at_the_prices_of(shared_data: Path, name: str) -> None:
    bars = read_candles(shared_data / "slices" / name).bars

    async def play(scene: Scene) -> None:
        for number, bar in enumerate(bars):
            scene.testbed.show({STEPS_OF: bar})
            await scene.wait_open(30.0)  # no more than three equal entries a minute
            await scene.enter(f"enter-{number}", symbol=STEPS_OF)
            await scene.quiet()
            scene.expect_outcome(f"enter-{number}", "hedged")
            await scene.exit(f"exit-{number}", symbol=STEPS_OF)
            await scene.quiet()
            scene.expect_outcome(f"exit-{number}", "flat")
        trades = scene.testbed.engine.executor.trades.values()
        orders = [order for trade in trades for order in trade.orders]
        refused = [order for order in orders if order.status is OrderStatus.REFUSED]
        scene.expect(that=not refused, otherwise=f"refused: {refused}")

    report = RunReport(seed=name)
    scenario = Scenario(
        name=name, chapter="", about="", failures=(), rule="", play=play, setup=_LIMIT_IOC
    )
    run_virtual(play_scenario(scenario, report))
    assert report.violations == []
