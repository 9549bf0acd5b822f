"""Signals: repeated, conflicting, stale, in bursts; and Upbit's own ways with orders."""

import json
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings
from trading_platform_order.storage.base import ClaimResult

_REHEARSES = TestBedSetup(settings=replace(bed_settings(), rehearse_every_s=0.02))


@scenario(69)
async def a_market_buy_that_ends_as_cancelled(scene: Scene) -> None:
    """Upbit ends a filled market buy in state 'cancel': it is judged by what was executed."""
    scene.move_after(0.001, spot_bps=3)
    await scene.enters("hedged")
    rows = scene.testbed.world.upbit.state()["orders"]
    states = {row["identifier"]: row["state"] for row in rows}
    scene.expect(that="cancel" in states.values(), otherwise=f"no buy ended in cancel: {states}")


@scenario(70)
async def an_answer_without_the_identifier(scene: Scene) -> None:
    """Upbit's answer to the order lacks the identifier: the order is looked up under it."""
    body = {
        "market": "KRW-BTC",
        "uuid": "00000000-0000-4000-8000-000000000000",
        "side": "bid",
        "ord_type": "price",
        "price": "1",
        "state": "wait",
        "created_at": "2026-01-05T09:00:00+09:00",
        "executed_volume": "0",
        "remaining_fee": "0",
        "reserved_fee": "0",
        "paid_fee": "0",
        "locked": "0",
        "trades_count": 0,
    }
    scene.arm(m.error_after_taking(UPBIT, 201, json.dumps(body)), m.news_lost(UPBIT))
    await scene.enters("hedged", filled=1)


@scenario(71)
async def a_market_buy_is_asked_for_in_krw(scene: Scene) -> None:
    """A buy over 1,000,000 KRW never costs more than that with its fee, nor much less."""
    before = scene.testbed.world.upbit.totals["KRW"]
    await scene.enters()
    spent = before - scene.testbed.world.upbit.totals["KRW"]
    scene.expect(
        that=Decimal(850_000) <= spent <= Decimal(1_000_500), otherwise=f"{spent} KRW spent"
    )


@scenario(72)
async def the_same_webhook_ten_times(scene: Scene) -> None:
    """A sender repeats one ENTER ten times, while it runs and after: one trade."""
    signal = scene.signal("hook", scene.ENTER, expires_at=scene.in_one_hour())
    told = [await scene.send(signal) for _ in range(5)]
    await scene.quiet()
    told += [await scene.send(signal) for _ in range(5)]
    await scene.quiet()
    scene.expect_claim(told[0], ClaimResult.CLAIMED)
    scene.expect(
        that=set(told[1:]) == {ClaimResult.DUPLICATE}, otherwise=f"the sender was told {told}"
    )
    scene.expect_filled(upbit=1, binance=1)


@scenario(72)
async def the_same_webhook_over_a_crash(scene: Scene) -> None:
    """The engine dies before its answer reaches the sender, who repeats: one trade."""
    for point in (1, 2, 3):
        scene.die_at(point)
        await scene.enters(name=f"hook{point}", expires_at=scene.in_one_hour())
        await scene.exits(name=f"out{point}")
    scene.expect_filled(upbit=6, binance=6)


@scenario(73)
async def the_same_content_with_another_id_is_another_signal(scene: Scene) -> None:
    """Two round trips alike to the letter but for their ids: both are traded."""
    for number in range(2):
        await scene.enters(name=f"in{number}")
        await scene.exit(f"out{number}")
        await scene.ends(f"in{number}", "hedged")
        scene.expect_outcome(f"out{number}", "flat")
    scene.expect_filled(upbit=4, binance=4)


@scenario(74)
async def a_week_of_webhooks_in_a_minute(scene: Scene) -> None:
    """138 signals, some stale, repeated or conflicting: each has one outcome, unaided."""
    for number in range(69):
        enter = scene.signal(f"in{number}", scene.ENTER, strategy=f"s{number % 3}")
        if number % 10 == 3:  # noqa: PLR2004 - one in ten is stale
            enter = scene.aged(enter, 60.0)
        await scene.send(enter)
        if number % 7 == 0:
            await scene.send(enter)
        await scene.send(scene.signal(f"out{number}", scene.EXIT, strategy=f"s{number % 3}"))
    await scene.ends_flat()


@scenario(74)
async def a_signal_that_comes_too_late(scene: Scene) -> None:
    """An ENTER that is 30 s old is refused; an EXIT that is sent in time is not."""
    await scene.hedged()
    await scene.send(scene.aged(scene.signal("old", scene.ENTER, strategy="other"), 30.0))
    await scene.expect_refused("old", "expired")
    await scene.exits("flat")


@scenario(rule="a used id with another content is a conflict (our design)")
async def the_same_id_with_another_content(scene: Scene) -> None:
    """A sender reuses an id for twice the size: one is traded, the other refused and told."""
    await scene.enter()
    again = await scene.send(scene.signal("enter", scene.ENTER, notional_krw=Decimal(2_000_000)))
    await scene.quiet()
    scene.expect_claim(again, ClaimResult.CONFLICT)
    scene.expect_alert("signal_conflict")
    scene.expect_filled(upbit=1, binance=1)


@scenario(rule="EXIT during an unresolved ENTER waits until all is known (our design)")
async def exit_on_the_heels_of_enter(scene: Scene) -> None:
    """EXIT comes 10 ms after ENTER, before any answer: the pair is opened and closed, once."""
    await scene.enter()
    await scene.wait(0.001)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.ends("exit", "flat")
    scene.expect_flat()


@scenario(rule="EXIT with nothing open is refused (our design)")
async def exit_with_nothing_open(scene: Scene) -> None:
    """Nothing is held: EXIT is refused, nothing is sold short or sold at all."""
    await scene.exits()
    await scene.expect_refused("exit", "nothing_open")
    scene.expect_filled(upbit=0, binance=0)
    scene.expect(that=not scene.orders(BINANCE), otherwise="an order left")


@scenario(rule="what is rehearsed has no effects (our design)", setup=_REHEARSES)
async def signals_among_rehearsals(scene: Scene) -> None:
    """The way of a signal is rehearsed fifty times a second, flat and hedged: it shows nowhere."""
    await scene.wait_open(2.0)
    await scene.hedged()
    await scene.wait_open(2.0)
    await scene.exit()
    await scene.flat_within(3.0)
