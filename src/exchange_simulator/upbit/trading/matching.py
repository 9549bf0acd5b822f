"""Orders meet books: locking, matching, fees, resting, cancelling. All rules of money are here.

Upbit's own rules (new-order @2026-08-21, faq-order, changelog orderbook_expansion):
* a bid locks its total and the fee on top; an ask locks its coins and pays the fee out of what it
  brings; the fee is never rounded;
* a market buy buys volumes truncated to 8 decimals; if anything of its total is left it ends in
  ``cancel`` and the rest returns, and only when it divides exactly it is ``done``;
* ``best`` is a limit order at the best opposite price of the moment, ioc or fok;
* a market order larger than the 30 visible opposite levels is refused at acceptance;
* the answer to a new order is the order as accepted, before any of its trades.

A resting order fills in full, at its own price, when a later bar or book touches that price.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

import attrs

from exchange_simulator.decimals import ZERO, floor_to_step
from exchange_simulator.market.book import in_pieces
from exchange_simulator.market.fed_book import Arrive, at_once
from exchange_simulator.ports import Schedule
from exchange_simulator.upbit.accounts import Accounts
from exchange_simulator.upbit.errors import Refusal, sided
from exchange_simulator.upbit.market_data.markets import Market, Markets
from exchange_simulator.upbit.numbers import PRECISION, VOLUME_STEP, counted_uuid
from exchange_simulator.upbit.trading.crossing import exceeds_book, fillable, meets, reach
from exchange_simulator.upbit.trading.listener import Listener
from exchange_simulator.upbit.trading.order_request import Lock, OrderRequest, check_size, to_lock
from exchange_simulator.upbit.trading.orders import (
    SimulatedOrder,
    State,
    Trade,
    rest_order,
)


def _nobody(_order: SimulatedOrder) -> None:
    """Hears nothing."""


@attrs.define(kw_only=True, eq=False, repr=False)
class Matching:
    """Places, fills and ends the orders of the one account."""

    _accounts: Accounts
    _markets: Markets
    _listener: Listener
    _now: Callable[[], datetime]
    _schedule: Schedule
    _fee_rate: Decimal
    _cancel_delay_s: float
    _orders_made: int = attrs.field(default=0, init=False)
    _trades_made: int = attrs.field(default=0, init=False)
    resting: dict[str, SimulatedOrder] = attrs.field(factory=dict, init=False)
    #: brings an accepted order to a market's book
    arrive: Arrive = attrs.field(default=at_once, init=False)
    #: what happens to the next order; see ``SimulatedVenue``
    thin_next: Decimal | None = attrs.field(default=None, init=False)
    hold_next_s: float | None = attrs.field(default=None, init=False)
    #: a level of the book is made of orders no larger than this (base); ``None``: of one
    trade_quantity_max: Decimal | None = attrs.field(default=None, init=False)
    orders: dict[str, SimulatedOrder] = attrs.field(factory=dict, init=False)
    by_identifier: dict[str, SimulatedOrder] = attrs.field(factory=dict, init=False)
    #: hears of every order that is other than before
    on_change: Callable[[SimulatedOrder], None] = attrs.field(default=_nobody, init=False)

    # -- what outlives a restart ----------------------------------------------------------------

    @property
    def made(self) -> tuple[int, int]:
        """How many ids of orders and of trades were given."""
        return self._orders_made, self._trades_made

    def restore(self, orders: Sequence[SimulatedOrder], made: Sequence[int]) -> None:
        """Go on with these orders, oldest first; ids begin after ``made`` (orders, trades)."""
        self._orders_made, self._trades_made = made
        for order in orders:
            self.orders[order.uuid] = order
            if order.identifier is not None:
                self.by_identifier[order.identifier] = order
            if order.is_open:
                self.resting[order.uuid] = order

    def _changed(
        self, order: SimulatedOrder, trade: Trade | None = None, *, is_prevented: bool = False
    ) -> None:
        self.on_change(order)
        self._listener.order_changed(order, trade, is_prevented=is_prevented)

    # -- placing --------------------------------------------------------------------------------

    def check(self, request: OrderRequest) -> tuple[Market, Lock]:
        """Everything that can be judged at acceptance; the market and what would be locked.

        Raises:
            Refusal: with the exchange's name for what is wrong.
        """
        market = self._markets.get(request.market)
        if market is None:
            raise Refusal("notfoundmarket", detail=request.market)
        if market.code in self._markets.suspended:
            raise Refusal("market_offline", detail=request.market)
        least = self._markets.min_total_krw
        check_size(
            request,
            reference_price=market.best_bid() or market.price,
            least_krw=least,
            tick_at=market.tick_at,
        )
        if exceeds_book(request, market):
            # The error name of this refusal is not documented; this one is.
            raise Refusal("volume_too_large")
        lock = to_lock(request, self._fee_rate)
        if self._accounts[lock.asset].available < lock.amount:
            raise Refusal(sided("insufficient_funds", request.side))
        return market, lock

    def place(
        self, request: OrderRequest, identifier: str | None, *, uuid: str | None = None
    ) -> dict[str, Any]:
        """Accept the order, match it, and return it as it was at acceptance.

        Args:
            request: what is asked.
            identifier: the client's name for it.
            uuid: promised before; a new one otherwise.

        Raises:
            Refusal: not accepted.
        """
        market, lock = self.check(request)
        self._accounts.lock(lock.asset, lock.amount)
        order = self._make(request, identifier, lock, uuid=uuid or self._new_uuid())
        self.orders[order.uuid] = order
        if identifier is not None:
            self.by_identifier[identifier] = order
        answer = rest_order(order)
        self._changed(order)
        self._tell_assets()
        hold_s, self.hold_next_s = self.hold_next_s, None
        if hold_s is None:
            self.arrive(market.code, lambda: self._meet_book(order, market))
        else:
            self._schedule(hold_s, lambda: self._meet_book(order, market))
        return answer

    def arrive_again(self) -> None:
        """Orders that cannot rest were on their way to their books when the process ended."""
        for order in [own for own in self.resting.values() if not own.can_rest]:
            del self.resting[order.uuid]
            self.arrive(order.market, partial(self._meet_again, order))

    def _meet_again(self, order: SimulatedOrder) -> None:
        market = self._markets.get(order.market)
        if market is not None:
            self._meet_book(order, market)

    def _meet_book(self, order: SimulatedOrder, market: Market) -> None:
        thin, self.thin_next = self.thin_next, None
        if thin is not None:
            market.book.thin(thin, VOLUME_STEP)
        if order.is_open and self._passes_self_trade_prevention(order, market):
            with localcontext(prec=PRECISION):
                self._match(order, market)

    def preview(self, request: OrderRequest, identifier: str | None) -> dict[str, Any]:
        """POST /v1/orders/test: the same checks and answer, nothing created."""
        _, lock = self.check(request)
        return rest_order(self._make(request, identifier, lock, uuid=counted_uuid("test", 0)))

    def _new_uuid(self) -> str:
        self._orders_made += 1
        return counted_uuid("order", self._orders_made)

    def _make(
        self, request: OrderRequest, identifier: str | None, lock: Lock, *, uuid: str
    ) -> SimulatedOrder:
        return SimulatedOrder(
            uuid=uuid,
            identifier=identifier,
            market=request.market,
            side=request.side,
            ord_type=request.ord_type,
            price=request.price,
            volume=request.volume,
            time_in_force=request.time_in_force,
            smp_type=request.smp_type,
            created_at=self._now(),
            reserved_fee=lock.fee,
            locked=lock.amount,
        )

    def _passes_self_trade_prevention(self, order: SimulatedOrder, market: Market) -> bool:
        """Apply the taker's ``smp_type``; false if it ended the order.

        The invented books never hold our own orders, so without prevention (``none``) an order
        simply does not meet them.
        """
        if not self.resting:
            return True
        worst = reach(order, market)
        crossed = [own for own in self.resting.values() if meets(order, own, worst=worst)]
        if not crossed or order.time_in_force == "post_only":
            return True
        if order.smp_type == "cancel_taker":
            self._end(order, State.CANCEL)
            return False
        if order.smp_type == "cancel_maker":
            for own in crossed:
                self._end(own, State.CANCEL)
        if order.smp_type == "reduce":
            for own in crossed:
                self._reduce(order, own)
        return order.is_open

    def _reduce(self, taker: SimulatedOrder, maker: SimulatedOrder) -> None:
        """Take the overlap away from both; what has nothing left ends."""
        price = maker.price or ZERO
        wanted = taker.remaining_volume
        if wanted is None:
            wanted = floor_to_step(taker.total / price, VOLUME_STEP)
        overlap = min(wanted, maker.remaining_volume or ZERO)
        if overlap > 0:
            for order in (maker, taker):
                self._prevent(order, overlap, price=price)

    def _prevent(self, order: SimulatedOrder, volume: Decimal, *, price: Decimal) -> None:
        unit_price = price if order.volume is None else order.price or price
        amount = volume * unit_price if order.is_bid else volume
        freed = amount * (1 + self._fee_rate) if order.is_bid else amount
        order.prevented_volume += volume
        order.prevented_locked += amount
        order.locked -= freed
        self._accounts.unlock(order.locked_asset, freed)
        left = order.total if order.volume is None else order.remaining_volume
        if left:
            self._changed(order, is_prevented=True)
            self._tell_assets()
        else:
            self._end(order, State.CANCEL)

    # -- matching -------------------------------------------------------------------------------

    def _match(self, order: SimulatedOrder, market: Market) -> None:
        if order.ord_type == "price":
            self._match_market_buy(order, market)
        elif order.ord_type == "best":
            self._match_best(order, market)
        elif order.ord_type == "market":
            self._take(order, market, order.remaining_volume or ZERO, limit=None)
            self._end(order, State.DONE if order.remaining_volume == 0 else State.CANCEL)
        else:
            self._match_limit(order, market)

    def _match_market_buy(self, order: SimulatedOrder, market: Market) -> None:
        total = order.total
        matches = market.book.take_quote(total, step=VOLUME_STEP)
        for match in in_pieces(matches, self.trade_quantity_max):
            self._trade(order, market, price=match.price, volume=match.quantity, is_maker=False)
        self._listener.book_taken(market)
        self._end(order, State.DONE if order.executed_funds == total else State.CANCEL)

    def _match_limit(self, order: SimulatedOrder, market: Market) -> None:
        limit, wanted = order.price or ZERO, order.remaining_volume or ZERO
        offered = fillable(order, market, limit)
        if (order.time_in_force == "post_only" and offered > 0) or (
            order.time_in_force == "fok" and offered < wanted
        ):
            self._end(order, State.CANCEL)
            return
        if offered > 0:
            self._take(order, market, wanted, limit=limit)
        if order.remaining_volume == 0:
            self._end(order, State.DONE)
        elif order.time_in_force == "ioc":
            self._end(order, State.CANCEL)
        else:
            self.resting[order.uuid] = order

    def _match_best(self, order: SimulatedOrder, market: Market) -> None:
        limit = market.best_ask() if order.is_bid else market.best_bid()
        wanted = order.remaining_volume or ZERO
        if order.is_bid and limit:
            wanted = floor_to_step(order.total / limit, VOLUME_STEP)
        if limit and (order.time_in_force == "ioc" or fillable(order, market, limit) >= wanted):
            self._take(order, market, wanted, limit=limit)
        left = order.total - order.executed_funds if order.is_bid else order.remaining_volume
        self._end(order, State.CANCEL if left else State.DONE)

    def _take(
        self, order: SimulatedOrder, market: Market, wanted: Decimal, *, limit: Decimal | None
    ) -> None:
        matches = market.book.take_base(wanted, is_buy=order.is_bid, limit=limit)
        for match in in_pieces(matches, self.trade_quantity_max):
            self._trade(order, market, price=match.price, volume=match.quantity, is_maker=False)
        self._listener.book_taken(market)

    def _trade(
        self,
        order: SimulatedOrder,
        market: Market,
        *,
        price: Decimal,
        volume: Decimal,
        is_maker: bool,
    ) -> None:
        self._trades_made += 1
        funds = price * volume
        trade = Trade(
            uuid=counted_uuid("trade", self._trades_made),
            price=price,
            volume=volume,
            funds=funds,
            fee=funds * self._fee_rate,
            is_maker=is_maker,
            trend=market.trend,
            at=self._now(),
        )
        order.trades.append(trade)
        order.executed_volume += volume
        order.executed_funds += funds
        order.paid_fee += trade.fee
        market.traded_volume += volume
        market.traded_funds += funds
        market.print(price, volume, is_bid=order.is_bid is not is_maker, at=trade.at)
        self._settle(order, trade)
        self._changed(order, trade)
        self._listener.traded(market)

    def _settle(self, order: SimulatedOrder, trade: Trade) -> None:
        spent = trade.funds + trade.fee if order.is_bid else trade.volume
        order.locked -= spent
        self._accounts.spend_locked(order.locked_asset, spent)
        if order.is_bid:
            self._accounts.receive_bought(order.base, trade.volume, funds_krw=trade.funds)
        else:
            self._accounts.add("KRW", trade.funds - trade.fee)

    def begin_trade_ids_anew(self) -> None:
        """As an exchange that forgot them would: the next ids were given before."""
        self._trades_made = 0

    # -- later ----------------------------------------------------------------------------------

    def cancel(self, order: SimulatedOrder) -> dict[str, Any]:
        """Take the cancel and return the order as it is now; it ends a little later.

        Raises:
            Refusal: ``order_not_found``, the order has ended.
        """
        if not order.is_open:
            raise Refusal("order_not_found")
        answer = rest_order(order)
        self._schedule(self._cancel_delay_s, lambda: self._finish_cancel(order))
        return answer

    def replace(
        self, previous: SimulatedOrder, request: OrderRequest, identifier: str | None
    ) -> dict[str, Any]:
        """Cancel an open order and place another once that is done; the order as it is now.

        Raises:
            Refusal: the new order can never be accepted. Funds are judged when its time comes.
        """
        market = self._markets.get(request.market)
        reference_price = (market.best_bid() or market.price) if market else ZERO
        check_size(request, reference_price=reference_price)
        uuid = self._new_uuid()
        answer = rest_order(previous) | {"new_order_uuid": uuid}
        if identifier is not None:
            answer["new_order_identifier"] = identifier
        self._schedule(
            self._cancel_delay_s,
            lambda: self._finish_replace(previous, request, identifier, uuid),
        )
        return answer

    def _finish_replace(
        self, previous: SimulatedOrder, request: OrderRequest, identifier: str | None, uuid: str
    ) -> None:
        """An order that filled meanwhile is not replaced, though the request was answered 2xx."""
        if previous.is_open:
            self._end(previous, State.CANCEL)
            # Nobody is told that the new order cannot be had: it does not come to be.
            with suppress(Refusal):
                self.place(request, identifier, uuid=uuid)

    def _finish_cancel(self, order: SimulatedOrder) -> None:
        if order.is_open:
            self._end(order, State.CANCEL)

    def meet_resting(self, market: Market, *, high: Decimal, low: Decimal) -> None:
        """Fill the resting orders that the bar or the new book touched."""
        if not self.resting:
            return
        ask = market.best_ask()
        for order in [own for own in self.resting.values() if own.market == market.code]:
            price, volume = order.price or ZERO, order.remaining_volume or ZERO
            if order.is_bid:
                is_touched = low <= price or (ask is not None and ask <= price)
            else:
                is_touched = high >= price or market.best_bid() >= price
            if is_touched:
                self.fill_resting(order, market, volume)

    def fill_resting(self, order: SimulatedOrder, market: Market, volume: Decimal) -> None:
        """A resting order trades this much (base) at its own price."""
        self._trade(order, market, price=order.price or ZERO, volume=volume, is_maker=True)
        if order.remaining_volume == 0:
            self._end(order, State.DONE)

    def _end(self, order: SimulatedOrder, state: State) -> None:
        order.state = state
        self.resting.pop(order.uuid, None)
        # ``order.locked`` keeps showing what was left, as the exchange's own answers do.
        self._accounts.unlock(order.locked_asset, order.locked)
        self._changed(order)
        self._tell_assets()

    def _tell_assets(self) -> None:
        self._listener.assets_changed(self._accounts.take_changed())
