"""One leg is there and the other one is not."""

from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import ThinBook
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup

NO_MARGIN = TestBedSetup(opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(100)))
NO_KRW = TestBedSetup(opening=Opening(krw=Decimal(500_000), usdt=Decimal(15_000)))
OWNER_HAS_COINS = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={"BTC": Decimal(1)})
)

AWAITING_FILLS = "coins whose fill nobody told yet are not gone (our design)"


@scenario(29)
async def short_filled_and_the_buy_refused(scene: Scene) -> None:
    """Binance fills, Upbit refuses for good: the short is bought back at once."""
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid"))
    await scene.enters("unwound")
    scene.expect_flat()
    await scene.expect_naked_ms("enter", at_most=1_000)
    scene.expect_alert("one_leg_failed")


@scenario(33)
async def buy_filled_and_the_hedge_refused(scene: Scene) -> None:
    """Upbit fills, Binance refuses for want of margin: the coins are sold at once."""
    scene.arm(m.refusal(BINANCE, "-2019"))
    await scene.enters("unwound")
    scene.expect_flat()
    await scene.expect_naked_ms("enter", at_most=1_000)
    scene.expect_alert("one_leg_failed")


@scenario(30, setup=NO_MARGIN)
async def no_margin_on_the_hedge_side(scene: Scene) -> None:
    """One side has no assets: neither order leaves."""
    await scene.enters()
    await scene.expect_refused("enter", "insufficient_margin", "leverage_limit")
    scene.expect_filled(upbit=0, binance=0)


@scenario(30, setup=NO_KRW)
async def no_krw_on_the_spot_side(scene: Scene) -> None:
    """The other side has none: neither order leaves."""
    await scene.enters()
    await scene.expect_refused("enter", "insufficient_krw")
    scene.expect_filled(upbit=0, binance=0)


@scenario(31)
async def one_leg_would_be_under_its_minimum(scene: Scene) -> None:
    """10,000 KRW is enough for Upbit and too little for Binance: neither order leaves."""
    await scene.enters(notional_krw=Decimal(10_000))
    await scene.expect_refused("enter", "below_minimum")
    scene.expect_filled(upbit=0, binance=0)


@scenario(32)
async def one_exchange_trades_and_the_other_never_hears_of_it(scene: Scene) -> None:
    """The hedge order is lost on the way: it is proven absent, then completed or taken back."""
    scene.arm(m.order_lost(BINANCE))
    await scene.enters("hedged", "unwound")
    scene.expect_alert("one_leg_failed")


@scenario(34)
async def a_close_that_fails_again_and_again(scene: Scene) -> None:
    """Binance refuses to close four times: the exit goes on, and nothing is ever opened again."""
    await scene.hedged()
    scene.arm(m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, count=4))
    await scene.exits("flat")
    buys = [order for order in scene.filled(UPBIT) if order.is_buy]
    sells = [order for order in scene.filled(BINANCE) if not order.is_buy]
    scene.expect(that=len(buys) == 1, otherwise=f"bought {len(buys)} times")
    scene.expect(that=len(sells) == 1, otherwise=f"sold short {len(sells)} times")


@scenario(34)
async def both_sides_refuse_the_close_for_a_while(scene: Scene) -> None:
    """Maintenance answers on both sides: the exit waits, tries on, and ends flat."""
    await scene.hedged()
    offline = '{"error":{"name":"market_offline","message":"maintenance"}}'
    scene.arm(m.error_instead(UPBIT, 403, offline, count=3))
    scene.arm(m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, count=3))
    await scene.exits("flat", filled=2)


@scenario(35, setup=OWNER_HAS_COINS)
async def a_failed_leg_sells_only_what_was_bought(scene: Scene) -> None:
    """The owner has a coin of the same kind in the account: taking back a buy leaves it alone."""
    scene.arm(m.refusal(BINANCE, "-2019"))
    await scene.enters("unwound")
    scene.expect_flat()


