"""Placing, matching, resting and ending orders against the invented book.

All rules about the fate of a simulated order live here. Takers match the book level by level (one
trade per level); resting limit orders are filled as maker, in full, when a bar's range or the new
best opposite price reaches their price. Our own orders never match one another.

A reduce-only order executes at most what the position holds; the rest expires with reason 4. Its
original quantity stays as sent.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.account import Account, Figures
from exchange_simulator.binance.margin.brackets import max_notional
from exchange_simulator.binance.margin.position_key import BOTH, side_of, symbol_of
from exchange_simulator.binance.market_data.symbols import MAX_OPEN_ORDERS, SymbolRules
from exchange_simulator.binance.streaming import events
from exchange_simulator.binance.streaming.user_events import UserEvents
from exchange_simulator.binance.trading.crossing import (
    check_counterparty,
    check_immediate,
    worst_price,
)
from exchange_simulator.binance.trading.order import (
    NewOrder,
    SimulatedOrder,
    SimulatedTrade,
    round_8,
)
from exchange_simulator.binance.trading.validation import check_against_mark, check_good_till
from exchange_simulator.decimals import ZERO
from exchange_simulator.market.book import Match, SimulatedBook, in_pieces
from exchange_simulator.market.fed_book import Arrive, at_once
from exchange_simulator.ports import Schedule

FIRST_ORDER_ID = 8_389_765_000
FIRST_TRADE_ID = 109_100_000
EXPIRED_REST_OF_IOC = "2"
EXPIRED_WOULD_REVERSE = "4"
EXPIRED_LIQUIDATION = "5"
EXPIRED_REST_OF_MARKET = "9"
EXPIRED_BY_ITS_DATE = "0"

Emit = Callable[[dict[str, Any]], None]


class Matching:
    """All orders of the account and the books they meet."""

    def __init__(
        self,
        *,
        account: Account,
        now_ms: Callable[[], int],
        emit: Emit,
        book_changed: Callable[[str], None],
        schedule: Schedule,
        taker_fee_rate: Decimal,
        maker_fee_rate: Decimal,
        ids_from: int = 0,
    ) -> None:
        self._ids_from = ids_from
        self._account = account
        self._now_ms = now_ms
        self.user_events = UserEvents(emit=emit, schedule=schedule)
        self._book_changed = book_changed
        self._schedule = schedule
        self._held: set[int] = set()
        self._taker_fee_rate = taker_fee_rate
        self._maker_fee_rate = maker_fee_rate
        self.books: dict[str, SimulatedBook] = {}
        #: price steps of the symbols that have a book
        self.ticks: dict[str, Decimal] = {}
        self.orders: dict[str, list[SimulatedOrder]] = {}
        self.open: dict[str, SimulatedOrder] = {}
        self._trades: dict[str, int] = {}
        #: what happens to the next order; see ``SimulatedVenue``
        self.thin_next: Decimal | None = None
        self.hold_next_s: float | None = None
        #: a level of the book is made of orders no larger than this (base); ``None``: of one
        self.trade_quantity_max: Decimal | None = None
        #: market orders take nothing further from the mark than the exchange lets them
        self.is_bounded = False
        #: brings an accepted order to a symbol's book
        self.arrive: Arrive = at_once
        #: hears of every order that has ended
        self.on_end: Callable[[SimulatedOrder], None] = _nobody
        #: hears of every trade: symbol, price, quantity, and whether the buyer was the maker
        self.on_trade: Callable[[str, Decimal, Decimal, bool], None] = _no_trade
        #: hears of every order that is other than before
        self.on_change: Callable[[SimulatedOrder], None] = _nobody

    # -- what outlives a restart ----------------------------------------------------------------

    @property
    def made(self) -> dict[str, int]:
        """The last trade id that was given, by symbol."""
        return self._trades

    def restore(self, orders: Iterable[SimulatedOrder], made: Mapping[str, int]) -> None:
        """Go on with these orders, oldest first, and with trade ids after those of ``made``."""
        self._trades = dict(made)
        for order in orders:
            self.orders.setdefault(order.symbol, []).append(order)
            if order.is_open:
                self.open[order.client_order_id] = order

    # -- reading --------------------------------------------------------------------------------

    def find(
        self, symbol: str, *, order_id: int | None, client_order_id: str | None
    ) -> SimulatedOrder | None:
        """By the exchange's id, else the newest with this client id."""
        for order in reversed(self.orders.get(symbol, [])):
            if order_id is not None:
                if order.order_id == order_id:
                    return order
            elif order.client_order_id == client_order_id:
                return order
        return None

    def open_orders(self, symbol: str | None = None) -> list[SimulatedOrder]:
        """Oldest first."""
        if not self.open:
            return []
        return [order for order in self.open.values() if symbol in {None, order.symbol}]

    def figures(self) -> Figures:
        """Account totals with the margin of open orders."""
        margin = ZERO
        for symbol in self._symbols_with_orders():
            margin += self.order_margin(symbol)
        return self._account.figures(margin)

    def order_margin(self, symbol: str) -> Decimal:
        """Initial margin held by the open orders of a symbol, USDT."""
        if not self.open:
            return ZERO
        notional = sum(
            (o.remaining * o.price for o in self.open_orders(symbol) if not o.reduces), ZERO
        )
        return round_8(notional / self._account.leverage_of(symbol))

    def _symbols_with_orders(self) -> list[str]:
        return list(dict.fromkeys([order.symbol for order in self.open.values()]))

    # -- placing --------------------------------------------------------------------------------

    def check(self, wish: NewOrder, rules: SymbolRules) -> None:
        """Everything that depends on the state of market and account.

        Raises:
            Rejection: with the exchange's code; nothing has changed then.
        """
        book, mark = self.books.get(wish.symbol), self._account.marks.get(wish.symbol)
        if book is None or mark is None:
            raise Rejection(-4131)
        if wish.client_order_id in self.open:
            raise Rejection(-4116)
        check_against_mark(wish, rules, mark)
        check_good_till(wish, self._now_ms())
        if len(self.open) >= MAX_OPEN_ORDERS:
            raise Rejection(-2025)
        self._check_risk(wish, mark)
        check_immediate(wish, book)
        if self.is_bounded:
            check_counterparty(wish, book, mark)

    def _check_risk(self, wish: NewOrder, mark: Decimal) -> None:
        """What position and margin allow: -2022, -2027, -2019."""
        change = wish.quantity if wish.is_buy else -wish.quantity
        held = self._account.position(wish.holding).quantity
        if wish.reduces:
            beyond = wish.position_side != BOTH and wish.quantity > abs(held)
            if not held or (held > 0) == (change > 0) or beyond:
                raise Rejection(-2022)
            return
        leverage = self._account.leverage_of(wish.symbol)
        if abs(held + change) > abs(held) and abs(held + change) * mark > max_notional(leverage):
            raise Rejection(-2027)
        added = max(ZERO, abs(held + change) - abs(held))
        if added * (wish.price or mark) / leverage > self.figures().available:
            raise Rejection(-2019)

    def place(self, wish: NewOrder, rules: SymbolRules) -> SimulatedOrder:
        """Accept and match an order.

        Raises:
            Rejection: see :meth:`check`.
        """
        self.check(wish, rules)
        order = self._accept(wish)
        thin, self.thin_next = self.thin_next, None
        if thin is not None:
            self.books[wish.symbol].thin(thin, rules.step)
        hold_s, self.hold_next_s = self.hold_next_s, None
        if hold_s is None:
            self._hand_in(order)
        else:
            self._held.add(id(order))
            self._schedule(hold_s, lambda: self._let_go(order))
        return order

    def _hand_in(self, order: SimulatedOrder) -> None:
        self._held.add(id(order))
        self.arrive(order.symbol, lambda: self._let_go(order))

    def arrive_again(self) -> None:
        """Orders that cannot rest were on their way to their books when the process ended."""
        for order in self.open_orders():
            if order.type == "MARKET" or order.time_in_force in {"IOC", "FOK"}:
                self._hand_in(order)

    def _let_go(self, order: SimulatedOrder) -> None:
        self._held.discard(id(order))
        if order.is_open:
            self._take(order)

    def _take(self, order: SimulatedOrder) -> None:
        limit = None if order.type == "MARKET" else order.price
        if limit is None and self.is_bounded:
            limit = worst_price(self._account.mark(order.symbol), is_buy=order.is_buy)
        book = self.books[order.symbol]
        matches = book.take_base(self._allowed(order), is_buy=order.is_buy, limit=limit)
        for match in in_pieces(matches, self.trade_quantity_max):
            self._fill(order, match, is_maker=False)
        if order.is_open:
            self._end_or_rest(order)
        self._drop_idle_reduce_only(order.symbol)
        if matches:
            self._book_changed(order.symbol)

    def next_order_id(self, symbol: str) -> int:
        """The id the next order of this symbol gets."""
        return FIRST_ORDER_ID + self._ids_from + len(self.orders.get(symbol, []))

    def _accept(self, wish: NewOrder) -> SimulatedOrder:
        history = self.orders.setdefault(wish.symbol, [])
        order_id = self.next_order_id(wish.symbol)
        name = wish.client_order_id or f"web_{wish.symbol}_{order_id}"
        order = wish.accepted(order_id, name, self._now_ms())
        history.append(order)
        self.open[order.client_order_id] = order
        self.on_change(order)
        self.user_events.of_order(events.order_trade_update(order, "NEW", order.time_ms))
        return order

    def amend(self, order: SimulatedOrder, wish: NewOrder, rules: SymbolRules) -> None:
        """Change an open LIMIT order's quantity and price; its place in the queue is lost.

        It ends instead when the new quantity is filled already, or a GTX order would take.

        Raises:
            Rejection: -5027 or a filter's code; the order stays as it was.
        """
        if (wish.quantity, wish.price) == (order.quantity, order.price):
            raise Rejection(-5027)
        check_against_mark(wish, rules, self._account.mark(order.symbol))
        try:
            check_immediate(wish, self.books[order.symbol])
        except Rejection:
            self.cancel(order)
            return
        if wish.quantity <= order.executed:
            self.cancel(order)
            return
        order.quantity, order.price = wish.quantity, wish.price or order.price
        order.update_ms = self._now_ms()
        self.on_change(order)
        self.user_events.of_order(events.order_trade_update(order, "AMENDMENT", order.update_ms))
        self._hand_in(order)

    def force_close(self, holding: str, *, client_order_id: str, price: Decimal) -> SimulatedOrder:
        """The exchange closes the whole position at ``price`` (liquidation, ADL)."""
        held = self._account.position(holding).quantity
        order = self._accept(
            NewOrder(
                symbol=symbol_of(holding),
                position_side=side_of(holding),
                side="SELL" if held > 0 else "BUY",
                type="LIQUIDATION",
                time_in_force="IOC",
                quantity=abs(held),
                price=price,
                reduce_only=True,
                client_order_id=client_order_id,
                stp_mode="NONE",
            )
        )
        match = Match(price=price, quantity=abs(held))
        self._fill(order, match, is_maker=False, execution="CALCULATED")
        return order

    def _allowed(self, order: SimulatedOrder) -> Decimal:
        if not order.reduces:
            return order.remaining
        held = self._account.position(order.holding).quantity
        reduces = held < 0 if order.is_buy else held > 0
        return min(order.remaining, abs(held)) if reduces else ZERO

    def _end_or_rest(self, order: SimulatedOrder) -> None:
        if order.reduces and not self._allowed(order):
            self._expire(order, EXPIRED_WOULD_REVERSE)
        elif order.type == "MARKET":
            self._expire(order, EXPIRED_REST_OF_MARKET)
        elif order.time_in_force in {"IOC", "FOK"}:
            self._expire(order, EXPIRED_REST_OF_IOC)

    def _fill(
        self, order: SimulatedOrder, match: Match, *, is_maker: bool, execution: str = "TRADE"
    ) -> None:
        now_ms = self._now_ms()
        trade_id = self._next_trade_id(order.symbol)
        rate = self._maker_fee_rate if is_maker else self._taker_fee_rate
        commission, asset = self._account.commission_of(
            round_8(match.price * match.quantity * rate)
        )
        realised = self._account.trade(
            order.holding,
            match.quantity if order.is_buy else -match.quantity,
            match.price,
            commission=commission,
            commission_asset=asset,
            trade_id=trade_id,
            time_ms=now_ms,
        )
        trade = SimulatedTrade(
            trade_id=trade_id,
            price=match.price,
            quantity=match.quantity,
            commission=commission,
            commission_asset=asset,
            realised=realised,
            is_maker=is_maker,
            time_ms=now_ms,
        )
        order.trades.append(trade)
        self.on_trade(order.symbol, match.price, match.quantity, order.is_buy is is_maker)
        order.executed += match.quantity
        order.quote += match.quantity * match.price
        order.update_ms = now_ms
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        if not order.is_open:
            del self.open[order.client_order_id]
        self.on_change(order)
        self.user_events.of_fill(
            events.trade_lite(order, trade, now_ms, self.ticks.get(order.symbol)),
            events.order_trade_update(order, execution, now_ms, trade),
            events.account_update(
                self._account,
                "ORDER",
                now_ms,
                holding=order.holding,
                fee_rate=self._taker_fee_rate,
            ),
        )
        if not order.is_open:
            self.on_end(order)

    def begin_trade_ids_anew(self) -> None:
        """As an exchange that forgot them would: the next ids were given before."""
        self._trades.clear()

    def _next_trade_id(self, symbol: str) -> int:
        number = self._trades.get(symbol, FIRST_TRADE_ID + self._ids_from) + 1
        self._trades[symbol] = number
        return number

    # -- ending ---------------------------------------------------------------------------------

    def cancel(self, order: SimulatedOrder) -> None:
        """Cancel an open order."""
        self._end(order, "CANCELED")

    def expire_for_liquidation(self, order: SimulatedOrder) -> None:
        """End an open order because the account is being liquidated."""
        self._expire(order, EXPIRED_LIQUIDATION)

    def _expire(self, order: SimulatedOrder, reason: str) -> None:
        order.expiry_reason = reason
        self._end(order, "EXPIRED")

    def _end(self, order: SimulatedOrder, status: str) -> None:
        order.status = status
        order.update_ms = self._now_ms()
        del self.open[order.client_order_id]
        self.on_change(order)
        self.user_events.of_order(events.order_trade_update(order, status, order.update_ms))
        self.on_end(order)

    def _drop_idle_reduce_only(self, symbol: str) -> None:
        """Resting reduce-only orders end when there is nothing left to reduce."""
        for order in self.open_orders(symbol):
            if order.reduces and not self._allowed(order):
                self._expire(order, EXPIRED_WOULD_REVERSE)

    # -- the market moves -----------------------------------------------------------------------

    def resting(self, symbol: str) -> list[SimulatedOrder]:
        """Those in the book, oldest first; what is past its date ends now."""
        orders = [order for order in self.open_orders(symbol) if id(order) not in self._held]
        for order in orders:
            if order.good_till_ms and self._now_ms() >= order.good_till_ms:
                self._expire(order, EXPIRED_BY_ITS_DATE)
        return [order for order in orders if order.is_open]

    def fill_resting(self, order: SimulatedOrder, quantity: Decimal) -> None:
        """A resting order trades at most this much (base) at its own price."""
        quantity = min(quantity, self._allowed(order))
        if quantity:
            self._fill(order, Match(price=order.price, quantity=quantity), is_maker=True)

    def match_resting(self, symbol: str, *, low: Decimal, high: Decimal) -> None:
        """Fill the resting orders that the bar or the new book reaches; oldest first."""
        book = self.books[symbol]
        for order in self.resting(symbol):
            reached = (
                order.price >= min(low, book.asks[0].price)
                if order.is_buy
                else order.price <= max(high, book.bids[0].price)
            )
            if reached and order.is_open:
                self.fill_resting(order, order.remaining)
        self._drop_idle_reduce_only(symbol)


def _nobody(_order: SimulatedOrder) -> None:
    """Hears nothing."""


def _no_trade(_symbol: str, _price: Decimal, _quantity: Decimal, _buyer_made: bool) -> None:
    """Hears nothing."""
