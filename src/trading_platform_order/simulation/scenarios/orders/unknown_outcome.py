"""No answer, or a strange one, is neither a failure nor a success."""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from exchange_simulator.faults.kinds import DropRequest, HoldOrder, LagReads, RequestMatch
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.simulation.testbed.testbed import TestBedSetup

JUST_ENOUGH = TestBedSetup(opening=Opening(krw=Decimal(1_010_000), usdt=Decimal(15_000)))
NO_MONEY = (
    '{"error":{"name":"insufficient_funds_bid","message":"주문가능한 금액(KRW)이 부족합니다."}}'
)


@scenario(14)
async def time_out_is_no_rejection(scene: Scene) -> None:
    """The order never arrived: called absent on evidence after the horizon, not on a time-out."""
    scene.arm(m.order_lost(BINANCE))
    await scene.enters()
    trade = (await scene.trades())["enter"]
    lost = next(order for order in trade.orders if order.exchange is BINANCE)
    scene.expect(that=lost.status is OrderStatus.ABSENT, otherwise=f"it is {lost.status}")
    scene.expect(that="horizon" in lost.detail, otherwise=f"evidence: {lost.detail}")
    scene.expect(that=not trade.refusals, otherwise="a time-out was taken for a refusal")


@scenario(15)
async def status_unknown_then_a_position(scene: Scene) -> None:
    """Binance answers -1006 (status unknown) to an order that fills: no orphan position."""
    scene.arm(
        m.error_after_taking(BINANCE, 400, '{"code":-1006,"msg":"Execution status unknown."}')
    )
    await scene.enters("hedged", filled=1)


@scenario(16)
async def network_gone_after_accepted_orders(scene: Scene) -> None:
    """Both orders are taken, then no name resolves for a while: none is dropped."""
    scene.arm(m.answer_lost(UPBIT), m.answer_lost(BINANCE))
    scene.arm(m.news_lost(UPBIT), m.news_lost(BINANCE))
    await scene.enter()
    await scene.wait(0.1)
    scene.unreachable(UPBIT, BINANCE)
    await scene.wait(25.0)
    scene.reachable(UPBIT, BINANCE)
    await scene.ends("enter", "hedged", filled=1)


@scenario(17)
async def http_504_is_no_failure(scene: Scene) -> None:
    """504 on Upbit for an order that it takes: looked up, not repeated under a new id."""
    scene.arm(m.error_after_taking(UPBIT, 504))
    await scene.enters("hedged", filled=1)


@scenario(18)
async def backend_time_out_with_a_late_accept(scene: Scene) -> None:
    """Binance answers -1007, and the order begins 1.5 s after it was sent."""
    scene.arm(m.order_late(BINANCE, 1.5))
    scene.arm(m.error_after_taking(BINANCE, 408, '{"code":-1007,"msg":"Timeout."}'))
    await scene.enters("hedged", filled=1)


@scenario(19)
async def not_found_just_after_placing(scene: Scene) -> None:
    """Upbit answers 404 to the first look-ups of an order that it holds: not found is no proof."""
    scene.arm(m.answer_lost(UPBIT), m.news_lost(UPBIT))
    scene.arm(m.look_up_fails(UPBIT, 404, m.NOT_FOUND, count=3))
    await scene.enters("hedged", filled=1)


