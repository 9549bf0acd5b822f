"""Whatever order news arrive in, and whatever befalls the orders: the legs come together."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.pair import POLICY, VIEW, D, holding, signal
from tests.fakes.pair_exchange import PairExchange
from tests.fakes.pair_run import PairRun
from tests.fakes.script import Script
from trading_platform_order.domain.order import Leg, OrderReport, OrderSide, OrderStatus
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.orders.tradable import tradable_quantity
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState, apply
from trading_platform_order.domain.trade.report_events import events_of_report

PATIENT = replace(POLICY, slow_attempts=40)

parts = st.lists(st.integers(1, 50), min_size=0, max_size=5)
randoms = st.integers(0, 2**32).map(Random)
"""Drawn as one seed, which a failure prints: a run is too long to be shrunk step by step."""


def news_of_one_order(
    script: Script, leg: Leg, sizes: list[int], random: Random
) -> list[tuple[te.TradeEvent, ...]]:
    """Reports as streams and look-ups give them: cumulative, each with some of the fills."""
    order = script.of(leg)
    seen = [script.fill(order, D(size) / 10_000) for size in sizes]
    total = sum((event.fill.quantity for event in seen), D(0))
    news: list[tuple[te.TradeEvent, ...]] = [(event,) for event in seen]
    for count in range(len(seen) + 1):
        known = seen[:count]
        report = OrderReport(
            exchange=order.exchange,
            symbol=order.symbol,
            client_order_id=order.client_order_id,
            exchange_order_id="x",
            side=order.side,
            type=order.type,
            quantity=order.quantity,
            price=None,
            executed_quantity=sum((event.fill.quantity for event in known), D(0)),
            is_open=count < len(seen),
            fills=tuple(event.fill for event in known if random.random() < 0.5),
        )
        news.append(events_of_report(report, script.now))
    script_end = te.OrderEnded(
        client_order_id=order.client_order_id,
        exchange_order_id="x",
        executed_quantity=total,
        at=script.now,
    )
    return [*news, (script_end,)]


def noise_of(script: Script, leg: Leg) -> list[tuple[te.TradeEvent, ...]]:
    """What a confused network may say besides; what was seen on the exchange outweighs it."""
    name, at = script.of(leg).client_order_id, script.now
    return [
        (te.OrderUnanswered(client_order_id=name, reason="time-out", at=at),),
        (te.OrderProvenAbsent(client_order_id=name, evidence="nowhere", at=at),),
        (te.CancelSent(client_order_id=name, reason="late", at=at),),
        (
            te.OrderRefused(
                client_order_id=name,
                code="x",
                message="",
                retryable=False,
                retry_after_s=None,
                at=at,
            ),
        ),
    ]


def after_all(trade: PairTrade, news: list[tuple[te.TradeEvent, ...]]) -> PairTrade:
    for events in news:
        for event in events:
            before = {order.client_order_id: order.executed_quantity for order in trade.orders}
            trade = apply(trade, event)
            for order in trade.orders:
                assert order.executed_quantity >= before[order.client_order_id], "it fell"
    return trade


@given(parts, parts, randoms)
def test_any_order_and_repetition_of_the_same_news_gives_the_same_trade(
    spot: list[int], hedge: list[int], random: Random
) -> None:
    script = Script(signal(quantity="0.025"))
    news = [
        *news_of_one_order(script, Leg.SPOT, spot, random),
        *news_of_one_order(script, Leg.HEDGE, hedge, random),
    ]
    noise = [*noise_of(script, Leg.SPOT), *noise_of(script, Leg.HEDGE)]
    straight = after_all(script.trade, news)

    disorder = [*news, *random.sample(news, k=len(news) // 2), *random.sample(noise, k=4)]
    random.shuffle(disorder)
    other = after_all(script.trade, disorder)

    for one, same in zip(straight.orders, other.orders, strict=True):
        assert one.executed_quantity == same.executed_quantity
        assert one.status is same.status
        assert one.status in {OrderStatus.FILLED, OrderStatus.CANCELLED}
    assert other.holding == straight.holding
    assert {fill.trade_id for fill in other.fills} == {fill.trade_id for fill in straight.fills}
    assert len(other.fills) == len(spot) + len(hedge)
    assert not other.unresolved
    assert not other.awaiting_fills


def opened(action: Action, size: int, random: Random) -> tuple[te.TradeOpened, PairExchange]:
    quantity = D(size) / 1_000
    held = holding()
    if action is Action.EXIT:
        dust = D(random.randrange(0, 3_000)) / 100_000_000
        held = te.Holding(spot=quantity + dust, short=quantity)
    wish = signal(action, quantity=None if action is Action.EXIT else str(quantity))
    left = held.short
    if action is Action.EXIT and random.random() < 0.3:
        left = D(random.randrange(0, size)) / 1_000  # somebody closed a part of it by hand
    exchange = PairExchange(
        random, spot=held.spot, short=left, bad_outcomes=random.randrange(0, 10)
    )
    return Script(wish, start=held, policy=PATIENT).opened, exchange


def nothing_left_to_trade(trade: PairTrade) -> bool:
    """No single order of either leg could bring them closer: what is left is dust."""
    gap = trade.gap
    sides = (
        {Leg.SPOT: OrderSide.SELL, Leg.HEDGE: OrderSide.SELL}
        if gap > 0
        else {Leg.SPOT: OrderSide.BUY, Leg.HEDGE: OrderSide.BUY}
    )
    return all(tradable_quantity(VIEW, leg, side, abs(gap)) == 0 for leg, side in sides.items())


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(Action), st.integers(2, 400), randoms)
def test_a_trade_ends_with_its_legs_together_whatever_befalls_its_orders(
    action: Action, size: int, random: Random
) -> None:
    began, exchange = opened(action, size, random)
    run = PairRun(began, exchange, random)
    run.to_the_end()
    trade = run.trade
    assert trade.state is TradeState.SETTLED, trade.detail
    assert (trade.holding.spot, trade.holding.short) == (exchange.coins, exchange.short)
    assert nothing_left_to_trade(trade), f"legs differ by {trade.gap}"
    assert abs(trade.gap) * trade.decision.spot_mid_krw < 5_100
    assert sum((fill.quantity for fill in trade.fills), D(0)) == sum(
        (order.executed_quantity for order in trade.orders), D(0)
    )
    if action is Action.EXIT:
        dust = Decimal(5100) / trade.decision.spot_mid_krw
        assert abs(trade.holding.spot) < dust
        assert trade.holding.short == 0
    names = [order.client_order_id for order in trade.orders]
    assert len(set(names)) == len(names)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(Action), st.integers(2, 400), randoms)
def test_the_journal_of_a_trade_leads_to_the_same_trade(
    action: Action, size: int, random: Random
) -> None:
    run = PairRun(*opened(action, size, random), random)
    run.to_the_end()
    trade = None
    for event in run.events:
        trade = apply(trade, event)
    assert trade == run.trade
