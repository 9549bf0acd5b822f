"""Everything that was executed in a symbol, whoever ordered it: how a foreign hand is recognised.

A trade row names its order by the exchange's id only, so the order of each trade that is not known
is asked for its client id. An order that cannot be found makes the whole answer a failed read: the
trade might be one of ours whose order is not readable yet.
"""

from collections.abc import Container
from datetime import datetime

from trading_platform_order.domain.order import Fill
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.exchanges.binance.orders.orders import ORDER_PATH
from trading_platform_order.exchanges.binance.orders.trade_pages import read_on, trade_page
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.parse import Unreadable, fill
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire, TradeWire
from trading_platform_order.transport.clock import epoch_ms

# userTrades takes at most 7 days and, of a window, tells the oldest rows.
WINDOW_MS = 7 * 86_400_000 - 60_000

FORCED = (
    ("adl_autoclose", Cause.ADL),
    ("autoclose-", Cause.LIQUIDATION),
    ("settlement_autoclose-", Cause.SETTLEMENT),
    ("delivery_autoclose-", Cause.SETTLEMENT),
)
"""How the client order ids begin under which the exchange closes positions by itself."""


async def executions(
    rest: RestClient, symbol: str, *, since: datetime, known: Container[str]
) -> tuple[Fill, ...] | ReadFailed:
    """Executions not in ``known``, oldest first; none older than about 7 days."""
    start_ms = max(epoch_ms(since), rest.signer.now_ms() - WINDOW_MS)
    rows = await _rows(rest, symbol, start_ms)
    if isinstance(rows, Failure):
        return rows.as_read_failed("executions")
    names: dict[int, str] = {}
    found = []
    for row in rows:
        if str(row.id) in known:
            continue
        if row.order_id not in names:
            name = await _name_of(rest, symbol, row.order_id)
            if isinstance(name, Failure):
                return name.as_read_failed(f"order of execution {row.id}")
            names[row.order_id] = name
        try:
            found.append(fill(row, names[row.order_id]))
        except Unreadable as error:
            return ReadFailed(reason=f"execution: {error}")
    return tuple(found)


async def _rows(rest: RestClient, symbol: str, start_ms: int) -> list[TradeWire] | Failure:
    answer = await trade_page(rest, symbol, ("startTime", str(start_ms)))
    if isinstance(answer, Failure):
        return answer
    page, is_full = answer
    return await read_on(rest, symbol, page) if is_full and page else page


async def _name_of(rest: RestClient, symbol: str, order_id: int) -> str | Failure:
    found = await rest.read(
        ORDER_PATH,
        (("symbol", symbol), ("orderId", str(order_id))),
        OrderWire,
        weight=1,
        is_urgent=True,
        attempts=1,
    )
    return found if isinstance(found, Failure) else found.client_order_id
