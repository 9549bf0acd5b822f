"""Closed orders over any stretch of time, from an endpoint that shows seven days and one page.

Upbit docs list-closed-orders @2026-07-29: the window is at most 7 days by time of creation, a page
at most 1000 orders; there is no page number, so the next page begins where the last one ended.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.exchanges.rows import WireRows
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.rest import UpbitRest, only

WINDOW = timedelta(days=7)
PAGE = 1_000
MAX_REQUESTS = 200
# Times go out in whole seconds and our clock may be slow: an end of now would hide the newest.
AHEAD = timedelta(minutes=1)


async def closed_orders(
    rest: UpbitRest, markets: Sequence[str], *, since: datetime, until: datetime
) -> WireRows[wire.Order] | Failure:
    """All orders of these markets created since then that have ended, oldest first.

    Several markets share one list of all, unless that fills a page: what its owner does in other
    markets must not keep us from reading ours. A failure says that nothing is known, never that
    there are none.
    """
    if len(markets) > 1:
        shared = await _ended(rest, None, since=since, until=until)
        if shared is not None:
            return of_markets(markets, shared)
    answers: dict[str, WireRows[wire.Order] | Failure] = {}
    for market in markets:
        rows = await _ended(rest, market, since=since, until=until)
        answers[market] = only(market, rows or _unreadable(f"{market} not listed"))
    return joined(answers)


async def _ended(
    rest: UpbitRest, market: str | None, *, since: datetime, until: datetime
) -> WireRows[wire.Order] | Failure | None:
    """Of one market, or of all; ``None`` if those of all fill a page."""
    found: dict[str, wire.Order] = {}
    unread: dict[str, str] = {}
    start, last = since, until + AHEAD
    for _ in range(MAX_REQUESTS):
        end = min(start + WINDOW, last)
        pairs = [
            *([] if market is None else [("market", market)]),
            ("start_time", start.isoformat(timespec="seconds")),
            ("end_time", end.isoformat(timespec="seconds")),
            ("limit", str(PAGE)),
            ("order_by", "asc"),
        ]
        rows = await rest.read_rows("/v1/orders/closed", pairs, wire.Order, key="market")
        if isinstance(rows, Failure):
            return rows
        unread |= rows.unread
        fresh = [row for row in rows.rows if row.uuid not in found]
        found.update((row.uuid, row) for row in fresh)
        if rows.total >= PAGE:
            if market is None:
                return None
            if not fresh:
                return _unreadable(f"more than {PAGE} orders within a second")
            try:
                start = parse.moment(fresh[-1].created_at)
            except ValueError as error:
                return _unreadable(str(error))
        elif end >= last:
            return WireRows(rows=list(found.values()), unread=unread, total=len(found))
        else:
            start = end
    return _unreadable(f"not read to its end within {MAX_REQUESTS} requests")


def of_markets(
    markets: Sequence[str], rows: WireRows[wire.Order] | Failure
) -> WireRows[wire.Order] | Failure:
    """What a list of all markets tells of these; a row that names none may be any one's."""
    if isinstance(rows, Failure):
        return rows
    if NAMELESS in rows.unread:
        return _unreadable(rows.unread[NAMELESS])
    unread = {name: reason for name, reason in rows.unread.items() if name in markets}
    ours = [row for row in rows.rows if row.market in markets]
    return WireRows(rows=ours, unread=unread, total=len(ours))


def joined(
    answers: Mapping[str, WireRows[wire.Order] | Failure],
) -> WireRows[wire.Order] | Failure:
    """The answers about several markets as one; a failure only if there is no answer at all."""
    rows: list[wire.Order] = []
    failed: dict[str, Failure] = {}
    for market, answer in answers.items():
        if isinstance(answer, Failure):
            failed[market] = answer
        else:
            rows += answer.rows
    if failed and len(failed) == len(answers):
        return next(iter(failed.values()))
    unread = {market: failure.text for market, failure in failed.items()}
    return WireRows(rows=rows, unread=unread, total=len(rows))


def _unreadable(message: str) -> Failure:
    return Failure(kind=Kind.UNKNOWN, code="closed_orders", message=message)
