"""Reading whatever the adapter ever reads of a symbol, to see whether it looks as documented."""

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.account.settings import Settings
from trading_platform_order.exchanges.binance.orders.algo import AlgoOrders
from trading_platform_order.exchanges.binance.orders.orders import ORDER_PATH
from trading_platform_order.exchanges.binance.orders.trade_pages import TRADES_PATH
from trading_platform_order.exchanges.binance.requests.answers import Failure, only
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire, TradeWire

ROWS = "50"


async def survey(
    *, rest: RestClient, settings: Settings, algo: AlgoOrders, symbol: str
) -> tuple[ReadFailed, ...]:
    """Brackets, conditional orders, histories, and the newest order; returns what failed."""
    answers: list[object] = [
        await settings.brackets(symbol),
        await algo.open(symbol),
        await algo.history(symbol),
        *await _histories(rest, symbol),
    ]
    return tuple(answer for answer in answers if isinstance(answer, ReadFailed))


async def _histories(rest: RestClient, symbol: str) -> list[object]:
    params = (("symbol", symbol), ("limit", ROWS))
    orders = only(
        symbol,
        await rest.read_rows("/fapi/v1/allOrders", params, OrderWire, key="symbol", weight=5),
    )
    trades = only(
        symbol, await rest.read_rows(TRADES_PATH, params, TradeWire, key="symbol", weight=5)
    )
    found: list[object] = [_told(orders, "all orders"), _told(trades, "trades")]
    if not isinstance(orders, Failure) and orders.rows:
        newest = (("symbol", symbol), ("orderId", str(orders.rows[-1].order_id)))
        order = await rest.read(ORDER_PATH, newest, OrderWire, weight=1)
        found.append(_told(order, "newest order"))
    return found


def _told(answer: object, what: str) -> object:
    return answer.as_read_failed(what) if isinstance(answer, Failure) else answer
