"""Funding, and hands that move the account's money beside the system."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from exchange_simulator.account_setup import AccountOrder, set_up
from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import HoldOrder
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.figures.figures import figures_are_true
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

HOURS_TO_FUNDING = 8.1
OWNER_HAS_COINS = TestBedSetup(
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000), coins={"BTC": Decimal(1)})
)


@scenario(48)
async def funding_is_not_lost_by_a_restart(scene: Scene) -> None:
    """Two settlements with restarts between: each is in the books once, and the ledger agrees."""
    await scene.hedged()
    for _ in range(2):
        scene.jump(HOURS_TO_FUNDING)
        await scene.wait_open(5.0)
        await scene.crash()
    scene.expect(that=len(await scene.funding()) == 2, otherwise=f"{await scene.funding()}")  # noqa: PLR2004 - the two


@scenario(49)
async def funding_told_twice(scene: Scene) -> None:
    """The stream repeats the settlement and a resync asks for it besides: it counts once."""
    await scene.hedged()
    scene.arm(m.told_twice(BINANCE, "FUNDING_FEE"))
    scene.jump(HOURS_TO_FUNDING)
    await scene.wait_open(4.0)
    scene.arm(m.stream_cut(BINANCE, at_order=False))
    await scene.wait_open(10.0)
    scene.expect(that=len(await scene.funding()) == 1, otherwise=f"{await scene.funding()}")


@scenario(50, 51)
async def a_short_receives_funding_when_the_rate_is_positive(scene: Scene) -> None:
    """One settlement at +0.3 %: the short receives it, once, on the exchange's clock."""
    await scene.hedged(notional_krw=Decimal(5_000_000))
    scene.testbed.set_tick(replace(scene.testbed.tick("BTC"), funding_rate=Decimal("0.003")))
    before = scene.wallet()
    scene.jump(HOURS_TO_FUNDING)
    await scene.wait_open(5.0)
    booked = await scene.funding()
    scene.expect(that=[*booked] != [] and booked[0] > 0, otherwise=f"booked {booked}")
    scene.expect(that=scene.wallet() > before, otherwise="the wallet did not grow")
    await _expect_figures(scene)


@scenario(21, 49)
async def funding_that_no_stream_tells(scene: Scene) -> None:
    """The settlement is never told: found in the income list, not taken for a foreign hand's."""
    await scene.hedged()
    scene.arm(m.told_nothing(BINANCE, "FUNDING_FEE"))
    scene.jump(HOURS_TO_FUNDING)
    await scene.wait_open(150.0)
    scene.expect(that=len(await scene.funding()) == 1, otherwise=f"{await scene.funding()}")


@scenario(35, setup=OWNER_HAS_COINS)
async def the_owners_coins_stay(scene: Scene) -> None:
    """The owner has a coin of the same kind: entering and exiting leaves it untouched."""
    await scene.hedged()
    await scene.exits()
    scene.expect_filled(upbit=2, binance=2)
    scene.expect_flat()


@scenario(43)
async def deposits_and_withdrawals_beside_open_pairs(scene: Scene) -> None:
    """KRW, USDT and coins come and go: foreign to the last digit, and nothing is stopped."""
    await scene.hedged()
    scene.owner.transfer(Venue.UPBIT, "KRW", Decimal(3_000_000))
    scene.owner.transfer(Venue.BINANCE, "USDT", Decimal(-500))
    scene.owner.transfer(Venue.UPBIT, "BTC", Decimal("0.5"))
    await scene.wait_open(150.0)
    await scene.exits("flat")
    await scene.wait_open(100.0)


@scenario(35, 43)
async def the_owner_trades_the_same_coin(scene: Scene) -> None:
    """The owner buys and sells in the app beside an open pair: theirs, not ours."""
    await scene.hedged()
    scene.owner.buy_coins("BTC", Decimal(2_000_000))
    await scene.wait_open(100.0)
    scene.owner.sell_coins("BTC", scene.owner.coins["BTC"])
    await scene.wait_open(100.0)
    await scene.exits("flat")


