"""Signals from a stream with a consumer group, and what its server loses."""

import asyncio

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.runtime.doors.signal_door import SignalDoor
from trading_platform_order.runtime.doors.stream_door import StreamDoor
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.signals.schema import signal_to_json
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.stream_server import SimulatedStream, StreamServer

CLAIMED = "acknowledged only after the durable claim (our design)"
LOST = "losing the stream, or its data, loses no accepted signal and doubles none (our design)"
RECLAIMED_S = 20.0
"""Until what nobody acknowledged is looked at again."""


async def _stream(scene: Scene) -> StreamServer:
    """From now on every engine reads a stream, too; the one that lives now makes way for it."""
    server = StreamServer()

    async def nothing() -> None:
        """A power cut takes no row here."""

    def door(engine: Engine) -> Background:
        return StreamDoor(
            stream=SimulatedStream(server),
            door=SignalDoor(engine, scene.testbed.clock),
            flush=nothing,
            rules=ResearchRules(),
            on_problem=scene.testbed.note,
        )

    scene.testbed.beside.append(door)
    await scene.crash()
    return server


def _publish(scene: Scene, server: StreamServer, signal: Signal) -> int:
    """As its publisher does; twice the same is the same signal."""
    scene.testbed.show_again()
    scene.follow(signal)
    scene.testbed.sent[signal.id].append(signal)
    scene.testbed.strategies[signal.symbol].add(signal.strategy)
    return server.publish({b"signal": signal_to_json(signal).encode()})


async def _read(scene: Scene, server: StreamServer) -> None:
    """Until nothing waits there, with a market that is fresh."""
    async with asyncio.timeout(60.0):
        while server.unacknowledged:
            await scene.wait_open(0.1)


@scenario(rule=CLAIMED)
async def a_pair_by_stream(scene: Scene) -> None:
    """ENTER and EXIT come by the stream, each twice: one pair, and nothing is left pending."""
    server = await _stream(scene)
    for name, action in (("enter", Action.ENTER), ("exit", Action.EXIT)):
        signal = scene.signal(name, action)
        _publish(scene, server, signal)
        _publish(scene, server, signal)
        await _read(scene, server)
        await scene.ends("enter", "hedged")
    scene.expect_outcome("exit", "flat")
    scene.expect_filled(upbit=2, binance=2)


@scenario(rule=CLAIMED)
async def the_engine_dies_before_the_acknowledgement(scene: Scene) -> None:
    """The claim is durable, its acknowledgement never left: the entry comes again and is known."""
    server = await _stream(scene)
    server.acknowledgements_lost = 1
    _publish(scene, server, scene.signal("enter", Action.ENTER))
    await scene.wait_open(1.0)
    scene.expect(that=server.unacknowledged == 1, otherwise="it was acknowledged")
    await scene.crash()
    await _read(scene, server)
    await scene.ends("enter", "hedged", filled=1)


@scenario(rule=CLAIMED)
async def the_engine_dies_with_an_entry_in_its_hands(scene: Scene) -> None:
    """It was delivered and not claimed: the next engine takes it over."""
    server = await _stream(scene)
    await scene.hedged()
    scene.die_at(1)
    _publish(scene, server, scene.signal("exit", Action.EXIT))
    await scene.wait_open(5.0)
    await _read(scene, server)
    await scene.ends("exit", "flat", filled=2)


@scenario(rule=LOST)
async def an_acknowledgement_lost_in_a_fail_over(scene: Scene) -> None:
    """The replica knows of the delivery and not of the acknowledgement."""
    server = await _stream(scene)
    server.acknowledgements_lost = 1
    _publish(scene, server, scene.signal("enter", Action.ENTER))
    await scene.wait_open(RECLAIMED_S)
    await _read(scene, server)
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)


@scenario(rule=LOST)
async def a_place_in_the_stream_that_went_back(scene: Scene) -> None:
    """The server restarts with an older file: entries are delivered anew as if never before."""
    server = await _stream(scene)
    number = _publish(scene, server, scene.signal("enter", Action.ENTER))
    before = server.copy()
    await _read(scene, server)
    await scene.quiet()
    server.fall_back(before)
    await _read(scene, server)
    _publish(scene, server, scene.signal("exit", Action.EXIT))
    await _read(scene, server)
    await scene.quiet()
    scene.expect(that=number == 1, otherwise="another entry came first")
    scene.expect_outcome("exit", "flat")
    scene.expect_filled(upbit=2, binance=2)


@scenario(rule=LOST)
async def a_group_that_is_gone(scene: Scene) -> None:
    """NOGROUP: the server lost all; the group is made again, and the publisher repeats."""
    server = await _stream(scene)
    enter = scene.signal("enter", Action.ENTER)
    _publish(scene, server, enter)
    await _read(scene, server)
    await scene.quiet()
    server.lose_everything()
    _publish(scene, server, enter)
    _publish(scene, server, scene.signal("exit", Action.EXIT))
    await _read(scene, server)
    await scene.ends("exit", "flat", filled=2)


@scenario(rule="what cannot be read is set aside with its reason (our design)")
async def entries_that_cannot_be_read(scene: Scene) -> None:
    """A text that is no signal, and an entry without one: the EXIT behind them goes."""
    server = await _stream(scene)
    await scene.hedged()
    server.is_up = False
    await scene.wait_open(6.0)
    server.publish({b"signal": b'{"id":'})
    server.publish({b"price": b"1"})
    exit_ = scene.signal("exit", Action.EXIT)
    _publish(scene, server, exit_)
    server.is_up = True
    await _read(scene, server)
    await scene.quiet()
    named = [
        b"JSON" in fields[b"reason"] or b"price" in fields[b"reason"] for fields in server.aside
    ]
    scene.expect(that=named == [True, True], otherwise=f"set aside: {server.aside}")
    scene.expect_outcome("exit", "flat")


@scenario(rule="nothing of ours waits for a door (our design)")
async def a_stream_that_is_away(scene: Scene) -> None:
    """It does not answer for a minute: other doors go on, and an old ENTER is not traded."""
    server = await _stream(scene)
    await scene.hedged()
    server.is_up = False
    _publish(scene, server, scene.signal("late", Action.ENTER))
    await scene.exit()
    await scene.flat_within(3.0)
    await scene.wait_open(60.0)
    server.is_up = True
    await _read(scene, server)
    await scene.expect_refused("late", "expired")
    scene.expect_filled(upbit=2, binance=2)