@scenario(19)
async def binance_does_not_know_its_own_order_yet(scene: Scene) -> None:
    """Binance answers -2013 five times for an order that filled: absence needs the other lists."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 400, m.NO_SUCH_ORDER, count=5))
    await scene.enters("hedged", filled=1)


@scenario(20)
async def cancels_of_a_filled_order_end(scene: Scene) -> None:
    """Nobody tells of a fill, so the order looks as if it were working: few cancels, no storm."""
    scene.arm(m.news_lost(UPBIT), m.look_up_fails(UPBIT, 503, count=12))
    await scene.enters("hedged")
    scene.expect_requests("DELETE", "/v1/order", at_most=10, venue=UPBIT)


@scenario(rule="Upbit requests carry no time stamp and never expire (auth @2026-09-01)")
async def upbit_post_arrives_30_s_late(scene: Scene) -> None:
    """The lost buy arrives after half a minute: its identifier was used by then, it cannot fill."""
    scene.arm(m.order_late(UPBIT, 30.0))
    await scene.enter()
    await scene.wait_open(40.0)
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_hedged()


@scenario(rule="a request older than recvWindow is refused with -1021 (general-info)")
async def binance_post_arrives_30_s_late(scene: Scene) -> None:
    """The lost short arrives after half a minute: outside its window, refused by the exchange."""
    scene.arm(m.order_late(BINANCE, 30.0))
    await scene.enter()
    await scene.wait_open(40.0)
    await scene.quiet()
    scene.expect(that=len(scene.filled(BINANCE)) <= 1, otherwise="the late order was filled too")


@scenario(
    rule="an identifier is unique for ever; funds are locked at acceptance", setup=JUST_ENOUGH
)
async def repost_refused_because_the_first_one_has_the_money(scene: Scene) -> None:
    """There is money for one buy: the re-post is refused for want of funds: no proof."""
    scene.arm(m.answer_lost(UPBIT), m.news_lost(UPBIT))
    scene.arm(LagReads(venue=UPBIT, lag_s=4.0))
    scene.arm(m.error_instead(UPBIT, 400, NO_MONEY, skip=1))
    await scene.enters(notional_krw=Decimal(900_000))
    posts = scene.requests(UPBIT, "POST", "/v1/orders")
    scene.expect(that=posts > 1, otherwise="nothing was posted again")
    scene.expect_outcome("enter", "hedged")
    scene.expect_filled(upbit=1, binance=1)


@scenario(rule="a market order locks its money until it has traded")
async def repost_refused_because_the_first_one_locks_the_money(scene: Scene) -> None:
    """The first buy waits to be traded, unseen, as its repetition is refused: no proof either."""
    scene.arm(m.answer_lost(UPBIT), m.news_lost(UPBIT), HoldOrder(venue=UPBIT, hold_s=3.0))
    scene.arm(LagReads(venue=UPBIT, lag_s=4.0))
    scene.arm(m.error_instead(UPBIT, 400, NO_MONEY, skip=1))
    await scene.enters("hedged", notional_krw=Decimal(900_000), filled=1)


@scenario(rule="429 and 418 are answered before the identifier is looked at")
async def repost_answered_by_a_rate_limit(scene: Scene) -> None:
    """The re-post that would decide is answered 429 twice: unknown until an answer decides."""
    scene.arm(m.answer_lost(UPBIT), m.news_lost(UPBIT))
    scene.arm(m.look_up_fails(UPBIT, 404, m.NOT_FOUND, count=4))
    scene.arm(m.error_instead(UPBIT, 429, "Too many API requests.", skip=1, count=2))
    await scene.enters("hedged", filled=1)


@scenario(rule="-4116 ClientOrderId is duplicated: an order under this id is open")
async def duplicate_id_answer_on_a_first_post(scene: Scene) -> None:
    """Binance says -4116: something stands under our id. It is looked for, nothing sent blindly."""
    scene.arm(m.refusal(BINANCE, "-4116"))
    await scene.enters()
    scene.expect(that=len(scene.filled(BINANCE)) <= 1, otherwise="filled more than once")
    trade = (await scene.trades())["enter"]
    scene.expect(that=not trade.refusals, otherwise="-4116 was taken for a refusal")


@scenario(rule='503 "Service Unavailable." is the one 503 that is a certain failure (general-info)')
async def the_503_that_is_a_certain_failure(scene: Scene) -> None:
    """The order provably did not begin: the leg is completed at once under the next id."""
    scene.arm(m.error_instead(BINANCE, 503, '{"code":-1,"msg":"Service Unavailable."}'))
    await scene.enters("hedged", filled=1)
    await scene.expect_naked_ms("enter", at_most=1_000)


@scenario(
    rule='503 "Unknown error, please check your request or try again later." may have executed'
)
async def the_503_that_may_have_filled(scene: Scene) -> None:
    """Its twin with other words: the order fills, so it is looked up."""
    body = '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}'
    scene.arm(m.error_after_taking(BINANCE, 503, body))
    await scene.enters("hedged", filled=1)


@scenario(rule="-1008 system overload: the request was not processed; reduce-only is exempt")
async def throttled_by_an_overloaded_exchange(scene: Scene) -> None:
    """Three times -1008: proven not placed, so the trade goes on under new ids, and ends even."""
    body = '{"code":-1008,"msg":"Request throttled by system-level protection."}'
    scene.arm(m.error_instead(BINANCE, 503, body, count=3))
    await scene.enters()
    scene.expect(that=len(scene.filled(BINANCE)) <= 1, otherwise="filled more than once")


@scenario(rule="a 2xx that cannot be read is no answer")
async def an_answer_that_cannot_be_read(scene: Scene) -> None:
    """Both exchanges take the orders and a proxy mangles the answers."""
    scene.arm(m.error_after_taking(UPBIT, 201, '{"uuid":'))
    scene.arm(m.error_after_taking(BINANCE, 200, "<html>hello</html>"))
    await scene.enters("hedged", filled=1)


@scenario(rule="401 nonce_used: something replayed the request, the first copy may stand")
async def nonce_used_because_a_proxy_replayed_the_order(scene: Scene) -> None:
    """The first copy is taken, the replayed one answers 401 nonce_used: unknown, then found."""
    body = '{"error":{"name":"nonce_used","message":"nonce used"}}'
    scene.arm(m.error_after_taking(UPBIT, 401, body))
    await scene.enters("hedged", filled=1)


@scenario(rule="the answer to the first request says nothing of a repeated one (our design)")
async def a_late_refusal_of_an_order_that_was_posted_again(scene: Scene) -> None:
    """The first request's 403 comes after its repetition was accepted: it refuses nothing."""
    offline = '{"error":{"name":"market_offline","message":"maintenance"}}'
    scene.arm(m.error_instead(UPBIT, 403, offline), m.answer_late(UPBIT, 1.5))
    scene.arm(m.news_lost(UPBIT, count=1), HoldOrder(venue=UPBIT, hold_s=2.0))
    await scene.enters("hedged", filled=1)