@scenario(36)
async def a_leg_refused_for_a_moment_is_completed(scene: Scene) -> None:
    """Binance says try again: the leg is completed under the next id, within the budget."""
    scene.arm(m.refusal(BINANCE, "-1008"))
    await scene.enters("hedged", filled=1)
    await scene.expect_naked_ms("enter", at_most=2_000)


@scenario(36)
async def completion_would_be_too_dear(scene: Scene) -> None:
    """The market runs away while a leg waits: taking back is cheaper than completing."""
    scene.arm(m.refusal(BINANCE, "-1008", count=1))
    scene.move_after(0.001, hedge_bps=-80)
    await scene.enters("unwound")
    scene.expect_flat()


@scenario(29, 33)
async def both_legs_refused(scene: Scene) -> None:
    """Neither exchange takes its order: nothing is held, nothing is owed."""
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid"), m.refusal(BINANCE, "-2019"))
    await scene.enters("flat", filled=0)


@scenario(32, 33)
async def the_unwinding_order_is_lost_too(scene: Scene) -> None:
    """The hedge is refused and the answer to selling the coins is lost: sold once, found."""
    scene.arm(m.refusal(BINANCE, "-2019"), m.answer_lost(UPBIT, skip=1))
    await scene.enters("unwound")
    scene.expect_filled(upbit=2, binance=0)
    scene.expect_flat()


@scenario(rule=AWAITING_FILLS)
async def the_unwinding_order_is_refused_before_the_fill_is_told(scene: Scene) -> None:
    """The hedge is refused, and Upbit misses the coins just bought for a moment: sold, not lost."""
    scene.arm(m.refusal(BINANCE, "-2019"), m.refusal(UPBIT, "insufficient_funds_ask", skip=1))
    scene.arm(m.news_lost(UPBIT, count=1, skip=1))
    await scene.enters("unwound")
    scene.expect_filled(upbit=2, binance=0)
    scene.expect_flat()
    await scene.expect_naked_ms("enter", at_most=2_000)


@scenario(rule=AWAITING_FILLS, stopped="coins_gone")
async def the_coins_are_sold_by_hand_before_their_fill_is_told(scene: Scene) -> None:
    """The hedge is lost, the owner sells the coins meanwhile: booked once their fill is told."""
    scene.arm(m.order_lost(BINANCE), m.refusal(BINANCE, "-2019", skip=1))
    scene.arm(m.news_lost(UPBIT, count=1, skip=1))
    await scene.enter()
    await scene.wait_open(3.0)
    scene.owner.sell_our_coins(BASE, scene.coins())
    await scene.quiet()
    await scene.wait_open(60.0)
    scene.expect_outcome("enter", "unwound")
    scene.expect_flat()
    await scene.expect_stopped("coins_gone")


@scenario(rule="a late order is booked and evened out (our design)")
async def the_lost_leg_arrives_after_the_other_was_taken_back(scene: Scene) -> None:
    """The hedge is 1.9 s late and the buy refused: whatever fills is brought back to nothing."""
    scene.arm(m.order_late(BINANCE, 1.9), m.refusal(UPBIT, "insufficient_funds_bid"))
    await scene.enters()
    await scene.wait_open(20.0)
    scene.expect_flat()


@scenario(rule="one entry of a strategy in a coin at a time (our design)")
async def a_second_entry_while_the_first_waits_for_depth(scene: Scene) -> None:
    """The hedge finds no depth and the buy's fill is not told: the next entry is refused."""
    scene.arm(m.told_nothing(UPBIT, '"state":"trade"'))
    scene.arm(ThinBook(venue=BINANCE, part="0", count=2))
    await scene.enter("first")
    await scene.wait(0.02)
    await scene.enter("second")
    await scene.quiet()
    await scene.expect_refused("second", "unresolved_trade")
    scene.expect_kept(Decimal("0.006"))
