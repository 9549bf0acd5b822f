"""A pair that is added to, as the published strategy 3.0 does: level 1, level 2, or all at once.

An addition is a pair trade like any other. What can go wrong with it may cost what it brought, and
never what was there before it.
"""

import json
from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import ExecutionStyle
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.settings import Settings, load_settings
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import KIMCHI, Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup, bed_settings
from trading_platform_order.storage.base import ClaimResult

RULE = "the published strategy 3.0 scales in at 40 %, 60 % and 100 % of 38,000,000 KRW"
ADDITION = "an addition to an open pair is proven like an entry (our design)"
LEVELS_KRW = {"1": 7_600_000, "2": 11_400_000, "combined": 19_000_000}
POINTS_OF_AN_ADDITION = 14

PROFILE = load_settings(
    None, {"TPORDER_ENGINE_PROFILE": "strategy-3.0", "TPORDER_ENGINE_REHEARSE_EVERY_MS": "0"}
)
"""What an operator of that strategy sets, and nothing else."""


def _adding(settings: ExecutorSettings) -> ExecutorSettings:
    return replace(settings, sizing=replace(settings.sizing, add_to_open=True))


STRATEGY = TestBedSetup(
    settings=executor_settings(PROFILE),
    opening=Opening(krw=Decimal(20_500_000), usdt=Decimal(14_500)),
)
"""The capital that the strategy takes for granted: 40,000,000 KRW, half on each exchange."""
_PLAIN = _adding(bed_settings())
ADDING = TestBedSetup(settings=_PLAIN)
ADDING_IOC = TestBedSetup(
    settings=replace(_PLAIN, policy=replace(_PLAIN.policy, style=ExecutionStyle.LIMIT_IOC))
)
"""The default limits, but for that a pair may be added to."""


def _read(scene: Scene, action: str, settings: Settings = PROFILE, **more: object) -> Signal:
    """As a door reads what the strategy publishes."""
    values = {"symbol": BASE, "strategy": KIMCHI, "action": action, **more}
    values["timestamp"] = scene.testbed.clock.now().isoformat()
    found = read_any(json.dumps(values), settings.research.rules())
    assert isinstance(found, Signal), found  # noqa: S101 - a scenario's own text
    return found


async def _trade(scene: Scene, signal: Signal) -> PairTrade:
    return (await scene.trades())[signal.id]


async def _buy(scene: Scene, level: str) -> Signal:
    """BUY of a level, settled as hedged at the size of that level."""
    signal = _read(scene, "BUY", level=level, reason=f"Level {level}")
    await scene.send(signal)
    await scene.ends(signal.id, "hedged")
    trade = (await scene.trades()).get(signal.id)
    if trade is not None:
        brought_krw = (trade.holding.spot - trade.start.spot) * trade.decision.spot_mid_krw
        wanted = Decimal(LEVELS_KRW[level])
        scene.expect(
            that=abs(brought_krw - wanted) < wanted / 50,
            otherwise=f"level {level} brought {brought_krw:.0f} KRW, not {wanted}",
        )
    return signal


async def _sell(scene: Scene, reason: str) -> None:
    """SELL of all, whose reason stands in the trade's record."""
    signal = _read(scene, "SELL", reason=reason)
    await scene.send(signal)
    await scene.ends(signal.id, "flat")
    told = (await _trade(scene, signal)).signal.metadata.get("reason")
    scene.expect(that=told == reason, otherwise=f"its record says {told!r}, not {reason!r}")
    scene.expect_flat()


@scenario(rule=RULE, setup=STRATEGY)
async def two_levels_and_the_target(scene: Scene) -> None:
    """Level 1 at 40 %, level 2 at 60 % half a minute later, and one SELL at the target: flat."""
    first = await _buy(scene, "1")
    held = scene.short()
    await scene.wait_open(30.0)
    scene.move(spot_bps=-60)
    second = await _buy(scene, "2")
    scene.expect(that=scene.short() > 2 * held, otherwise=f"{scene.short()} after {held}")
    start = (await _trade(scene, second)).start
    scene.expect(that=start.short == held, otherwise=f"added to {start}, {held} were held")
    scene.expect(
        that=(await _trade(scene, first)).target.short == held,
        otherwise="level 1 is not what it was",
    )
    scene.move(spot_bps=+140)
    await _sell(scene, "Target")
    scene.expect_filled(upbit=3, binance=3)


@scenario(rule=RULE, setup=STRATEGY)
async def all_at_once_and_the_breakout(scene: Scene) -> None:
    """100 % in one BUY, closed above the upper band: both legs are gone, the reason is kept."""
    await _buy(scene, "combined")
    scene.move(spot_bps=+60)
    await _sell(scene, "Breakout")
    scene.expect_filled(upbit=2, binance=2)


