"""At the edges of the one rule for closes: where a rule that is nearly right costs a hedge."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from exchange_simulator.faults.kinds import DropRequest, Fault
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import HELD, excused, reads, watched
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup, bed_settings

WAITS = "a waiting close is durable, and holds up nobody (our design)"
SHORT_QUEUE = TestBedSetup(settings=replace(bed_settings(), queue_bound=2))
FEW = TestBedSetup(
    settings=replace(bed_settings(), policy=replace(bed_settings().policy, fast_attempts=3))
)
OWN = "the engine's own closes are judged anew when a hindrance ends (our design)"


# -- waiting closes -------------------------------------------------------------------------------


@scenario(rule=WAITS)
async def a_waiting_close_over_a_crash(scene: Scene) -> None:
    """Upbit is in maintenance, the EXIT waits, the engine dies: closed when Upbit is back."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit()
    await scene.wait_open(2.0)
    scene.reopen(UPBIT)
    await scene.crash(down_s=0.5)
    await scene.wait_open(30.0)
    scene.expect_flat()
    scene.expect_outcome("exit", "flat")


@scenario(rule=WAITS)
async def entries_after_a_close_that_waited(scene: Scene) -> None:
    """A begun close waits for Upbit, ends, and the next entry of the coin is traded."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT, "market_offline"))
    await scene.exit()
    await scene.wait_open(30.0)
    scene.expect_outcome("exit", "flat")
    await scene.enter("next")
    await scene.wait_open(10.0)
    scene.expect_outcome("next", "hedged")


@scenario(rule="an ENTER of a strategy whose close waits is refused (our design)")
async def an_entry_while_a_close_waits_for_depth(scene: Scene) -> None:
    """Nobody bids for the coins, so the EXIT waits: an ENTER of its strategy is refused."""
    await scene.hedged()
    scene.depth(UPBIT, "0.00001")
    await scene.wait_open(2.0)
    with excused(scene, "nobody bids"):
        await scene.exit()
        await scene.wait_open(2.0)
        scene.depth(UPBIT, None)
        await scene.send_blindly(scene.signal("more", scene.ENTER))
        await scene.expect_refused("more", "close_waits")
        await scene.flat_within(15.0)


@scenario(rule="while an exchange takes no orders nothing is entered (our design)")
async def an_entry_into_maintenance(scene: Scene) -> None:
    """Upbit is in maintenance, and something is held: an ENTER of another strategy is refused."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.enter("other", strategy="other")
    await scene.expect_refused("other", "exchange_closed")
    scene.expect_kept(HELD)
    scene.reopen(UPBIT)
    await scene.wait_open(10.0)


@scenario(rule="a close goes by what its strategy holds when it goes on (our design)")
async def a_close_that_waits_while_the_hedge_is_deleveraged(scene: Scene) -> None:
    """A part is closed and the rest waits for bids; Binance takes the hedge: all coins are sold."""
    await scene.hedged()
    scene.depth(UPBIT, "0.002")
    await scene.wait_open(2.0)
    await scene.exit("part", quantity_base=Decimal("0.004"))
    await scene.wait(0.5)
    scene.depth(UPBIT, "0.00001")
    await scene.wait_open(2.0)
    scene.testbed.world.binance.deleverage(f"{BASE}USDT")
    await scene.wait_open(8.0)
    scene.depth(UPBIT, None)
    await scene.wait_open(40.0)
    await scene.ends_flat()
    scene.expect_alert("one_leg_gone")


@scenario(rule="what a part leaves is what either leg has left (our design)")
async def a_part_closed_while_a_part_of_the_hedge_is_deleveraged(scene: Scene) -> None:
    """The owner closes half of the hedge as a part is closed: the shorter is not opened anew."""
    await scene.hedged()
    scene.arm(m.refusal(BINANCE, "-1008", count=2))
    before = len(scene.filled(BINANCE))
    await scene.exit("part", quantity_base=Decimal("0.002"))
    await scene.wait(0.02)
    scene.owner.close_our_short(f"{BASE}USDT", Decimal("0.004"))
    await scene.wait_open(30.0)
    await scene.quiet()
    opened = [order for order in scene.filled(BINANCE)[before:] if not order.is_buy]
    scene.expect(that=not opened, otherwise=f"sold short again: {opened}")


@scenario(rule="operators are told of a close that waits (our design)")
async def a_close_that_waits_for_a_price(scene: Scene) -> None:
    """Nobody bids near the mid for a minute: operators are told, and it walks further each 10 s."""
    await scene.hedged()
    scene.testbed.world.upbit.widen_spread(Decimal("0.06"))
    await scene.wait_open(2.0)
    with excused(scene, "nobody bids near the mid"):
        await scene.exit()
        await scene.wait_open(5.0)
        scene.expect_kept(HELD)
        await scene.wait_open(20.0)
        scene.expect_flat()
    scene.expect_alert("close_waits")


