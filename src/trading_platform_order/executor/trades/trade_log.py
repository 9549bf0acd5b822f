"""One trade as it is durable: what is learned is applied, journalled and booked, in this order.

Senders, resolvers and the private streams hand events in through a queue; the one task that owns
the trade takes them out. Nothing learned is acted on before it is durable: ``trade`` is what the
journal says.
"""

import asyncio
from collections.abc import Callable

import attrs

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.order import Order, OrderReport
from trading_platform_order.domain.trade import trade_alerts
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_steps import rest_steps, steps_of
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.transport.clock import epoch_us

QUEUE_BOUND = 10_000


@attrs.define(kw_only=True, eq=False, repr=False)
class TradeLog:
    """Of one trade.

    Attributes:
        trade: as it stands, all of it durable.

    ``on_orders`` is told when the trade has an order more, its intent durable.
    """

    trade: PairTrade
    _ports: ExecutorPorts
    _book: AccountBook
    _on_orders: Callable[[PairTrade], None]
    _queue: asyncio.Queue[tuple[te.TradeEvent, ...]] = attrs.field(
        factory=lambda: asyncio.Queue(QUEUE_BOUND), init=False
    )
    _warnings: list[Alert] = attrs.field(factory=list, init=False)
    _doubts: dict[str, str] = attrs.field(factory=dict, init=False)
    _short_lists: tuple[OrderReport, ...] = attrs.field(default=(), init=False)

    # -- handed in --------------------------------------------------------------------------------

    def post(self, events: tuple[te.TradeEvent, ...]) -> None:
        """Hand in what was learned; applied in order of arrival."""
        self._queue.put_nowait(events)

    def record_doubt(self, order: Order, reason: str) -> None:
        """Keep why an order stays unknown for the next call; a collision is told at once."""
        name = order.client_order_id
        is_new = name not in self._doubts
        self._doubts[name] = reason
        if is_new and reason.startswith("collision"):
            self._warnings.append(trade_alerts.of_unknown(self.trade, order, reason))
            self.post(())

    def lists_too_few(self, report: OrderReport) -> None:
        """Of an ended order: what nobody told of its trades counts as one fill."""
        self._short_lists = (*self._short_lists, report)
        self.post(())

    def doubt_of(self, order: Order) -> str:
        """Why it stays unknown, for operators."""
        return self._doubts.get(order.client_order_id) or order.detail or "not answered yet"

    # -- taken out --------------------------------------------------------------------------------

    async def take(self, wait_s: float) -> None:
        """Apply what comes next, and what came with it; nothing if nothing comes in time."""
        try:
            async with asyncio.timeout(wait_s):
                events = await self._queue.get()
        except TimeoutError:
            return
        await self.record(events + self.leftover())

    async def take_all(self) -> None:
        """Apply everything handed in so far, without acting on it."""
        while not self._queue.empty():
            await self.record(self.leftover())

    def leftover(self) -> tuple[te.TradeEvent, ...]:
        """What was handed in and not applied yet."""
        events: tuple[te.TradeEvent, ...] = ()
        while not self._queue.empty():
            events += self._queue.get_nowait()
        return events

    async def record(
        self, events: tuple[te.TradeEvent, ...], *, patience_s: float | None = None
    ) -> None:
        """Apply, make durable, book: in this order.

        Raises:
            StoreBusy: the store's lock was not free within ``patience_s``; nothing has changed.
        """
        now, reports = self._ports.clock.now(), self._short_lists
        steps = steps_of(self.trade, events)
        if reports:
            steps += rest_steps(steps[-1][1] if steps else self.trade, reports, now)
        trade = steps[-1][1] if steps else self.trade
        warnings = tuple(self._warnings)
        told = [trade_alerts.of_event(*step) for step in steps]
        if not steps and not warnings:
            self._short_lists = self._short_lists[len(reports) :]
            return
        await self._ports.store.append(
            [entry_of(fact, trade.trade_id) for _, _, fact in steps],
            at_us=epoch_us(now),
            alerts=[*warnings, *(alert for alert in told if alert is not None)],
            patience_s=patience_s,
        )
        self.trade, self._warnings = trade, self._warnings[len(warnings) :]
        self._short_lists = self._short_lists[len(reports) :]
        if len(trade.orders) > len(steps[0][0].orders if steps else trade.orders):
            self._on_orders(trade)
        for before, after, fact in steps:
            self._book.book_trade(before, after, fact)
