"""Every order of a market with its identifier as it is, those included that only use one up."""

from dataclasses import replace
from datetime import datetime

from trading_platform_order.domain.outcome import ListedOrder, NotFound, ReadFailed
from trading_platform_order.exchanges.upbit import errors, parse, wire
from trading_platform_order.exchanges.upbit.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.history import closed_orders, only
from trading_platform_order.exchanges.upbit.rest import UpbitRest

PAGE = 100
MAX_PAGES = 50


class OrderLists:
    """The lists of one pocket."""

    def __init__(self, *, rest: UpbitRest) -> None:
        self._rest = rest

    async def since(
        self, *markets: str, since: datetime, now: datetime
    ) -> tuple[ListedOrder, ...] | ReadFailed:
        """Open orders, then ended ones: one that ends in between is in both, never in neither."""
        open_rows = await self.open(*markets)
        if isinstance(open_rows, Failure):
            return errors.as_read_failed(open_rows, "open orders")
        ended = await closed_orders(self._rest, markets, since=since, until=now)
        if isinstance(ended, Failure):
            return errors.as_read_failed(ended, "closed orders")
        rows = {row.uuid: row for row in (*open_rows, *ended)}
        try:
            return tuple(listed(row) for row in rows.values())
        except wire.UNREADABLE as error:
            return ReadFailed(reason=f"upbit order: unreadable: {error}")

    async def open(self, *markets: str, retry: bool = True) -> list[wire.Order] | Failure:
        """All open orders of these markets, page by page.

        Several share one list of all markets, unless that fills a page.
        """
        if len(markets) > 1:
            shared = await self._page(None, 1, retry=retry)
            if isinstance(shared, Failure) or len(shared) < PAGE:
                return only(markets, shared)
        found: list[wire.Order] = []
        for market in markets:
            rows = await self._of_market(market, retry=retry)
            if isinstance(rows, Failure):
                return rows
            found += rows
        return found

    async def _of_market(self, market: str, *, retry: bool) -> list[wire.Order] | Failure:
        rows: list[wire.Order] = []
        for page in range(1, MAX_PAGES + 1):
            answer = await self._page(market, page, retry=retry)
            if isinstance(answer, Failure):
                return answer
            rows += answer
            if len(answer) < PAGE:
                return rows
        message = f"more than {MAX_PAGES * PAGE} in {market}"
        return Failure(kind=Kind.UNKNOWN, code="open_orders", message=message)

    async def _page(
        self, market: str | None, page: int, *, retry: bool
    ) -> list[wire.Order] | Failure:
        pairs = [
            *([] if market is None else [("market", market)]),
            ("states[]", "wait"),
            ("states[]", "watch"),
            ("page", str(page)),
            ("limit", str(PAGE)),
        ]
        return await self._rest.read("/v1/orders/open", pairs, list[wire.Order], retry=retry)

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


def listed(row: wire.Order) -> ListedOrder:
    """A row as it is, under its own identifier."""
    report = replace(parse.order_report(row), client_order_id=row.identifier or "", fills=())
    return ListedOrder(report=report, uses_up=parse.may_consume(row.time_in_force, row.side))
