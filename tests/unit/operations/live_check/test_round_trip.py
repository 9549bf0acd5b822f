"""The smallest round trip leaves nothing behind, whatever fails in between, or says so loudly."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from exchange_simulator.exchanges import SimulatedWorld
from exchange_simulator.faults.kinds import parse_faults
from trading_platform_order.domain.order import Leg, Order
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.operations.live_check import rehearsal
from trading_platform_order.operations.live_check.live_check import Contact, listening
from trading_platform_order.operations.live_check.round_trip import (
    Patience,
    RoundTrip,
    RoundTripper,
)
from trading_platform_order.operations.live_check.wire_log import WireLog
from trading_platform_order.operations.live_check.wire_shapes import Shapes
from trading_platform_order.transport.virtual_loop import run_virtual

KEY = "a" * 20
PATIENCE = Patience(working_s=2.0, outcome_s=60.0, poll_s=0.2, flat_s=3.0)


@dataclass
class Played:
    trip: RoundTrip
    world: SimulatedWorld
    told: list[str] = field(default_factory=list)

    @property
    def is_flat(self) -> bool:
        positions = self.world.state()["binance"]["positions"]
        return not self.world.upbit.totals.get("BTC") and not positions


async def play(
    leg: Leg,
    fault: str = "",
    *,
    meanwhile: Callable[[asyncio.Task[RoundTrip]], Coroutine[Any, Any, None]] | None = None,
) -> Played:
    async with rehearsal._simulated() as world:
        plain = rehearsal._contact(world, WireLog(None, Shapes({})))
        told: list[str] = []
        contact = Contact(
            exchanges=plain.exchanges,
            clock=plain.clock,
            base="BTC",
            mode_letter="p",
            announce=told.append,
        )
        async with asyncio.TaskGroup() as group:
            market = group.create_task(rehearsal._keep_moving(world))
            await asyncio.sleep(0.2)
            for exchange, symbol in contact.pairs():
                assert await exchange.prepare((symbol,), leverage=2) is None
            async with listening(contact):
                await asyncio.sleep(0.2)
                tripper = RoundTripper(contact=contact, leg=leg, key=KEY, patience=PATIENCE)
                opening = await tripper.plan()
                assert isinstance(opening, Order)
                if fault:
                    for one in parse_faults(fault.replace("VENUE", venue_of(leg).value).encode()):
                        world.arm(one)
                running = group.create_task(tripper.run(opening))
                if meanwhile is not None:
                    await meanwhile(running)
                trip = (
                    await running
                    if not running.cancelled()
                    else RoundTrip(venue=venue_of(leg), symbol=opening.symbol)
                )
            market.cancel()
        return Played(trip=trip, world=world, told=told)


both = pytest.mark.parametrize("leg", list(Leg))


@both
def test_it_opens_closes_and_sees_that_nothing_is_left(leg: Leg) -> None:
    played = run_virtual(play(leg))
    assert played.trip.opened == played.trip.closed > 0
    assert (played.trip.trouble, played.trip.refusal) == ("", "")
    assert played.trip.cost > 0
    assert played.is_flat
    assert ", flat; cost" in played.trip.line()


@both
@pytest.mark.parametrize("skip", [0, 1], ids=["opening", "closing"])
@pytest.mark.parametrize("kind", ["drop_response", "drop_request"])
def test_an_order_without_answer_is_looked_up_and_never_repeated_on_suspicion(
    leg: Leg, skip: int, kind: str
) -> None:
    fault = (
        f'{{"kind":"{kind}","venue":"VENUE","match":{{"is_order":true}},"skip":{skip},"count":1}}'
    )
    played = run_virtual(play(leg, fault))
    assert played.is_flat
    assert played.trip.trouble == ""
    if kind == "drop_request" and skip == 0:
        assert "absent" in played.trip.refusal
    else:
        assert played.trip.opened == played.trip.closed > 0


@both
def test_a_refused_way_back_is_tried_again(leg: Leg) -> None:
    fault = '{"kind":"refuse_order","venue":"VENUE","skip":1,"count":1}'
    played = run_virtual(play(leg, fault))
    assert played.is_flat
    assert played.trip.trouble == ""
    assert any("closing again" in line for line in played.told)


@both
def test_a_way_back_that_never_works_is_told_loudly_with_the_remedy(leg: Leg) -> None:
    fault = '{"kind":"refuse_order","venue":"VENUE","skip":1,"count":50}'
    played = run_virtual(play(leg, fault))
    assert not played.is_flat
    assert "NOT FLAT" in played.trip.line()
    assert "Cure: on " in played.trip.line()
    assert "by hand" in played.trip.line()


@both
def test_an_opening_that_is_refused_opens_nothing(leg: Leg) -> None:
    played = run_virtual(play(leg, '{"kind":"refuse_order","venue":"VENUE"}'))
    assert played.is_flat
    assert "not begun" in played.trip.line()


@both
def test_an_interruption_waits_for_the_way_back(leg: Leg) -> None:
    async def interrupt(running: asyncio.Task[RoundTrip]) -> None:
        await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    slow = '{"kind":"delay_response","venue":"VENUE","delay_s":0.2,"match":{"is_order":true}}'
    played = run_virtual(play(leg, slow, meanwhile=interrupt))
    assert played.is_flat
    assert any(", flat; cost" in line for line in played.told)
