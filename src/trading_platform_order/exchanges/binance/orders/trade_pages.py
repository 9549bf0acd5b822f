"""Trades beyond a page: ``userTrades`` tells at most 1,000 rows, the oldest of what was asked.

A market order meets the whole book within one millisecond, so its trades cannot be paged by time:
they are read on by their ids. ``fromId`` goes with the symbol alone (Binance docs, Account Trade
List: not together with times; ``orderId`` together with the symbol only), so rows of other orders
come along and are left out.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.exchanges.binance.requests.answers import Failure, only
from trading_platform_order.exchanges.binance.requests.parse import finite
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire, TradeWire

TRADES_PATH = "/fapi/v1/userTrades"
PAGE = 1_000
PAGES_MAX = 20

# userTrades without a start tells the last 7 days only.
_DEFAULT_WINDOW_MS = 6 * 86_400_000

Trades = list[TradeWire]


def sum_of(trades: Iterable[TradeWire]) -> Decimal:
    """Base quantity of them all; raises ``Unreadable`` for one that is no number."""
    return sum((finite(trade.qty) for trade in trades), ZERO)


async def trades_of_order(rest: RestClient, order: OrderWire) -> Trades | Failure:
    """All that are told of an order now, however many; maybe not yet all there are."""
    asked = [("orderId", str(order.order_id))]
    if order.time is not None and rest.signer.now_ms() - order.time > _DEFAULT_WINDOW_MS:
        asked.append(("startTime", str(order.time)))
    answer = await trade_page(rest, order.symbol, *asked)
    if isinstance(answer, Failure):
        return answer
    found, is_full = answer
    if not is_full or not found:
        return found

    def of_order(rows: Trades) -> Trades:
        return [row for row in rows if row.order_id == order.order_id]

    rows = await read_on(
        rest,
        order.symbol,
        found,
        is_enough=lambda rows: sum_of(of_order(rows)) == order.executed_qty,
    )
    return rows if isinstance(rows, Failure) else of_order(rows)


async def trade_page(
    rest: RestClient, symbol: str, *asked: tuple[str, str]
) -> tuple[Trades, bool] | Failure:
    """One page, and whether it is full: then there may be more. ``asked``: besides the symbol."""
    params = (("symbol", symbol), *asked, ("limit", str(PAGE)))
    answer = await rest.read_rows(
        TRADES_PATH, params, TradeWire, key="symbol", weight=5, is_urgent=True, attempts=1
    )
    page = only(symbol, answer)
    return page if isinstance(page, Failure) else (list(page.rows), page.total >= PAGE)


async def read_on(
    rest: RestClient,
    symbol: str,
    known: Sequence[TradeWire],
    *,
    is_enough: Callable[[Trades], bool] = lambda _: False,
) -> Trades | Failure:
    """All that follow a full page, by id, with the page itself; oldest first.

    Args:
        rest: reads.
        symbol: of the trades.
        known: the full page; not empty.
        is_enough: looks at all rows so far; nothing more is read once it is true.
    """
    rows = {row.id: row for row in known}
    for _ in range(PAGES_MAX - 1):
        if is_enough(list(rows.values())):
            break
        answer = await trade_page(rest, symbol, ("fromId", str(max(rows) + 1)))
        if isinstance(answer, Failure):
            return answer
        found, is_full = answer
        rows |= {row.id: row for row in found}
        if not is_full or not found:
            break
    else:
        return Failure(reason=f"more than {PAGES_MAX * PAGE} rows")
    return sorted(rows.values(), key=lambda row: row.id)
