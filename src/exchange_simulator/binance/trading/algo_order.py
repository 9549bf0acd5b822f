"""A conditional order as the simulated exchange keeps it, and its shapes.

Since 2025-12-09 conditional orders live in a store of their own with their own ids and field names
(``algoId``, ``algoStatus``, ``triggerPrice``, ``orderType``). Field sets: Binance docs,
algoOrder and Event-Algo-Order-Update, as of 2026-11.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.margin.position_key import BOTH, holding_of
from exchange_simulator.binance.trading.order import SimulatedOrder
from exchange_simulator.decimals import ZERO, plain

OPEN_STATUSES = frozenset({"NEW", "TRIGGERING"})
_USDS_M = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlgo:
    """A valid wish for a conditional order.

    Attributes:
        quantity: base asset; zero with ``close_position``.
        price: USDT, of the child; ``None`` for a market child.
        trigger_price: USDT; ``None`` for a trailing stop.
        activate_price: USDT, trailing only; ``None``: active from the start.
        callback_rate: percent, trailing only.
        by_mark: triggered by the mark price instead of the last price.
    """

    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    activate_price: Decimal | None
    callback_rate: Decimal | None
    by_mark: bool
    close_position: bool
    price_protect: bool
    reduce_only: bool
    client_algo_id: str | None
    stp_mode: str
    position_side: str = BOTH

    @property
    def holding(self) -> str:
        """The position its child changes."""
        return holding_of(self.symbol, self.position_side)

    @property
    def is_buy(self) -> bool:
        """BUY, not SELL."""
        return self.side == "BUY"

    @property
    def is_trailing(self) -> bool:
        """TRAILING_STOP_MARKET."""
        return self.type == "TRAILING_STOP_MARKET"

    @property
    def rises_to_trigger(self) -> bool:
        """The trigger is above the price: a buying stop or a selling take-profit."""
        return self.is_buy == self.type.startswith("STOP")

    @property
    def child_type(self) -> str:
        """What the order becomes."""
        return "MARKET" if self.price is None else "LIMIT"


@dataclass(slots=True, kw_only=True)
class SimulatedAlgo:
    """A conditional order the exchange has accepted.

    Attributes:
        extreme: USDT, the best price a trailing stop has seen since it became active.
        child: the ordinary order it became.
        reject_reason: ``rm`` of the event.
    """

    algo_id: int
    client_algo_id: str
    wish: NewAlgo
    create_ms: int
    update_ms: int
    status: str = "NEW"
    trigger_ms: int = 0
    activated: bool = False
    extreme: Decimal = ZERO
    child_id: int | None = None
    child: SimulatedOrder | None = None
    reject_reason: str = ""

    @property
    def is_open(self) -> bool:
        """It has not become an order yet and still may."""
        return self.status in OPEN_STATUSES


def response_shape(algo: SimulatedAlgo) -> dict[str, Any]:
    """Answer to POST algoOrder."""
    wish = algo.wish
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_algo_id,
        "algoType": "CONDITIONAL",
        "orderType": wish.type,
        "symbol": wish.symbol,
        "side": wish.side,
        "positionSide": wish.position_side,
        "timeInForce": wish.time_in_force,
        "quantity": plain(wish.quantity),
        "algoStatus": algo.status,
        "triggerPrice": _price(wish.trigger_price),
        "price": _price(wish.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": wish.stp_mode,
        "workingType": _working_type(wish),
        "priceMatch": "NONE",
        "closePosition": wish.close_position,
        "priceProtect": wish.price_protect,
        "reduceOnly": wish.reduce_only or wish.close_position,
        "activatePrice": "" if wish.activate_price is None else plain(wish.activate_price),
        "callbackRate": "" if wish.callback_rate is None else plain(wish.callback_rate),
        "createTime": algo.create_ms,
        "updateTime": algo.update_ms,
        "triggerTime": algo.trigger_ms,
        "goodTillDate": 0,
    }


def query_shape(algo: SimulatedAlgo) -> dict[str, Any]:
    """GET algoOrder, openAlgoOrders, allAlgoOrders: with the link to the child."""
    child = algo.child
    return {
        **response_shape(algo),
        "tpTriggerPrice": "0.000",
        "tpPrice": "0.000",
        "slTriggerPrice": "0.000",
        "slPrice": "0.000",
        "tpOrderType": "",
        "actualOrderId": "" if algo.child_id is None else str(algo.child_id),
        "actualPrice": "0.00000" if child is None else plain(child.average_price),
        "actualQty": "0" if child is None else plain(child.executed),
        "actualType": "" if child is None else child.type,
        "isActivated": algo.activated,
    }


def cancel_shape(algo: SimulatedAlgo) -> dict[str, Any]:
    """DELETE algoOrder; the code is text here, alone of all answers."""
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_algo_id,
        "code": "200",
        "msg": "success",
    }


def algo_update(algo: SimulatedAlgo, now_ms: int) -> dict[str, Any]:
    """ALGO_UPDATE; it never tells of single fills."""
    wish, child = algo.wish, algo.child
    body: dict[str, Any] = {
        "caid": algo.client_algo_id,
        "aid": algo.algo_id,
        "at": "CONDITIONAL",
        "o": wish.type,
        "s": wish.symbol,
        "S": wish.side,
        "ps": wish.position_side,
        "f": "GTE_GTC" if wish.close_position else wish.time_in_force,
        "q": plain(wish.quantity),
        "X": algo.status,
        "ai": "" if algo.child_id is None else str(algo.child_id),
        "tp": _price(wish.trigger_price),
        "p": _price(wish.price),
        "V": wish.stp_mode,
        "wt": _working_type(wish),
        "pm": "NONE",
        "cp": wish.close_position,
        "pP": wish.price_protect,
        "R": wish.reduce_only or wish.close_position,
        "tt": algo.trigger_ms,
        "gtd": 0,
        "ia": algo.activated,
    }
    if algo.child_id is not None:
        # One that waits tells nothing of an order that it may become (captures).
        body |= {
            "ap": "0.00000" if child is None else plain(child.average_price),
            "aq": "0.00000" if child is None else plain(child.executed),
            "act": wish.child_type,
        }
    if wish.is_trailing:
        body |= {"AP": _price(wish.activate_price), "cr": _price(wish.callback_rate)}
    if algo.reject_reason:
        body["rm"] = algo.reject_reason
    return {"e": "ALGO_UPDATE", "T": algo.update_ms, "E": now_ms, "st": _USDS_M, "o": body}


def _price(value: Decimal | None) -> str:
    return "0" if value is None else plain(value)


def _working_type(wish: NewAlgo) -> str:
    return "MARK_PRICE" if wish.by_mark else "CONTRACT_PRICE"
