"""Parts, remainders and dust."""

from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.trade.trade_events import ExecutionStyle
from trading_platform_order.simulation.checkers.timeliness.excused_times import AFTER_CLOSED_S
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

_PLAIN = bed_settings()
LIMIT_IOC = TestBedSetup(
    settings=replace(_PLAIN, policy=replace(_PLAIN.policy, style=ExecutionStyle.LIMIT_IOC))
)


@scenario(44)
async def the_hedge_fills_in_part(scene: Scene) -> None:
    """Binance's book was taken away before the order arrived: a third fills, the pair ends even."""
    await scene.enter_into_thin_book(BINANCE, "0.002")
    await scene.ends("enter", "hedged", "unwound")


@scenario(44, setup=LIMIT_IOC)
async def the_buy_fills_in_part(scene: Scene) -> None:
    """Upbit's book was taken away: an ioc buy fills in part, the pair ends even."""
    await scene.enter_into_thin_book(UPBIT, "0.002")
    await scene.ends("enter", "hedged", "unwound")


@scenario(44, 47, setup=LIMIT_IOC)
async def a_part_too_small_to_sell(scene: Scene) -> None:
    """0.00002 BTC fill on Upbit, below its minimum: dust that is booked and used later."""
    scene.arm(m.refusal(BINANCE, "-2019"))
    await scene.enter_into_thin_book(UPBIT, "0.00002")
    await scene.quiet()
    await scene.enters("hedged", name="next")
    await scene.exits()
    scene.expect(that=scene.coins() < Decimal("0.00003"), otherwise=f"{scene.coins()} coins left")


@scenario(rule="Binance takes whole steps of a contract (LOT_SIZE)", setup=LIMIT_IOC)
async def a_rest_below_a_step_while_upbit_is_shut(scene: Scene) -> None:
    """Upbit fills in part and shuts: less than a step of the short stays until it sells again."""
    await scene.enter_into_thin_book(UPBIT, "0.00278")
    await scene.within(1.0, lambda: scene.coins() > 0, "nothing is bought")
    scene.shut(UPBIT)
    await scene.wait_open(30.0)
    more = scene.short() - scene.coins()
    scene.expect(that=0 < more < Decimal("0.001"), otherwise=f"{more} BTC more are short")
    scene.reopen(UPBIT)
    await scene.within(AFTER_CLOSED_S, lambda: len(scene.filled(UPBIT)) > 1, "still uneven")
    await scene.quiet()
    scene.expect_filled(upbit=2, binance=2)
    scene.expect_hedged()
    scene.expect_outcome("enter", "hedged")


@scenario(45)
async def the_close_fills_in_part(scene: Scene) -> None:
    """Closing the short fills in part: the exit goes on until both legs are gone."""
    await scene.hedged()
    await scene.exit_into_thin_book(BINANCE, "0.001")
    await scene.ends("exit", "flat")
    scene.expect_flat()


@scenario(45)
async def the_unwinding_fills_in_part(scene: Scene) -> None:
    """The buy is refused and the short comes back in parts, each one smaller than the last."""
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid"))
    scene.thin_after(0.006, BINANCE, "0.002")
    await scene.enter()
    await scene.ends_flat()


@scenario(46)
async def cancelled_but_filled(scene: Scene) -> None:
    """Nobody tells of the fill, the order is cancelled as overdue, and had filled long before."""
    scene.arm(m.news_lost(UPBIT), m.look_up_fails(UPBIT, 503, count=8))
    await scene.enters("hedged", filled=1)


@scenario(47)
async def ten_round_trips_leave_no_more_dust_than_one(scene: Scene) -> None:
    """What a trade leaves behind is used by the next: dust does not grow with their number."""
    for number in range(10):
        scene.move(spot_bps=7 + number, hedge_bps=3)
        await scene.enters(name=f"in{number}", notional_krw=Decimal(777_777 + 11_111 * number))
        await scene.exits(name=f"out{number}")
    value_krw = scene.coins() * scene.testbed.tick("BTC").upbit_close
    scene.expect(that=abs(value_krw) < 5_000, otherwise=f"{value_krw} KRW of dust")  # noqa: PLR2004 - Upbit's minimum


@scenario(rule="Upbit refuses market orders beyond the 30 visible levels (changelog 2025-05-07)")
async def the_spot_book_is_gone_when_the_buy_arrives(scene: Scene) -> None:
    """Upbit refuses the buy because nothing is left to buy: the short is taken back or matched."""
    await scene.enter_into_thin_book(UPBIT, "0.0001")
    await scene.ends("enter", "unwound", "hedged")
    scene.expect_alert("one_leg_failed")


@scenario(rule="EXIT may name a part of what is held (our design)")
async def closing_half_of_a_pair(scene: Scene) -> None:
    """An EXIT over a part leaves the rest hedged; the next one closes it."""
    await scene.hedged(notional_krw=Decimal(2_000_000))
    await scene.exits("hedged", name="half", quantity_base=scene.short() / 2)
    scene.expect_hedged()
    await scene.exit("rest")
    await scene.ends_flat()