@scenario(rule="the limit of a close widens with the time it could have closed (our design)")
async def a_close_that_waited_for_a_price_and_goes_in_slices(scene: Scene) -> None:
    """Half of it is bid 3 % below the mid: the second half waits no 20 s more than the first."""
    await scene.hedged()
    scene.testbed.world.upbit.widen_spread(Decimal("0.06"))
    scene.depth(UPBIT, "0.003")
    await scene.wait_open(2.0)
    with excused(scene, "nobody bids near the mid"):
        await scene.exit()
        await scene.flat_within(30.0)
    scene.depth(UPBIT, None)
    await scene.quiet()


# -- the engine's own closes ----------------------------------------------------------------------


@scenario(rule=OWN)
async def a_stop_loss_whose_reason_goes_with_the_maintenance(scene: Scene) -> None:
    """Upbit falls 9 % in maintenance, shows the low for 2 s when it is back, then is well: kept."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    scene.move(spot_bps=-900)
    await scene.wait_open(60.0)
    scene.expect_kept(HELD)
    scene.expect_alert("close_waits")
    scene.reopen(UPBIT)
    await scene.wait_open(3.0)
    scene.move(spot_bps=989)
    await scene.wait_open(30.0)
    scene.expect_kept(HELD)


async def _move_unseen(scene: Scene, *silent: Fault, bps: int) -> None:
    """Both markets move and one book is 5 s old: only who was asked for closes by it."""
    await scene.hedged()
    await scene.enters(name="others", strategy="other")
    scene.move(spot_bps=1, hedge_bps=1)
    await scene.wait(0.3)
    scene.arm(*silent)
    await scene.wait_open(4.0)
    await scene.wait(1.3)
    with excused(scene, "no prices"):
        await scene.exit("others exit", strategy="other")
        scene.move(spot_bps=bps, hedge_bps=bps)
        await scene.wait_open(6.0)
    scene.expect_outcome("others exit", "flat")
    scene.expect_kept(HELD)
    scene.calm()


@scenario(rule="a loss is what both books show now (our design)")
async def a_coin_that_falls_while_binances_book_cannot_be_had(scene: Scene) -> None:
    """Both markets fall by 10 % and Binance's book is not told nor read: no stop-loss."""
    unread = DropRequest(venue=BINANCE, match=reads("/fapi/v1/depth"), count=m.EVER)
    await _move_unseen(
        scene, m.told_nothing(BINANCE, "depthUpdate", count=m.EVER), unread, bps=-1_000
    )


@scenario(rule="a loss is what both books show now (our design)")
async def a_coin_that_rises_while_upbits_book_cannot_be_had(scene: Scene) -> None:
    """The mirror image: both rise by 10 % and Upbit's book is not told nor read: no stop-loss."""
    unread = DropRequest(venue=UPBIT, match=reads("/v1/orderbook"), count=m.EVER)
    await _move_unseen(scene, m.told_nothing(UPBIT, "orderbook", count=m.EVER), unread, bps=1_000)


@scenario(rule="a strategy's own known holding can be closed (our design)")
async def a_stop_loss_beside_anothers_unknown_close(scene: Scene) -> None:
    """Another strategy's EXIT stays unknown as the price falls: the stop-loss comes anyway."""
    await scene.hedged()
    await scene.enters(name="others", strategy="other")
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 500, count=m.EVER))
    await scene.exit("unknown", strategy="other")
    await scene.wait_open(2.0)
    scene.move(spot_bps=-900)
    await scene.wait_open(30.0)
    scene.expect_alert("stop_loss")
    scene.expect(that=scene.coins() < HELD / 2, otherwise=f"{scene.coins()} coins are still held")
    scene.calm()


# -- whose EXIT, and until when -------------------------------------------------------------------


@scenario(rule="an EXIT says itself when it lapses, by the exchanges' time (our design)")
async def an_exit_with_an_end_while_our_clock_is_behind(scene: Scene) -> None:
    """Our calendar is ten minutes behind, the EXIT is good for one: it closes."""
    await scene.hedged()
    await scene.wait_open(10.0)
    scene.testbed.engine_clock.error_s = -600.0
    await scene.wait_open(70.0)
    await scene.exit(expires_at=scene.testbed.clock.now() + timedelta(seconds=60))
    await scene.flat_within(3.0)
    scene.testbed.engine_clock.set_right()


@scenario(rule="an EXIT says itself when it lapses, by the exchanges' time (our design)")
async def an_exit_with_an_end_while_our_clock_is_ahead(scene: Scene) -> None:
    """Our calendar is ten minutes ahead, the EXIT is good for one: it closes."""
    await scene.hedged()
    await scene.wait_open(10.0)
    ends_at = scene.testbed.clock.now() + timedelta(seconds=60)
    scene.testbed.engine_clock.error_s = 600.0
    await scene.wait_open(10.0)
    await scene.exit(expires_at=ends_at)
    await scene.flat_within(3.0)
    scene.testbed.engine_clock.set_right()


@scenario(rule="an EXIT without an end does not lapse (our design)")
async def an_exit_that_waited_for_hours(scene: Scene) -> None:
    """Made an hour after the entry, it comes five hours later: it closes that pair."""
    await scene.hedged()
    scene.jump(6.0)
    await scene.wait_open(20.0)
    await scene.send(scene.aged(scene.signal("exit", scene.EXIT), 5 * 3_600.0))
    await scene.flat_within(3.0)


