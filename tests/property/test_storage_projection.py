"""Whatever order events come in, the read models tell what the core itself would tell."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import (
    Fill,
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, order_uuid
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState, apply
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.storage.projections.projection import KEYS
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore

START = datetime(2026, 11, 22, tzinfo=UTC)
TRADE = "aaaaaaaaaaaaaaaaaaaa"


def order(leg: Leg, purpose: Purpose, attempt: int, quote_amount: Decimal | None) -> Order:
    name = client_order_id(mode="p", key=TRADE, leg=leg, purpose=purpose, attempt=attempt)
    return Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=venue_of(leg),
        symbol=leg_symbol(leg, "BTC"),
        side=OrderSide.BUY if leg is Leg.SPOT else OrderSide.SELL,
        type=OrderType.MARKET,
        quantity=Decimal("0.010"),
        quote_amount=quote_amount,
        leg=leg,
        purpose=purpose,
        attempt=attempt,
        signal_id="s1",
        created_at=START,
    )


FIRST = (
    order(Leg.SPOT, Purpose.OPEN, 1, Decimal(1_000_000)),
    order(Leg.HEDGE, Purpose.OPEN, 1, None),
)
LATER = tuple(order(Leg.HEDGE, Purpose.COMPLETE, attempt, None) for attempt in range(1, 4))
OPENED = te.TradeOpened(
    trade_id=TRADE,
    signal=Signal(id="s1", strategy="kimp", action=Action.ENTER, symbol="BTC", created_at=START),
    start=te.Holding(),
    target=te.Holding(spot=Decimal("0.010"), short=Decimal("0.010")),
    decision=te.DecisionPrices(
        spot_mid_krw=Decimal(100_000_000),
        hedge_mid_usdt=Decimal(70_000),
        krw_per_usdt=Decimal(1_400),
        fx_source="test",
        at=START,
    ),
    policy=te.TradePolicy(
        mode="p",
        style=te.ExecutionStyle.MARKET,
        exposure_time_s=5.0,
        exposure_krw=Decimal(1_000_000),
        completion_slippage_bps=Decimal(50),
        working_limit_s=5.0,
        look_up_after_s=0.5,
        fast_attempts=3,
        slow_attempts=3,
        slow_retry_s=30.0,
        retry_first_s=1.0,
        uneven_retry_first_s=0.2,
    ),
    orders=FIRST,
    at=START,
)

quantities = st.sampled_from([Decimal(text) for text in ("0", "0.002", "0.0050", "0.010", "1E-3")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    kind: str
    pick: int
    number: int
    quantity: Decimal


KINDS = (
    *("accepted", "ended", "refused", "unanswered", "absent", "cancel"),
    *("fill", "fill", "plan", "settle", "position", "human", "halt"),
)
draws = st.builds(
    Drawn,
    kind=st.sampled_from(KINDS),
    pick=st.integers(0, 4),
    number=st.integers(1, 6),
    quantity=quantities,
)


def possible(trade: PairTrade, drawn: Drawn, at: datetime) -> Mapping[str, te.TradeEvent]:
    """What can follow now, by the names drawn."""
    target = trade.orders[drawn.pick % len(trade.orders)]
    name, quantity = target.client_order_id, drawn.quantity
    known = {"client_order_id": name, "exchange_order_id": "x1"}
    refused = te.OrderRefused(
        client_order_id=name,
        code="insufficient_funds",
        message="no money",
        retryable=False,
        retry_after_s=None,
        at=at,
    )
    events: dict[str, te.TradeEvent] = {
        "accepted": te.OrderAccepted(**known, executed_quantity=quantity, at=at),
        "ended": te.OrderEnded(**known, executed_quantity=quantity, at=at),
        "refused": refused,
        "unanswered": te.OrderUnanswered(client_order_id=name, reason="time-out", at=at),
        "absent": te.OrderProvenAbsent(client_order_id=name, evidence="3 reads", at=at),
        "cancel": te.CancelSent(client_order_id=name, reason="still working", at=at),
        "fill": te.FillSeen(fill=fill(target, drawn), at=at),
        "human": te.OperatorCalled(reason="slow now", at=at),
        "coins": te.CoinsRead(coins_before=Decimal("0.010"), coins_now=quantity, at=at),
        "position": te.HedgePositionRead(short_before=Decimal("0.010"), short_now=quantity, at=at),
    }
    if drawn.number == 1:
        events["halt"] = te.TradeHalted(reason="an operator decides", at=at)
    planned = len(trade.orders) - len(FIRST)
    if trade.state is TradeState.EXECUTING and planned < len(LATER):
        events["plan"] = te.OrdersPlanned(orders=(LATER[planned],), reason="complete", at=at)
    if trade.state is TradeState.EXECUTING and not trade.unresolved:
        events["settle"] = te.TradeSettled(
            outcome=te.TradeOutcome.HEDGED,
            holding=trade.holding,
            naked_ms=12,
            naked_krw_max=Decimal("1E+3"),
            signal_to_wire_us=None,
            at=at,
        )
    return events


def fill(target: Order, drawn: Drawn) -> Fill:
    return Fill(
        exchange=target.exchange,
        symbol=target.symbol,
        client_order_id=target.client_order_id,
        trade_id=f"{target.client_order_id}/{drawn.number}",
        side=target.side,
        quantity=drawn.quantity or Decimal("0.001"),
        price=Decimal(100),
        fee=Decimal("0.05"),
        fee_asset="KRW",
        at=START,
    )


def contents(connection: Database) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")  # noqa: S608 - our own names
        for table in KEYS
    }


async def check(draws: list[Drawn], every: int) -> None:
    connection = Database.memory()
    store = SqliteStore(connection, build="b", durability="normal")
    trade = apply(None, OPENED)
    await store.append([entry_of(OPENED, TRADE)], at_us=0)
    for step, drawn in enumerate(draws, start=1):
        event = possible(trade, drawn, START + timedelta(milliseconds=step)).get(drawn.kind)
        if event is None:
            continue
        trade = apply(trade, event)
        await store.append([entry_of(event, TRADE)], at_us=step)
        if step % every == 0:
            await store.project()
    await store.project()

    (told,) = await store.query("v_trades")
    assert (told["state"], told["outcome"]) == (trade.state, trade.outcome)
    orders = {str(row["client_order_id"]): row for row in await store.query("v_orders")}
    assert len(orders) == len(trade.orders)
    for known in trade.orders:
        row = orders[known.client_order_id]
        assert row["status"] == known.status
        assert row["executed_quantity"] == plain(known.executed_quantity)
        assert row["filled_quantity"] == plain(trade.filled(known))
        assert row["exchange_order_id"] == known.exchange_order_id
        assert row["detail"] == known.detail
    fills = await store.query("v_fills")
    assert {row["exchange_trade_id"] for row in fills} == {f.trade_id for f in trade.fills}
    step_by_step = contents(connection)

    await store.rebuild()

    assert contents(connection) == step_by_step
    connection.close()


@given(drawn=st.lists(draws, max_size=30), every=st.integers(1, 7))
@settings(max_examples=150, deadline=None)
def test_read_models_agree_with_the_core_and_with_a_rebuild(drawn: list[Drawn], every: int) -> None:
    asyncio.run(check(drawn, every))
