"""Calling the command, and a journal with one eventful pair trade in it."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from trading_platform_order.cli.main import main
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.profit.pair_money import PriceNow
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
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.executor.journal.event_codec import Event, entry_of
from trading_platform_order.observability.live_figures import LiveFigures, live_path, write_live
from trading_platform_order.signals.content import content_hash
from trading_platform_order.storage.base import Claim, Command
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us

CREATED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OFFLINE = {"TPORDER_PAPER_MARKET": "generated"}
TRADE = trade_key(strategy="kimp", signal_id="sig-1", symbol="BTC")


def clean_env() -> dict[str, str | None]:
    """Settings of the machine the tests run on must not reach them."""
    return {name: None for name in os.environ if name.startswith("TPORDER_")}


def offline_env() -> dict[str, str]:
    """For a process: nothing of this machine's settings, and a market that needs no network."""
    inherited = {name: value for name, value in os.environ.items() if name not in clean_env()}
    return inherited | OFFLINE


async def heard(stream: asyncio.StreamReader, words: bytes) -> bytes:
    """The first line with these words that a process writes."""
    said = b""
    while line := await stream.readline():
        if words in line:
            return line
        said += line
    raise AssertionError(f"never said {words!r}: {said!r}")


def tporder(
    *args: str | Path, stdin: bytes | None = None, env: Mapping[str, str] | None = None
) -> Result:
    runner = CliRunner(env={**clean_env(), **OFFLINE, **(env or {})})
    return runner.invoke(main, [str(arg) for arg in args], input=stdin)


def as_json(result: Result) -> Any:  # noqa: ANN401 - any JSON
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def signal_of(signal_id: str = "sig-1", action: Action = Action.ENTER) -> Signal:
    return Signal(
        id=signal_id,
        strategy="kimp",
        action=action,
        symbol="BTC",
        created_at=CREATED,
        quantity_base=Decimal("0.01") if action is Action.ENTER else None,
    )


def claim_of(signal: Signal, inbox_id: int | None = None) -> Claim:
    return Claim(
        signal_id=signal.id,
        content_hash=content_hash(signal),
        strategy=signal.strategy,
        symbol=signal.symbol,
        action=signal.action,
        inbox_id=inbox_id,
    )


def order_of(
    leg: Leg, purpose: Purpose = Purpose.OPEN, attempt: int = 1, quote: str | None = None
) -> Order:
    name = client_order_id(mode="p", key=TRADE, leg=leg, purpose=purpose, attempt=attempt)
    return Order(
        id=order_uuid(name),
        client_order_id=name,
        exchange=venue_of(leg),
        symbol=leg_symbol(leg, "BTC"),
        side=OrderSide.BUY if leg is Leg.SPOT else OrderSide.SELL,
        type=OrderType.MARKET,
        quantity=Decimal("0.010"),
        quote_amount=None if quote is None else Decimal(quote),
        leg=leg,
        purpose=purpose,
        attempt=attempt,
        signal_id="sig-1",
        created_at=CREATED,
    )


def fill_of(order: Order, trade_id: str, price: str, fee: str, fee_asset: str) -> Fill:
    return Fill(
        exchange=order.exchange,
        symbol=order.symbol,
        client_order_id=order.client_order_id,
        trade_id=trade_id,
        side=order.side,
        quantity=Decimal("0.01"),
        price=Decimal(price),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        at=CREATED,
    )


def after(milliseconds: float) -> datetime:
    return CREATED + timedelta(milliseconds=milliseconds)


def opened(signal: Signal, orders: Sequence[Order], at: datetime) -> te.TradeOpened:
    return te.TradeOpened(
        trade_id=trade_key(strategy="kimp", signal_id=signal.id, symbol="BTC"),
        signal=signal,
        start=te.Holding(),
        target=te.Holding(spot=Decimal("0.01"), short=Decimal("0.01")),
        decision=te.DecisionPrices(
            spot_mid_krw=Decimal(150_000_000),
            hedge_mid_usdt=Decimal(108_000),
            krw_per_usdt=Decimal(1_390),
            fx_source="upbit:KRW-USDT",
            at=at,
        ),
        policy=te.TradePolicy(
            mode="p",
            style=te.ExecutionStyle.MARKET,
            exposure_time_s=10,
            exposure_krw=Decimal(50_000_000),
            completion_slippage_bps=Decimal(20),
            working_limit_s=3,
            look_up_after_s=0.5,
            fast_attempts=8,
            slow_attempts=100,
            slow_retry_s=30,
            retry_first_s=1,
            uneven_retry_first_s=0.2,
        ),
        orders=tuple(orders),
        at=at,
    )


SPOT = order_of(Leg.SPOT, quote="1500000")
LOST = order_of(Leg.HEDGE)
AGAIN = order_of(Leg.HEDGE, Purpose.COMPLETE)