@scenario(rule=RULE, setup=STRATEGY)
async def both_levels_within_a_second(scene: Scene) -> None:
    """The strategy decides every second: level 2 follows level 1 at once, and is no repeat."""
    levels = [_read(scene, "BUY", level=n, reason=f"Level {n}") for n in (1, 2)]
    for signal in levels:
        scene.expect_claim(await scene.send(signal), ClaimResult.CLAIMED)
    for signal in levels:
        await scene.ends(signal.id, "hedged")
    scene.expect_hedged(filled=2)
    for signal in levels:
        scene.expect_claim(await scene.send(signal), ClaimResult.DUPLICATE)
    await scene.ends_hedged(filled=2)
    await _sell(scene, "Target")


@scenario(rule=RULE, setup=STRATEGY)
async def a_losing_pair_of_the_strategy(scene: Scene) -> None:
    """The premium falls by 6 %: under the profile the pair stays, and operators are told."""
    await _buy(scene, "1")
    scene.move(spot_bps=-600)
    await scene.wait_open(20.0)
    scene.expect_hedged(filled=1)
    scene.expect_alert("stop_loss_reached")
    scene.move(spot_bps=+640)
    await _sell(scene, "Target")


# -- what can go wrong with an addition -----------------------------------------------------------


async def _first(scene: Scene) -> tuple[Decimal, Decimal]:
    """An open pair of 3,000,000 KRW; returns coins and short."""
    await scene.hedged(notional_krw=Decimal(3_000_000))
    return scene.coins(), scene.short()


def _expect_untouched(scene: Scene, held: tuple[Decimal, Decimal]) -> None:
    """The first part stands, and nothing of it was ever sold or bought back."""
    scene.expect_hedged()
    scene.expect(
        that=scene.short() >= held[1] and scene.coins() * 1000 > held[0] * 999,
        otherwise=f"{scene.coins()} coins and {scene.short()} short are left of {held}",
    )


def _expect_at_first(scene: Scene, held: tuple[Decimal, Decimal]) -> None:
    """Exactly the first part stands, up to what an exchange does not trade."""
    _expect_untouched(scene, held)
    scene.expect(
        that=scene.short() == held[1], otherwise=f"{scene.short()} short, {held[1]} before"
    )


@scenario(44, rule=ADDITION, setup=ADDING)
async def an_addition_whose_hedge_fills_in_part(scene: Scene) -> None:
    """Binance's book is taken away: a part of the addition fills, both legs end even above it."""
    held = await _first(scene)
    await scene.enter_into_thin_book(BINANCE, "0.002")
    await scene.ends("enter", "hedged", "unwound")
    _expect_untouched(scene, held)


@scenario(44, rule=ADDITION, setup=ADDING_IOC)
async def an_addition_whose_buy_fills_in_part(scene: Scene) -> None:
    """Upbit's book is taken away: what fills of the addition is hedged, the rest is given up."""
    held = await _first(scene)
    await scene.enter_into_thin_book(UPBIT, "0.002")
    await scene.ends("enter", "hedged", "unwound")
    _expect_untouched(scene, held)


@scenario(33, rule=ADDITION, setup=ADDING)
async def an_addition_whose_hedge_is_refused(scene: Scene) -> None:
    """Binance refuses for want of margin: the coins just bought are sold, and not one more."""
    held = await _first(scene)
    scene.arm(m.refusal(BINANCE, "-2019", count=2))
    await scene.enters("unwound")
    _expect_at_first(scene, held)
    scene.expect_alert("one_leg_failed")
    sold = [order.executed for order in scene.filled(UPBIT) if not order.is_buy]
    scene.expect(
        that=sum(sold) < held[0] / 2, otherwise=f"{sold} were sold, the addition was a third"
    )


@scenario(29, rule=ADDITION, setup=ADDING)
async def an_addition_whose_buy_is_refused(scene: Scene) -> None:
    """Upbit refuses for good: the short just sold is bought back, the first part's stays."""
    held = await _first(scene)
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid"))
    await scene.enters("unwound")
    _expect_at_first(scene, held)
    scene.expect_alert("one_leg_failed")


@scenario(32, rule=ADDITION, setup=ADDING)
async def an_addition_that_one_exchange_never_hears_of(scene: Scene) -> None:
    """The hedge of the addition is lost on the way: proven absent, then completed or unwound."""
    held = await _first(scene)
    scene.arm(m.order_lost(BINANCE))
    await scene.enters("hedged", "unwound")
    _expect_untouched(scene, held)


@scenario(rule="a crash at any instant (our design)", setup=ADDING)
async def killed_at_every_step_of_an_addition(scene: Scene) -> None:
    """One addition after the other, each killed one step later: even, never below the first."""
    held = await _first(scene)
    for point in range(1, POINTS_OF_AN_ADDITION):
        scene.die_at(point, down_s=0.2)
        size_krw = Decimal(300_000 + 15_500 * point)  # no two the same: none is a repeat
        expires_at = scene.in_one_hour()
        name = f"add{point}"
        await scene.enters(
            "hedged", "unwound", name=name, expires_at=expires_at, notional_krw=size_krw
        )
        _expect_untouched(scene, held)
        await scene.wait_open(60.0)  # a start costs requests, which entries have to leave free
    await scene.exits("flat", name="all")


