"""Margin that runs short with both guards on: the reduction comes first, the stop stands behind."""

from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import HttpStatus, RequestMatch
from trading_platform_order.domain.money import ZERO
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

# 0.006 BTC are some 650 USDT short: liquidated some 76 % higher, reduced from 56 % on, stopped out
# at 61 %.
LITTLE = TestBedSetup(opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(500)))
ENTRY_KRW = Decimal(950_000)
TWO = TestBedSetup(
    bases=("BTC", "ETH"),
    settings=bed_settings("BTC", "ETH"),
    opening=Opening(krw=Decimal(20_000_000), usdt=Decimal(510)),
)
BESIDE_KRW = Decimal(200_000)
REDUCED = "both legs are reduced before the exchange liquidates (our design)"


def _standing(scene: Scene) -> list[Decimal]:
    """Base units of each stop that stands on Binance."""
    orders = scene.testbed.world.binance.state()["algo_orders"]
    return [Decimal(order["quantity"]) for order in orders if order["algoStatus"] == "NEW"]


def _expect_the_stop_fits(scene: Scene) -> None:
    short, standing = scene.short(), _standing(scene)
    scene.expect(
        that=standing == ([short] if short else []),
        otherwise=f"stops over {standing} stand for a short of {short}",
    )


def _rise(scene: Scene, bps: int) -> None:
    scene.move(spot_bps=bps, hedge_bps=bps)


@scenario(rule=REDUCED, setup=LITTLE)
async def margin_is_reduced_before_the_stop(scene: Scene) -> None:
    """The coin rises by 58 %: both legs are reduced, the stop shrinks with the short and moves."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    before = scene.short()
    await scene.wait_open(10.0)
    _rise(scene, 5_800)
    await scene.wait_open(40.0)
    await scene.ends_hedged()
    scene.expect(that=scene.short() < before, otherwise=f"{scene.short()} is short as before")
    scene.expect_alert("margin_warning", "margin_reduced")
    _expect_the_stop_fits(scene)


def _silence(scene: Scene, symbol: str) -> None:
    """No stream and no read tells a book of it any more; its position is told as before."""
    scene.arm(m.told_nothing(BINANCE, symbol, count=m.EVER))
    match = RequestMatch(method="GET", path="/fapi/v1/depth", query=symbol)
    scene.arm(HttpStatus(venue=BINANCE, match=match, status=500, count=m.EVER))


@scenario(rule=REDUCED, setup=TWO, stopped="stale_market_data")
async def margin_is_reduced_beside_a_coin_without_a_book(scene: Scene) -> None:
    """ETH's book is silent for good and BTC rises by 58 %: BTC is reduced, ETH counts as marked."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    await scene.enter("beside", symbol="ETH", notional_krw=BESIDE_KRW)
    await scene.wait_open(10.0)
    _silence(scene, "ETHUSDT")
    await scene.wait_open(40.0)
    before = scene.short()
    _rise(scene, 5_800)
    await scene.wait_open(40.0)
    scene.expect(that=scene.short() < before, otherwise=f"{scene.short()} is short as before")
    scene.expect_alert("margin_warning", "margin_reduced")
    scene.calm()
    await scene.ends_hedged()


@scenario(rule=REDUCED, setup=LITTLE)
async def a_rise_without_end(scene: Scene) -> None:
    """The coin rises by 3 % every ten seconds until it has tripled: hedged or flat at each step."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    short = scene.short()
    for _ in range(37):
        _rise(scene, 300)
        await scene.wait_open(10.0)
        await scene.quiet()
        scene.expect(
            that=ZERO <= scene.short() <= short,
            otherwise=f"the short went from {short} to {scene.short()}",
        )
        short = scene.short()
    await scene.wait_open(40.0)
    _expect_the_stop_fits(scene)
    scene.expect_alert("margin_reduced")


@scenario(rule=REDUCED, setup=LITTLE)
async def the_stop_and_the_reduction_at_once(scene: Scene) -> None:
    """The coin jumps past both: the stop fires as the reduction begins, each unit closes once."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    await scene.wait_open(10.0)
    _rise(scene, 6_300)
    await scene.wait_open(60.0)
    await scene.ends_flat()
    _expect_the_stop_fits(scene)
    scene.expect_alert("one_leg_gone")


@scenario(rule=REDUCED, setup=LITTLE)
async def the_stop_fires_while_a_reduction_is_unanswered(scene: Scene) -> None:
    """Binance's answer to the reduction is lost and the coin jumps on: nothing is closed twice."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    await scene.wait_open(10.0)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    _rise(scene, 5_800)
    await scene.wait(1.0)
    _rise(scene, 600)
    await scene.wait_open(90.0)
    await scene.quiet()
    scene.expect(that=scene.short() >= 0, otherwise=f"a long of {-scene.short()}")
    _expect_the_stop_fits(scene)


@scenario(41, rule=REDUCED, setup=LITTLE)
async def a_crash_between_the_reduction_and_the_smaller_stop(scene: Scene) -> None:
    """The engine dies once both legs are reduced: the next one makes the stop fit the short."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    await scene.wait_open(10.0)
    short = scene.short()
    _rise(scene, 5_800)
    for _ in range(200):
        await scene.wait(0.02)
        if scene.short() < short:
            break
    await scene.crash()
    await scene.wait_open(60.0)
    await scene.ends_hedged()
    _expect_the_stop_fits(scene)


@scenario(rule="half a close would leave one leg alone (our design)", stopped="an operator")
async def everything_is_to_be_closed_while_upbit_is_away(scene: Scene) -> None:
    """Flattening is ordered while Upbit does not answer: both legs wait, then close together."""
    await scene.hedged()
    scene.unreachable(UPBIT)
    await scene.wait_open(8.0)
    await scene.stop("an operator", flatten=True)
    await scene.wait_open(60.0)
    scene.expect_hedged()
    scene.expect_alert("close_waits")
    scene.reachable(UPBIT)
    await scene.wait_open(60.0)
    await scene.ends_flat(filled=2)


@scenario(rule=REDUCED, setup=LITTLE, stopped="api_error_count")
async def margin_runs_short_while_upbit_is_away(scene: Scene) -> None:
    """The coin rises while Upbit does not answer: neither leg is reduced until it does."""
    await scene.hedged(notional_krw=ENTRY_KRW)
    short = scene.short()
    scene.unreachable(UPBIT)
    await scene.wait_open(20.0)
    _rise(scene, 5_800)
    await scene.wait_open(30.0)
    scene.expect(that=scene.short() == short, otherwise=f"{scene.short()} is short, not {short}")
    scene.expect_hedged()
    scene.expect_alert("close_waits", "margin_warning")
    scene.reachable(UPBIT)
    await scene.wait_open(60.0)
    await scene.ends_hedged()
    scene.expect(that=scene.short() < short, otherwise=f"{scene.short()} is short as before")
    _expect_the_stop_fits(scene)
