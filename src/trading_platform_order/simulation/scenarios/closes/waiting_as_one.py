"""Closes of one strategy that wait at the same time come to one: parts add up, all means all."""

from decimal import Decimal

from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import HELD, excused
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT

AS_ONE = "closes of one strategy wait as one (our design)"
PART = Decimal("0.002")
BACK_S = 45.0


async def _two_wait(scene: Scene, *, second: Decimal | None) -> None:
    """Upbit is shut, and a part waits as the second close comes."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit("part", quantity_base=PART)
    await scene.wait_open(2.0)
    await scene.exit("second", quantity_base=second)
    await scene.wait_open(2.0)
    scene.expect_kept(HELD)
    scene.reopen(UPBIT)


@scenario(rule=AS_ONE)
async def parts_that_wait_add_up(scene: Scene) -> None:
    """Two thirds are to be closed by two EXITs while Upbit is shut: the last third stays hedged."""
    await _two_wait(scene, second=PART)
    await scene.within(BACK_S, lambda: scene.short() == PART, "not both parts are closed")
    await scene.wait_open(5.0)
    scene.expect_kept(PART)


@scenario(rule=AS_ONE)
async def a_full_exit_behind_a_part_that_waits(scene: Scene) -> None:
    """A part waits, then all is to be closed: all is closed as soon as Upbit is back."""
    await _two_wait(scene, second=None)
    await scene.flat_within(BACK_S)
    await scene.ends("second", "flat")


@scenario(rule="an asked-for EXIT replaces the rest of a stop-loss (our design)")
async def an_exit_behind_a_stop_loss_that_gave_way(scene: Scene) -> None:
    """Nobody bids near the mid: the stop-loss keeps its limit, the EXIT widens it and closes."""
    await scene.hedged()
    scene.testbed.world.upbit.widen_spread(Decimal("0.06"))
    scene.move(spot_bps=-900)
    await scene.wait_open(20.0)
    scene.expect_kept(HELD)
    scene.expect_alert("stop_loss")
    with excused(scene, "nobody bids near the mid"):
        await scene.exit()
        await scene.flat_within(30.0)
    await scene.quiet()


@scenario(rule="an asked-for EXIT replaces the rest of a stop-loss (our design)")
async def an_exit_behind_a_stop_loss_in_slices(scene: Scene) -> None:
    """A stop-loss goes in slices, then the bids go 3 % away: the EXIT closes the rest."""
    await scene.hedged()
    scene.depth(UPBIT, "0.001")
    await scene.wait_open(2.0)
    with excused(scene, "little is bid, then nothing near the mid"):
        scene.move(spot_bps=-900)
        await scene.within(20.0, lambda: scene.short() < HELD, "the stop-loss did not begin")
        scene.testbed.world.upbit.widen_spread(Decimal("0.06"))
        await scene.wait_open(5.0)
        await scene.exit()
        await scene.wait_open(10.0)
        scene.depth(UPBIT, None)
        await scene.flat_within(45.0)
    await scene.quiet()
