"""Which coin it is, and whether both prices can be of one: entries wait, exits never do."""

from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.pairs.pair import latch_of
from trading_platform_order.risk.plausibility_limits import LARGE_COINS
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings
from trading_platform_order.transport.clock import epoch_us

TON = "TON"
TOKAMAK = TestBedSetup(bases=(TON,), settings=bed_settings(TON))
NAMES = "Upbit's TON was Tokamak Network, Binance's is Toncoin (ccxt#8544, PR#7631)"
CHANGES = "names and contracts change under an old ticker (our design: identity fails closed)"
SEEN = "premiums that were seen: -33 % on 2024-12-03, +23 % on 2021-05-19, single coins at +38 %"


def _live(*symbols: str, large: tuple[str, ...] = LARGE_COINS) -> TestBedSetup:
    """A market of large coins of which only some are traded, judged as live mode does."""
    settings = bed_settings(*symbols)
    rules = replace(settings.limits.plausibility, needs_coins=True, coins=large)
    limits = replace(settings.limits, plausibility=rules)
    return TestBedSetup(
        bases=tuple(dict.fromkeys((*symbols, *large))), settings=replace(settings, limits=limits)
    )


LIVE = _live("BTC", "XRP")
TWO_LARGE = replace(LIVE, bases=("BTC", "XRP"))


async def _an_operator_confirms(scene: Scene, code: str) -> None:
    """As `tporder pairs confirm` does, for what the engine reads now."""
    found = scene.testbed.engine.market.instruments(code)
    spot, hedge = found[Leg.SPOT].listing, found[Leg.HEDGE].listing
    scene.expect(that=bool(spot and hedge), otherwise=f"what is listed of {code} was not read")
    if spot and hedge:
        now_us = epoch_us(scene.testbed.clock.now())
        latch = latch_of(code, spot, hedge, Decimal(1))
        await scene.inbox().set_latch(latch, "compared by an operator", at_us=now_us)
        await scene.testbed.engine.executor.wake()


def _move_all(scene: Scene, *, spot_bps: int = 0, fx_bps: int = 0) -> None:
    for coin in LARGE_COINS:
        scene.move(base=coin, spot_bps=spot_bps, fx_bps=fx_bps)


@scenario(rule=NAMES, setup=TOKAMAK)
async def the_other_coin_of_the_same_name(scene: Scene) -> None:
    """Upbit's TON costs a third of Binance's: refused unreviewed, and refused once confirmed."""
    scene.move(base=TON, spot_bps=-6_600)
    await scene.enter("unknown", symbol=TON)
    await scene.expect_refused("unknown", "pair_unconfirmed")
    await scene.wait_open(12.0)
    scene.expect_alert("pair_unconfirmed")
    await _an_operator_confirms(scene, TON)
    await scene.enter("confirmed", symbol=TON)
    await scene.expect_refused("confirmed", "implausible_premium")
    scene.expect_filled(upbit=0, binance=0)


@scenario(rule=NAMES, setup=TOKAMAK)
async def a_pair_that_an_operator_confirmed(scene: Scene) -> None:
    """A word is durable, covers what was compared, and ends when Upbit calls the coin otherwise."""
    await scene.wait_open(2.0)
    await _an_operator_confirms(scene, TON)
    await scene.hedged(symbol=TON)
    await scene.crash()
    await scene.wait_open(5.0)
    await scene.exits(name="half", symbol=TON)
    await scene.enters("hedged", name="again", symbol=TON)
    scene.testbed.world.upbit.rename(TON, "톤코인", "Toncoin")
    await scene.wait_open(150.0)
    await scene.enter("renamed", symbol=TON, strategy="other")
    await scene.expect_refused("renamed", "pair_unconfirmed")
    await scene.exit("out", symbol=TON)
    await scene.ends_flat(TON)


@scenario(rule=CHANGES)
async def a_reviewed_coin_is_renamed(scene: Scene) -> None:
    """Upbit tells another name of BTC: entries wait and operators are told, the EXIT passes."""
    await scene.hedged()
    scene.testbed.world.upbit.rename("BTC", "비트코인캐시", "Bitcoin Cash")
    await scene.wait_open(150.0)
    scene.expect_alert("pair_unconfirmed")
    await scene.enter("renamed", strategy="other")
    await scene.expect_refused("renamed", "pair_unconfirmed")
    await scene.exit()
    await scene.ends_flat()