@scenario(30)
async def money_withdrawn_under_an_entry(scene: Scene) -> None:
    """The owner withdraws the KRW after the check and before the order: refused, taken back."""
    scene.testbed.show_again()
    await scene.wait(0.05)
    scene.owner.transfer(Venue.UPBIT, "KRW", Decimal(-19_500_000))
    await scene.send_blindly(scene.signal("enter", scene.ENTER))
    await scene.ends_flat()
    scene.expect(that=not scene.filled(UPBIT), otherwise="bought without money")
    await scene.wait_open(150.0)


@scenario(rule="userTrades and ORDER_TRADE_UPDATE tell in which asset a fee was taken")
async def fees_paid_in_bnb(scene: Scene) -> None:
    """Fees are taken in BNB, as stream and answers tell: booked as such, and no USDT is missing."""
    await _pay_fees_in_bnb(scene)


@scenario(rule="userTrades tells in which asset a fee was taken")
async def fees_paid_in_bnb_that_no_stream_tells(scene: Scene) -> None:
    """The same while Binance's stream tells of no order: REST alone says what was taken."""
    scene.arm(m.news_lost(BINANCE))
    await _pay_fees_in_bnb(scene)


async def _pay_fees_in_bnb(scene: Scene) -> None:
    set_up(scene.testbed.world, AccountOrder(burns_bnb=True, bnb="1"))
    await scene.enters("hedged")
    await scene.wait_open(150.0)
    await scene.exits("flat")
    left = Decimal(scene.testbed.world.binance.state()["wallet_bnb"])
    scene.expect(that=left < 1, otherwise="no fee was taken in BNB")
    await scene.wait_open(150.0)


@scenario(
    rule="funding of all symbols is settled at once",
    setup=TestBedSetup(bases=("BTC", "ETH"), settings=bed_settings("BTC", "ETH")),
)
async def funding_of_two_coins_in_one_millisecond(scene: Scene) -> None:
    """Two shorts are paid at the same moment: both are booked, also where no stream tells."""
    await scene.hedged()
    await scene.enters(name="other", symbol="ETH")
    for told in (2, 4):
        scene.jump(HOURS_TO_FUNDING)
        await scene.wait_open(150.0)
        booked = await scene.funding()
        scene.expect(that=len(booked) == told, otherwise=f"booked {booked}, {told} were settled")
        if told == 2:  # noqa: PLR2004 - the first settlement; nobody tells of the second
            scene.arm(m.told_nothing(BINANCE, "FUNDING_FEE", count=2))


@scenario(rule="profit is realised at the rate of the fill, not of the decision")
async def the_rate_moves_while_a_close_works(scene: Scene) -> None:
    """The short has gained a third, USDT rises by 3 % while its close works: profit is exact."""
    await scene.hedged(notional_krw=Decimal(6_000_000))
    scene.move(spot_bps=-3_000, hedge_bps=-3_000)
    await scene.wait_open(10.0)
    scene.arm(HoldOrder(venue=BINANCE, hold_s=1.5))
    asyncio.get_running_loop().call_later(0.6, lambda: scene.move(fx_bps=300))
    await scene.exits("flat")
    await _expect_figures(scene)


async def _expect_figures(scene: Scene) -> None:
    """At rest, with prices of now. The judge values all of the day's turnover at that rate."""
    scene.testbed.show_again()
    await scene.wait(0.1)
    for line in figures_are_true(scene.testbed, scene.testbed.world.accounts()):
        scene.expect(that=line.startswith("turnover"), otherwise=line)


@scenario(rule="Binance averages the entry of a position in the order of its fills")
async def an_exit_told_before_the_entry_that_was_filled_first(scene: Scene) -> None:
    """One strategy opens, another closes, told in reverse: their average is no foreign money."""
    await scene.hedged()
    scene.move(spot_bps=300, hedge_bps=300)
    await scene.wait_open(10.0)
    scene.arm(m.answer_lost(BINANCE), m.told_nothing(BINANCE, "ORDER_TRADE_UPDATE", count=3))
    await scene.enter("other", strategy="other")
    await scene.wait(0.02)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.ends("exit", "flat")
    scene.expect_outcome("other", "hedged")
    await scene.wait_open(200.0)
    told = [dict(a.fields) for a in scene.testbed.alerts() if a.kind == "foreign_movement"]
    scene.expect(that=not told, otherwise=f"told as foreign: {told}")
