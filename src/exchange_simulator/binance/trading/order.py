"""One order and its trades as the simulated exchange keeps them, and their REST shapes.

Field sets: Binance docs, USDS-M futures, as of 2026-11. Since the 2026-06 integration the answer
to a new order carries no average price, no quote total and no fee.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from exchange_simulator.binance.margin.position_key import BOTH, holding_of
from exchange_simulator.decimals import ZERO, plain

EIGHT_DECIMALS = Decimal("0.00000001")


def round_8(value: Decimal) -> Decimal:
    """Eight decimals, half to even: how this exchange books money and averages."""
    return value.quantize(EIGHT_DECIMALS, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A valid wish for an order; what was not checked yet depends on the account's state.

    Attributes:
        price: USDT; ``None`` for MARKET.
        time_in_force: MARKET orders carry ``GTC``, as on the exchange.
        good_till_ms: when a GTD order ends, epoch milliseconds in whole seconds; 0 for any other.
    """

    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal | None
    reduce_only: bool
    client_order_id: str | None
    stp_mode: str
    position_side: str = BOTH
    good_till_ms: int = 0

    @property
    def is_buy(self) -> bool:
        """BUY, not SELL."""
        return self.side == "BUY"

    @property
    def holding(self) -> str:
        """The position it changes."""
        return holding_of(self.symbol, self.position_side)

    @property
    def reduces(self) -> bool:
        """It may only make its position smaller: by its flag, or in hedge mode by its direction."""
        return self.reduce_only or self.position_side == ("SHORT" if self.is_buy else "LONG")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTrade:
    """One execution.

    Attributes:
        commission: in its asset, positive means paid; rounded to eight decimals.
        realised: USDT, before the commission.
    """

    trade_id: int
    price: Decimal
    quantity: Decimal
    commission: Decimal
    realised: Decimal
    is_maker: bool
    time_ms: int
    commission_asset: str = "USDT"


@dataclass(slots=True, kw_only=True)
class SimulatedOrder:
    """An order the exchange has accepted."""

    order_id: int
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    reduce_only: bool
    stp_mode: str
    time_ms: int
    update_ms: int
    status: str = "NEW"
    expiry_reason: str = "0"
    executed: Decimal = ZERO
    quote: Decimal = ZERO
    trades: list[SimulatedTrade] = field(default_factory=list)
    position_side: str = BOTH
    good_till_ms: int = 0
    shown: tuple[object, dict[str, Any]] | None = None

    @property
    def is_buy(self) -> bool:
        """BUY, not SELL."""
        return self.side == "BUY"

    @property
    def holding(self) -> str:
        """The position it changes."""
        return holding_of(self.symbol, self.position_side)

    @property
    def reduces(self) -> bool:
        """It may only make its position smaller: by its flag, or in hedge mode by its direction."""
        return self.reduce_only or self.position_side == ("SHORT" if self.is_buy else "LONG")

    @property
    def is_open(self) -> bool:
        """It may still be filled."""
        return self.status in {"NEW", "PARTIALLY_FILLED"}

    @property
    def remaining(self) -> Decimal:
        """Base asset."""
        return self.quantity - self.executed

    @property
    def average_price(self) -> Decimal:
        """USDT; zero without a fill."""
        return round_8(self.quote / self.executed) if self.executed else ZERO

    @property
    def commission(self) -> Decimal:
        """USDT, of all trades."""
        return sum((trade.commission for trade in self.trades), ZERO)


def response_shape(order: SimulatedOrder, *, acknowledge_only: bool = False) -> dict[str, Any]:
    """Answer to POST and DELETE order; ``acknowledge_only`` is the ACK form: NEW, nothing done."""
    executed = "0" if acknowledge_only else plain(order.executed)
    return {
        "clientOrderId": order.client_order_id,
        "cumQty": executed,
        "executedQty": executed,
        "orderId": order.order_id,
        "origQty": plain(order.quantity),
        "price": plain(order.price),
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": order.position_side,
        "status": "NEW" if acknowledge_only else order.status,
        "stopPrice": "0",
        "closePosition": False,
        "symbol": order.symbol,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "origType": order.type,
        "updateTime": order.update_ms,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": order.stp_mode,
        "goodTillDate": order.good_till_ms,
    }


def order_shape(order: SimulatedOrder) -> dict[str, Any]:
    """GET order, openOrders, allOrders."""
    average = plain(order.average_price) if order.executed else "0.00000"
    return {
        **response_shape(order),
        "avgPrice": average,
        "cumQuote": plain(order.quote),
        "time": order.time_ms,
    }


def trade_shape(order: SimulatedOrder, trade: SimulatedTrade) -> dict[str, Any]:
    """One row of userTrades; the exchange puts no client order id into it."""
    return {
        "buyer": order.is_buy,
        "commission": plain(trade.commission),
        "commissionAsset": trade.commission_asset,
        "id": trade.trade_id,
        "maker": trade.is_maker,
        "orderId": order.order_id,
        "price": plain(trade.price),
        "qty": plain(trade.quantity),
        "quoteQty": plain(trade.price * trade.quantity),
        "baseQty": plain(trade.quantity),
        "marginAsset": "USDT",
        "realizedPnl": plain(trade.realised),
        "side": order.side,
        "positionSide": order.position_side,
        "symbol": order.symbol,
        "pair": order.symbol,
        "time": trade.time_ms,
    }


def state_shape(order: SimulatedOrder) -> dict[str, Any]:
    """One order in ``state()``: what checkers judge by; the same object while nothing changes."""
    now = (order.status, order.update_ms, len(order.trades), order.quantity)
    if order.shown is None or order.shown[0] != now:
        order.shown = (now, _state_shape(order))
    return order.shown[1]


def _state_shape(order: SimulatedOrder) -> dict[str, Any]:
    return {
        "clientOrderId": order.client_order_id,
        "orderId": order.order_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "status": order.status,
        "origQty": plain(order.quantity),
        "executedQty": plain(order.executed),
        "avgPrice": plain(order.average_price),
        "reduceOnly": order.reduce_only,
        "time": order.time_ms,
        "commission": plain(order.commission),
        "trades": [
            {
                "id": trade.trade_id,
                "price": plain(trade.price),
                "qty": plain(trade.quantity),
                "commission": plain(trade.commission),
                "commissionAsset": trade.commission_asset,
                "realizedPnl": plain(trade.realised),
                "maker": trade.is_maker,
                "time": trade.time_ms,
            }
            for trade in order.trades
        ],
    }