@scenario(rule=CHANGES)
async def a_contract_that_begins_anew(scene: Scene) -> None:
    """Binance lists another contract under the symbol: seen by its first day."""
    scene.testbed.world.binance.relist("BTCUSDT", 1_700_000_000_000)
    await scene.wait_open(700.0)
    await scene.enter("relisted")
    await scene.expect_refused("relisted", "pair_unconfirmed")


@scenario(rule="a rate that is wrong by its unit (our design)", setup=LIVE)
async def a_tenfold_rate(scene: Scene) -> None:
    """KRW-USDT is told ten times too high: no entry at all, the EXIT of what is held passes."""
    await scene.hedged()
    _move_all(scene, fx_bps=90_000)
    await scene.wait_open(3.0)
    await scene.enter("tenfold", symbol="XRP")
    await scene.expect_refused("tenfold", "implausible_rate", "stopped")
    await scene.exit()
    await scene.ends_flat()
    _move_all(scene, fx_bps=-9_000)
    await scene.wait_open(5.0)


@scenario(rule="a rate that is wrong by its unit (our design)", setup=LIVE)
async def a_tenfold_rate_from_the_beginning(scene: Scene) -> None:
    """Nothing is held: it is the rate that is named, and once it is right an entry passes."""
    _move_all(scene, fx_bps=90_000)
    await scene.wait_open(3.0)
    await scene.enter("tenfold")
    await scene.expect_refused("tenfold", "implausible_rate")
    _move_all(scene, fx_bps=-9_000)
    await scene.wait_open(3.0)
    await scene.enters("hedged", name="right")


@scenario(rule=SEEN, setup=LIVE)
async def the_whole_market_33_percent_below(scene: Scene) -> None:
    """As on 2024-12-03: every coin stands 33 % lower on Upbit, and an entry passes."""
    _move_all(scene, spot_bps=-3_300)
    await scene.wait_open(3.0)
    await scene.enters("hedged")


@scenario(rule=SEEN, setup=LIVE)
async def the_whole_market_23_percent_above(scene: Scene) -> None:
    """As on 2021-05-19: every coin stands 23 % higher on Upbit, and an entry passes."""
    _move_all(scene, spot_bps=2_300)
    await scene.wait_open(3.0)
    await scene.enters("hedged", symbol="XRP")


@scenario(rule=SEEN, setup=LIVE)
async def one_coin_38_percent_above_for_long(scene: Scene) -> None:
    """A coin leaves the others by 38 points: entries wait ten minutes, then pass; exits at once."""
    await scene.hedged(symbol="XRP", strategy="before")
    scene.move(base="XRP", spot_bps=3_800)
    await scene.wait_open(3.0)
    await scene.enter("early", symbol="XRP")
    await scene.expect_refused("early", "premium_gap")
    await scene.exit("out", symbol="XRP", strategy="before")
    await scene.ends_flat("XRP")
    await scene.wait_open(500.0)
    await scene.enter("still early", symbol="XRP")
    await scene.expect_refused("still early", "premium_gap")
    await scene.wait_open(150.0)
    await scene.enters("hedged", name="late", symbol="XRP")


@scenario(rule=SEEN, setup=LIVE)
async def a_gap_that_jumps_again(scene: Scene) -> None:
    """What has lasted at 38 points says nothing of a coin that jumps on to 60."""
    scene.move(base="XRP", spot_bps=3_000)
    await scene.wait_open(660.0)
    scene.move(base="XRP", spot_bps=2_000)
    await scene.enter("jumped", symbol="XRP")
    await scene.expect_refused("jumped", "premium_gap")


@scenario(rule="a median of two coins is none (our design)", setup=TWO_LARGE)
async def too_few_large_coins_have_prices(scene: Scene) -> None:
    """Two of five are known: live refuses the entry and says so; an EXIT would pass."""
    await scene.wait_open(3.0)
    await scene.enter()
    await scene.expect_refused("enter", "no_reference")


@scenario(rule=SEEN, setup=LIVE)
async def a_gap_at_which_nobody_is_seen_to_trade(scene: Scene) -> None:
    """Binance does not tell its last trade: a gap never counts as real, however long it stands."""
    scene.arm(m.reads_fail(BINANCE, "/fapi/v2/ticker/price", 500, count=m.EVER))
    scene.move(base="XRP", spot_bps=3_000)
    await scene.wait_open(700.0)
    await scene.enter("long after", symbol="XRP")
    await scene.expect_refused("long after", "premium_gap")
