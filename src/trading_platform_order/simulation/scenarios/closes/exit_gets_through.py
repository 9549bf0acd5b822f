"""An EXIT is done in time, whatever is only read, and whoever else is in the same coin."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from exchange_simulator.faults.kinds import DropRequest, HttpStatus, RequestMatch, ThinBook
from trading_platform_order.domain.trade.trade_events import ExecutionStyle
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup, bed_settings

IN_TIME_S = 3.0
OUR = "time to flat: nothing that only reads stands in front of an exit (our design)"
CLAIMED = "an EXIT without an end does not expire, and claims are the queue (our design)"
_SHORT_QUEUE = TestBedSetup(settings=replace(bed_settings(), queue_bound=2))


def _hangs(path: str) -> DropRequest:
    return DropRequest(venue=UPBIT, match=RequestMatch(method="GET", path=path), count=m.EVER)


@scenario(rule=OUR)
async def an_exit_while_the_balances_hang(scene: Scene) -> None:
    """GET /v1/accounts hangs and a stream reconnects, which has the position compared: in 3 s."""
    await scene.hedged()
    scene.arm(_hangs("/v1/accounts"), m.stream_cut(UPBIT, at_order=False))
    await scene.wait_open(4.0)
    await scene.exit()
    await scene.flat_within(IN_TIME_S)


@scenario(rule=OUR)
async def an_exit_while_the_positions_hang(scene: Scene) -> None:
    """GET /fapi/v3/positionRisk hangs and a stream reconnects: in 3 s."""
    await scene.hedged()
    match = RequestMatch(method="GET", path="/fapi/v3/positionRisk")
    scene.arm(DropRequest(venue=BINANCE, match=match, count=m.EVER))
    scene.arm(m.stream_cut(BINANCE, at_order=False))
    await scene.wait_open(4.0)
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    scene.calm()


@scenario(rule=OUR)
async def a_flatten_while_one_read_fails(scene: Scene) -> None:
    """One read endpoint answers 500 for a quarter of an hour: flatten closes all the same."""
    await scene.hedged()
    match = RequestMatch(method="GET", path="/fapi/v3/positionRisk")
    scene.arm(HttpStatus(venue=BINANCE, match=match, status=500, count=m.EVER))
    await scene.wait_open(10.0)
    await scene.stop("by hand", flatten=True)
    await scene.flat_within(IN_TIME_S)
    scene.calm()
    await scene.lift("done")


@scenario(rule="a strategy's own known holding can be closed (our design)")
async def an_exit_beside_an_unknown_entry_of_another(scene: Scene) -> None:
    """Another strategy's ENTER of the coin stays unknown: what is known to be ours is closed."""
    await scene.hedged()
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 500, count=m.EVER))
    await scene.enter("other", strategy="other")
    await scene.wait_open(5.0)
    before = scene.coins()
    own = Decimal("0.006")
    await scene.exit()
    await scene.within(IN_TIME_S, lambda: scene.coins() <= before - own, "ours is not sold")
    scene.calm()
    await scene.quiet()


@scenario(rule="worst-case counting is for entries (our design)")
async def an_exit_beside_fills_that_are_not_told(scene: Scene) -> None:
    """Another strategy's fills have no price yet: that holds no EXIT of the coin back."""
    await scene.hedged()
    scene.arm(m.news_lost(BINANCE))
    trades = RequestMatch(method="GET", path="/fapi/v1/userTrades")
    scene.arm(HttpStatus(venue=BINANCE, match=trades, status=500, count=m.EVER))
    await scene.enter("other", strategy="other")
    await scene.wait_open(5.0)
    before, own = scene.coins(), Decimal("0.006")
    await scene.exit()
    await scene.within(IN_TIME_S, lambda: scene.coins() <= before - own, "ours is not sold")
    scene.calm()
    await scene.quiet()


@scenario(rule=CLAIMED)
async def an_exit_while_our_clock_is_an_hour_ahead(scene: Scene) -> None:
    """Our calendar is an hour ahead: an EXIT made now is no old one."""
    await scene.hedged()
    scene.testbed.engine_clock.jump(3_600.0)
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    scene.testbed.engine_clock.set_right()


