"""What is told is so: fills, fees and funding in the views are those of the exchanges."""

from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene


@scenario(rule="an id given twice: seen on our own paper exchange after a restart")
async def trade_ids_that_begin_anew(scene: Scene) -> None:
    """An exchange counts its trade ids from the first one again: every fill is still told."""
    await scene.hedged()
    scene.stage.world.upbit.begin_trade_ids_anew()
    scene.stage.world.binance.begin_trade_ids_anew()
    await scene.exit()
    await scene.quiet()
    scene.expect_outcome("exit", "flat")
    await scene.enter("again")
    await scene.quiet()
    scene.expect_outcome("again", "hedged")