@scenario(16, 20)
async def look_ups_fail_for_a_minute(scene: Scene) -> None:
    """Every question is answered 500 for a while: the order stays unknown, an operator is told."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 500, count=16))
    await scene.enters()
    scene.expect_alert("order_unknown")
    scene.expect_outcome("enter", "hedged")
    scene.expect_filled(upbit=1, binance=1)


@scenario(rule="an unwanted identifier is consumed by an order that cannot fill (our design)")
async def an_exit_overtakes_a_lost_buy(scene: Scene) -> None:
    """EXIT comes while the buy is unknown: it is not placed any more, the short is taken back."""
    scene.arm(m.order_lost(UPBIT))
    await scene.enter()
    await scene.wait(0.2)
    await scene.exit(expires_at=scene.in_one_hour())
    await scene.ends_flat()
    scene.expect(that=not scene.filled(UPBIT), otherwise="the unwanted buy was placed")


@scenario(rule="an order found by id must fit the intent (our design)")
async def an_unknown_order_blocks_its_symbol(scene: Scene) -> None:
    """While an order is unknown, the next ENTER of its symbol waits until it is known."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 500, count=10))
    await scene.enter()
    await scene.wait(1.0)
    second = scene.signal("second", scene.ENTER)
    await scene.send(replace(second, strategy="other", expires_at=scene.in_one_hour()))
    await scene.wait(1.0)
    trades = await scene.trades()
    scene.expect(that="second" not in trades, otherwise="the second entry did not wait")
    await scene.wait_open(45.0, tick_s=0.5)
    await scene.quiet()
    scene.expect_filled(upbit=2, binance=2)


@scenario(1, 64, rule="a refused attempt may have used up its identifier (duplicated_identifier)")
async def the_owner_buys_while_our_refusal_is_lost(scene: Scene) -> None:
    """Coins came in meanwhile, but the owner's own order tells of them: ours is not there."""
    scene.arm(m.refusal(UPBIT), m.answer_lost(UPBIT))
    await scene.send_blindly(scene.signal("enter", scene.ENTER))
    await scene.wait(0.2)
    scene.owner.buy_coins("BTC", Decimal(100_000))
    await scene.wait_open(60.0)
    await scene.ends_flat()
    scene.expect_outcome("enter", "unwound")


@scenario(1, 39, rule="a refused attempt may have used up its identifier (duplicated_identifier)")
async def the_owner_deposits_while_our_refusal_is_lost(scene: Scene) -> None:
    """The same with coins from outside: the list of deposits tells of them."""
    scene.arm(m.refusal(UPBIT), m.answer_lost(UPBIT))
    await scene.send_blindly(scene.signal("enter", scene.ENTER))
    await scene.wait(0.2)
    scene.owner.transfer(UPBIT, "BTC", Decimal("0.001"))
    await scene.wait_open(60.0)
    await scene.ends_flat()
    scene.expect_outcome("enter", "unwound")


@scenario(14, rule="a refused attempt may have used up its identifier (duplicated_identifier)")
async def a_refused_sale_and_every_answer_of_the_next_one_lost(scene: Scene) -> None:
    """The look for an identifier that is used up begins before a lost answer is given up."""
    await scene.hedged()
    scene.arm(m.refusal(UPBIT), m.answer_lost(UPBIT, count=2))
    await scene.exit()
    await scene.flat_within(16.0)
    await scene.ends("exit", "flat", filled=2)


@scenario(14, rule="an identifier that was used once is used for ever (Upbit)")
async def a_lost_purchase_while_no_book_is_told(scene: Scene) -> None:
    """What uses up the identifier is priced by the last trade where no book can be read."""
    scene.arm(m.order_lost(UPBIT), m.reads_fail(UPBIT, "/v1/orderbook", 500, count=m.EVER))
    await scene.enter()
    await scene.wait(0.1)
    await scene.exit()
    await scene.within(16.0, lambda: not scene.short(), "the hedge of what was never bought stands")
    scene.calm()
    await scene.ends_flat()


@scenario(14, rule="an identifier that was used once is used for ever (Upbit)")
async def a_restart_beside_a_lost_purchase_while_no_filters_are_told(scene: Scene) -> None:
    """The next engine cannot read the market's limits: what is published of them is enough."""
    scene.arm(m.order_lost(UPBIT))
    await scene.enter()
    await scene.wait(0.05)
    await scene.testbed.kill()
    match = RequestMatch(method="GET", path="/v1/orders/chance")
    scene.arm(DropRequest(venue=UPBIT, match=match, count=m.EVER))
    scene.testbed.begin()
    await scene.wait(2.0)
    await scene.send_blindly(scene.signal("exit", scene.EXIT))
    await scene.within(10.0, lambda: not scene.short(), "the hedge of what was never bought stands")
    scene.calm()
    await scene.wait_open(60.0)
    await scene.ends_flat()