@scenario(rule=CLAIMED)
async def an_exit_that_is_six_seconds_old(scene: Scene) -> None:
    """It was on its way for six seconds: it closes what is held."""
    await scene.hedged()
    await scene.wait_open(30.0)
    await scene.send(scene.aged(scene.signal("exit", scene.EXIT), 6.0))
    await scene.flat_within(IN_TIME_S)


@scenario(rule=CLAIMED, setup=_SHORT_QUEUE)
async def an_exit_into_a_full_queue(scene: Scene) -> None:
    """As many signals wait as may: an EXIT is taken all the same, and overtakes the ENTERs."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE))
    await scene.enter("unknown", strategy="other")
    for number in range(3):
        name, ends = f"waits{number}", scene.in_one_hour()
        await scene.enter(name, strategy=name, expires_at=ends)
    await scene.exit()
    await scene.wait_open(30.0)
    await scene.ends("exit", "flat")


@scenario(rule="an EXIT never closes a pair that a later ENTER opened (our design)")
async def a_fridays_exit_on_mondays_pair(scene: Scene) -> None:
    """An EXIT of three days ago is replayed: refused as superseded, urgently told."""
    await scene.hedged()
    friday = scene.signal("friday", scene.EXIT)
    await scene.send(replace(friday, created_at=friday.created_at - timedelta(days=3)))
    await scene.quiet()
    await scene.expect_refused("friday", "superseded")
    scene.expect_kept(Decimal("0.006"))
    urgent = {alert.kind for alert in scene.testbed.alerts() if alert.urgent}
    scene.expect(that="refusal" in urgent, otherwise=f"urgent were only {sorted(urgent)}")


@scenario(rule="what is uneven sets the pace (our design)")
async def a_correction_that_fills_in_part(scene: Scene) -> None:
    """The hedge of 5,000,000 KRW is refused, the coins are taken back in parts: within seconds."""
    scene.arm(m.refusal(BINANCE, count=2))
    await scene.enter(notional_krw=Decimal(5_000_000))
    await scene.wait(0.05)
    scene.depth(UPBIT, "0.002")
    await scene.flat_within(30.0)
    scene.depth(UPBIT, None)
    await scene.quiet()


@scenario(rule="one rule for dust (our design)")
async def a_remainder_of_5023_krw(scene: Scene) -> None:
    """What is left over is a little above Upbit's minimum: it is sold or booked, and over."""
    await scene.hedged()
    # Of 0.006 BTC 0.000033 are not sold: 5,024 KRW.
    scene.arm(ThinBook(venue=UPBIT, part="0.0032134"))
    await scene.exit()
    await scene.wait_open(20.0)
    scene.expect_outcome("exit", "flat")
    trade = (await scene.trades())["exit"]
    scene.expect(
        that=not trade.is_uneven, otherwise="settled, and yet uneven: dust by one rule only"
    )


_XRP = TestBedSetup(bases=("XRP",), settings=bed_settings("XRP"))


@scenario(rule="any filter error has that symbol's filters read at once (our design)", setup=_XRP)
async def a_step_that_changes_after_the_entry(scene: Scene) -> None:
    """Binance trades whole XRP only since the entry: closed but for dust within seconds."""
    await scene.hedged(symbol="XRP", notional_krw=Decimal(2_090_000))
    scene.testbed.world.binance.change_filters("XRPUSDT", step=Decimal(1))
    await scene.exit(symbol="XRP")
    await scene.wait_open(6.0)
    short = scene.short("XRP")
    scene.expect(that=short < 1, otherwise=f"{short} XRP are short")
    scene.expect_outcome("exit", "flat")


_COLLARED = TestBedSetup(
    settings=replace(
        bed_settings(),
        policy=replace(bed_settings().policy, style=ExecutionStyle.LIMIT_IOC),
    )
)


@scenario(rule="any filter error has that symbol's filters read at once", setup=_COLLARED)
async def a_tick_that_changes_after_the_entry(scene: Scene) -> None:
    """Binance's price step is ten times coarser since the entry: closed within seconds."""
    await scene.hedged()
    scene.testbed.world.binance.change_filters("BTCUSDT", tick=Decimal(1))
    await scene.exit()
    await scene.flat_within(6.0)


