"""Every order of a market with its identifier as it is, those included that only use one up."""

from dataclasses import replace
from datetime import datetime

from trading_platform_order.domain.outcome import ListedOrder, NotFound, ReadFailed
from trading_platform_order.domain.rows import Row, Rows
from trading_platform_order.exchanges.rows import WireRows
from trading_platform_order.exchanges.upbit.orders.history import closed_orders, joined, of_markets
from trading_platform_order.exchanges.upbit.requests import errors, parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.rest import UpbitRest, only

PAGE = 100
MAX_PAGES = 50


class OrderLists:
    """The lists of one pocket."""

    def __init__(self, *, rest: UpbitRest) -> None:
        self._rest = rest

    async def since(
        self, *markets: str, since: datetime, now: datetime
    ) -> Rows[ListedOrder] | ReadFailed:
        """Open orders, then ended ones: one that ends in between is in both, never in neither."""
        open_rows = await self.open(*markets)
        if isinstance(open_rows, Failure):
            return errors.as_read_failed(open_rows, "open orders")
        ended = await closed_orders(self._rest, markets, since=since, until=now)
        if isinstance(ended, Failure):
            return errors.as_read_failed(ended, "closed orders")
        rows = {row.uuid: row for row in (*open_rows.rows, *ended.rows)}
        every = WireRows(
            rows=list(rows.values()), unread={**open_rows.unread, **ended.unread}, total=len(rows)
        )
        return by_symbol(every.made(listed, lambda row: row.market))

    async def open(self, *markets: str, retry: bool = True) -> WireRows[wire.Order] | Failure:
        """All open orders of these markets, page by page.

        Several share one list of all markets, unless that fills a page.
        """
        if len(markets) > 1:
            shared = await self._page(None, 1, retry=retry)
            if isinstance(shared, Failure) or shared.total < PAGE:
                return of_markets(markets, shared)
        return joined({market: await self._of_market(market, retry=retry) for market in markets})

    async def _of_market(self, market: str, *, retry: bool) -> WireRows[wire.Order] | Failure:
        rows: list[wire.Order] = []
        for page in range(1, MAX_PAGES + 1):
            answer = only(market, await self._page(market, page, retry=retry))
            if isinstance(answer, Failure):
                return answer
            rows += answer.rows
            if answer.total < PAGE:
                return WireRows(rows=rows, total=len(rows))
        message = f"more than {MAX_PAGES * PAGE} in {market}"
        return Failure(kind=Kind.UNKNOWN, code="open_orders", message=message)

    async def _page(
        self, market: str | None, page: int, *, retry: bool
    ) -> WireRows[wire.Order] | Failure:
        pairs = [
            *([] if market is None else [("market", market)]),
            ("states[]", "wait"),
            ("states[]", "watch"),
            ("page", str(page)),
            ("limit", str(PAGE)),
        ]
        return await self._rest.read_rows(
            "/v1/orders/open", pairs, wire.Order, key="market", retry=retry
        )

    async def find(self, identifier: str) -> ListedOrder | NotFound | ReadFailed:
        """The order under an identifier."""
        found = await self._rest.get_order(identifier)
        if isinstance(found, Failure):
            if found.kind is Kind.NOT_FOUND:
                return NotFound()
            return errors.as_read_failed(found, "order")
        try:
            return listed(found)
        except wire.UNREADABLE as error:
            return ReadFailed(reason=f"upbit order: unreadable: {error}")


def by_symbol(rows: Rows[Row]) -> Rows[Row]:
    """The same with our own names for the markets that could not be read."""
    unread = {name and parse.from_wire(name): reason for name, reason in rows.unread.items()}
    return Rows(rows, unread)


def listed(row: wire.Order) -> ListedOrder:
    """A row as it is, under its own identifier."""
    report = replace(parse.order_report(row), client_order_id=row.identifier or "", fills=())
    return ListedOrder(report=report, uses_up=parse.may_consume(row.time_in_force, row.side))
