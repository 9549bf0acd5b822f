"""Looks for what the journal should know and does not: late orders, lost ones, and strangers.

Both exchanges are asked for every order under our prefix: at every start before anything is sent,
and ever after at intervals, which is how ids stay watched after their verdict. A known order that
shows more than was booked is told to its trade, as if the stream had told it. An order of an
unfinished trade whose row was lost is taken back into the trade. Any other order of ours latches
the stop: the journal and the exchange disagree about what was done, and an operator must look.

Nothing here sends an order. A stranger that is open and would add exposure is cancelled, as the
stop does with every such order.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.evidence.order_audit import (
    Meaning,
    judge,
)
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import (
    Leg,
    OrderReport,
    OrderSide,
    base_asset,
    leg_of,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import (
    read_client_order_id,
)
from trading_platform_order.domain.outcome import (
    AlreadyGone,
    CancelRequested,
    ListedOrder,
    ReadFailed,
)
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.report_events import events_of_report
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.trades.emergency_stop import EmergencyStop
from trading_platform_order.executor.trades.evidence.lost_orders import (
    next_orders,
    order_as_told,
    put_back,
)
from trading_platform_order.executor.trades.trade_registry import TradeRegistry

WATCHED = timedelta(hours=24)
"""How long an id stays watched after the verdict on its order."""
CLOCK_MARGIN = timedelta(minutes=10)


def adds_exposure(report: OrderReport) -> bool:
    """Whether it may still buy coins, or sell the hedge."""
    opening = OrderSide.BUY if leg_of(report.symbol) is Leg.SPOT else OrderSide.SELL
    return report.is_open and report.side is opening


class OrderSweep:
    """Sweeps both exchanges."""

    def __init__(
        self,
        *,
        registry: TradeRegistry,
        stop: EmergencyStop,
        account: AccountService,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        is_known_elsewhere: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """``is_known_elsewhere``: ids of ours that belong to no trade."""
        self._registry = registry
        self._stop = stop
        self._account = account
        self._ports = ports
        self._settings = settings
        self._is_known_elsewhere = is_known_elsewhere
        self._prefix = f"t{settings.policy.mode}-"
        self._swept_at: datetime | None = None
        #: base assets whose orders could not be listed; their entries wait
        self.unread: frozenset[str] = frozenset()

    async def first(self, last_row_at: datetime | None) -> bool:
        """Before anything is sent: all since the last durable row, and the next ids of open trades.

        Returns:
            False if an exchange did not answer: nothing may be sent yet.
        """
        now = self._ports.clock.now()
        since = now - WATCHED
        if last_row_at is not None:
            since = min(since, last_row_at)
        listed = await self._list(since - CLOCK_MARGIN)
        if listed is None or self._lacks_what_may_be_lost():
            return False
        unfinished = [t for t in self._registry.unsettled if t.state is TradeState.EXECUTING]
        for trade in unfinished:
            for leg in Leg:
                more = await next_orders(trade, self._ports, leg)
                if more is None:
                    return False
                listed += more
        await self._act(listed)
        self._swept_at = self._ports.clock.now()
        return True

    async def again(self) -> bool:
        """While running: every id stays watched for a day. False if an exchange did not answer."""
        listed = await self._list(self._ports.clock.now() - WATCHED - CLOCK_MARGIN)
        if listed is not None:
            await self._act(listed)
        return listed is not None

    # -- asking -----------------------------------------------------------------------------------

    async def _list(self, since: datetime) -> list[ListedOrder] | None:
        """Every order since then; ``None`` if an exchange did not answer.

        Symbols that an exchange could not list are noted in ``unread`` instead.
        """
        found: list[ListedOrder] = []
        unread: dict[str, str] = {}
        bases = self._bases(since)
        for leg in Leg:
            symbols = [leg_symbol(leg, base) for base in bases]
            rows = await self._ports.exchanges.of(leg).orders_since(since, *symbols)
            if isinstance(rows, ReadFailed):
                return None
            found += rows
            unread |= {
                base_asset(symbol): f"{self._ports.exchanges.venue(leg)}: orders of {symbol}: {why}"
                for symbol, why in rows.unread.items()
            }
        self.unread = frozenset(unread)
        self._account.troubles.replace_found("order sweep", unread, at_once=True)
        return found

    def _lacks_what_may_be_lost(self) -> bool:
        """Where rows may be lost, what is held or under way must have been told in full."""
        if not self._ports.lost_rows_lately:
            return False
        under_way = {t.base for t in self._registry.unsettled if t.is_active}
        return bool(self.unread & (under_way | self._account.book.held_bases()))

    def _bases(self, since: datetime) -> Sequence[str]:
        recent = self._registry.history.bases_since(since)
        recent |= {trade.base for trade in self._registry.unsettled}
        held = {base for _, base in self._account.book.ledger.holdings}
        return sorted({*self._settings.limits.symbols, *recent, *held})

    # -- acting -----------------------------------------------------------------------------------

    async def _act(self, listed: Iterable[ListedOrder]) -> None:
        seen: set[tuple[object, str, str]] = set()
        for row in listed:
            report = row.report
            key = (report.exchange, report.symbol, report.exchange_order_id)
            if key in seen or not self._is_ours(report.client_order_id):
                continue
            seen.add(key)
            await self._take(row)

    def _is_ours(self, name: str) -> bool:
        return name.startswith(self._prefix) and not self._is_known_elsewhere(name)

    async def _take(self, row: ListedOrder) -> None:
        report, now = row.report, self._ports.clock.now()
        name = read_client_order_id(report.client_order_id)
        if name is not None:
            await self._registry.history.recall(name.key)
        # Judged at this moment: an intent is in the trade before its order can be on a list.
        trade = None if name is None else self._registry.get(name.key)
        judged = judge(row, trade)
        match judged.meaning:
            case Meaning.KNOWN:
                return
            case Meaning.LATE if trade is not None:
                self._registry.hand_late(trade.trade_id, events_of_report(report, now))
            case Meaning.LOST if trade is not None and self._may_be_lost(report):
                self._registry.take_back(trade.trade_id, put_back(trade, report, now))
            case _:
                # While we run, no row of ours goes missing: another engine sent it.
                await self._orphan(report, judged.reason or "not sent by this engine", now)

    def _may_be_lost(self, report: OrderReport) -> bool:
        """Sent before this engine sent anything; a list may show it only later."""
        created_at = report.created_at
        return self._swept_at is None or (created_at is not None and created_at <= self._swept_at)

    async def _orphan(self, report: OrderReport, reason: str, now: datetime) -> None:
        orphan = ae.OrphanOrderFound(
            exchange=report.exchange,
            symbol=report.symbol,
            client_order_id=report.client_order_id,
            exchange_order_id=report.exchange_order_id,
            side=report.side.value,
            executed_quantity=report.executed_quantity,
            is_open=report.is_open,
            created_at=report.created_at,
            reason=reason,
            at=now,
        )
        if not self._account.book.orphans.knows(orphan):
            # Before the event, so that a crash between the two cannot lose the stop.
            await self._stop.latch(
                f"order {orphan.client_order_id} on {orphan.exchange} is not in the journal: "
                f"{reason}"
            )
            await self._account.journal(orphan, _alert(orphan))
        if adds_exposure(report):
            await self._call_back(report, now)

    async def _call_back(self, report: OrderReport, now: datetime) -> None:
        """The stop lets nothing add exposure; what stays open is called back at the next sweep."""
        told = order_as_told(report, now)
        order = replace(told, exchange_order_id=report.exchange_order_id)
        for pause_s in (self._settings.poll_first_s, self._settings.poll_max_s, 0.0):
            outcome = await self._ports.exchange_of(order).cancel(order)
            if isinstance(outcome, CancelRequested | AlreadyGone):
                return
            await asyncio.sleep(pause_s)


def _alert(orphan: ae.OrphanOrderFound) -> Alert:
    fields = {
        "exchange": orphan.exchange.value,
        "symbol": base_asset(orphan.symbol),
        "client_order_id": orphan.client_order_id,
        "side": orphan.side,
        "executed_base": plain(orphan.executed_quantity),
        "open": "yes" if orphan.is_open else "no",
        "created_at": orphan.created_at.isoformat() if orphan.created_at else "not told",
        "reason": orphan.reason,
    }
    return Alert(kind=AlertKind.STRAY_ORDER, urgent=True, fields=fields)
