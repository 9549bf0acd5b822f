"""Orders of an operator while it runs: a close that waits taken back, and closes by hand."""

import asyncio
from decimal import Decimal

import msgspec

from trading_platform_order.domain.order import Leg
from trading_platform_order.runtime.doors.command_consumer import (
    CLOSE,
    WITHDRAW,
    CloseBody,
    CommandLoop,
    WithdrawBody,
)
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import HELD, excused
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import UPBIT
from trading_platform_order.transport.clock import epoch_us

WITHDRAWS = "our design: a close that waits can be taken back by an operator"
BY_HAND = "our design: an operator closes a pair, or one leg after typing what will stand naked"
ANSWER_S = 5.0


async def _ordered(scene: Scene, kind: str, body: msgspec.Struct) -> str:
    """Through the inbox, as the command line does it; what the operator is told."""
    testbed = scene.testbed
    if isinstance(body, WithdrawBody):
        testbed.withdrawn.add(body.signal_id)
    testbed.show_again()
    await scene.wait(0.05)
    text = msgspec.json.encode(body).decode()
    number = await scene.inbox().put_command(kind, text, at_us=epoch_us(testbed.clock.now()))
    commands = CommandLoop(executor=testbed.engine.executor, store=testbed.engine_store)
    at_work = asyncio.get_running_loop().create_task(commands.run())
    try:
        async with asyncio.timeout(ANSWER_S):
            while (answer := await scene.inbox().command_result(number)) is None:  # noqa: ASYNC110 - a table has no event
                await asyncio.sleep(0.02)
    finally:
        at_work.cancel()
    testbed.note(f"{kind}: {answer}")
    return answer[1]


async def _taken_back(scene: Scene, signal_id: str) -> None:
    answer = await _ordered(scene, WITHDRAW, WithdrawBody(signal_id=signal_id, reason="drill"))
    scene.expect(that=answer.startswith("withdrawn"), otherwise=f"{signal_id}: {answer}")


@scenario(rule=WITHDRAWS)
async def a_waiting_close_that_an_operator_takes_back(scene: Scene) -> None:
    """Upbit is closed and the EXIT waits: taken back it closes nothing, also after a crash."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit()
    await scene.wait_open(2.0)
    await _taken_back(scene, "exit")
    await _taken_back(scene, "exit")
    scene.reopen(UPBIT)
    await scene.crash(down_s=0.5)
    await scene.wait_open(30.0)
    scene.expect_kept(HELD)
    await scene.expect_refused("exit", "withdrawn")
    await scene.enters(name="more")
    await scene.expect_refused("more", "already_open")


@scenario(rule=WITHDRAWS)
async def the_rest_of_a_close_that_an_operator_takes_back(scene: Scene) -> None:
    """A third is closed, the rest waits for bids: taken back, two thirds stay on both legs."""
    await scene.hedged()
    scene.depth(UPBIT, "0.002")
    await scene.wait_open(2.0)
    with excused(scene, "nobody bids for the rest"):
        await scene.exit()
        await scene.wait(0.4)
        scene.depth(UPBIT, "0")
        await scene.wait_open(3.0)
        left = scene.short()
        scene.expect(that=0 < left < HELD, otherwise=f"{left} is short before it is taken back")
        await _taken_back(scene, "exit")
        scene.depth(UPBIT, None)
        await scene.crash(down_s=0.5)
        await scene.wait_open(30.0)
    scene.expect_kept(left)


@scenario(rule=WITHDRAWS)
async def a_close_that_is_done_is_not_taken_back(scene: Scene) -> None:
    """What has closed already is told as such, and another EXIT that waits is not touched."""
    await scene.hedged()
    await scene.exits(name="first")
    await scene.enters(name="again")
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit("second")
    await scene.wait_open(2.0)
    answer = await _ordered(scene, WITHDRAW, WithdrawBody(signal_id="first"))
    scene.expect(that=answer.startswith("refused"), otherwise=answer)
    scene.reopen(UPBIT)
    await scene.wait_open(30.0)
    scene.expect_flat()
    scene.expect_outcome("second", "flat")


@scenario(rule=BY_HAND)
async def a_pair_closed_by_hand_in_two_parts(scene: Scene) -> None:
    """About a third of it in KRW, then all: both legs alike each time."""
    await scene.hedged()
    price_krw = scene.testbed.world.upbit.prices["KRW-BTC"]
    third = CloseBody(symbol="BTC", krw=str(round(HELD * price_krw * Decimal("0.34"))))
    answer = await _ordered(scene, CLOSE, third)
    scene.expect(that=answer.startswith("ordered"), otherwise=answer)
    await scene.quiet()
    scene.expect_kept(HELD * 2 / 3)
    await _ordered(scene, CLOSE, CloseBody(symbol="BTC"))
    await scene.flat_within(2.0)


@scenario(rule=BY_HAND)
async def a_leg_closed_by_hand_needs_the_number(scene: Scene) -> None:
    """Without the naked KRW nothing is stripped; with it that leg alone goes, then the other."""
    await scene.hedged()
    hedge = CloseBody(symbol="BTC", leg=Leg.HEDGE)
    for typed in (None, "1000"):
        answer = await _ordered(scene, CLOSE, msgspec.structs.replace(hedge, confirm_krw=typed))
        scene.expect(that=answer.startswith("refused"), otherwise=f"typed {typed}: {answer}")
    await scene.wait_open(3.0)
    scene.expect_kept(HELD)
    with excused(scene, "an operator stripped the hedge"):
        price_krw = scene.testbed.world.upbit.prices["KRW-BTC"]
        typed = str(round(HELD * price_krw))
        await _ordered(scene, CLOSE, msgspec.structs.replace(hedge, confirm_krw=typed))
        await scene.wait_open(20.0)
        held = (scene.coins(), scene.short())
        scene.expect(
            that=held == (HELD, Decimal(0)), otherwise=f"{held[0]} coins and {held[1]} short"
        )
        answer = await _ordered(scene, CLOSE, CloseBody(symbol="BTC", leg=Leg.SPOT))
        scene.expect(that=answer.startswith("ordered"), otherwise=answer)
        await scene.flat_within(2.0)