def eventful_trade() -> list[te.TradeEvent]:
    """The spot leg fills; the hedge is never answered, proven absent, and completed."""
    spot, lost, again = SPOT.client_order_id, LOST.client_order_id, AGAIN.client_order_id
    executed = Decimal("0.01")
    return [
        opened(signal_of(), (SPOT, LOST), after(2)),
        te.OrderAccepted(
            client_order_id=spot,
            exchange_order_id="u-1",
            executed_quantity=Decimal(0),
            at=after(6),
        ),
        te.FillSeen(fill=fill_of(SPOT, "t-1", "150010000", "750.05", "KRW"), at=after(7.5)),
        te.OrderEnded(
            client_order_id=spot, exchange_order_id="u-1", executed_quantity=executed, at=after(8)
        ),
        te.OrderUnanswered(client_order_id=lost, reason="no answer in 10 s", at=after(10_004)),
        te.OrderProvenAbsent(
            client_order_id=lost, evidence="3 reads, position explained", at=after(12_000)
        ),
        te.OrdersPlanned(orders=(AGAIN,), reason="legs differ by 0.01 BTC", at=after(12_001)),
        te.FillSeen(fill=fill_of(AGAIN, "t-2", "107990", "0.54", "USDT"), at=after(12_009)),
        te.OrderEnded(
            client_order_id=again,
            exchange_order_id="b-1",
            executed_quantity=executed,
            at=after(12_009),
        ),
        te.TradeSettled(
            outcome=te.TradeOutcome.HEDGED,
            holding=te.Holding(spot=executed, short=executed),
            naked_ms=12_001,
            naked_krw_max=Decimal("1500000.4"),
            signal_to_wire_us=312,
            at=after(12_009),
        ),
    ]


STARTED = ae.EngineStarted(build="tporder-test", mode="paper", clean=False, at=after(-60_000))
HELD = ae.PositionChanged(
    strategy="kimp",
    symbol="BTC",
    spot_base=Decimal("0.01"),
    short_base=Decimal("0.01"),
    at=after(12_010),
)
VALUED = ae.EquityRecorded(
    equity_krw=Decimal("40000000.5"),
    trading_pnl_krw=Decimal(-1500),
    premium_krw=Decimal(-10),
    funding_krw=Decimal(5),
    fees_krw=Decimal(-1500),
    fx_krw=Decimal(7),
    fx_idle_krw=Decimal(2),
    slippage_krw=Decimal("-0.5"),
    krw_per_usdt=Decimal(1_390),
    at=after(12_011),
)


def refused_of(signal_id: str, code: str, message: str) -> ae.SignalRefused:
    return ae.SignalRefused(
        signal_id=signal_id,
        strategy="kimp",
        action="ENTER",
        symbol="BTC",
        code=code,
        message=message,
        figures={"order_krw": "2000000", "order_krw_max": "1000000"},
        at=after(20_000),
    )


async def append(
    store: SqliteStore, event: Event, trade_id: str = "", claim: Claim | None = None
) -> None:
    await store.append([entry_of(event, trade_id)], at_us=epoch_us(event.at), claim=claim)


async def write_story(db: Path) -> None:
    """A started engine, the eventful trade, a refused signal; projected and closed."""
    store = SqliteStore(db, build="tporder-test", durability="normal")
    await append(store, STARTED)
    signal = signal_of()
    for index, event in enumerate(eventful_trade()):
        await append(store, event, TRADE, claim_of(signal) if index == 0 else None)
    await append(store, HELD)
    await append(store, VALUED)
    refused = refused_of("sig-2", "order_cap", "one order of 2,000,000 KRW")
    await append(store, refused, claim=claim_of(signal_of("sig-2")))
    await store.project()
    await store.close()


async def answer_one(db: Path, result: str, detail: str) -> Command:
    """Do what a running engine does with the next command; the command."""
    store = SqliteStore(db, build="tporder-test", durability="normal")
    try:
        async with asyncio.timeout(10):
            while True:
                waiting = await store.pending_commands()
                if waiting:
                    break
                await asyncio.sleep(0.02)
        await store.finish_command(waiting[0].id, result=result, detail=detail)
        return waiting[0]
    finally:
        await store.close()


def story_db(folder: Path) -> Path:
    db = folder / "story.db"
    asyncio.run(write_story(db))
    return db


def tell_live(db: Path, *, age_s: float = 0.0, **figures: object) -> None:
    """What a running engine writes."""
    now = datetime.now(UTC) - timedelta(seconds=age_s)
    price = PriceNow(
        base="BTC",
        spot_krw=Decimal(151_000_000),
        hedge_usdt=Decimal(108_000),
        krw_per_usdt=Decimal(1_400),
    )
    told = {"at": now, "mode": "paper", "since": now, "leverage": 3, "prices": (price,), **figures}
    write_live(live_path(db, "main"), LiveFigures(**told))  # type: ignore[arg-type]
