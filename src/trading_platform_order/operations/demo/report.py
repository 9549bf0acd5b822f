"""What a demo says at its end, from the journal, the ledger and the exchanges' own answers."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast, get_args

from exchange_simulator.exchanges import SimulatedWorld
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.evidence.reconciliation import compare
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Fill, Leg
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState, apply
from trading_platform_order.domain.trade.trade_events import (
    TradeEvent,
    TradeOutcome,
    TradeSettled,
)
from trading_platform_order.exchanges.account_snapshot import read_in_full
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.storage.base import Store
from trading_platform_order.words import common, money
from trading_platform_order.words.results import demo as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.width import WIDTH, padded, wrapped

_LABEL = 16
_KRW = Decimal("0.01")
_TRADE_EVENTS = get_args(TradeEvent)
REFUSALS_MAX = 100_000
READ_AGAIN = 5
READ_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median, 99th percentile and maximum of a measurement; ``None`` without any."""

    p50: int | None
    p99: int | None
    max: int | None

    @classmethod
    def of(cls, values: Sequence[int]) -> "Spread":
        """By the nearest rank."""
        if not values:
            return cls(p50=None, p99=None, max=None)
        ordered = sorted(values)

        def rank(percent: int) -> int:
            return ordered[min(len(ordered) - 1, (len(ordered) * percent + 99) // 100 - 1)]

        return cls(p50=rank(50), p99=rank(99), max=ordered[-1])

    def to_json(self) -> dict[str, int | None]:
        """For programs."""
        return {"p50": self.p50, "p99": self.p99, "max": self.max}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """The result of a demo; money in KRW.

    Attributes:
        refusals: signals that were not traded, by code.
    """

    market: str
    symbol: str
    signals: int
    pair_trades: dict[str, int]
    refusals: dict[str, int]
    orders: int
    fills: int
    round_trips: int
    forced_exits: int
    total_krw: Decimal
    parts: PnlParts
    equity_change_krw: Decimal
    naked_ms: Spread
    signal_to_wire_us: Spread
    differences: tuple[str, ...]
    trades_digest: str
    database: Path | None

    def to_json(self) -> dict[str, object]:
        """For programs: money as text, counts and milliseconds as numbers."""
        parts = self.parts
        return {
            "signals": self.signals,
            "pair_trades": self.pair_trades,
            "refusals": self.refusals,
            "orders": self.orders,
            "fills": self.fills,
            "round_trips": self.round_trips,
            "forced_exits": self.forced_exits,
            "pnl_krw": {
                "total": _krw(self.total_krw),
                "premium": _krw(parts.premium),
                "funding": _krw(parts.funding),
                "fees": _krw(parts.fees),
                "fx": _krw(parts.fx),
                "slippage": _krw(parts.slippage),
                "fx_on_idle_usdt": _krw(parts.fx_idle),
            },
            "equity_change_krw": _krw(self.equity_change_krw),
            "naked_ms": self.naked_ms.to_json(),
            "signal_to_wire_us": self.signal_to_wire_us.to_json(),
            "ledger_matches_exchanges": not self.differences,
            "differences": list(self.differences),
            "trades_digest": self.trades_digest,
            "market": self.market,
            "symbol": self.symbol,
        }

    def lines(self, *, measured: bool = True) -> list[str]:
        """For operators; ``measured``: with what depends on this machine."""
        parts = self.parts
        outcomes = ", ".join(f"{_outcome(name)} {n}" for name, n in self.pair_trades.items())
        market = self.market
        if market == "generated":
            market = words.GENERATED(market=market)
        rows = [
            (words.MARKET(), market),
            (words.SYMBOL(), self.symbol),
            (words.NOT_CHECKED(), words.NOT_CHECKED_WHAT()),
            (words.SIGNALS(), f"{self.signals}"),
            (words.PAIR_TRADES(), outcomes),
            (words.REFUSED_FOR(), ", ".join(f"{c} {n}" for c, n in self.refusals.items()) or "-"),
            (words.ORDERS_FILLS(), f"{self.orders} / {self.fills}"),
            (
                words.ROUND_TRIPS(),
                words.ROUND_TRIPS_FORCED(count=self.round_trips, forced=self.forced_exits),
            ),
            (words.PNL_TOTAL(), f"{_grouped(self.total_krw)} KRW"),
            (f"  {common.PREMIUM()}", f"{_grouped(parts.premium)}"),
            (f"  {common.FUNDING()}", f"{_grouped(parts.funding)}"),
            (f"  {common.FEES()}", f"{_grouped(parts.fees)}"),
            (
                f"  {common.FX()}",
                words.ON_IDLE(fx=_grouped(parts.fx), idle=_grouped(parts.fx_idle)),
            ),
            (f"  {common.SLIPPAGE()}", f"{_grouped(parts.slippage)}"),
            (words.EQUITY_CHANGE(), words.EQUITY_ASKED(krw=_grouped(self.equity_change_krw))),
            (words.NAKED(), _spread(self.naked_ms, "ms")),
            *([(words.WIRE(), _spread(self.signal_to_wire_us, "us"))] if measured else []),
            (words.LEDGER(), _verdict(self.differences)),
            (words.DIGEST(), self.trades_digest[:16]),
        ]
        if self.database is not None:
            rows.append((words.JOURNAL(), str(self.database)))
        return [
            f"{padded('' if number else name, _LABEL)}{line}"
            for name, text in rows
            for number, line in enumerate(wrapped(text, WIDTH - _LABEL))
        ]


def _outcome(name: str) -> str:
    text = words.OUTCOMES.get(name) or money.OUTCOMES.get(name)
    return name if text is None else text()


def _krw(value: Decimal) -> str:
    return plain(value.quantize(_KRW))


def _grouped(value: Decimal) -> str:
    return f"{value:,.0f}"


def _spread(spread: Spread, unit: str) -> str:
    if spread.max is None:
        return words.NOT_MEASURED()
    return words.SPREAD(p50=spread.p50, p99=spread.p99, max=spread.max, unit=unit)


def _verdict(found: Sequence[str]) -> str:
    if not found:
        return words.EQUALS()
    return words.DIFFERS(what="; ".join(localised(line) for line in found))


async def make_report(
    *,
    engine: Engine,
    store: Store,
    world: SimulatedWorld,
    opening_krw: Decimal,
    opening_usdt: Decimal,
    signals: int,
    market: str,
    symbol: str,
    database: Path | None,
) -> DemoReport:
    """Put the report together; asks both exchanges for their balances."""
    await store.project()
    executor = engine.executor
    await executor.account.mark_market_fx()
    book = executor.book
    rate = book.pnl.krw_per_usdt
    opened = opening_krw + opening_usdt * book.opened_krw_per_usdt
    # From the journal: the engine keeps only the last settled trades in memory.
    trades, settled = await _trades(store)
    refusals = Counter(
        str(row["code"]) for row in await store.query("v_refusals", limit=REFUSALS_MAX)
    )
    answer = await read_in_full(engine.exchanges, engine.bases)
    for _ in range(READ_AGAIN):
        if not isinstance(answer, ReadFailed):
            break
        await asyncio.sleep(READ_PAUSE_S)
        answer = await read_in_full(engine.exchanges, engine.bases)
    found = (
        [answer.reason]
        if isinstance(answer, ReadFailed)
        else compare(book.ledger, answer, prefix="tp-").lines()
    )
    return DemoReport(
        market=market,
        symbol=symbol,
        signals=signals,
        pair_trades=_outcomes(book, trades.values(), refusals.total()),
        refusals=dict(sorted(refusals.items())),
        orders=sum(len(trade.orders) for trade in trades.values()),
        fills=sum(len(trade.fills) for trade in trades.values()),
        round_trips=_exits(trades.values(), forced=False),
        forced_exits=_exits(trades.values(), forced=True),
        total_krw=(book.equity_krw() or ZERO) - book.opened_equity_krw - book.transfers_krw,
        parts=book.parts(),
        equity_change_krw=world.equity(rate) - opened,
        naked_ms=Spread.of([event.naked_ms for event in settled]),
        signal_to_wire_us=Spread.of(
            [e.signal_to_wire_us for e in settled if e.signal_to_wire_us is not None]
        ),
        differences=tuple(found),
        trades_digest=trades_digest(list(trades.values())),
        database=database,
    )


async def _trades(store: Store) -> tuple[dict[str, PairTrade], list[TradeSettled]]:
    """All trades by id, in the order of their opening, and how they ended."""
    trades: dict[str, PairTrade] = {}
    settled: list[TradeSettled] = []
    async for row in store.journal_all():
        event = event_of(row) if row.trade_id else None
        if isinstance(event, _TRADE_EVENTS):
            trades[row.trade_id] = apply(trades.get(row.trade_id), cast("TradeEvent", event))
        if isinstance(event, TradeSettled):
            settled.append(event)
    return trades, settled


def _outcomes(book: AccountBook, trades: Iterable[PairTrade], refused: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    open_count = 0
    for trade in trades:
        if trade.state is TradeState.SETTLED and trade.outcome is not None:
            counts[trade.outcome.value] += 1
        else:
            open_count += 1
    open_count += sum(1 for holding in book.ledger.holdings.values() if holding.short != 0)
    named = {outcome.value: counts[outcome.value] for outcome in TradeOutcome}
    return {**named, "refused": refused, "open": open_count}


def _exits(trades: Iterable[PairTrade], *, forced: bool) -> int:
    return sum(
        1
        for trade in trades
        if trade.action is Action.EXIT
        and trade.outcome is TradeOutcome.FLAT
        and bool(trade.signal.metadata.get("forced")) is forced
    )


def trades_digest(trades: Sequence[PairTrade]) -> str:
    """SHA-256 over signal, leg, side, quantity, price and fee of every fill, in signal order.

    Ids and times are left out: they differ between runs that traded the same.
    """
    lines = []
    for trade in trades:
        legs = {order.client_order_id: order.leg for order in trade.orders}
        fills = sorted(trade.fills, key=lambda fill: _sort_key(fill, legs))
        for fill in fills:
            numbers = (plain(fill.quantity), plain(fill.price), plain(fill.fee))
            leg = legs[fill.client_order_id]
            lines.append("|".join((trade.signal.id, leg.value, fill.side.value, *numbers)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sort_key(fill: Fill, legs: dict[str, Leg]) -> tuple[str, str, Decimal, Decimal]:
    return (legs[fill.client_order_id].value, fill.client_order_id, fill.price, fill.quantity)
