"""Two exchanges nobody has heard of, in memory: what a new adapter has to bring, and nothing else.

``Ledgerline`` holds coins for KRW and ``Fjord`` shorts them. Each has symbols and error numbers of
its own, and the adapters below are written as one in ``exchanges/`` would be: they translate at the
door. No line of ``src`` knows them.
"""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.market import Book, FxRate, Instrument, Level
from trading_platform_order.domain.order import (
    Balance,
    Fill,
    Leg,
    Order,
    OrderReport,
    OrderSide,
    Position,
    base_asset,
    leg_of,
    leg_symbol,
)
from trading_platform_order.domain.outcome import (
    NOT_ENOUGH_COINS,
    REDUCE_ONLY_REJECTED,
    AbsenceOutcome,
    Accepted,
    AlreadyGone,
    CancelOutcome,
    CancelRequested,
    FundingPayment,
    ListedOrder,
    LookUpOutcome,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    SendOutcome,
    Unknown,
)
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import (
    BaseExchange,
    HedgeExchange,
    MarginAccount,
    SpotExchange,
)
from trading_platform_order.exchanges.port.stream_events import (
    MarketSink,
    OrderUpdate,
    PrivateSink,
    StreamUp,
)
from trading_platform_order.transport.clock import Clock

ZERO = Decimal(0)
BOOKS_EVERY_S = 0.2
FEE_RATE = Decimal("0.0004")
HORIZON = timedelta(seconds=5)
"""An order that has not arrived by then is refused by the exchange when it does."""


@dataclass(slots=True)
class Entry:
    """An order as the exchange keeps it; it always ends at once, at the best price."""

    order: Order
    number: int
    at: datetime
    fill: Fill


@dataclass(slots=True)
class Exchange:
    """What is on the other side of the wire.

    Attributes:
        script: what becomes of the next orders: an error number, or ``silent`` (executed, and the
            answer is lost); all others are filled.
        held: by symbol of its own.
    """

    price: Decimal
    money: Decimal
    script: deque[int | str] = field(default_factory=deque)
    entries: dict[str, Entry] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)


