"""Sending, finding and cancelling orders.

An order is written to the wire inside ``send`` itself, before anything is awaited, so that both
legs of a pair leave together. It never stands in line for budget: an order that waited would leave
at an old price and with a later timestamp than its intent tells, so without budget it is refused
here, proven unsent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Order, OrderReport, OrderType, Purpose, TimeInForce
from trading_platform_order.domain.order_identity.order_match import fits
from trading_platform_order.domain.outcome import (
    Accepted,
    CancelOutcome,
    LookUpOutcome,
    NotFound,
    ReadFailed,
    Refused,
    SendOutcome,
    Unknown,
)
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.orders.trade_pages import sum_of, trades_of_order
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode, only
from trading_platform_order.exchanges.binance.requests.errors import (
    NO_SUCH_ORDER,
)
from trading_platform_order.exchanges.binance.requests.parse import (
    Unreadable,
    finite,
    header_time,
    moment,
    order_report,
)
from trading_platform_order.exchanges.binance.requests.rest import ORDERS, TEST_PATH, RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    CountdownWire,
    OrderWire,
    TradeWire,
)
from trading_platform_order.exchanges.binance.stream_liveness import MuteWatch
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.rows import WireRows
from trading_platform_order.transport.http import HttpRequest, HttpResult

ORDER_PATH = "/fapi/v1/order"
_SIGNED_KEPT = 10_000
# The exchange calls a maker-only order "good till crossing".
_WIRE_TIMES = {TimeInForce.POST_ONLY: "GTX"}
# The trades of an order may become readable a moment after the order says that it filled.
_TRADE_READS = 4
_TRADE_WAIT_S = 0.05


class Orders:
    """The order verbs of one account."""

    def __init__(self, *, rest: RestClient, config: BinanceConfig, mute: MuteWatch) -> None:
        self._mute = mute
        self._rest = rest
        self._config = config
        self._signed_ms: dict[str, int] = {}

    def signed_ms(self, client_order_id: str) -> int | None:
        """The timestamp this process signed the order with, on the exchange's clock."""
        return self._signed_ms.get(client_order_id)

    # -- send -----------------------------------------------------------------------------------

    def prepared(self, order: Order) -> Callable[[], Awaitable[SendOutcome]]:
        """Sign the order; the call that is returned writes it, and tells what becomes of it."""
        params = order_params(order)
        wait_s = self._rest.limiter.take(ORDERS, urgent=order.purpose is not Purpose.OPEN)
        if wait_s > 0:
            refused = Refused(
                code="not_sent",
                message="no order budget left",
                retryable=True,
                retry_after_s=wait_s,
                hindrance=Hindrance.BANNED,
            )
            return partial(_settled, refused)
        timestamp_ms = self._rest.signer.now_ms()
        self._remember(order.client_order_id, timestamp_ms)
        request = self._signed(params, order.client_order_id, timestamp_ms)
        return lambda: self._outcome(order, self._rest.http.send(request), self._mute.mark())

    def rehearse(self, order: Order) -> None:
        """Sign an order that is never sent."""
        self._signed(order_params(order), order.client_order_id, self._rest.signer.now_ms())

    def _signed(
        self, params: tuple[tuple[str, str], ...], client_order_id: str, timestamp_ms: int
    ) -> HttpRequest:
        return self._rest.signed(
            "POST",
            ORDER_PATH,
            params,
            timestamp_ms=timestamp_ms,
            timeout_s=self._config.order_timeout_s,
            label=client_order_id,
        )

    def _remember(self, client_order_id: str, timestamp_ms: int) -> None:
        self._signed_ms[client_order_id] = timestamp_ms
        if len(self._signed_ms) > _SIGNED_KEPT:
            del self._signed_ms[next(iter(self._signed_ms))]

    async def _outcome(self, order: Order, answer: Awaitable[HttpResult], mark: int) -> SendOutcome:
        body = await self._rest.taken(answer)
        if not isinstance(body, bytes):
            return body
        report = _read_report(body)
        if isinstance(report, str):
            return Unknown(reason=report)
        if report.client_order_id != order.client_order_id:
            return Unknown(reason=f"answer is about another order: {report.client_order_id}")
        self._mute.expect(mark)
        return Accepted(report=report)

    async def test(self, order: Order) -> Refused | Unknown | None:
        """Have an order judged without placing it; ``None`` means it would be taken."""
        answer = await self._rest.call("POST", TEST_PATH, order_params(order), weight=1)
        if not isinstance(answer, Failure):
            return None
        if answer.error is not None:
            return await self._rest.refusal(answer.error)
        return Unknown(reason=answer.reason)

    # -- look up --------------------------------------------------------------------------------

    async def look_up(self, order: Order) -> LookUpOutcome:
        """Find the order by its client id, with all of its fills.

        One try: the caller looks again at its own pace, quicker than a read's back-off.
        """
        found = await self._rest.read(
            ORDER_PATH,
            (("symbol", order.symbol), ("origClientOrderId", order.client_order_id)),
            OrderWire,
            weight=1,
            is_urgent=True,
            attempts=1,
        )
        if isinstance(found, Failure):
            if found.error is not None and found.error.code == NO_SUCH_ORDER:
                return NotFound(server_time=header_time(found.server_date))
            return found.as_read_failed("look-up", tells_key=True)
        return await self.identify(order, found)

    async def identify(self, order: Order, wire: OrderWire) -> Accepted | ReadFailed:
        """Whether a found order is the one we meant, and then all it filled."""
        try:
            trades = await self._trades_of(wire)
            if isinstance(trades, Failure):
                return trades.as_read_failed("trades of the order")
            report = order_report(wire, trades)
        except Unreadable as error:
            return ReadFailed(reason=f"unreadable order: {error}")
        difference = self._difference(order, report)
        if difference is not None:
            return ReadFailed(reason=f"collision: {order.client_order_id}: {difference}")
        return Accepted(report=report)

    def _difference(self, order: Order, report: OrderReport) -> str | None:
        signed_ms = self.signed_ms(order.client_order_id)
        if signed_ms is None:
            return fits(order, report)
        # A calendar that jumped after the intent was written does not matter: it was signed later.
        earliest = min(order.created_at, moment(signed_ms))
        return fits(replace(order, created_at=earliest), report)

    async def _trades_of(self, wire: OrderWire) -> list[TradeWire] | Failure:
        if finite(wire.executed_qty) <= 0:
            return []
        for read in range(_TRADE_READS):
            found = await trades_of_order(self._rest, wire)
            if isinstance(found, Failure):
                return found
            if sum_of(found) == wire.executed_qty:
                return found
            if read + 1 < _TRADE_READS:
                await asyncio.sleep(_TRADE_WAIT_S)
        return Failure(reason=f"trades do not add up to {plain(wire.executed_qty)} yet")

    # -- cancel and list ------------------------------------------------------------------------

    async def cancel(self, order: Order) -> CancelOutcome:
        """Ask for the end of an open order."""
        answer = await self._rest.call(
            "DELETE",
            ORDER_PATH,
            (("symbol", order.symbol), ("origClientOrderId", order.client_order_id)),
            weight=1,
            is_urgent=True,
        )
        return await self._rest.cancelled(answer)

    async def cancel_all(self, symbol: str) -> CancelOutcome:
        """End all ordinary open orders of a symbol, whoever placed them; conditional ones stay."""
        answer = await self._rest.call(
            "DELETE", "/fapi/v1/allOpenOrders", (("symbol", symbol),), weight=1, is_urgent=True
        )
        return await self._rest.cancelled(answer)

    async def countdown(self, symbol: str, wait_ms: int) -> ReadFailed | None:
        """End all ordinary open orders of a symbol unless called again within ``wait_ms``.

        Zero stops the countdown. Conditional orders are taken to stay (the documentation is
        silent). Repeating it is its use, so it is retried like a read.
        """
        params = (("symbol", symbol), ("countdownTime", str(wait_ms)))
        found = await self._rest.read(
            "/fapi/v1/countdownCancelAll",
            params,
            CountdownWire,
            weight=10,
            method="POST",
            is_urgent=True,
        )
        if isinstance(found, Failure):
            return found.as_read_failed("countdown")
        if found.countdown_time != wait_ms:
            return ReadFailed(reason=f"countdown: {found.countdown_time} ms instead of {wait_ms}")
        return None

    async def open_orders(self, symbols: Sequence[str]) -> Rows[OrderReport] | ReadFailed:
        """All open orders of these symbols; conditional orders are elsewhere."""
        found = await read_open_orders(self._rest, symbols)
        if isinstance(found, Failure):
            return found.as_read_failed("open orders")
        return found.made(order_report, lambda row: row.symbol)


