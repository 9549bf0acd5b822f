"""An engine that closes and opens nothing: what a watchdog starts, and what an operator may."""

from trading_platform_order.executor.ports import ReduceOnly
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT

REDUCES = "our design: whoever may only close runs the engine's own code, and opens nothing"


async def _only_closes(scene: Scene) -> None:
    scene.testbed.reduce_only = ReduceOnly(reason="a scenario")
    await scene.crash(down_s=0.5)


@scenario(rule=REDUCES)
async def an_engine_that_only_closes(scene: Scene) -> None:
    """It refuses an ENTER and carries an EXIT out; the next engine enters again."""
    await scene.hedged()
    await _only_closes(scene)
    await scene.enters(name="more", strategy="other")
    await scene.expect_refused("more", "stopped")
    await scene.exit()
    await scene.ends_flat()
    scene.testbed.reduce_only = None
    await scene.crash(down_s=0.5)
    await scene.enter("again")
    await scene.ends_hedged()


@scenario(rule=REDUCES)
async def an_entry_beside_a_start_that_only_closes(scene: Scene) -> None:
    """One leg is filled as the engine dies: the next one takes it back and completes nothing."""
    for venue in (UPBIT, BINANCE):
        scene.arm(m.refusal(venue))
        await scene.enter(f"one leg without {venue}", expires_at=scene.in_one_hour())
        await scene.wait(0.02)
        await _only_closes(scene)
        await scene.ends_flat()
        scene.testbed.reduce_only = None
        await scene.crash(down_s=0.5)
