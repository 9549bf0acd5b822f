"""From unknown to known without ever sending again.

A client order id is unique among open orders only: a filled market order frees its id, so posting
it again would fill twice. Absence is therefore argued from reading:

1. *horizon*: the exchange takes a request only until ``timestamp + recvWindow``; a server time
   received after the send must exceed that by a margin, from then on the order cannot begin;
2. *rounds*: several reads over some time, each of the order, the open orders, all orders and the
   trades since it was sent, because a store may lag behind the matching engine. A trade that
   belongs to no known order keeps the question open;
3. *position*: explained without the order. That is the caller's to check; it knows the ledger.

Any read that fails leaves the order unknown. The verdict is no law: the id stays watched.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    ProvenAbsent,
    ReadFailed,
    Unknown,
)
from trading_platform_order.exchanges.binance.orders.orders import ORDER_PATH, Orders
from trading_platform_order.exchanges.binance.orders.trade_pages import PAGE, TRADES_PATH
from trading_platform_order.exchanges.binance.requests.answers import Failure, only
from trading_platform_order.exchanges.binance.requests.errors import NO_SUCH_ORDER
from trading_platform_order.exchanges.binance.requests.parse import moment
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire, TradeWire
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.transport.clock import epoch_ms

_DAY_MS = 86_400_000
# The lists start this much before the timestamp: clocks differ, rows too many do no harm.
_LEAD_MS = 10_000
_LEAD_AFTER_RESTART_MS = 3_600_000
_MIN_READS = 3
_MIN_SPAN_S = 2.0
_WINDOW_MS = 7 * _DAY_MS - 1
# Unfilled orders vanish after 3 days, which changes nothing; trades are kept for 3 months.
_TOO_OLD_MS = 80 * _DAY_MS

_Row = TypeVar("_Row", OrderWire, TradeWire)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What one round saw: the order itself, or why it proves nothing, or neither.

    Attributes:
        counts: rows of open orders, all orders and trades, none of them the order.
    """

    wire: OrderWire | None = None
    doubt: str | None = None
    counts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """Epoch milliseconds on the exchange's clock; ``how`` that is known."""

    earliest_ms: int
    latest_ms: int
    how: str