async def read_open_orders(
    rest: RestClient, symbols: Sequence[str]
) -> WireRows[OrderWire] | Failure:
    """Open orders, symbol by symbol: weight 1 each, where the list of all symbols costs 40."""

    def read(symbol: str) -> Coroutine[None, None, WireRows[OrderWire] | Failure]:
        params = (("symbol", symbol),)
        return rest.read_rows("/fapi/v1/openOrders", params, OrderWire, key="symbol", weight=1)

    async with asyncio.TaskGroup() as group:
        tasks = {symbol: group.create_task(read(symbol)) for symbol in symbols}
    return joined({symbol: only(symbol, task.result()) for symbol, task in tasks.items()})


def joined(answers: Mapping[str, WireRows[OrderWire] | Failure]) -> WireRows[OrderWire] | Failure:
    """The answers about several symbols as one; a failure only if there is no answer at all."""
    rows: list[OrderWire] = []
    failed: dict[str, Failure] = {}
    for symbol, answer in answers.items():
        if isinstance(answer, Failure):
            failed[symbol] = answer
        else:
            rows += answer.rows
    if failed and len(failed) == len(answers):
        return next(iter(failed.values()))
    unread = {symbol: failure.reason for symbol, failure in failed.items()}
    return WireRows(rows=rows, unread=unread, total=len(rows))


def order_params(order: Order) -> tuple[tuple[str, str], ...]:
    """The parameters of POST /fapi/v1/order in one-way mode.

    Raises:
        ValueError: the order is not for this exchange; a mistake of the caller.
    """
    if order.exchange is not Venue.BINANCE or order.quote_amount is not None:
        raise ValueError(f"not a Binance order: {order.client_order_id}")
    params = [
        ("symbol", order.symbol),
        ("side", order.side.value),
        ("type", order.type.value),
        ("quantity", plain(order.quantity)),
    ]
    if order.type is OrderType.LIMIT:
        if order.price is None:
            raise ValueError(f"limit order without price: {order.client_order_id}")
        time_in_force = order.time_in_force or TimeInForce.GTC
        params += [
            ("price", plain(order.price)),
            ("timeInForce", _WIRE_TIMES.get(time_in_force, time_in_force.value)),
        ]
    if order.reduce_only:
        params.append(("reduceOnly", "true"))
    params += [("newClientOrderId", order.client_order_id), ("newOrderRespType", "RESULT")]
    return tuple(params)


def _read_report(body: bytes) -> OrderReport | str:
    wire = decode(body, OrderWire)
    if isinstance(wire, Failure):
        return wire.reason
    try:
        return order_report(wire)
    except Unreadable as error:
        return f"unreadable answer: {error}"


async def _settled(outcome: SendOutcome) -> SendOutcome:
    return outcome