class ThirdExchange(BaseExchange):
    """What both adapters share; what an error's number means is each one's own."""

    errors: dict[int, str]

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self.exchange = exchange
        self._clock = clock
        self._sinks: list[PrivateSink] = []

    @abstractmethod
    def own_symbol(self, symbol: str) -> str: ...

    # -- orders ------------------------------------------------------------------------------------

    def send(self, order: Order) -> Awaitable[SendOutcome]:
        return self._send(order)

    async def _send(self, order: Order) -> SendOutcome:
        scripted = self.exchange.script.popleft() if self.exchange.script else ""
        await asyncio.sleep(0.004)
        if isinstance(scripted, int):
            name = self.errors.get(scripted, f"{self.venue}:{scripted}")
            return Refused(code=name, message=f"error {scripted}")
        report = self._execute(order)
        if scripted == "silent":
            await asyncio.sleep(1.0)
            return Unknown(reason="no answer within 1 s")
        for sink in self._sinks:
            sink(OrderUpdate(report=report))
        return Accepted(report=report)

    def _execute(self, order: Order) -> OrderReport:
        symbol = self.own_symbol(order.symbol)
        signed = order.quantity if order.side is OrderSide.BUY else -order.quantity
        self.exchange.held[symbol] = self.exchange.held.get(symbol, ZERO) + signed
        number = len(self.exchange.entries) + 1
        value = order.quantity * self.exchange.price
        fill = Fill(
            exchange=self.venue,
            symbol=order.symbol,
            client_order_id=order.client_order_id,
            trade_id=f"{number}-1",
            side=order.side,
            quantity=order.quantity,
            price=self.exchange.price,
            fee=value * FEE_RATE,
            fee_asset="KRW" if leg_of(order.symbol) is Leg.SPOT else "USDT",
            at=self._clock.now(),
        )
        self._pay(fill, signed)
        entry = Entry(order=order, number=number, at=fill.at, fill=fill)
        self.exchange.entries[order.client_order_id] = entry
        return self._report(entry)

    @abstractmethod
    def _pay(self, fill: Fill, signed: Decimal) -> None: ...

    def _report(self, entry: Entry, *, with_fills: bool = True) -> OrderReport:
        return OrderReport(
            exchange=self.venue,
            symbol=entry.order.symbol,
            client_order_id=entry.order.client_order_id,
            exchange_order_id=str(entry.number),
            side=entry.order.side,
            type=entry.order.type,
            quantity=entry.order.quantity,
            price=entry.order.price,
            quote_amount=entry.order.quote_amount,
            executed_quantity=entry.fill.quantity,
            is_open=False,
            fills=(entry.fill,) if with_fills else (),
            created_at=entry.at,
        )

    async def look_up(self, order: Order) -> LookUpOutcome:
        await asyncio.sleep(0.004)
        entry = self.exchange.entries.get(order.client_order_id)
        return NotFound() if entry is None else Accepted(report=self._report(entry))

    async def prove_absence(
        self, order: Order, *, sent_at: datetime, still_wanted: bool
    ) -> AbsenceOutcome:
        del still_wanted
        await asyncio.sleep(0.2)
        found = await self.look_up(order)
        if isinstance(found, Accepted):
            return found
        if self._clock.now() - sent_at <= HORIZON:
            return Unknown(reason="it may still arrive")
        return ProvenAbsent(evidence=f"{self.venue}: not there after {HORIZON.seconds} s")

    async def cancel(self, order: Order) -> CancelOutcome:
        return (
            AlreadyGone() if order.client_order_id in self.exchange.entries else CancelRequested()
        )

    async def test_order(self, order: Order) -> Refused | Unknown | None:
        del order
        return None

    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        del symbols
        return Rows(())

    async def orders_since(self, since: datetime, *symbols: str) -> Rows[ListedOrder] | ReadFailed:
        return Rows(
            ListedOrder(report=self._report(entry, with_fills=False))
            for entry in self.exchange.entries.values()
            if entry.order.symbol in symbols and entry.at >= since
        )

    async def find_order(
        self, symbol: str, client_order_id: str
    ) -> ListedOrder | NotFound | ReadFailed:
        del symbol
        entry = self.exchange.entries.get(client_order_id)
        if entry is None:
            return NotFound()
        return ListedOrder(report=self._report(entry, with_fills=False))

    # -- account -----------------------------------------------------------------------------------

    async def position(self, symbol: str) -> Position | ReadFailed:
        return Position(
            exchange=self.venue,
            symbol=symbol,
            quantity=self.exchange.held.get(self.own_symbol(symbol), ZERO),
            entry_price=self.exchange.price,
            mark_price=self.exchange.price,
            liquidation_price=ZERO,
        )

    async def prepare_account(self) -> ReadFailed | None:
        return None

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        del symbol, leverage
        return None

    async def server_time(self) -> datetime | ReadFailed:
        return self._clock.now()

    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        return Instrument(
            venue=self.venue,
            symbol=symbol,
            price_tick=Decimal("0.01"),
            quantity_step=Decimal("0.0001"),
            min_quantity=Decimal("0.0001"),
            max_quantity=ZERO,
            min_notional=ZERO,
            max_notional=ZERO,
            taker_fee_rate=FEE_RATE,
        )

    # -- streams -----------------------------------------------------------------------------------

    async def run_private_stream(self, sink: PrivateSink) -> None:
        self._sinks.append(sink)
        try:
            sink(StreamUp(exchange=self.venue))
            await asyncio.Event().wait()
        finally:
            self._sinks.remove(sink)

    async def run_market_stream(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        turn = 0
        while True:
            turn += 1
            for symbol in symbols:
                sink(self._book(symbol, turn))
            self._more(sink)
            await asyncio.sleep(BOOKS_EVERY_S)

    def _book(self, symbol: str, turn: int = 0) -> Book:
        step, depth = self.exchange.price / 10_000, Decimal(1_000 + turn % 7)
        return Book(
            symbol=symbol,
            bids=(Level(self.exchange.price - step, depth),),
            asks=(Level(self.exchange.price + step, depth),),
            at=self._clock.now(),
        )

    def _more(self, sink: MarketSink) -> None:
        """What else the market stream tells."""

    async def order_book(self, symbol: str) -> Book | ReadFailed:
        return self._book(symbol)

    async def close(self) -> None:
        self._sinks.clear()


class Ledgerline(ThirdExchange, SpotExchange):
    """Spot: calls Bitcoin ``krw.btc``, and 41 means that there are not enough coins."""

    venue = Venue("ledgerline")
    errors = {41: NOT_ENOUGH_COINS, 12: "ledgerline:market_is_shut"}  # noqa: RUF012 - fixed

    def own_symbol(self, symbol: str) -> str:
        return f"krw.{base_asset(symbol).lower()}"

    def _pay(self, fill: Fill, signed: Decimal) -> None:
        self.exchange.money -= signed * fill.price + fill.fee

    async def balances(self) -> Rows[Balance] | ReadFailed:
        coins = (
            Balance(asset=name.removeprefix("krw.").upper(), available=amount, locked=ZERO)
            for name, amount in self.exchange.held.items()
        )
        krw = Balance(asset="KRW", available=self.exchange.money, locked=ZERO)
        return Rows((krw, *coins))

    def _more(self, sink: MarketSink) -> None:
        sink(FxRate(krw_per_usdt=Decimal(1_400), at=self._clock.now(), source=str(self.venue)))


class Fjord(ThirdExchange, HedgeExchange):
    """Hedge: calls Bitcoin's contract ``BTC_PERP``, and 9002 means nothing to reduce."""

    venue = Venue("fjord")
    errors = {9002: REDUCE_ONLY_REJECTED, 9010: "fjord:margin_is_short"}  # noqa: RUF012 - fixed

    def own_symbol(self, symbol: str) -> str:
        return f"{base_asset(symbol)}_PERP"

    def _pay(self, fill: Fill, signed: Decimal) -> None:
        """All is sold and bought back at one price in these tests: only the fee is paid."""
        del signed
        self.exchange.money -= fill.fee

    async def balances(self) -> Rows[Balance] | ReadFailed:
        return Rows((Balance(asset="USDT", available=self.exchange.money, locked=ZERO),))

    async def margin(self) -> MarginAccount | ReadFailed:
        return MarginAccount(
            wallet_usdt=self.exchange.money,
            unrealised_usdt=ZERO,
            margin_balance_usdt=self.exchange.money,
            maintenance_usdt=ZERO,
            available_usdt=self.exchange.money,
        )

    async def funding(self, since: datetime) -> Rows[FundingPayment] | ReadFailed:
        del since
        return Rows(())

    async def executions(
        self, symbol: str, *, since: datetime, known: Container[str]
    ) -> tuple[Fill, ...] | ReadFailed:
        fills = (entry.fill for entry in self.exchange.entries.values())
        return tuple(
            f for f in fills if f.symbol == symbol and f.at >= since and f.trade_id not in known
        )


def held_of(exchange: ThirdExchange, leg: Leg, base: str) -> Decimal:
    """What an exchange holds by its own books."""
    return exchange.exchange.held.get(exchange.own_symbol(leg_symbol(leg, base)), ZERO)
