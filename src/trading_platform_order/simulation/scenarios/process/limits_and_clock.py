"""Rate limits, bans and clocks that are wrong."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

BANNED = '{"code":-1003,"msg":"Way too many requests; IP banned until 1767571260000."}'
SYMBOLS = ("BTC", "ETH", "XRP")
MANY = TestBedSetup(bases=SYMBOLS, settings=bed_settings(*SYMBOLS))


@scenario(52)
async def banned_in_the_middle_of_an_entry(scene: Scene) -> None:
    """Binance answers 418 to the order: nothing is sent there any more, the buy is taken back."""
    scene.arm(m.error_instead(BINANCE, 418, BANNED, retry_after="60"))
    await scene.enter()
    await scene.wait(1.0)
    before = scene.testbed.world.gateways[BINANCE].requests_seen
    await scene.wait(30.0)
    sent = scene.testbed.world.gateways[BINANCE].requests_seen - before
    scene.expect(that=sent == 0, otherwise=f"{sent} requests during the ban")
    scene.expect_outcome("enter", "unwound")
    scene.expect_flat()
    await scene.wait_open(60.0)


@scenario(53)
async def told_to_slow_down(scene: Scene) -> None:
    """Upbit answers 429 three times: nobody asks again within the same second."""
    scene.arm(m.error_instead(UPBIT, 429, "Too many API requests.", count=3))
    await scene.enters()
    posts = [r.at for r in scene.testbed.world.gateways[UPBIT].order_requests]
    gaps = [(b - a).total_seconds() for a, b in pairwise(posts)]
    scene.expect(that=all(gap >= 1 for gap in gaps), otherwise=f"posts {gaps} s apart")


@scenario(54)
async def a_storm_of_rollbacks(scene: Scene) -> None:
    """Selling the coins back is refused thirty times: attempts are bounded and far from a ban."""
    scene.arm(m.refusal(BINANCE, "-2019"), m.refusal(UPBIT, "market_offline", skip=1, count=30))
    await scene.enter()
    await scene.wait_open(60.0)
    gate = scene.testbed.world.gateways[UPBIT]
    posts = len(gate.order_requests)
    scene.expect(that=posts <= 20, otherwise=f"{posts} orders posted in a minute")  # noqa: PLR2004 - one after each order test that passes
    scene.expect_alert("one_leg_failed")
    await scene.wait_open(1_800.0)
    await scene.ends_flat()


@scenario(54)
async def two_failing_legs_never_end_in_a_ban(scene: Scene) -> None:
    """Both sides refuse to close again and again: no exchange ever has to answer 429."""
    await scene.hedged()
    scene.arm(
        m.refusal(UPBIT, "market_offline", count=10),
        m.error_instead(BINANCE, 503, m.SERVICE_UNAVAILABLE, count=10),
    )
    await scene.exit()
    await scene.wait_open(900.0)
    await scene.ends_flat()
    scene.expect_no_status(429, 418)


@scenario(55, setup=MANY)
async def a_burst_of_signals_for_many_symbols(scene: Scene) -> None:
    """Twelve signals at once: no more orders in a second than Upbit allows, each with its fate."""
    for number in range(4):
        for base in SYMBOLS:
            scene.testbed.show_again()
            await scene.send_blindly(
                scene.signal(f"{base}{number}", scene.ENTER, symbol=base, strategy=f"s{number}")
            )
    await scene.quiet()
    seconds = Counter(
        int(request.at.timestamp())
        for request in scene.testbed.world.gateways[UPBIT].order_requests
    )
    most = max(seconds.values())
    scene.expect(that=most <= 8, otherwise=f"{most} orders in one second on Upbit")  # noqa: PLR2004 - the budget
    scene.expect_no_status(429, 418)


@scenario(56)
async def the_clock_runs_ahead(scene: Scene) -> None:
    """The clock jumps 3 s ahead: -1021 is proof, the clock is measured, the trade ends."""
    await scene.hedged()
    scene.testbed.engine_clock.error_s = 3.0
    await scene.exits("flat")


@scenario(57)
async def the_clock_falls_behind(scene: Scene) -> None:
    """The clock is 10 s late: requests look older than they are, and are refused first."""
    await scene.hedged()
    scene.testbed.engine_clock.error_s = -10.0
    await scene.exits("flat", expires_at=scene.in_one_hour())


@scenario(56, rule="the horizon is judged on the exchange's clock (our design)")
async def the_clock_jumps_while_an_order_is_unknown(scene: Scene) -> None:
    """The clock jumps a minute ahead during a time-out: the horizon is the exchange's, not ours."""
    scene.arm(m.order_late(BINANCE, 1.8), m.news_lost(BINANCE))
    await scene.enter()
    await scene.wait(0.2)
    scene.testbed.engine_clock.error_s = 60.0
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    scene.testbed.engine_clock.error_s = 0.0
    await scene.wait_open(5.0)


@scenario(rule="old prices block entries, never exits (our design)")
async def books_that_stand_still(scene: Scene) -> None:
    """No book has moved for twenty seconds: ENTER is refused, EXIT is carried out."""
    await scene.hedged()
    await scene.wait(20.0)
    await scene.send_blindly(scene.signal("blind", scene.ENTER, strategy="other"))
    await scene.expect_refused("blind", "stale_market_data")
    await scene.send_blindly(scene.signal("out", scene.EXIT))
    await scene.ends("out", "flat")


@scenario(rule="KRW-USDT may stand still while the coin moves (our design)")
async def a_stale_rate(scene: Scene) -> None:
    """The KRW-USDT rate is two minutes old, the books are fresh: ENTER is refused, EXIT is not."""
    await scene.hedged()
    scene.arm(m.told_nothing(UPBIT, "KRW-USDT", count=m.EVER))
    await scene.wait_open(120.0)
    await scene.enter("blind", strategy="other")
    await scene.expect_refused("blind", "stale_market_data")
    await scene.exits("flat")


@scenario(rule="403 market_offline: maintenance (rest-api-guide)")
async def maintenance_on_upbit(scene: Scene) -> None:
    """Upbit goes into maintenance with a pair open and comes back: the exit waits and is done."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.exit()
    await scene.wait_open(40.0)
    scene.reopen(UPBIT)
    await scene.wait_open(60.0)
    await scene.ends("exit", "flat")
    scene.expect_flat()


@scenario(rule="the order budget is the account's (rate-limits)")
async def large_entries_stay_under_the_caps(scene: Scene) -> None:
    """A signal over the absolute cap of one order is refused before anything leaves."""
    await scene.enters(notional_krw=Decimal(15_000_000))
    await scene.expect_refused("enter", "order_cap", "position_limit", "thin_book", "slippage")
    scene.expect_filled(upbit=0, binance=0)
    scene.expect(that=not scene.orders(Venue.BINANCE), otherwise="an order left")
