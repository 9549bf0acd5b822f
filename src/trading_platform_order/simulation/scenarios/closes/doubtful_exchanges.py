"""An exchange in doubt: what makes it so, and which leg of a close goes first."""

from exchange_simulator.faults.kinds import DropRequest, HoldOrder, HttpStatus, RequestMatch
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import (
    HELD,
    ORDERS,
    TESTS,
    excused,
    tests_hang,
    watched,
)
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup

FAR = TestBedSetup(latency_s=0.2)
"""A round trip takes 0.4 s: one leg after the other is seen as such."""
DOUBT = "one exchange doubtful: its leg first, the other for what filled (our design)"


@scenario(rule="reads say nothing of orders (our design)", setup=FAR, stopped="api_error")
async def an_exit_while_every_read_fails(scene: Scene) -> None:
    """Both exchanges answer 500 to every private read, orders work: both legs leave at once."""
    await scene.hedged()
    for venue, path in ((UPBIT, "/v1/"), (BINANCE, "/fapi/")):
        every = RequestMatch(method="GET", path_prefix=path)
        scene.arm(HttpStatus(venue=venue, match=every, status=500, count=m.EVER))
    await scene.wait_open(31.0)
    await scene.exit()
    await scene.flat_within(2.0)
    scene.calm()
    await scene.wait_open(2.0)
    await scene.expect_naked_ms("exit", at_most=100)


@scenario(rule="closed becomes doubtful, never open, when its word lapses (our design)")
async def a_ban_that_ends_into_silence(scene: Scene) -> None:
    """Upbit bans us for 20 s and then answers no order: the hedge stays until it sells."""
    await scene.hedged()
    scene.ban(UPBIT, 20.0)
    await scene.wait_open(6.0)
    await scene.exit()
    silent = RequestMatch(method="POST", path_prefix=ORDERS[UPBIT])
    scene.arm(DropRequest(venue=UPBIT, match=silent, count=m.EVER))
    with excused(scene, "Upbit answers no order"):
        await scene.wait_open(44.0)
        scene.expect_kept(HELD)
        scene.calm()
        await scene.flat_within(60.0)


@scenario(rule="a ban ends by itself; asking makes it longer (Upbit, 418)")
async def nobody_asks_during_a_ban(scene: Scene) -> None:
    """Upbit bans us for a minute while a close waits: no order test is sent into the ban."""
    await scene.hedged()
    scene.ban(UPBIT, 60.0)
    await scene.wait_open(12.0)
    asked = scene.requests(UPBIT, "POST", TESTS[UPBIT])
    await scene.exit()
    await scene.wait_open(40.0)
    more = scene.requests(UPBIT, "POST", TESTS[UPBIT]) - asked
    scene.expect(that=more == 0, otherwise=f"{more} order tests during the ban")
    await scene.flat_within(45.0)


@scenario(rule="reads that turn us away are a reason to ask for an order test (our design)")
async def an_exit_six_seconds_into_maintenance(scene: Scene) -> None:
    """Upbit went into maintenance 6 s ago, no order has met it yet: both legs are kept."""
    await scene.hedged()
    await scene.wait_open(10.0)
    scene.shut(UPBIT)
    await scene.wait_open(6.0)
    await scene.exit()
    await scene.wait_open(10.0)
    scene.expect_kept(HELD)
    scene.reopen(UPBIT)
    await scene.flat_within(45.0)