# -- prices and sizes -----------------------------------------------------------------------------


@scenario(rule="a stale book is asked for by REST before a close (our design)")
async def an_exit_while_upbits_prices_are_silent(scene: Scene) -> None:
    """Upbit's price stream tells nothing any more, its book can be read: closed within 2 s."""
    await scene.hedged()
    scene.arm(m.told_nothing(UPBIT, "orderbook", count=m.EVER))
    await scene.wait_open(10.0)
    await scene.exit()
    await scene.flat_within(2.0)
    scene.calm()


@scenario(rule="after 3 s without a usable book a close goes by the last one (our design)")
async def an_exit_without_upbits_prices(scene: Scene) -> None:
    """Neither stream nor REST tell Upbit's book, orders work: closed within 6 s all the same."""
    await scene.hedged()
    scene.arm(m.told_nothing(UPBIT, "orderbook", count=m.EVER))
    scene.arm(DropRequest(venue=UPBIT, match=reads("/v1/orderbook"), count=m.EVER))
    await scene.wait_open(6.0)
    with excused(scene, "no prices"):
        await scene.exit()
        await scene.flat_within(6.0)
    scene.calm()


@scenario(rule="both legs by the same part, the rest as the book refills (our design)")
async def an_exit_with_a_third_of_it_bid(scene: Scene) -> None:
    """A third is bid: both legs are closed by a third, again and again, never far apart."""
    await scene.hedged()
    scene.depth(UPBIT, "0.002")
    await scene.wait_open(2.0)
    with watched(scene) as gap:
        await scene.exit()
        await scene.flat_within(15.0)
    scene.depth(UPBIT, None)
    apart = max(gap.coins, gap.short)
    scene.expect(that=apart <= HELD / 3, otherwise=f"{apart} stood alone")
    await scene.expect_naked_ms("exit", at_most=500)


@scenario(rule="quantities are enough to go on, not to settle (our design)")
async def an_exit_in_slices_whose_prices_are_not_told(scene: Scene) -> None:
    """No fill's price can be read for a while, half of it is bid: the rest is closed anyway."""
    await scene.hedged()
    scene.arm(m.news_lost(BINANCE))
    scene.arm(m.reads_fail(BINANCE, "/fapi/v1/userTrades", 500, count=m.EVER))
    scene.depth(UPBIT, "0.003")
    await scene.wait_open(2.0)
    await scene.exit()
    await scene.flat_within(10.0)
    scene.depth(UPBIT, None)
    scene.calm()
    await scene.wait_open(20.0)


@scenario(rule="an exchange that takes no orders uses up no attempts (our design)", setup=FEW)
async def more_orders_into_closed_exchanges_than_attempts(scene: Scene) -> None:
    """Order tests pass, orders meet closed exchanges five times: nobody gives up."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT, "market_offline", count=5))
    scene.arm(m.refusal(BINANCE, "-4140", count=5))
    await scene.exit()
    await scene.wait_open(300.0)
    trade = (await scene.trades())["exit"]
    scene.expect(that=not trade.operator_called, otherwise="the attempts were used up")
    scene.expect_outcome("exit", "flat")


@scenario(rule="an EXIT is never refused because much waits (our design)", setup=SHORT_QUEUE)
async def an_exit_behind_its_own_unknown_part_and_a_full_queue(scene: Scene) -> None:
    """The close of a part is unknown and as many signals wait as may: all is closed after it."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE))
    await scene.exit("part", quantity_base=Decimal("0.002"))
    for name in ("one", "two", "three"):
        await scene.enter(name, strategy=name, expires_at=scene.in_one_hour())
    await scene.exit()
    await scene.wait_open(30.0)
    scene.expect_outcome("exit", "flat")


@scenario(rule="an EXIT overtakes its strategy's entries (our design)")
async def an_exit_behind_its_own_waiting_entry(scene: Scene) -> None:
    """An ENTER waits behind another strategy's unknown order when its EXIT comes: never begun."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE))
    await scene.enter("unknown", strategy="other")
    await scene.enter("late", expires_at=scene.in_one_hour())
    await scene.exit()
    await scene.wait_open(30.0)
    await scene.expect_refused("late", "close_waits")
    scene.expect_outcome("exit", "flat")


@scenario(rule="a start without lost rows does not wait for the sweep (our design)")
async def a_waiting_close_and_a_start_that_cannot_sweep(scene: Scene) -> None:
    """The engine starts with an EXIT waiting, and lists of orders hang: it closes all the same."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit()
    await scene.wait_open(1.0)
    await scene.testbed.kill()
    scene.arm(DropRequest(venue=UPBIT, match=reads("/v1/orders/closed"), count=m.EVER))
    scene.reopen(UPBIT)
    ready = scene.testbed.begin()
    await scene.flat_within(25.0)
    scene.calm()
    await asyncio.wait_for(ready.wait(), 120.0)
