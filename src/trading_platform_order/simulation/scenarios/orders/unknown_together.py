"""Several orders of one coin are unknown at once: they are proven together or not at all.

A position is one number. An order that opened and one that closed leave it as if neither had
happened, so the proof of one needs the other one's fate, and the other way round: nobody may wait
for the other without end, and nobody may be called absent because the other one hides it.
"""

from decimal import Decimal

from exchange_simulator.faults.kinds import HttpStatus, RequestMatch
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import HELD
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.testbed.testbed import BASE

TOGETHER = "all unknowns of a symbol are proven together against the one position (our design)"
PROVEN_S = 25.0
"""The horizon of both orders, a proof of each, and what follows from it."""


async def _both_lost(scene: Scene, **more: object) -> None:
    """Another strategy's ENTER and our EXIT: neither hedge order arrives, nobody answers."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE, count=2))
    await scene.enter("others", strategy="other", **more)
    await scene.wait(0.1)
    await scene.exit()


async def _closed(scene: Scene) -> None:
    """Our EXIT bought its hedge back and sold its coins, in time."""

    def bought() -> Decimal:
        return sum((one.executed for one in scene.filled(BINANCE) if one.is_buy), Decimal(0))

    await scene.within(PROVEN_S, lambda: bought() >= HELD, "the EXIT waits for the ENTER")
    await scene.wait_open(1.0)
    scene.expect_outcome("exit", "flat")


@scenario(rule=TOGETHER)
async def an_exit_and_anothers_entry_that_are_both_lost(scene: Scene) -> None:
    """An opening and a closing order of one coin are lost: both are proven absent, none waits."""
    await _both_lost(scene)
    await _closed(scene)


@scenario(rule=TOGETHER)
async def an_exit_and_anothers_larger_entry_that_are_both_lost(scene: Scene) -> None:
    """The same where the ENTER is twice as large: sizes that differ change nothing."""
    await _both_lost(scene, notional_krw=Decimal(2_000_000))
    await _closed(scene)


@scenario(rule=TOGETHER)
async def an_exit_and_anothers_entry_that_both_happened_unseen(scene: Scene) -> None:
    """Both fill, no list shows them for 14 s, the position is as before: neither is absent."""
    await scene.hedged()
    scene.arm(m.answer_lost(BINANCE, count=m.EVER), m.news_lost(BINANCE))
    scene.arm(m.lists_lag(BINANCE, 14.0))
    await scene.enter("others", strategy="other")
    await scene.wait(0.1)
    await scene.exit()
    await scene.wait_open(13.0)
    scene.calm()
    await scene.wait_open(27.0)
    await scene.quiet()
    trades = await scene.trades()
    absent = [
        order.client_order_id
        for name in ("exit", "others")
        for order in trades[name].orders
        if order.status is OrderStatus.ABSENT
    ]
    scene.expect(that=not absent, otherwise=f"called absent, and filled: {absent}")
    scene.expect_outcome("exit", "flat")
    scene.expect_outcome("others", "hedged")
    scene.expect_kept(HELD)


@scenario(rule=TOGETHER)
async def a_lost_exit_beside_an_entry_that_happened_unseen(scene: Scene) -> None:
    """The ENTER filled and cannot be asked for, the EXIT is lost: the position tells them apart."""
    await scene.hedged()
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE, count=2), m.order_lost(BINANCE, skip=1))
    await scene.enter("others", strategy="other", notional_krw=Decimal(2_000_000))
    name = scene.first_order_id("others", BINANCE, strategy="other")
    asked = RequestMatch(method="GET", path="/fapi/v1/order", query=name)
    scene.arm(HttpStatus(venue=BINANCE, match=asked, status=500, count=m.EVER))
    await scene.wait(0.1)
    await scene.exit()
    await _closed(scene)
    scene.calm()
    await scene.quiet()


@scenario(rule=TOGETHER)
async def an_exit_and_anothers_entry_are_lost_while_binance_deleverages(scene: Scene) -> None:
    """The wallet is not as it was, and ADL's own execution says by how much: none waits."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE, count=2))
    await scene.enter("others", strategy="other")
    await scene.wait(0.1)
    await scene.exit()
    await scene.wait(0.1)
    scene.testbed.world.binance.deleverage(f"{BASE}USDT")
    await scene.within(PROVEN_S, lambda: scene.coins() == 0, "the EXIT waits for the ENTER")
    await scene.wait_open(5.0)
    await scene.ends_flat()


BY_HAND = Decimal("0.003")
"""Of another hand, in base units; no order of ours is of this size."""


@scenario(rule=TOGETHER, stopped="position")
async def a_lost_exit_beside_a_short_sold_by_hand(scene: Scene) -> None:
    """The owner sold the same contract short an hour ago: that explains it, and hides no EXIT."""
    await scene.hedged()
    scene.owner.trade_futures(f"{BASE}USDT", "SELL", BY_HAND)
    await scene.wait_open(4_000.0)
    scene.arm(m.order_lost(BINANCE))
    await scene.exit()
    await _closed(scene)
    await scene.wait_open(60.0)
    scene.owner.trade_futures(f"{BASE}USDT", "BUY", BY_HAND)
    await scene.wait_open(150.0)


@scenario(rule=TOGETHER, stopped="position")
async def an_exit_that_happened_unseen_beside_a_short_sold_by_hand(scene: Scene) -> None:
    """The same, but the EXIT filled and no list shows it for 14 s: it is not called absent."""
    await scene.hedged()
    scene.owner.trade_futures(f"{BASE}USDT", "SELL", BY_HAND)
    await scene.wait(1.0)
    scene.arm(m.answer_lost(BINANCE, count=m.EVER), m.news_lost(BINANCE))
    scene.arm(m.lists_lag(BINANCE, 14.0))
    await scene.exit()
    await scene.wait_open(13.0)
    scene.calm()
    await scene.wait_open(27.0)
    await scene.quiet()
    orders = (await scene.trades())["exit"].orders
    absent = [order.client_order_id for order in orders if order.status is OrderStatus.ABSENT]
    scene.expect(that=not absent, otherwise=f"called absent, and filled: {absent}")
    scene.expect_outcome("exit", "flat")
    scene.owner.trade_futures(f"{BASE}USDT", "BUY", BY_HAND)
    await scene.wait_open(150.0)