@scenario(rule="order tests that stay without a verdict make it doubtful (our design)")
async def maintenance_that_ends_and_tests_that_hang(scene: Scene) -> None:
    """Upbit is back from maintenance, its order test hangs for ever: closed within a minute."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit()
    await scene.wait_open(10.0)
    scene.expect_kept(HELD)
    scene.arm(*tests_hang(UPBIT))
    with excused(scene, "tests are not answered for 30 s"):
        scene.reopen(UPBIT)
        await scene.flat_within(60.0)
    scene.calm()


async def _doubtful(scene: Scene, *venues: Venue) -> None:
    """Orders of another strategy failed there, and nobody can ask."""
    scene.arm(*tests_hang(*venues))
    await scene.wait_open(12.0)


@scenario(rule=DOUBT)
async def an_exit_in_doubt_of_upbit_that_fills_in_part(scene: Scene) -> None:
    """Upbit is doubtful, a third is bid at first: Binance closes a third, never all."""
    await scene.hedged()
    await _doubtful(scene, UPBIT)
    scene.depth(UPBIT, "0.002")
    with watched(scene) as gap, excused(scene, "a third is bid at first"):
        await scene.exit()
        await scene.wait_open(0.5)
        scene.depth(UPBIT, None)
        await scene.flat_within(15.0)
    scene.expect(that=gap.coins < HELD / 6, otherwise=f"{gap.coins} coins stood alone")
    scene.calm()


@scenario(rule=DOUBT)
async def an_exit_in_doubt_of_upbit_that_does_not_answer(scene: Scene) -> None:
    """Upbit is doubtful, and takes the sale to nowhere: the hedge is not closed before it."""
    await scene.hedged()
    await _doubtful(scene, UPBIT)
    scene.arm(m.order_lost(UPBIT))
    with watched(scene) as gap:
        await scene.exit()
        await scene.wait_open(8.0)
    scene.expect(that=gap.coins < HELD / 6, otherwise=f"{gap.coins} coins stood alone")
    scene.calm()
    await scene.flat_within(30.0)


@scenario(rule="both doubtful: wait for an order test; after 10 s spot first (our design)")
async def an_exit_in_doubt_of_both(scene: Scene) -> None:
    """No order test is answered anywhere, orders work: closed after 10 s, the coins first."""
    await scene.hedged()
    scene.arm(*tests_hang(UPBIT, BINANCE))
    await scene.wait_open(21.0)
    with watched(scene) as gap, excused(scene, "both are in doubt"):
        await scene.exit()
        await scene.flat_within(20.0)
    scene.expect(that=gap.coins < HELD / 6, otherwise=f"{gap.coins} coins stood alone")
    scene.calm()


@scenario(rule="both doubtful: wait for an order test; after 10 s spot first (our design)")
async def an_exit_while_binance_is_silent_and_upbit_in_doubt(scene: Scene) -> None:
    """Both are in doubt and Binance takes no order for 5 s: the coins are not sold before."""
    await scene.hedged()
    scene.arm(*tests_hang(UPBIT, BINANCE))
    await scene.wait_open(12.0)
    silent = RequestMatch(method="POST", path=ORDERS[BINANCE])
    scene.arm(DropRequest(venue=BINANCE, match=silent, count=m.EVER))
    with watched(scene) as gap, excused(scene, "both are in doubt"):
        await scene.exit()
        await scene.wait_open(5.0)
        scene.testbed.world.clear_faults()
        await scene.flat_within(30.0)
    scene.expect(that=gap.short < HELD / 6, otherwise=f"{gap.short} short stood alone")


@scenario(70, rule="an order is found by the exchange's own id as well (Upbit, GET /v1/order)")
async def an_order_that_only_its_uuid_finds(scene: Scene) -> None:
    """Upbit does not know our identifier any more, and tells nothing: found by its own id."""
    match = RequestMatch(method="GET", path="/v1/order", query="identifier=")
    lost = HttpStatus(venue=UPBIT, match=match, status=404, body=m.NOT_FOUND, count=m.EVER)
    scene.arm(lost, m.news_lost(UPBIT))
    await scene.enter()
    await scene.wait_open(10.0)
    scene.expect_outcome("enter", "hedged")
    scene.calm()


@scenario(rule="an order that was seen is never called absent (our design)")
async def a_working_order_that_reads_do_not_show(scene: Scene) -> None:
    """Upbit took the order, fills it 2.5 s later, shows it in no read: it is not posted again."""
    scene.arm(HoldOrder(venue=UPBIT, hold_s=2.5))
    match = RequestMatch(method="GET", path="/v1/order")
    scene.arm(HttpStatus(venue=UPBIT, match=match, status=404, body=m.NOT_FOUND, count=4))
    scene.arm(m.news_late(UPBIT, 2.0))
    await scene.enter()
    await scene.wait_open(20.0)
    posted = scene.requests(UPBIT, "POST", ORDERS[UPBIT])
    scene.expect(that=posted == 1, otherwise=f"posted {posted} times")
    await scene.quiet()


@scenario(rule="an exchange that judges an order takes orders (our design)")
async def a_sale_refused_once_while_order_tests_hang(scene: Scene) -> None:
    """Upbit is doubtful, and refuses the sale for its own sake: the next one waits for no test."""
    await scene.hedged()
    scene.arm(*tests_hang(UPBIT), m.stream_cut(UPBIT, at_order=False))
    await scene.wait_open(2.0)
    scene.arm(m.refusal(UPBIT, "insufficient_funds_ask"))
    await scene.exit()
    await scene.flat_within(3.0)
    scene.calm()
