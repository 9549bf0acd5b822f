"""Conditional orders: stop, take-profit and trailing stop; all become market orders.

They live in a store of their own (Binance change log 2025-12-09): the ordinary endpoints do not
see them, and one of them becomes an ordinary order with the same client id when it triggers. So a
conditional order is followed in two steps: its own status here, its fills by the child's order id.
``FINISHED`` says that the child ended, not that it filled. The child's fill may be told before the
trigger. Margin is looked at only then, so an accepted stop may still be ``REJECTED``.

Like an order it is sent once and never again; what is not proven refused is Unknown.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import ZERO, parse_decimal, plain
from trading_platform_order.domain.order import OrderReport, OrderSide
from trading_platform_order.domain.outcome import (
    CancelOutcome,
    NotFound,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode, only
from trading_platform_order.exchanges.binance.requests.errors import NO_SUCH_ORDER
from trading_platform_order.exchanges.binance.requests.parse import (
    Unreadable,
    finite,
    header_time,
    order_report,
    order_side,
)
from trading_platform_order.exchanges.binance.requests.rest import ORDERS, RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    AlgoEventBody,
    AlgoWire,
    OrderWire,
)
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.transport.http import HttpResult

ALGO_PATH = "/fapi/v1/algoOrder"
_LEAST_CALLBACK_PERCENT = Decimal("0.1")
_MOST_CALLBACK_PERCENT = Decimal(20)  # since 2026-10-23, 10 before


class AlgoKind(StrEnum):
    """The conditional orders we place."""

    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"

    @classmethod
    def named(cls, name: str) -> "AlgoKind":
        """By the exchange's name or the specification's ``TRAILING_STOP``.

        Raises:
            ValueError: neither.
        """
        return cls.TRAILING_STOP_MARKET if name == "TRAILING_STOP" else cls(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoOrder:
    """A conditional order intent.

    Attributes:
        quantity: base asset; ``None`` closes the whole position (not for a trailing stop).
        trigger_price: USDT, not for a trailing stop.
        activate_price: USDT, trailing only; ``None``: active at once.
        callback_percent: 0.1 to 20, trailing only.
        by_mark_price: triggered by the mark price instead of the last price.
    """

    client_algo_id: str
    symbol: str
    side: OrderSide
    kind: AlgoKind
    quantity: Decimal | None
    trigger_price: Decimal | None = None
    activate_price: Decimal | None = None
    callback_percent: Decimal | None = None
    by_mark_price: bool = False
    reduce_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoReport:
    """What the exchange says about a conditional order.

    Attributes:
        kind: the exchange's name, also one that we do not place.
        status: the exchange's word.
        child_order_id: the ordinary order it became, once it has.
        reject_reason: why the engine refused the child; stream only.
    """

    algo_id: str
    client_algo_id: str
    symbol: str
    side: OrderSide
    kind: str
    status: str
    quantity: Decimal | None
    trigger_price: Decimal | None
    child_order_id: str | None
    reject_reason: str = ""


AlgoOutcome = AlgoReport | Refused | Unknown


class AlgoOrders:
    """The verbs of conditional orders."""

    def __init__(self, *, rest: RestClient, config: BinanceConfig) -> None:
        self._rest = rest
        self._config = config
        #: hears of every ALGO_UPDATE while the private stream runs; the child's fill may come first
        self.on_update: Callable[[AlgoReport], None] = _nobody

    def deliver(self, report: AlgoReport) -> None:
        """The private stream told of one; whoever is set as ``on_update`` hears it."""
        self.on_update(report)

    def send(self, order: AlgoOrder) -> Awaitable[AlgoOutcome]:
        """Write it to the wire now, once; await what becomes of it."""
        params = algo_params(order)
        # A conditional order protects: it may use the budget kept for what reduces risk.
        wait_s = self._rest.limiter.take(ORDERS, urgent=True)
        if wait_s > 0:
            return _settled(
                Refused(
                    code="not_sent",
                    message="no order budget left",
                    retryable=True,
                    retry_after_s=wait_s,
                )
            )
        request = self._rest.signed(
            "POST",
            ALGO_PATH,
            params,
            timestamp_ms=self._rest.signer.now_ms(),
            timeout_s=self._config.order_timeout_s,
            label=order.client_algo_id,
        )
        return self._outcome(order, self._rest.http.send(request))

    async def _outcome(self, order: AlgoOrder, answer: Awaitable[HttpResult]) -> AlgoOutcome:
        body = await self._rest.taken(answer)
        return accepted(body, order.client_algo_id) if isinstance(body, bytes) else body

    async def look_up(self, symbol: str, client_algo_id: str) -> AlgoReport | NotFound | ReadFailed:
        """By our own id; an order the query denies is looked for in both lists as well.

        The query was seen to deny an existing order once, so its -2013 alone is no absence.
        """
        found = await self._rest.read(
            ALGO_PATH,
            (("clientAlgoId", client_algo_id),),
            AlgoWire,
            weight=1,
            is_urgent=True,
            attempts=1,
        )
        if not isinstance(found, Failure):
            return _report_or_failed(found)
        if found.error is None or found.error.code != NO_SUCH_ORDER:
            return found.as_read_failed("conditional order")
        for rows in (await self.open(symbol), await self.history(symbol)):
            if isinstance(rows, ReadFailed):
                return rows
            for row in rows:
                if row.client_algo_id == client_algo_id:
                    return row
        return NotFound(server_time=header_time(found.server_date))

    async def child(self, report: AlgoReport) -> OrderReport | NotFound | ReadFailed:
        """The ordinary order it became; ``NotFound`` if it has not become one."""
        if report.child_order_id is None:
            return NotFound()
        found = await self._rest.read(
            "/fapi/v1/order",
            (("symbol", report.symbol), ("orderId", report.child_order_id)),
            OrderWire,
            weight=1,
            is_urgent=True,
        )
        if isinstance(found, Failure):
            return found.as_read_failed("child order")
        if found.client_order_id != report.client_algo_id:
            return ReadFailed(reason=f"collision: child is called {found.client_order_id}")
        try:
            return order_report(found)
        except Unreadable as error:
            return ReadFailed(reason=f"child order: {error}")

    async def open(self, symbol: str) -> tuple[AlgoReport, ...] | ReadFailed:
        """Those of a symbol that wait for their trigger."""
        return await self._list("/fapi/v1/openAlgoOrders", symbol, weight=1)

    async def history(self, symbol: str) -> tuple[AlgoReport, ...] | ReadFailed:
        """All of a symbol of the last seven days."""
        return await self._list("/fapi/v1/allAlgoOrders", symbol, weight=5)

    async def _list(
        self, path: str, symbol: str, *, weight: int
    ) -> tuple[AlgoReport, ...] | ReadFailed:
        answer = await self._rest.read_rows(
            path, (("symbol", symbol),), AlgoWire, key="symbol", weight=weight
        )
        found = only(symbol, answer)
        if isinstance(found, Failure):
            return found.as_read_failed("conditional orders")
        try:
            return tuple(algo_report(wire) for wire in found.rows)
        except Unreadable as error:
            return ReadFailed(reason=f"conditional orders: {error}")

    async def cancel(self, client_algo_id: str) -> CancelOutcome:
        """Before the trigger; ``AlreadyGone`` afterwards: look it up, and its child."""
        params = (("clientAlgoId", client_algo_id),)
        answer = await self._rest.call("DELETE", ALGO_PATH, params, weight=1, is_urgent=True)
        return await self._rest.cancelled(answer)

    async def cancel_all(self, symbol: str) -> CancelOutcome:
        """All waiting ones of a symbol; ordinary orders stay."""
        answer = await self._rest.call(
            "DELETE", "/fapi/v1/algoOpenOrders", (("symbol", symbol),), weight=1, is_urgent=True
        )
        return await self._rest.cancelled(answer)


def algo_params(order: AlgoOrder) -> tuple[tuple[str, str], ...]:
    """The parameters of POST /fapi/v1/algoOrder in one-way mode (Binance docs, 2026-11).

    Raises:
        ValueError: parts that do not go together; a mistake of the caller.
    """
    params = [
        ("algoType", "CONDITIONAL"),
        ("symbol", order.symbol),
        ("side", order.side.value),
        ("type", order.kind.value),
        *_size(order),
        *_trigger(order),
    ]
    if order.by_mark_price:
        params.append(("workingType", "MARK_PRICE"))
    params.append(("clientAlgoId", order.client_algo_id))
    return tuple(params)


def _size(order: AlgoOrder) -> list[tuple[str, str]]:
    if order.quantity is not None:
        reduce_only = [("reduceOnly", "true")] if order.reduce_only else []
        return [("quantity", plain(order.quantity)), *reduce_only]
    if order.kind is AlgoKind.TRAILING_STOP_MARKET:
        raise ValueError(f"a trailing stop needs a quantity: {order.client_algo_id}")
    return [("closePosition", "true")]


def _trigger(order: AlgoOrder) -> list[tuple[str, str]]:
    if order.kind is not AlgoKind.TRAILING_STOP_MARKET:
        if order.trigger_price is None:
            raise ValueError(f"no trigger price: {order.client_algo_id}")
        return [("triggerPrice", plain(order.trigger_price))]
    rate = order.callback_percent
    if rate is None or not _LEAST_CALLBACK_PERCENT <= rate <= _MOST_CALLBACK_PERCENT:
        raise ValueError(f"callback of {rate} %: {order.client_algo_id}")
    price = order.activate_price
    active = [] if price is None else [("activatePrice", plain(price))]
    return [("callbackRate", plain(rate)), *active]


def accepted(body: bytes, client_algo_id: str) -> AlgoReport | Unknown:
    """A 2xx answer to a new order; what is not plainly about ours is Unknown."""
    wire = decode(body, AlgoWire)
    if isinstance(wire, Failure):
        return Unknown(reason=wire.reason)
    try:
        report = algo_report(wire)
    except Unreadable as error:
        return Unknown(reason=f"unreadable answer: {error}")
    if report.client_algo_id != client_algo_id:
        return Unknown(reason=f"answer is about another order: {report.client_algo_id[:40]}")
    return report


def algo_report(wire: AlgoWire) -> AlgoReport:
    """From a REST answer.

    Raises:
        Unreadable: a side we do not know, or a number that is none.
    """
    return AlgoReport(
        algo_id=str(wire.algo_id),
        client_algo_id=wire.client_algo_id,
        symbol=wire.symbol,
        side=order_side(wire.side),
        kind=wire.order_type,
        status=wire.algo_status,
        quantity=None if wire.quantity is None else finite(wire.quantity),
        trigger_price=_price(wire.trigger_price),
        child_order_id=_child_id(wire.actual_order_id),
    )


def event_algo_report(body: AlgoEventBody) -> AlgoReport:
    """From ALGO_UPDATE.

    Raises:
        Unreadable: as :func:`algo_report`.
    """
    return AlgoReport(
        algo_id=str(body.algo_id),
        client_algo_id=body.client_algo_id,
        symbol=body.symbol,
        side=order_side(body.side),
        kind=body.order_type,
        status=body.status,
        quantity=None if body.quantity is None else finite(body.quantity),
        trigger_price=_price(body.trigger_price),
        child_order_id=_child_id(body.child_id),
        reject_reason=body.reject_reason or "",
    )


def _price(text: str | None) -> Decimal | None:
    """An empty text stands where there is no price, and so does zero."""
    if not text:
        return None
    try:
        value = parse_decimal(text)
    except ValueError:
        raise Unreadable(f"not a price: {text[:40]!r}") from None
    return None if value == ZERO else value


def _child_id(text: str | None) -> str | None:
    return None if text in {None, "", "0"} else text


def _report_or_failed(wire: AlgoWire) -> AlgoReport | ReadFailed:
    try:
        return algo_report(wire)
    except Unreadable as error:
        return ReadFailed(reason=f"conditional order: {error}")


async def _settled(outcome: AlgoOutcome) -> AlgoOutcome:
    return outcome


def _nobody(_report: AlgoReport) -> None:
    """Hears nothing."""