@scenario(rule=OUR)
async def a_sale_refused_once_while_no_balance_is_told(scene: Scene) -> None:
    """Upbit refuses the sale for want of coins, and no balance can be read: it is tried again."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT, "insufficient_funds_ask"))
    scene.arm(m.reads_fail(UPBIT, "/v1/accounts", 500, count=m.EVER))
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    await scene.ends("exit", "flat")
    scene.calm()


@scenario(rule=OUR)
async def a_sale_refused_once_while_the_balances_hang(scene: Scene) -> None:
    """The same, and the asking for the balances is never answered."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT, "insufficient_funds_ask"), _hangs("/v1/accounts"))
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    scene.calm()


@scenario(rule=OUR)
async def a_buy_back_refused_once_while_no_position_is_told(scene: Scene) -> None:
    """Binance refuses to reduce, and no position can be read: it is tried again."""
    await scene.hedged()
    scene.arm(m.refusal(BINANCE, "-2022"))
    scene.arm(m.reads_fail(BINANCE, "/fapi/v3/positionRisk", 500, count=m.EVER))
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    scene.expect_outcome("exit", "flat")
    scene.calm()


@scenario(rule=OUR)
async def a_buy_back_refused_once_while_the_positions_hang(scene: Scene) -> None:
    """The same, and the asking for the position is never answered."""
    await scene.hedged()
    match = RequestMatch(method="GET", path="/fapi/v3/positionRisk")
    scene.arm(m.refusal(BINANCE, "-2022"))
    scene.arm(DropRequest(venue=BINANCE, match=match, count=m.EVER))
    await scene.exit()
    await scene.flat_within(IN_TIME_S)
    scene.calm()


@scenario(rule=OUR)
async def an_entry_taken_back_while_no_balance_is_told(scene: Scene) -> None:
    """The hedge is refused, then the sale that takes the entry back, and no balance can be read."""
    scene.arm(m.refusal(BINANCE, "-2019"), m.refusal(UPBIT, "insufficient_funds_ask", skip=1))
    scene.arm(m.reads_fail(UPBIT, "/v1/accounts", 500, count=m.EVER))
    await scene.enter()
    await scene.ends("enter", "unwound")
    await scene.expect_naked_ms("enter", at_most=2_000)
    scene.calm()


@scenario(rule="what is not there is refused again, and booked once it can be read (our design)")
async def an_exit_of_a_hedge_that_was_taken_while_no_position_is_told(scene: Scene) -> None:
    """ADL took the hedge unseen, and no position can be read for a minute: flat, then booked."""
    await scene.hedged()
    scene.arm(m.news_lost(BINANCE), m.told_nothing(BINANCE, "ACCOUNT_UPDATE", count=m.EVER))
    scene.arm(m.reads_fail(BINANCE, "/fapi/v3/positionRisk", 500, count=m.EVER))
    scene.testbed.world.binance.deleverage("BTCUSDT")
    posts = scene.requests(BINANCE, "POST", "/fapi/v1/order")
    await scene.exit()
    await scene.wait_open(60.0)
    scene.expect_flat()
    scene.expect_requests("POST", "/fapi/v1/order", venue=BINANCE, at_most=posts + 20)
    scene.calm()
    await scene.wait_open(30.0)
    scene.expect_outcome("exit", "flat")
    await scene.wait_open(120.0)


@scenario(
    rule="what is not there is refused again, and booked once it can be read (our design)",
    stopped="coins_gone",
)
async def an_exit_of_coins_that_were_sold_while_no_balance_is_told(scene: Scene) -> None:
    """Another hand sold the coins, and no balance is told for a while: flat, then booked."""
    await scene.hedged()
    scene.arm(m.reads_fail(UPBIT, "/v1/accounts", 500, count=9))
    scene.arm(m.told_nothing(UPBIT, "myAsset", count=m.EVER))
    scene.owner.sell_our_coins("BTC", scene.coins())
    posts = scene.requests(UPBIT, "POST", "/v1/orders")
    await scene.exit()
    await scene.wait_open(60.0)
    scene.expect_flat()
    scene.expect_requests("POST", "/v1/orders", venue=UPBIT, at_most=posts + 20)
    scene.expect_outcome("exit", "flat")
    scene.calm()
    await scene.wait_open(60.0)
    await scene.expect_stopped("coins_gone")
