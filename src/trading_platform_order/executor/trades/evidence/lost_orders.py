"""Rows that a power loss took: what a trade sent without knowing it any more.

Before an unfinished trade sends a correction where rows may be lost, both exchanges are asked for
every id a correction could have taken, and must hold what the trade and the ledger say. On Binance
the id of a filled order is free again, and a list may lag behind: a correction whose row is gone
would fill twice. The same holds for the first orders of an EXIT that was asked for before: its
trade may have been opened in rows that are gone.

An exchange that does not tell single orders is asked for its lists: what is only read must not
stand in front of an exit, and a list with the position beside it says the same.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderReport,
    OrderSide,
    Purpose,
    leg_of,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import (
    OrderName,
    client_order_id,
    order_uuid,
    read_client_order_id,
)
from trading_platform_order.domain.outcome import ListedOrder, NotFound, ReadFailed
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.correction.order_form import next_attempt
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.report_events import events_of_report
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.executor.account.external_activity import (
    external_activity,
    newest_that_sum_to,
)
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.trades.evidence.absence_evidence import (
    expected_coins,
    expected_short,
)

LOOKS = 10
"""So often what an exchange holds may hold up a correction. Not for ever: another hand may have
moved it, and the legs stand apart meanwhile."""

LOOK_UP_PATIENCE_S = 0.5
"""So long one order is asked for before the lists are."""
CLOCK_MARGIN = timedelta(minutes=10)
"""By so much the calendar of the engine before may have been off."""

_CORRECTIONS = {
    Action.ENTER: (Purpose.COMPLETE, Purpose.UNWIND, Purpose.TRUE_UP),
    Action.EXIT: (Purpose.CLOSE, Purpose.UNWIND),
}


class LostRows:
    """The look of one trade for what it may have sent."""

    def __init__(self, *, ports: ExecutorPorts, settings: ExecutorSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._tries = self._looks = 0

    @property
    def pause_s(self) -> float:
        """Until the next look."""
        first_s, most_s = self._settings.poll_first_s, self._settings.poll_max_s
        return min(first_s * 2.0 ** min(max(self._tries - 1, 0), LOOKS), most_s)

    async def look(
        self, trade: PairTrade, book: AccountBook, to_send: Sequence[Order] = ()
    ) -> tuple[te.TradeEvent, ...] | None:
        """Orders of this trade whose rows are gone, as events that put them back.

        Args:
            trade: as it is now.
            book: the account by our own count.
            to_send: orders of the trade that would be sent next; they may have been sent before.

        Returns:
            Nothing once both exchanges show that there are none, or after ``LOOKS`` looks that
            Binance answered: there an id may be used twice. ``None`` to look again.
        """
        self._tries += 1
        hedge, spot = await asyncio.gather(
            self._under(trade, Leg.HEDGE, to_send), self._under(trade, Leg.SPOT, to_send)
        )
        found = [row.report for row in (*(hedge or ()), *(spot or ())) if not row.uses_up]
        if found:
            now = self._ports.clock.now()
            known = {order.client_order_id for order in trade.orders}
            return tuple(
                event
                for report in found
                for event in (
                    events_of_report(report, now)
                    if report.client_order_id in known
                    else put_back(trade, report, now)
                )
            )
        short = await self._quantity(Leg.HEDGE, trade)
        if hedge is None or short is None:
            return None
        self._looks += 1
        agrees = spot is not None and await self._agrees(short, trade, book)
        return () if agrees or self._looks >= LOOKS else None

    async def _under(
        self, trade: PairTrade, leg: Leg, to_send: Sequence[Order]
    ) -> list[ListedOrder] | None:
        """What stands on this leg under the ids that may have been used; ``None`` if unreadable."""
        names = [order.client_order_id for order in to_send if order.leg is leg]
        return await _orders_under(names or _next_names(trade, leg), trade, self._ports, leg)

    async def _agrees(self, short: Decimal, trade: PairTrade, book: AccountBook) -> bool:
        """Whether both legs hold what trade and ledger say; false also while one cannot be read."""
        if -short != expected_short([trade], trade.base, book.ledger):
            return False
        coins = await self._quantity(Leg.SPOT, trade)
        if coins is None:
            return False
        off = coins - expected_coins([trade], trade.base, book.ledger)
        if not off:
            return True
        symbol, since = leg_symbol(Leg.SPOT, trade.base), book.moved_until(Leg.SPOT, trade.base)
        external = await external_activity(self._exchange(Leg.SPOT), symbol, since)
        return newest_that_sum_to(off, external.changes) is not None

    async def _quantity(self, leg: Leg, trade: PairTrade) -> Decimal | None:
        """What the exchange holds, base units, negative if short; ``None`` if it does not tell."""
        answer = await self._exchange(leg).position(leg_symbol(leg, trade.base))
        return None if isinstance(answer, ReadFailed) else answer.quantity

    def _exchange(self, leg: Leg) -> BaseExchange:
        return self._ports.exchanges.of(leg)


async def next_orders(trade: PairTrade, ports: ExecutorPorts, leg: Leg) -> list[ListedOrder] | None:
    """What stands under the ids a leg would take next; ``None`` if not all could be read."""
    return await _orders_under(_next_names(trade, leg), trade, ports, leg)


async def _orders_under(
    names: Iterable[str], trade: PairTrade, ports: ExecutorPorts, leg: Leg
) -> list[ListedOrder] | None:
    """By id, which an exchange knows first; by its lists where it does not tell one order."""
    exchange, symbol = ports.exchanges.of(leg), leg_symbol(leg, trade.base)
    names = tuple(names)
    try:
        async with asyncio.timeout(LOOK_UP_PATIENCE_S):
            answers = await asyncio.gather(*(exchange.find_order(symbol, name) for name in names))
    except TimeoutError:
        return await _listed_under(names, trade, exchange, symbol)
    found: list[ListedOrder] = []
    for answer in answers:
        if isinstance(answer, ReadFailed):
            return await _listed_under(names, trade, exchange, symbol)
        if not isinstance(answer, NotFound):
            found.append(answer)
    return found


async def _listed_under(
    names: Sequence[str], trade: PairTrade, exchange: BaseExchange, symbol: str
) -> list[ListedOrder] | None:
    """The same by the lists of orders; ``None`` if they could not be read in full."""
    since = trade.signal.created_at - CLOCK_MARGIN
    rows = await exchange.orders_since(since, symbol)
    if isinstance(rows, ReadFailed) or rows.unread:
        return None
    return [row for row in rows if row.report.client_order_id in names]


def _next_names(trade: PairTrade, leg: Leg) -> Iterable[str]:
    for purpose in _CORRECTIONS[trade.action]:
        yield client_order_id(
            mode=trade.policy.mode,
            key=trade.trade_id,
            leg=leg,
            purpose=purpose,
            attempt=next_attempt(trade, leg, purpose),
        )


def put_back(trade: PairTrade, report: OrderReport, now: datetime) -> tuple[te.TradeEvent, ...]:
    """An order of the trade whose row is gone, as events: its intent, and what came of it."""
    name = read_client_order_id(report.client_order_id)
    if name is None:
        return ()
    order = _lost_order(trade, name, report, now)
    reason = "found on the exchange; its row in the journal was lost"
    planned = te.OrdersPlanned(orders=(order,), reason=reason, at=now)
    return (planned, *events_of_report(report, now))


def _lost_order(trade: PairTrade, name: OrderName, report: OrderReport, now: datetime) -> Order:
    """The intent as far as the exchange still tells it."""
    order = order_as_told(report, now)
    quantity = order.quantity
    if not quantity and report.quote_amount is not None:
        quantity = report.quote_amount / trade.decision.spot_mid_krw
    return replace(
        order,
        quantity=quantity,
        reduce_only=name.leg is Leg.HEDGE and report.side is OrderSide.BUY,
        leg=name.leg,
        purpose=name.purpose,
        attempt=name.attempt,
        signal_id=trade.signal.id,
    )


def order_as_told(report: OrderReport, now: datetime) -> Order:
    """An order that belongs to no trade, to cancel it or to build on."""
    return Order(
        id=order_uuid(report.client_order_id),
        client_order_id=report.client_order_id,
        exchange=report.exchange,
        symbol=report.symbol,
        side=report.side,
        type=report.type,
        quantity=report.quantity or report.executed_quantity,
        price=report.price,
        quote_amount=report.quote_amount,
        leg=leg_of(report.symbol),
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="",
        created_at=report.created_at or now,
    )
