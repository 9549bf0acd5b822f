"""Every order of some symbols over any stretch of time, from lists of seven days and one page.

``allOrders`` keeps the newest rows of a window that holds more than a page, so a full page is read
again with its end moved to the oldest row seen. Unfilled orders vanish from it after three days,
filled ones after three months: what is older is not told of by any list.
"""

from collections.abc import Sequence
from datetime import datetime

from trading_platform_order.domain.outcome import ListedOrder, NotFound, ReadFailed
from trading_platform_order.domain.rows import Rows
from trading_platform_order.exchanges.binance.orders.orders import (
    ORDER_PATH,
    joined,
    read_open_orders,
)
from trading_platform_order.exchanges.binance.orders.trade_pages import PAGE
from trading_platform_order.exchanges.binance.requests.answers import Failure, only
from trading_platform_order.exchanges.binance.requests.errors import NO_SUCH_ORDER
from trading_platform_order.exchanges.binance.requests.parse import Unreadable, order_report
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire
from trading_platform_order.exchanges.rows import WireRows
from trading_platform_order.transport.clock import epoch_ms

_DAY_MS = 86_400_000
_WINDOW_MS = 7 * _DAY_MS - 1
_OLDEST_MS = 89 * _DAY_MS
_MAX_REQUESTS = 100


class OrderLists:
    """The lists of one account."""

    def __init__(self, *, rest: RestClient) -> None:
        self._rest = rest

    async def since(
        self, since: datetime, symbols: Sequence[str]
    ) -> Rows[ListedOrder] | ReadFailed:
        """Open orders, then all created: one that ends in between is in both, never in neither."""
        since_ms = epoch_ms(since) + self._rest.signer.offset_ms
        found = await read_open_orders(self._rest, symbols)
        if isinstance(found, Failure):
            return found.as_read_failed("open orders")
        created = joined({symbol: await self._created(symbol, since_ms) for symbol in symbols})
        if isinstance(created, Failure):
            return created.as_read_failed("all orders")
        rows = {(row.symbol, row.order_id): row for row in (*found.rows, *created.rows)}
        every = WireRows(
            rows=list(rows.values()), unread={**found.unread, **created.unread}, total=len(rows)
        )
        return every.made(lambda row: ListedOrder(report=order_report(row)), lambda row: row.symbol)

    async def _created(self, symbol: str, since_ms: int) -> WireRows[OrderWire] | Failure:
        now_ms = self._rest.signer.now_ms()
        start_ms = max(since_ms, now_ms - _OLDEST_MS)
        found: list[OrderWire] = []
        end_ms: int | None = None
        for _ in range(_MAX_REQUESTS):
            window_end_ms = start_ms + _WINDOW_MS
            is_last = window_end_ms > now_ms
            upper_ms = end_ms if end_ms is not None else None if is_last else window_end_ms
            rows = await self._page(symbol, start_ms, upper_ms)
            if isinstance(rows, Failure):
                return rows
            found += rows.rows
            if rows.total >= PAGE:
                oldest_ms = min((row.time or 0 for row in rows.rows), default=0)
                if oldest_ms <= start_ms or oldest_ms == upper_ms:
                    return Failure(reason=f"{rows.total} orders within one moment")
                end_ms = oldest_ms
            elif is_last:
                return WireRows(rows=found, total=len(found))
            else:
                start_ms, end_ms = window_end_ms, None
        return Failure(reason=f"not read to the end within {_MAX_REQUESTS} requests")

    async def _page(
        self, symbol: str, start_ms: int, end_ms: int | None
    ) -> WireRows[OrderWire] | Failure:
        params = [("symbol", symbol), ("startTime", str(start_ms))]
        if end_ms is not None:
            params.append(("endTime", str(end_ms)))
        params.append(("limit", str(PAGE)))
        found = await self._rest.read_rows(
            "/fapi/v1/allOrders", params, OrderWire, key="symbol", weight=5
        )
        return only(symbol, found)

    async def find(self, symbol: str, client_order_id: str) -> ListedOrder | NotFound | ReadFailed:
        """The order under an id; of several the exchange shows the newest."""
        found = await self._rest.read(
            ORDER_PATH,
            (("symbol", symbol), ("origClientOrderId", client_order_id)),
            OrderWire,
            weight=1,
            is_urgent=True,
        )
        if not isinstance(found, Failure):
            try:
                return ListedOrder(report=order_report(found))
            except Unreadable as error:
                return ReadFailed(reason=f"unreadable order: {error}")
        if found.error is not None and found.error.code == NO_SUCH_ORDER:
            return NotFound()
        return found.as_read_failed("order")
