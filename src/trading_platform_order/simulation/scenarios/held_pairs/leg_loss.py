"""A leg that somebody else takes away: the exchange, an operator, or nobody we can name."""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import LagReads
from trading_platform_order.domain.protection.protective_stop import ProtectRules
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

SYMBOL = "BTCUSDT"
OFFLINE = '{"error":{"name":"market_offline","message":"점검 중"}}'
# Here only what the exchange does is looked at; else both legs were reduced before.
_NO_REDUCING = MonitorLimits(
    margin=MarginLimits(
        warn_distance=Decimal(0),
        reduce_distance=Decimal(0),
        warn_ratio=Decimal(2),
        reduce_ratio=Decimal(2),
    )
)
_SETTINGS = replace(bed_settings(), monitors=_NO_REDUCING)
LITTLE_MARGIN = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(500)), settings=_SETTINGS
)
NO_STOP = replace(LITTLE_MARGIN, settings=replace(_SETTINGS, protect=ProtectRules(enabled=False)))


@scenario(rule="auto-deleveraging closes positions against bankrupt ones (Binance, adl_autoclose)")
async def adl_takes_the_hedge(scene: Scene) -> None:
    """Binance deleverages the short: the coins are sold within seconds, operators are told."""
    await scene.hedged()
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.wait_open(10.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(21, rule="auto-deleveraging closes positions against bankrupt ones")
async def adl_that_no_stream_tells(scene: Scene) -> None:
    """The private stream tells nothing of it: found by looking at the account."""
    await scene.hedged()
    scene.arm(m.news_lost(BINANCE), m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.wait_open(150.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule="auto-deleveraging closes positions against bankrupt ones")
async def adl_while_the_engine_is_dead(scene: Scene) -> None:
    """The hedge is taken between two lives of the engine: the next one sees it and sells."""
    await scene.hedged()
    await scene.testbed.kill()
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.testbed.start()
    await scene.wait_open(30.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule="auto-deleveraging closes positions against bankrupt ones")
async def adl_and_the_sale_is_lost(scene: Scene) -> None:
    """The answer to selling the coins is lost, then the engine dies: sold once."""
    await scene.hedged()
    scene.arm(m.answer_lost(UPBIT))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.wait(0.5)
    await scene.crash()
    await scene.wait_open(30.0)
    await scene.ends_flat(filled=2)


@scenario(rule="an order that triggers becomes an ordinary one (algoOrder)")
async def the_rest_of_the_hedge_goes_while_a_part_is_closed(scene: Scene) -> None:
    """A part is closed, Binance makes us wait, and takes all meanwhile: all coins are sold."""
    await scene.hedged()
    scene.arm(m.refusal(BINANCE, "-1008", count=3))
    await scene.exit("part", quantity_base=Decimal("0.002"))
    await scene.wait(0.02)
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.wait_open(30.0)
    await scene.ends_flat()
    scene.expect_filled(upbit=3, binance=2)


@scenario(rule="-2022 ReduceOnly Order is rejected: nothing is left to close, or not so much")
async def an_exit_of_a_hedge_that_was_taken_unseen(scene: Scene) -> None:
    """Nobody tells of ADL and Binance refuses to close: the position is read, nothing repeated."""
    await scene.hedged()
    scene.arm(m.news_lost(BINANCE), m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER))
    scene.testbed.world.binance.deleverage(SYMBOL)
    posts = scene.requests(BINANCE, "POST", "/fapi/v1/order")
    await scene.exit()
    await scene.within(3.0, lambda: scene.testbed.engine.executor.is_idle, "the EXIT has not ended")
    scene.expect_flat()
    scene.expect_requests("POST", "/fapi/v1/order", venue=BINANCE, at_most=posts + 1)
    await scene.wait_open(150.0)


@scenario(rule="a part of a leg that is gone is booked once (our design)")
async def adl_while_the_sale_waits(scene: Scene) -> None:
    """ADL strikes under an EXIT whose sale must wait: two looks find it at once, one books it."""
    await scene.hedged()
    scene.arm(m.answer_late(UPBIT, 4.0), m.error_instead(UPBIT, 403, OFFLINE, count=m.EVER))
    await scene.exit()
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.wait_open(15.0)
    scene.calm()
    await scene.wait_open(60.0)
    await scene.ends_flat()
    scene.expect_filled(upbit=2, binance=2)


@scenario(
    rule="the margin no longer covers the maintenance margin (Binance, autoclose-)",
    setup=NO_STOP,
    stopped="liquidation",
)
async def liquidation_of_the_hedge(scene: Scene) -> None:
    """The coin doubles and no stop stands: Binance liquidates, the coins are sold, we stop."""
    await scene.hedged(notional_krw=Decimal(900_000))
    scene.move(spot_bps=9_500, hedge_bps=9_500)
    await scene.wait_open(15.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone", "emergency_stop")


@scenario(rule="an order that triggers becomes an ordinary one (algoOrder)", setup=LITTLE_MARGIN)
async def the_protective_stop_fires(scene: Scene) -> None:
    """The coin doubles: the stop closes the short before Binance would, the coins are sold."""
    await scene.hedged(notional_krw=Decimal(900_000))
    scene.move(spot_bps=9_000, hedge_bps=9_000)
    await scene.wait_open(15.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule="an order that triggers becomes an ordinary one (algoOrder)", setup=LITTLE_MARGIN)
async def the_protective_stop_fires_while_the_engine_is_dead(scene: Scene) -> None:
    """It stands on the exchange, not in the engine: the next engine sells the coins."""
    await scene.hedged(notional_krw=Decimal(900_000))
    await scene.testbed.kill()
    scene.move(spot_bps=9_000, hedge_bps=9_000)
    await scene.testbed.start()
    await scene.wait_open(30.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule="an order that triggers becomes an ordinary one (algoOrder)", setup=LITTLE_MARGIN)
async def the_protective_stop_fires_and_no_stream_tells(scene: Scene) -> None:
    """Its fill is told before its trigger, and both are lost: found by looking at the account."""
    scene.testbed.world.binance.tell_children_first()
    await scene.hedged(notional_krw=Decimal(900_000))
    scene.arm(
        m.news_lost(BINANCE),
        m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER),
        m.told_nothing(BINANCE, "ALGO_UPDATE", count=m.EVER),
    )
    scene.move(spot_bps=9_000, hedge_bps=9_000)
    await scene.wait_open(150.0)
    await scene.ends_flat()
    # The margin monitor closes the pair at the same moment, and finds the short gone.
    scene.expect_alert("one_leg_gone")


@scenario(64)
async def an_operator_closes_the_hedge_by_hand(scene: Scene) -> None:
    """The owner closes our short in the app: the coins are sold, and booked as what they are."""
    await scene.hedged()
    scene.owner.close_our_short(SYMBOL, scene.short())
    await scene.wait_open(10.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(64)
async def an_operator_closes_half_of_the_hedge_by_hand(scene: Scene) -> None:
    """Half of the short is closed by hand: half of the coins are sold, the rest stays hedged."""
    await scene.hedged()
    scene.owner.close_our_short(SYMBOL, Decimal("0.003"))
    await scene.wait_open(10.0)
    await scene.ends_hedged()
    scene.expect(that=scene.short() == Decimal("0.003"), otherwise=f"{scene.short()} is short")


@scenario(39, 43, stopped="coins_gone")
async def the_owner_sells_our_coins(scene: Scene) -> None:
    """The owner sells half of the coins that hedge our short: it follows, the stop latches."""
    await scene.hedged()
    scene.owner.sell_our_coins("BTC", scene.coins() / 2)
    await scene.wait_open(150.0)
    await scene.ends_hedged()
    scene.expect(that=scene.short() == Decimal("0.003"), otherwise=f"{scene.short()} is short")
    await scene.expect_stopped("coins_gone")


@scenario(39, 43, stopped="coins_gone")
async def the_owner_sells_our_coins_while_we_close(scene: Scene) -> None:
    """The owner sells half of our coins as our EXIT is sent: the rest is sold, the short closed."""
    await scene.hedged()
    scene.testbed.show_again()
    await scene.wait(0.05)
    scene.owner.sell_our_coins("BTC", scene.coins() / 2)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_outcome("exit", "flat")
    scene.expect_alert("one_leg_gone", "emergency_stop")
    await scene.expect_naked_ms("exit", at_most=10_000)


@scenario(39, 43, stopped="coins_gone")
async def the_owner_sells_our_coins_while_a_part_is_closed(scene: Scene) -> None:
    """The owner sells nearly all as a half is closed: what is left is sold, the short follows."""
    await scene.hedged()
    scene.testbed.show_again()
    await scene.wait(0.05)
    scene.owner.sell_our_coins("BTC", scene.coins() * Decimal("0.9"))
    await scene.send_blindly(scene.signal("exit", scene.EXIT, quantity_base=Decimal("0.003")))
    await scene.wait_open(60.0)
    await scene.quiet()
    scene.expect_alert("one_leg_gone", "emergency_stop")


@scenario(39, 43, stopped="coins_gone")
async def the_owner_sells_our_coins_and_the_engine_dies(scene: Scene) -> None:
    """The coins are gone as our EXIT is sent, and the engine dies as it learns of it: closed."""
    await scene.hedged()
    scene.testbed.show_again()
    await scene.wait(0.05)
    scene.owner.sell_our_coins("BTC", scene.coins())
    scene.die_at(9)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait_open(60.0)
    await scene.ends_flat()


@scenario(64, rule="-2022: a reduce-only order would increase or reverse the position")
async def an_operator_closes_the_hedge_while_we_close_it(scene: Scene) -> None:
    """Both close the same short at once: -2022 means look at the position, the exit ends flat."""
    await scene.hedged()
    scene.testbed.show_again()
    await scene.wait(0.05)
    scene.owner.close_our_short(SYMBOL, scene.short())
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait_open(20.0)
    await scene.ends_flat()


@scenario(65, rule="conditional orders live at the algo API since 2025-12-09 (-4120)")
async def a_stop_stands_while_a_pair_is_open(scene: Scene) -> None:
    """An open pair has a protective stop at the algo API, and none is left when it is closed."""
    await scene.hedged()
    await scene.wait_open(10.0)
    stops = scene.stops()
    scene.expect(that=len(stops) == 1, otherwise=f"{len(stops)} stops stand: {stops}")
    await scene.exits()
    await scene.wait_open(10.0)
    scene.expect(that=not scene.stops(), otherwise=f"left behind: {scene.stops()}")


@scenario(41)
async def stops_outlive_restarts(scene: Scene) -> None:
    """Three restarts with an open pair: one stop stands after each, for the whole of the short."""
    await scene.hedged()
    await scene.wait_open(10.0)
    for _ in range(3):
        await scene.crash()
        await scene.wait_open(10.0)
        stops = scene.stops()
        scene.expect(that=len(stops) == 1, otherwise=f"{len(stops)} stops stand: {stops}")


@scenario(66, setup=LITTLE_MARGIN)
async def a_stop_that_triggers_fills(scene: Scene) -> None:
    """The coin rises far: the stop closes the short at market before liquidation, coins follow."""
    await scene.hedged(notional_krw=Decimal(900_000))
    await scene.wait_open(10.0)
    scene.move(spot_bps=9_500, hedge_bps=9_500)
    await scene.wait_open(15.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(22, 66, setup=LITTLE_MARGIN)
async def a_stop_that_triggers_unseen(scene: Scene) -> None:
    """The stop fires while the stream is mute: noticed by looking, the coins are sold."""
    await scene.hedged(notional_krw=Decimal(900_000))
    await scene.wait_open(10.0)
    scene.arm(m.news_lost(BINANCE), m.told_nothing(BINANCE, "UPDATE", count=m.EVER))
    scene.move(spot_bps=9_500, hedge_bps=9_500)
    await scene.wait_open(150.0)
    await scene.ends_flat()


@scenario(rule="auto-deleveraging closes positions against bankrupt ones; reads lag behind fills")
async def adl_while_we_close_and_the_lists_are_late(scene: Scene) -> None:
    """The position is gone at once, the list of executions tells why only 1.5 s later."""
    await scene.hedged()
    scene.arm(LagReads(venue=BINANCE, lag_s=1.5))
    scene.testbed.world.binance.deleverage(SYMBOL)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait_open(20.0)
    await scene.ends_flat()
    scene.expect_outcome("exit", "flat")


@scenario(1, 64)
async def an_operator_closes_the_hedge_while_an_order_is_unanswered(scene: Scene) -> None:
    """Our order cannot be proven absent for long; what an operator did meanwhile is no mismatch."""
    await scene.hedged()
    scene.arm(
        m.error_instead(BINANCE, 502),
        m.reads_fail(BINANCE, "/fapi/v1/openOrders", 503, count=m.EVER),
    )
    await scene.send_blindly(scene.signal("exit", scene.EXIT, quantity_base=scene.short() / 2))
    await scene.wait(0.5)
    scene.owner.close_our_short(SYMBOL, scene.short())
    await scene.wait_open(40.0)
    scene.calm()
    await scene.wait_open(30.0)
    await scene.ends_flat()


@scenario(1, 64)
async def a_rise_after_the_hedge_was_closed_by_hand(scene: Scene) -> None:
    """The coins are sold, an operator closed the hedge, then the coin rises: a loss nobody has."""
    await scene.hedged(notional_krw=Decimal(9_000_000))
    scene.arm(
        m.error_instead(BINANCE, 502),
        m.reads_fail(BINANCE, "/fapi/v1/openOrders", 503, count=m.EVER),
    )
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.wait(0.5)
    scene.owner.close_our_short(SYMBOL, scene.short())
    await scene.wait(0.1)
    scene.move(spot_bps=3_000, hedge_bps=3_000)
    await scene.wait_open(8.0)
    scene.calm()
    await scene.wait_open(30.0)
    await scene.ends_flat()