@scenario(rule=ADDITION, setup=ADDING)
async def five_additions_of_other_sizes_within_a_minute(scene: Scene) -> None:
    """A ladder of growing sizes is no sender gone wild: each step is its own wish."""
    await _first(scene)
    for step in range(5):
        size_krw = Decimal(400_000 + 160_000 * step)
        await scene.enters("hedged", name=f"step{step}", notional_krw=size_krw)
    scene.expect_hedged(filled=6)
    await scene.exits("flat", name="all", filled=7)


@scenario(rule="a second ENTER while the pair is open is refused unless configured (our design)")
async def no_addition_without_the_setting(scene: Scene) -> None:
    """By default a second ENTER of a strategy is refused, and nothing is added."""
    await scene.hedged()
    await scene.enters()
    await scene.expect_refused("enter", "already_open")
    scene.expect_hedged(filled=1)


# -- a close beside an addition -------------------------------------------------------------------


@scenario(rule=ADDITION, setup=ADDING)
async def an_exit_while_an_addition_is_under_way(scene: Scene) -> None:
    """EXIT comes while the addition's hedge is unknown: nothing is completed, all is closed."""
    await _first(scene)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=3))
    await scene.enter()
    await scene.wait(0.2)
    await scene.exit(metadata={"reason": "Target"})
    await scene.ends("exit", "flat")
    scene.expect_flat()
    told = (await scene.trades())["exit"].signal.metadata
    scene.expect(that=told.get("reason") == "Target", otherwise=f"the record says {told}")


@scenario(rule=ADDITION, setup=ADDING)
async def an_exit_over_a_crash_in_an_addition(scene: Scene) -> None:
    """The engine dies with the addition unknown and an EXIT waiting: both parts are closed once."""
    await _first(scene)
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=3))
    await scene.enter()
    await scene.wait(0.2)
    await scene.exit(expires_at=scene.in_one_hour())
    await scene.crash()
    await scene.ends("exit", "flat")
    scene.expect_flat()


@scenario(rule=ADDITION, setup=ADDING)
async def an_exit_while_level_2_waits_behind_level_1(scene: Scene) -> None:
    """Level 1 is unknown, level 2 waits for it, EXIT comes: level 2 opens nothing any more."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=3))
    await scene.enter("level1", expires_at=scene.in_one_hour())
    await scene.wait(0.2)
    await scene.enter("level2", expires_at=scene.in_one_hour())
    await scene.exit()
    await scene.ends_flat()
    await scene.expect_refused("level2", "close_waits", "unresolved_trade")


@scenario(rule="an EXIT of before a pair closes nothing of it (our design)", setup=ADDING)
async def an_exit_made_before_the_addition(scene: Scene) -> None:
    """EXIT was made between both parts and comes after them: it closes what is held, all of it."""
    await _first(scene)
    await scene.wait_open(20.0)
    made = scene.signal("exit", scene.EXIT, expires_at=scene.in_one_hour())
    await scene.wait_open(20.0)
    await scene.enters("hedged", filled=2)
    await scene.send(made)
    await scene.ends("exit", "flat")
    scene.expect_flat(filled=3)


# -- the averaged entry ---------------------------------------------------------------------------


def _pair(scene: Scene) -> OpenPair | None:
    pairs = scene.testbed.engine.executor.book.positions.pairs()
    return next((pair for pair in pairs if pair.base == BASE), None)


async def _averaged(scene: Scene, second_krw: int, moved_bps: int) -> None:
    """A first part, the premium moves, and a second part of another size."""
    await _first(scene)
    scene.move(spot_bps=moved_bps)
    await scene.enters("hedged", notional_krw=Decimal(second_krw))
    pair, trades = _pair(scene), await scene.trades()
    paid = sum(
        fill.quantity * fill.price
        for trade in trades.values()
        for fill in trade.fills
        if fill.exchange is UPBIT
    )
    told = None if pair is None else pair.spot_cost_krw
    scene.expect(
        that=told is not None and abs(told - paid) < 1, otherwise=f"entered at {told}, paid {paid}"
    )


async def _expect_stop_loss(scene: Scene, *, closes: bool) -> None:
    await scene.wait_open(15.0)
    if closes:
        await scene.ends_flat()
        scene.expect_alert("stop_loss")
    else:
        scene.expect_hedged(filled=2)


@scenario(68, rule=ADDITION, setup=ADDING)
async def a_loss_of_the_first_part_alone(scene: Scene) -> None:
    """The first part has lost 6 %, both together 3.3 %: the stop-loss counts from the average."""
    await _averaged(scene, 6_000_000, -400)
    scene.move(spot_bps=-200)
    await _expect_stop_loss(scene, closes=False)


@scenario(68, rule=ADDITION, setup=ADDING)
async def a_loss_from_the_averaged_entry(scene: Scene) -> None:
    """Bought dearer the second time: the first part has lost 3 %, both 5.7 %; all is closed."""
    await _averaged(scene, 6_000_000, +400)
    scene.move(spot_bps=-700)
    await _expect_stop_loss(scene, closes=True)
