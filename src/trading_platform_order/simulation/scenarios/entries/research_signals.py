"""Signals as the research repository sends them: no id, BUY and SELL, binary floats."""

import json
from decimal import Decimal

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.any_format import Found, read_any
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.storage.base import ClaimResult

RULE = "the research repository's own signal (its code and its specification)"


def _read(scene: Scene, action: str, **more: object) -> Found:
    """As a door reads it."""
    at = scene.testbed.clock.now().isoformat()
    return read_any(json.dumps({"symbol": "BTC", "action": action, "timestamp": at, **more}))


def _signal(scene: Scene, action: str, **more: object) -> Signal:
    found = _read(scene, action, **more)
    assert isinstance(found, Signal), found  # noqa: S101 - a scenario's own text
    return found


@scenario(72, rule=RULE)
async def a_research_signal_delivered_twice(scene: Scene) -> None:
    """BUY and SELL without an id come three times each: one round trip."""
    told = []
    for action, reason in (("BUY", "Level 1"), ("SELL", "Target")):
        signal = _signal(scene, action, reason=reason, quantity=0.005)
        told += [await scene.send(signal) for _ in range(3)]
        await scene.quiet()
    scene.expect(
        that=told.count(ClaimResult.CLAIMED) == len(told) / 3,
        otherwise=f"the sender was told {told}",
    )
    scene.expect_filled(upbit=2, binance=2)
    scene.expect_flat()


@scenario(rule=RULE)
async def two_levels_of_one_instant(scene: Scene) -> None:
    """A second scale-in of the same instant is another signal: it is judged, not lost."""
    first = _signal(scene, "BUY", level=1, quantity=0.004)
    second = _signal(scene, "BUY", level=2, quantity=0.004)
    scene.expect_claim(await scene.send(first), ClaimResult.CLAIMED)
    scene.expect_claim(await scene.send(second), ClaimResult.CLAIMED)
    await scene.ends(first.id, "hedged")


@scenario(rule=RULE)
async def a_computed_float_closes_what_it_says(scene: Scene) -> None:
    """SELL of 0.0030000000000000005, as binary fractions add up, closes 0.003 of the pair."""
    await scene.send(_signal(scene, "BUY", quantity=0.0065))
    await scene.quiet()
    await scene.send(_signal(scene, "SELL", quantity=(0.1 + 0.2) / 100))
    await scene.quiet()
    scene.expect_kept(Decimal("0.003"))


@scenario(rule=RULE)
async def an_order_of_one_leg_is_not_a_pair(scene: Scene) -> None:
    """Research's BUY on Binance would buy a short back: it is refused by its name, not traded."""
    for action in ("BUY", "SELL"):
        found = _read(scene, action, exchange="binance", quantity=0.005)
        if isinstance(found, Signal):
            await scene.send(found)
        scene.expect(
            that=isinstance(found, SignalFault) and found.field == "exchange",
            otherwise=f"{action} on Binance was read as {found}",
        )
    held = _read(scene, "HOLD")
    scene.expect(that=isinstance(held, Hold), otherwise=f"HOLD was read as {held}")
    await scene.quiet()
    scene.expect_filled(upbit=0, binance=0)
