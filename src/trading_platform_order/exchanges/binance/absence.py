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
from trading_platform_order.exchanges.binance.errors import NO_SUCH_ORDER
from trading_platform_order.exchanges.binance.orders import ORDER_PATH, PAGE, TRADES_PATH, Orders
from trading_platform_order.exchanges.binance.parse import moment
from trading_platform_order.exchanges.binance.rest import Failure, RestClient
from trading_platform_order.exchanges.binance.signing import Params
from trading_platform_order.exchanges.binance.wire import OrderWire, TradeWire
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.transport.clock import epoch_ms

_DAY_MS = 86_400_000
# The lists start this much before the timestamp: clocks differ, rows too many do no harm.
_LEAD_MS = 10_000
_WINDOW_MS = 7 * _DAY_MS - 1
# Unfilled orders vanish after 3 days, which changes nothing; trades are kept for 3 months.
_TOO_OLD_MS = 80 * _DAY_MS

_Row = TypeVar("_Row", OrderWire, TradeWire)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one round saw: the order itself, or why it proves nothing, or neither."""

    wire: OrderWire | None = None
    doubt: str | None = None


class Absence:
    """Proves absence for the orders of one account."""

    def __init__(self, *, rest: RestClient, orders: Orders, config: BinanceConfig) -> None:
        self._rest = rest
        self._orders = orders
        self._config = config

    async def prove(self, order: Order, *, sent_at: datetime) -> AbsenceOutcome:
        """One whole attempt, some seconds long: the horizon, then all rounds.

        Args:
            order: the intent.
            sent_at: calendar time just before it was sent.
        """
        sent_ms = self._sent_ms(order, sent_at)
        passed = await self._wait_for_horizon(sent_ms)
        if isinstance(passed, Unknown):
            return passed
        rounds = max(self._config.absence_reads, 1)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number in range(rounds):
            if number > 0:
                await asyncio.sleep(self._config.absence_span_s / (rounds - 1))
            seen = await self._round(order, sent_ms)
            if seen.wire is not None:
                return await self._known(order, seen.wire)
            if seen.doubt is not None:
                return Unknown(reason=seen.doubt)
        span_s = loop.time() - began_s
        return ProvenAbsent(
            evidence=(
                f"signed {moment(sent_ms).isoformat()}, server time"
                f" {moment(passed).isoformat()} is past the horizon;"
                f" not in order, openOrders, allOrders, userTrades in {rounds} rounds"
                f" over {span_s:.1f} s"
            )
        )

    def _sent_ms(self, order: Order, sent_at: datetime) -> int:
        """The latest timestamp the request can carry, on the exchange's clock.

        What this process signed is exact; after a restart the journal's time is all there is.
        """
        from_journal_ms = epoch_ms(sent_at) + self._rest.signer.offset_ms
        return max(from_journal_ms, self._orders.signed_ms(order.client_order_id) or 0)

    async def _wait_for_horizon(self, sent_ms: int) -> int | Unknown:
        window_ms = self._config.recv_window_ms + int(self._config.horizon_margin_s * 1_000)
        horizon_ms = sent_ms + window_ms
        server_ms = await self._rest.server_ms(attempts=1)
        if isinstance(server_ms, Failure):
            return Unknown(reason=f"server time: {server_ms.reason}")
        missing_ms = horizon_ms - server_ms
        if missing_ms < 0:
            return server_ms
        if missing_ms > window_ms + _LEAD_MS:
            return Unknown(reason=f"sent {missing_ms} ms ahead of the exchange's clock")
        await asyncio.sleep((missing_ms + 1) / 1_000)
        server_ms = await self._rest.server_ms(attempts=1)
        if isinstance(server_ms, Failure):
            return Unknown(reason=f"server time: {server_ms.reason}")
        if server_ms <= horizon_ms:
            return Unknown(reason=f"{horizon_ms - server_ms} ms left until the horizon")
        return server_ms

    async def _known(self, order: Order, wire: OrderWire) -> Accepted | Unknown:
        found = await self._orders.identify(order, wire)
        return Unknown(reason=found.reason) if isinstance(found, ReadFailed) else found

    # -- one round ------------------------------------------------------------------------------

    async def _round(self, order: Order, sent_ms: int) -> _Seen:
        now_ms = self._rest.signer.now_ms()
        if now_ms - sent_ms > _TOO_OLD_MS:
            return _Seen(doubt="older than the exchange's history: a person must decide")
        direct = await self._order_by_id(order)
        if direct.wire is not None or direct.doubt is not None:
            return direct
        window = self._window(order, sent_ms, now_ms)
        open_orders = await self._list("/fapi/v1/openOrders", window[:1], list[OrderWire], weight=1)
        if isinstance(open_orders, Failure):
            return _Seen(doubt=f"openOrders: {open_orders.reason}")
        all_orders = await self._list("/fapi/v1/allOrders", window, list[OrderWire], weight=5)
        if isinstance(all_orders, Failure):
            return _Seen(doubt=f"allOrders: {all_orders.reason}")
        for wire in (*open_orders, *all_orders):
            if wire.client_order_id == order.client_order_id:
                return _Seen(wire=wire)
        known = {wire.order_id for wire in (*open_orders, *all_orders)}
        return await self._trades(order, window, known)

    @staticmethod
    def _window(order: Order, sent_ms: int, now_ms: int) -> tuple[tuple[str, str], ...]:
        start_ms = sent_ms - _LEAD_MS
        window = [("symbol", order.symbol), ("startTime", str(start_ms))]
        if now_ms - start_ms > _WINDOW_MS:
            window.append(("endTime", str(start_ms + _WINDOW_MS)))
        return (*window, ("limit", str(PAGE)))

    async def _order_by_id(self, order: Order, *, order_id: int | None = None) -> _Seen:
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
            return _Seen(wire=found)
        if found.error is not None and found.error.code == NO_SUCH_ORDER:
            return _Seen()
        return _Seen(doubt=f"order: {found.reason}")

    async def _list(
        self, path: str, params: Params, shape: type[list[_Row]], *, weight: int
    ) -> list[_Row] | Failure:
        found = await self._rest.read(
            path, params, shape, weight=weight, is_urgent=True, attempts=1
        )
        if not isinstance(found, Failure) and len(found) >= PAGE:
            return Failure(reason=f"{len(found)} rows: the list may be cut")
        return found

    async def _trades(
        self, order: Order, window: tuple[tuple[str, str], ...], known: set[int]
    ) -> _Seen:
        trades = await self._list(TRADES_PATH, window, list[TradeWire], weight=5)
        if isinstance(trades, Failure):
            return _Seen(doubt=f"userTrades: {trades.reason}")
        for order_id in sorted({trade.order_id for trade in trades} - known):
            owner = await self._order_by_id(order, order_id=order_id)
            if owner.doubt is not None:
                return owner
            if owner.wire is None:
                return _Seen(doubt=f"trade of order {order_id}, which is not found")
            if owner.wire.client_order_id == order.client_order_id:
                return owner
        return _Seen()
