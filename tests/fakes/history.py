"""A journal with years of history: round trips as the engine commits them, by the store's door.

``python -m tests.fakes.history FILE TRADES`` makes a store with so many settled trades, ten rows
each, entries and exits by turns; with ``--views`` the read models, too.
"""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order import (
    Fill,
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import (
    client_order_id,
    order_uuid,
    trade_key,
)
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.claims import claim_for
from trading_platform_order.executor.journal.event_codec import Event, entry_of
from trading_platform_order.storage.base import Store
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us

BEGAN_AT = datetime(2024, 1, 1, tzinfo=UTC)
BETWEEN_TRADES = timedelta(minutes=5)
BASES = ("BTC", "ETH", "XRP", "SOL", "ADA", "DOGE", "TRX", "LINK", "AVAX", "DOT")
STRATEGY = "kimchi_premium"
MODE = "p"
QUANTITY = Decimal("0.01")
SPOT_KRW, HEDGE_USDT, RATE = Decimal(150_000_000), Decimal(100_000), Decimal(1_450)
_ZERO = Decimal(0)
POLICY = te.TradePolicy(
    mode=MODE,
    style=te.ExecutionStyle.MARKET,
    exposure_time_s=10.0,
    exposure_krw=Decimal(100_000_000),
    completion_slippage_bps=Decimal(20),
    working_limit_s=3.0,
    look_up_after_s=0.5,
    fast_attempts=8,
    slow_attempts=100,
    slow_retry_s=30.0,
    retry_first_s=1.0,
    uneven_retry_first_s=0.2,
)


def opening(at: datetime = BEGAN_AT) -> ae.AccountOpened:
    """The account's first event."""
    return ae.AccountOpened(
        krw=Decimal(10_000_000_000), usdt=Decimal(7_000_000), coins={}, krw_per_usdt=RATE, at=at
    )


def trade_events(number: int, at: datetime, base: str) -> Iterator[tuple[Event, str]]:
    """One trade's events, each with its trade id; an even number enters, the next one exits."""
    enters = number % 2 == 0
    action = Action.ENTER if enters else Action.EXIT
    signal = Signal(
        id=f"{STRATEGY}-{base}-{number}",
        strategy=STRATEGY,
        action=action,
        symbol=base,
        created_at=at,
        spot_price_krw=SPOT_KRW,
        hedge_price_usdt=HEDGE_USDT,
        metadata={"ratio": "1418.339717", "middle": "1420.205168"},
    )
    key = trade_key(strategy=STRATEGY, signal_id=signal.id, symbol=base)
    held, flat = te.Holding(spot=QUANTITY, short=QUANTITY), te.Holding()
    orders = tuple(_order(key, leg, base, signal.id, at, enters=enters) for leg in Leg)
    target = held if enters else flat
    yield (
        te.TradeOpened(
            trade_id=key,
            signal=signal,
            start=flat if enters else held,
            target=target,
            decision=te.DecisionPrices(
                spot_mid_krw=SPOT_KRW,
                hedge_mid_usdt=HEDGE_USDT,
                krw_per_usdt=RATE,
                fx_source="upbit:KRW-USDT",
                at=at,
            ),
            policy=POLICY,
            orders=orders,
            at=at,
        ),
        key,
    )
    for order in orders:
        for event in _order_events(order, number, at):
            yield event, key
    yield (
        te.TradeSettled(
            outcome=te.TradeOutcome.HEDGED if enters else te.TradeOutcome.FLAT,
            holding=target,
            naked_ms=3,
            naked_krw_max=Decimal("1500000.00"),
            signal_to_wire_us=1_742,
            at=at,
        ),
        key,
    )
    yield (
        ae.PositionChanged(
            strategy=STRATEGY, symbol=base, spot_base=target.spot, short_base=target.short, at=at
        ),
        "",
    )
    yield _equity(at), ""


def _order(key: str, leg: Leg, base: str, signal_id: str, at: datetime, *, enters: bool) -> Order:
    purpose = Purpose.OPEN if enters else Purpose.CLOSE
    name = client_order_id(mode=MODE, key=key, leg=leg, purpose=purpose, attempt=1)
    buys = (leg is Leg.SPOT) is enters
    return Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=Venue.UPBIT if leg is Leg.SPOT else Venue.BINANCE,
        symbol=leg_symbol(leg, base),
        side=OrderSide.BUY if buys else OrderSide.SELL,
        type=OrderType.MARKET,
        quantity=QUANTITY,
        quote_amount=QUANTITY * SPOT_KRW if leg is Leg.SPOT and buys else None,
        reduce_only=leg is Leg.HEDGE and buys,
        leg=leg,
        purpose=purpose,
        attempt=1,
        signal_id=signal_id,
        created_at=at,
    )


def _order_events(order: Order, number: int, at: datetime) -> Iterator[te.TradeEvent]:
    name, on_spot = order.client_order_id, order.leg is Leg.SPOT
    theirs = order_uuid(f"{name}-e") if on_spot else str(8_389_765_000 + number)
    price = SPOT_KRW if on_spot else HEDGE_USDT
    yield te.OrderAccepted(
        client_order_id=name, exchange_order_id=theirs, executed_quantity=_ZERO, at=at
    )
    yield te.FillSeen(
        fill=Fill(
            exchange=order.exchange,
            symbol=order.symbol,
            client_order_id=name,
            trade_id=order_uuid(f"{name}-t") if on_spot else str(109_100_000 + number),
            side=order.side,
            quantity=QUANTITY,
            price=price,
            fee=price * QUANTITY * Decimal("0.0005"),
            fee_asset="KRW" if on_spot else "USDT",
            at=at,
        ),
        at=at,
    )
    yield te.OrderEnded(
        client_order_id=name, exchange_order_id=theirs, executed_quantity=QUANTITY, at=at
    )


def _equity(at: datetime) -> ae.EquityRecorded:
    return ae.EquityRecorded(
        equity_krw=Decimal("20149534679.839873725"),
        trading_pnl_krw=Decimal("-10320.160126275"),
        premium_krw=Decimal("-283.49995500"),
        funding_krw=_ZERO,
        fees_krw=Decimal("-9699.532641275"),
        fx_krw=Decimal("0.00000"),
        fx_idle_krw=Decimal("0.0"),
        slippage_krw=Decimal("-337.12753000"),
        krw_per_usdt=RATE,
        at=at,
    )


async def write_history(store: Store, trades: int, *, first: int = 0) -> None:
    """Append so many settled trades to a store, as the engine commits them, one after another."""
    if first == 0:
        await store.append([entry_of(opening())], at_us=epoch_us(BEGAN_AT))
    for number in range(first, first + trades):
        at = BEGAN_AT + BETWEEN_TRADES * (number + 1)
        events = list(trade_events(number, at, BASES[number // 2 % len(BASES)]))
        opened = events[0][0]
        claim = claim_for(opened.signal) if isinstance(opened, te.TradeOpened) else None
        await store.append([entry_of(*events[0])], at_us=epoch_us(at), claim=claim)
        await store.append([entry_of(*event) for event in events[1:]], at_us=epoch_us(at))


async def make_history(path: Path, trades: int, *, views: bool = False) -> None:
    """A store file with so many settled trades; ``views``: the read models are brought up, too."""
    store = SqliteStore(path, build="history", durability="normal")
    try:
        await write_history(store, trades)
        if views:
            await store.project()
    finally:
        await store.close()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("trades", type=int)
    parser.add_argument("--views", action="store_true")
    told = parser.parse_args()
    asyncio.run(make_history(told.file, told.trades, views=told.views))


if __name__ == "__main__":
    _main()