class Absence:
    """Proves absence for the orders of one account."""

    def __init__(self, *, rest: RestClient, orders: Orders, config: BinanceConfig) -> None:
        self._rest = rest
        self._orders = orders
        self._config = config
        self._first_asked_ms: dict[str, int] = {}

    async def prove(self, order: Order, *, sent_at: datetime) -> AbsenceOutcome:
        """One whole attempt, some seconds long: the horizon, then all rounds.

        Args:
            order: the intent.
            sent_at: calendar time just before it was sent.
        """
        server_ms = await self._rest.server_ms(attempts=1)
        if isinstance(server_ms, Failure):
            return Unknown(reason=f"server time: {server_ms.reason}")
        sent = self._sent(order, sent_at, server_ms)
        passed = await self._wait_for_horizon(sent.latest_ms, server_ms)
        if isinstance(passed, Unknown):
            return passed
        rounds = max(self._config.absence_reads, _MIN_READS)
        span_s = max(self._config.absence_span_s, _MIN_SPAN_S)
        loop = asyncio.get_running_loop()
        began_s, counts = loop.time(), []
        for number in range(rounds):
            if number > 0:
                await asyncio.sleep(span_s / (rounds - 1))
            seen = await self._round(order, sent.earliest_ms)
            if seen.wire is not None:
                return await self._known(order, seen.wire)
            if seen.doubt is not None:
                return Unknown(reason=seen.doubt)
            counts.append(seen.counts)
        return ProvenAbsent(
            evidence=(
                f"{sent.how} by {moment(sent.latest_ms).isoformat()} (server time), the horizon"
                f" passed: server time {moment(passed).isoformat()}; {rounds} rounds over"
                f" {loop.time() - began_s:.1f} s found it nowhere: order (-2013),"
                f" openOrders/allOrders/userTrades with {', '.join(counts)} rows"
            ),
        )

    def _sent(self, order: Order, sent_at: datetime, server_ms: int) -> "_Sent":
        """Between which timestamps the request was sent, on the exchange's clock.

        What this process signed is exact. An order of a process before was sent before this one
        asked for the first time; the journal's time may be wrong by whatever the calendar was.
        """
        signed_ms = self._orders.signed_ms(order.client_order_id)
        if signed_ms is not None:
            return _Sent(earliest_ms=signed_ms - _LEAD_MS, latest_ms=signed_ms, how="signed")
        from_journal_ms = epoch_ms(sent_at) + self._rest.signer.offset_ms
        asked_ms = self._first_asked_ms.setdefault(order.client_order_id, server_ms)
        earliest_ms = min(from_journal_ms, asked_ms) - _LEAD_AFTER_RESTART_MS
        return _Sent(earliest_ms=earliest_ms, latest_ms=asked_ms, how="sent before a restart,")

    async def _wait_for_horizon(self, sent_ms: int, server_ms: int) -> int | Unknown:
        window_ms = self._config.recv_window_ms + int(self._config.horizon_margin_s * 1_000)
        horizon_ms = sent_ms + window_ms
        missing_ms = horizon_ms - server_ms
        if missing_ms < 0:
            return server_ms
        if missing_ms > window_ms + _LEAD_MS:
            return Unknown(reason=f"sent {missing_ms} ms ahead of the exchange's clock")
        await asyncio.sleep((missing_ms + 1) / 1_000)
        later_ms = await self._rest.server_ms(attempts=1)
        if isinstance(later_ms, Failure):
            return Unknown(reason=f"server time: {later_ms.reason}")
        if later_ms <= horizon_ms:
            return Unknown(reason=f"{horizon_ms - later_ms} ms left until the horizon")
        return later_ms

    async def _known(self, order: Order, wire: OrderWire) -> Accepted | Unknown:
        found = await self._orders.identify(order, wire)
        return Unknown(reason=found.reason) if isinstance(found, ReadFailed) else found

    # -- one round ------------------------------------------------------------------------------

    async def _round(self, order: Order, start_ms: int) -> _Findings:
        now_ms = self._rest.signer.now_ms()
        if now_ms - start_ms > _TOO_OLD_MS:
            return _Findings(doubt="older than the exchange's history: an operator must decide")
        direct = await self._order_by_id(order)
        if direct.wire is not None or direct.doubt is not None:
            return direct
        window = self._window(order, start_ms, now_ms)
        open_orders = await self._list("/fapi/v1/openOrders", window[:1], OrderWire, weight=1)
        if isinstance(open_orders, Failure):
            return _Findings(doubt=f"openOrders: {open_orders.reason}")
        all_orders = await self._list("/fapi/v1/allOrders", window, OrderWire, weight=5)
        if isinstance(all_orders, Failure):
            return _Findings(doubt=f"allOrders: {all_orders.reason}")
        for wire in (*open_orders, *all_orders):
            if wire.client_order_id == order.client_order_id:
                return _Findings(wire=wire)
        known = {wire.order_id for wire in (*open_orders, *all_orders)}
        rows = f"{len(open_orders)}/{len(all_orders)}"
        return await self._trades(order, window, known, rows)

    @staticmethod
    def _window(order: Order, start_ms: int, now_ms: int) -> tuple[tuple[str, str], ...]:
        window = [("symbol", order.symbol), ("startTime", str(start_ms))]
        if now_ms - start_ms > _WINDOW_MS:
            window.append(("endTime", str(start_ms + _WINDOW_MS)))
        return (*window, ("limit", str(PAGE)))

    async def _order_by_id(self, order: Order, *, order_id: int | None = None) -> _Findings:
        chosen = ("origClientOrderId", order.client_order_id)
        if order_id is not None:
            chosen = ("orderId", str(order_id))
        found = await self._rest.read(
            ORDER_PATH,
            (("symbol", order.symbol), chosen),
            OrderWire,
            weight=1,
            is_urgent=True,
            attempts=1,
        )
        if not isinstance(found, Failure):
            return _Findings(wire=found)
        if found.error is not None and found.error.code == NO_SUCH_ORDER:
            return _Findings()
        return _Findings(doubt=f"order: {found.reason}")

    async def _list(
        self, path: str, params: tuple[tuple[str, str], ...], row: type[_Row], *, weight: int
    ) -> list[_Row] | Failure:
        """Of the symbol that is the first parameter: all of it, or nothing is known."""
        answer = await self._rest.read_rows(
            path, params, row, key="symbol", weight=weight, is_urgent=True, attempts=1
        )
        found = only(params[0][1], answer)
        if isinstance(found, Failure):
            return found
        if found.total >= PAGE:
            return Failure(reason=f"{found.total} rows: the list may be cut")
        return found.rows

    async def _trades(
        self, order: Order, window: tuple[tuple[str, str], ...], known: set[int], rows: str
    ) -> _Findings:
        trades = await self._list(TRADES_PATH, window, TradeWire, weight=5)
        if isinstance(trades, Failure):
            return _Findings(doubt=f"userTrades: {trades.reason}")
        for order_id in sorted({trade.order_id for trade in trades} - known):
            owner = await self._order_by_id(order, order_id=order_id)
            if owner.doubt is not None:
                return owner
            if owner.wire is None:
                return _Findings(doubt=f"trade of order {order_id}, which is not found")
            if owner.wire.client_order_id == order.client_order_id:
                return owner
        return _Findings(counts=f"{rows}/{len(trades)}")
