"""Orders of the fake exchange, with scripted outcomes, and the executions of another hand."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Container
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tests.fakes.conditional_orders import FakeConditionalOrders
from tests.fakes.outcomes import (
    DEAD_KEY,
    FILLED,
    SILENT_TIMEOUT_S,
    Placed,
    ScriptedOutcome,
    refused_for,
)
from tests.fakes.pair import HEDGE_MID, SPOT_MID, START, D, seconds
from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.market import Book
from trading_platform_order.domain.order import (
    Fill,
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    base_asset,
)
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
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
    Transfer,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopState,
)
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.port.stream_events import OrderUpdate, PrivateSink, StopUpdate

FEE_RATE = D("0.0005")


class FakeOrders(FakeConditionalOrders):
    """One venue.

    Attributes:
        outcomes: of the next orders, in order; then all are filled.
        happened: shared with the store, so that the order of effects can be judged.
        sent: every order that was sent, as it was.
        tested: every order that was to be judged; ``tests``: the next verdicts, then all pass.
        rest_books: what asking for a book answers.
        asked: how often balances and funding were read.
        unread: assets whose rows of the balances cannot be read, and why.
        locked: coins that an order or a withdrawal of the owner holds back.
        account: how it is set; ``None`` where nothing can be set.
        key_is_dead: the engine's; whoever has another one uses :meth:`take`.
    """

    def __init__(self, venue: Venue, happened: list[str]) -> None:
        super().__init__()
        self.venue = venue
        self.happened = happened
        self.outcomes: deque[ScriptedOutcome] = deque()
        self.sent: list[Order] = []
        self.tested: list[Order] = []
        self.tests: deque[Refused | Unknown | None] = deque()
        self.rest_books: dict[str, Book] = {}
        self.asked: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.proofs: list[tuple[str, bool]] = []
        self.placed: dict[str, Placed] = {}
        self.reads_fail = False
        self.room = 1.0
        self.lists_fail = False
        self.exchange_ids = "x-"
        self.executions_fail = False
        self.countdowns: list[tuple[float, str, int]] = []
        self.entry = HEDGE_MID
        self.mark = HEDGE_MID
        self.liquidation = D(0)
        self.foreign_fills: list[Fill] = []
        self.proof: AbsenceOutcome | None = ProvenAbsent(evidence="nowhere")
        self.proof_s = 1.0
        self.lists_lag = False
        self.hides_look_up = False
        self.unlisted: set[str] = set()
        self.lost_cancels = 0
        self.unread: dict[str, str] = {}
        self.locked = D(0)
        self.key_is_dead = False
        self.read_s = 0.005
        self.test_s = 0.0
        self.funding_list: list[FundingPayment] = []
        self.transfer_list: list[Transfer] = []
        self.money = D(100_000_000) if venue is Venue.UPBIT else D(100_000)
        self.base = D(0)
        self.others: dict[str, Decimal] = defaultdict(lambda: D(0))
        self.account: AccountSettings | ReadFailed | None = None
        self.during_balances: Callable[[], None] = lambda: None
        self._sink: PrivateSink | None = None

    def held(self, symbol: str) -> Decimal:
        """Coins, or the position."""
        base = base_asset(symbol)
        return self.base if base == "BTC" else self.others[base]

    def _hides(self, name: str) -> bool:
        return self.lists_lag or name.rsplit("-", 1)[-1] in self.unlisted

    def send(self, order: Order) -> Awaitable[SendOutcome]:
        return self.take(order, outcome=refused_for(DEAD_KEY) if self.key_is_dead else None)

    def take(
        self, order: Order, *, outcome: ScriptedOutcome | None = None
    ) -> Awaitable[SendOutcome]:
        """By a key that orders, unless this is what becomes of it."""
        self.happened.append(f"sent {order.client_order_id[-3:]}")
        self.sent.append(order)
        scripted = self.outcomes.popleft() if self.outcomes and outcome is None else FILLED
        return self._answered(order, outcome or scripted)

    async def _answered(self, order: Order, outcome: ScriptedOutcome) -> SendOutcome:
        self.arrive(order, outcome)
        if outcome.answer_s is None:
            await asyncio.sleep(SILENT_TIMEOUT_S)
            return Unknown(reason="no answer")
        await asyncio.sleep(outcome.answer_s)
        self.happened.append(f"answered {order.client_order_id[-3:]}")
        if outcome.says is not None:
            return outcome.says
        return Accepted(report=self.report(order.client_order_id, with_fills=outcome.tells_fills))

    def arrive(self, order: Order, outcome: ScriptedOutcome = FILLED) -> None:
        """The order reaches the book."""
        quantity = order.quantity if outcome.executes is None else outcome.executes
        if order.reduce_only:
            quantity = min(quantity, max(-self.held(order.symbol), D(0)))
        if not outcome.exists:
            return
        placed = self.placed.setdefault(order.client_order_id, Placed(order=order))
        placed.is_open = outcome.stays_open
        if quantity:
            self._fill(placed, quantity)

    def _fill(self, placed: Placed, quantity: Decimal) -> None:
        order = placed.order
        price = SPOT_MID if order.leg is Leg.SPOT else HEDGE_MID
        fee = quantity * price * FEE_RATE
        signed = quantity if order.side is OrderSide.BUY else -quantity
        if base_asset(order.symbol) == "BTC":
            self.base += signed
        else:
            self.others[base_asset(order.symbol)] += signed
        if order.leg is Leg.SPOT:
            self.money -= signed * price
        self.money -= fee
        placed.fills.append(
            Fill(
                exchange=self.venue,
                symbol=order.symbol,
                client_order_id=order.client_order_id,
                trade_id=f"{self.venue}-{order.client_order_id}-{len(placed.fills)}",
                side=order.side,
                quantity=quantity,
                price=price,
                fee=fee,
                fee_asset="KRW" if order.leg is Leg.SPOT else "USDT",
                at=self.now(),
            )
        )

    def report(self, name: str, *, with_fills: bool = True) -> OrderReport:
        """How an order stands."""
        placed = self.placed[name]
        return OrderReport(
            exchange=self.venue,
            symbol=placed.order.symbol,
            client_order_id=name,
            exchange_order_id=f"{self.exchange_ids}{name}",
            side=placed.order.side,
            type=placed.order.type,
            quantity=placed.order.quantity,
            price=placed.order.price,
            executed_quantity=placed.executed,
            is_open=placed.is_open,
            fills=tuple(placed.fills) if with_fills else (),
            created_at=placed.order.created_at,
        )

    async def test_order(self, order: Order) -> Refused | Unknown | None:
        self.tested.append(order)
        await asyncio.sleep(self.test_s)
        if self.key_is_dead:
            return DEAD_KEY
        return self.tests.popleft() if self.tests else None

    async def order_book(self, symbol: str) -> Book | ReadFailed:
        return self.rest_books.get(symbol, ReadFailed(reason=f"no book of {symbol}"))

    async def look_up(self, order: Order) -> LookUpOutcome:
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        if order.client_order_id not in self.placed or self.hides_look_up:
            return NotFound()
        return Accepted(report=self.report(order.client_order_id))

    async def prove_absence(
        self, order: Order, *, sent_at: datetime, still_wanted: bool
    ) -> AbsenceOutcome:
        del sent_at
        self.proofs.append((order.client_order_id, still_wanted))
        self.happened.append(f"proof began {order.client_order_id[-3:]}")
        await asyncio.sleep(self.proof_s)
        self.happened.append(f"proof ended {order.client_order_id[-3:]}")
        if order.client_order_id in self.placed and not self._hides(order.client_order_id):
            return Accepted(report=self.report(order.client_order_id))
        return self.proof or Unknown(reason="not known")

    async def cancel(self, order: Order) -> CancelOutcome:
        self.cancelled.append(order.client_order_id)
        await asyncio.sleep(self.read_s)
        if self.lost_cancels > 0:
            self.lost_cancels -= 1
            return Unknown(reason="no answer")
        self.placed[order.client_order_id].is_open = False
        return CancelRequested()

    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        del symbols
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        return Rows(self.report(name) for name, p in self.placed.items() if p.is_open)

    async def orders_since(self, since: datetime, *symbols: str) -> Rows[ListedOrder] | ReadFailed:
        self.asked["orders_since"] += 1
        await asyncio.sleep(self.read_s)
        if self.reads_fail or self.lists_fail:
            return ReadFailed(reason="no answer")
        return Rows(
            ListedOrder(report=self.report(name, with_fills=False))
            for name, placed in self.placed.items()
            if placed.order.symbol in symbols
            and not self._hides(name)
            and (placed.is_open or placed.order.created_at >= since)
        )

    async def find_order(
        self, symbol: str, client_order_id: str
    ) -> ListedOrder | NotFound | ReadFailed:
        del symbol
        await asyncio.sleep(self.read_s)
        if self.reads_fail:
            return ReadFailed(reason="no answer")
        if client_order_id not in self.placed or self._hides(client_order_id):
            return NotFound()
        return ListedOrder(report=self.report(client_order_id, with_fills=False))

    async def executions(
        self, symbol: str, *, since: datetime, known: Container[str]
    ) -> tuple[Fill, ...] | ReadFailed:
        await asyncio.sleep(self.read_s)
        if self.reads_fail or self.executions_fail:
            return ReadFailed(reason="no answer")
        if symbol != "BTCUSDT":
            return ()
        own = [fill for placed in self.placed.values() for fill in placed.fills]
        fills = (*own, *self.foreign_fills)
        return tuple(f for f in fills if f.trade_id not in known and f.at >= since)

    def close_by(self, name: str, quantity: Decimal, *, price: Decimal = HEDGE_MID) -> Fill:
        """An order of another hand buys back a part of the short."""
        fee = quantity * price * FEE_RATE
        fill = Fill(
            exchange=self.venue,
            symbol="BTCUSDT",
            client_order_id=name,
            trade_id=f"foreign-{len(self.foreign_fills) + 1}",
            side=OrderSide.BUY,
            quantity=quantity,
            price=price,
            fee=fee,
            fee_asset="USDT",
            at=self.now(),
        )
        self.base += quantity
        self.money += quantity * (HEDGE_MID - price) - fee
        self.foreign_fills.append(fill)
        return fill

    def tell_foreign(self, fill: Fill) -> None:
        """The private stream tells of another hand's execution."""
        if self._sink is None:
            return
        self._sink(
            OrderUpdate(
                report=OrderReport(
                    exchange=self.venue,
                    symbol=fill.symbol,
                    client_order_id=fill.client_order_id,
                    exchange_order_id="9",
                    side=fill.side,
                    type=OrderType.MARKET,
                    quantity=fill.quantity,
                    price=None,
                    executed_quantity=fill.quantity,
                    is_open=False,
                    fills=(fill,),
                )
            )
        )

    def fire(self, name: str, *, price: Decimal = HEDGE_MID, rejected: str = "") -> None:
        """The trigger is reached: the short is bought back, or the exchange refuses to."""
        stop = self.stops[name]
        state = ProtectiveStopState.REJECTED if rejected else ProtectiveStopState.FINISHED
        self.stops[name] = replace(stop, state=state)
        quantity = min(stop.quantity, -self.base)
        if quantity > 0 and not rejected:
            self.tell_foreign(self.close_by(name, quantity, price=price))
        if self._sink is not None:
            self._sink(StopUpdate(report=self.stop_report(name, rejected)))

    def tell(self, name: str) -> None:
        """The private stream tells how an order stands."""
        assert self._sink is not None
        self._sink(OrderUpdate(report=self.report(name)))

    @staticmethod
    def now() -> datetime:
        """Calendar time: the loop's time from START on."""
        return START + seconds(asyncio.get_running_loop().time())
