"""An order is sent once, whatever does not come back."""

from decimal import Decimal

from trading_platform_order.domain.signal import Action
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.storage.base import ClaimResult


@scenario(1, 2, 3)
async def time_out_then_live_order_on_binance(scene: Scene) -> None:
    """Binance takes the short and never answers; it is found, not sent again."""
    scene.arm(m.answer_lost(BINANCE))
    await scene.enters("hedged", filled=1)


@scenario(1, 5)
async def time_out_then_live_order_on_upbit(scene: Scene) -> None:
    """Upbit takes the buy and never answers; it is found, not sent again."""
    scene.arm(m.answer_lost(UPBIT))
    await scene.enters("hedged", filled=1)


@scenario(4)
async def cable_pulled_mid_create(scene: Scene) -> None:
    """Both connections break under the orders; one order arrived, the other did not."""
    scene.arm(m.connection_reset(UPBIT, taken=True), m.connection_reset(BINANCE, taken=False))
    await scene.enters()
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_hedged()


@scenario(5, 7)
async def both_answers_lost_and_both_streams_silent(scene: Scene) -> None:
    """Nobody tells anything about two live orders; look-ups alone must find them."""
    scene.arm(m.answer_lost(UPBIT), m.answer_lost(BINANCE))
    scene.arm(m.news_lost(UPBIT), m.news_lost(BINANCE))
    await scene.enters("hedged", filled=1)


@scenario(12, 17)
async def gateway_504_after_the_fill(scene: Scene) -> None:
    """A gateway answers 504 to an order that fills; four retries would be five orders."""
    scene.arm(m.error_after_taking(BINANCE, 504))
    await scene.enters("hedged", filled=1)


@scenario(12)
async def gateway_502_after_the_fill_on_both(scene: Scene) -> None:
    """Both exchanges fill and both gateways answer 502."""
    scene.arm(m.error_after_taking(UPBIT, 502), m.error_after_taking(BINANCE, 502))
    await scene.enters("hedged", filled=1)


@scenario(8, 9)
async def same_attempt_same_id_after_a_crash(scene: Scene) -> None:
    """The engine dies between durable intents and the wire; the ids do not change with it."""
    planned = []
    for number in range(3):
        name = f"enter{number}"
        scene.die_at(2 + number)
        await scene.enters(name=name, expires_at=scene.in_one_hour())
        planned.append(name)
        await scene.exits(name=f"exit{number}")
    trades = await scene.trades()
    for name in planned:
        ids = [order.client_order_id for order in trades[name].orders] if name in trades else []
        scene.expect(that=len(ids) == len(set(ids)), otherwise=f"{name} used an id twice: {ids}")


@scenario(6, 58)
async def stop_while_an_entry_is_under_way(scene: Scene) -> None:
    """The stop is set between sending and answer: nothing is bought again, the pair ends even."""
    scene.arm(m.answer_late(UPBIT, 3.0), m.news_lost(UPBIT, count=5))
    await scene.enter()
    await scene.wait(0.3)
    await scene.stop("the owner's wish")
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    await scene.enter("after", strategy="other")
    await scene.expect_refused("after", "stopped")
    await scene.lift("all is well")


@scenario(11)
async def instant_fill_is_not_in_the_open_orders(scene: Scene) -> None:
    """The order fills before anybody asks, so no open order shows it; it is not sent again."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 400, m.NO_SUCH_ORDER))
    await scene.enters("hedged", filled=1)


@scenario(13)
async def signal_ids_that_count_from_one_again(scene: Scene) -> None:
    """A strategy restarts its counter: the used id with another content is refused, not traded."""
    await scene.hedged()
    await scene.exits()
    again = await scene.send(scene.signal("before", Action.ENTER, notional_krw=Decimal(2_000_000)))
    scene.expect_claim(again, ClaimResult.CONFLICT)
    await scene.ends_flat()
    scene.expect_alert("signal_conflict")


@scenario(13, rule="newClientOrderId is unique among open orders only (Binance new-order)")
async def id_collision_with_a_stranger(scene: Scene) -> None:
    """An order under our next id stands already, and is not ours: it is not taken for a fill."""
    await scene.quiet()
    name = scene.first_order_id("enter", BINANCE)
    scene.owner.trade_futures(
        "BTCUSDT",
        "BUY",
        Decimal("0.002"),
        type="LIMIT",
        timeInForce="GTC",
        price="50000",
        newClientOrderId=name,
    )
    await scene.enter()
    await scene.wait(5.0)
    scene.expect_alert("id_collision")
    scene.expect(that=scene.short() == 0, otherwise="a short was opened under a stranger's id")
    scene.owner.cancel_futures("BTCUSDT", name)
    await scene.quiet()
