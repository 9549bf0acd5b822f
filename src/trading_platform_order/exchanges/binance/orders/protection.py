"""Our conditional orders in the exchange's terms: reduce-only buys, triggered by the mark price.

A stop is sent once and never again. One that nobody answered is looked for under its own id, in the
list of waiting ones, in the history, and as the ordinary order it becomes when it triggers.
"""

import asyncio
from decimal import Decimal

from trading_platform_order.domain.order import OrderSide, hedge_symbol
from trading_platform_order.domain.outcome import (
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopOrder,
    ProtectiveStopState,
    StopKind,
    StopReport,
)
from trading_platform_order.exchanges.binance.orders.algo import (
    AlgoKind,
    AlgoOrder,
    AlgoOrders,
    AlgoReport,
)
from trading_platform_order.exchanges.binance.orders.orders import ORDER_PATH
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.errors import NO_SUCH_ORDER
from trading_platform_order.exchanges.binance.requests.parse import moment
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import OrderWire
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.transport.clock import epoch_ms

_KINDS = {
    StopKind.PROTECTIVE: AlgoKind.STOP_MARKET,
    StopKind.TRAILING: AlgoKind.TRAILING_STOP_MARKET,
}
# A word we do not know counts as waiting: what may still fire is watched.
_STATES = {
    "TRIGGERING": ProtectiveStopState.TRIGGERED,
    "TRIGGERED": ProtectiveStopState.TRIGGERED,
    "FINISHED": ProtectiveStopState.FINISHED,
    "CANCELED": ProtectiveStopState.CANCELLED,
    "REJECTED": ProtectiveStopState.REJECTED,
    "EXPIRED": ProtectiveStopState.EXPIRED,
}
_BPS_A_PERCENT = Decimal(100)
_REMEMBERED = 1_000


class Protection:
    """The port's verbs of conditional orders."""

    def __init__(self, *, rest: RestClient, algo: AlgoOrders, config: BinanceConfig) -> None:
        self._rest = rest
        self._algo = algo
        self._config = config
        self._sent_ms: dict[str, int] = {}

    async def place(self, stop: ProtectiveStopOrder) -> StopReport | Refused | Unknown:
        """Send it once."""
        answer = self._algo.send(algo_order(stop))
        self._sent_ms[stop.client_order_id] = self._rest.signer.now_ms()
        if len(self._sent_ms) > _REMEMBERED:
            del self._sent_ms[next(iter(self._sent_ms))]
        outcome = await answer
        return stop_report(outcome) if isinstance(outcome, AlgoReport) else outcome

    async def look_up(self, stop: ProtectiveStopOrder) -> StopReport | NotFound | ReadFailed:
        """How it stands, if what is found is what we meant."""
        found = await self._algo.look_up(hedge_symbol(stop.base), stop.client_order_id)
        if not isinstance(found, AlgoReport):
            return found
        difference = _difference(stop, found)
        if difference is not None:
            return ReadFailed(reason=f"collision: {stop.client_order_id}: {difference}")
        return stop_report(found)

    async def prove_absence(self, stop: ProtectiveStopOrder) -> StopReport | ProvenAbsent | Unknown:
        """Wait for the horizon, then look several times; any doubt leaves it unknown."""
        sent_ms = max(
            epoch_ms(stop.created_at) + self._rest.signer.offset_ms,
            self._sent_ms.get(stop.client_order_id, 0),
        )
        passed = await self._horizon(sent_ms)
        if isinstance(passed, Unknown):
            return passed
        rounds = max(self._config.absence_reads, 1)
        for number in range(rounds):
            if number > 0:
                await asyncio.sleep(self._config.absence_span_s / (rounds - 1))
            seen = await self._round(stop)
            if not isinstance(seen, NotFound):
                return seen
        return ProvenAbsent(
            evidence=(
                f"signed {moment(sent_ms).isoformat()}, server time {moment(passed).isoformat()} is"
                f" past the horizon; not in algoOrder, openAlgoOrders, allAlgoOrders, nor an order"
                f" under its id, in {rounds} rounds"
            )
        )

    async def _horizon(self, sent_ms: int) -> int | Unknown:
        window_ms = self._config.recv_window_ms + int(self._config.horizon_margin_s * 1_000)
        for _ in range(2):
            server_ms = await self._rest.server_ms(attempts=1)
            if isinstance(server_ms, Failure):
                return Unknown(reason=f"server time: {server_ms.reason}")
            left_ms = sent_ms + window_ms - server_ms
            if left_ms < 0:
                return server_ms
            await asyncio.sleep(min(left_ms + 1, window_ms) / 1_000)
        return Unknown(reason="the horizon has not passed yet")

    async def _round(self, stop: ProtectiveStopOrder) -> StopReport | NotFound | Unknown:
        found = await self.look_up(stop)
        if isinstance(found, ReadFailed):
            return Unknown(reason=found.reason)
        if not isinstance(found, NotFound):
            return found
        child = await self._rest.read(
            ORDER_PATH,
            (("symbol", hedge_symbol(stop.base)), ("origClientOrderId", stop.client_order_id)),
            OrderWire,
            weight=1,
            is_urgent=True,
            attempts=1,
        )
        if not isinstance(child, Failure):
            return StopReport(
                client_order_id=stop.client_order_id,
                exchange_order_id=str(child.order_id),
                symbol=child.symbol,
                state=ProtectiveStopState.TRIGGERED,
                quantity=child.orig_qty,
                trigger_price_usdt=None,
                reason="its market order exists",
            )
        if child.error is not None and child.error.code == NO_SUCH_ORDER:
            return NotFound()
        return Unknown(reason=f"order: {child.reason}")

    async def waiting(self, symbol: str) -> tuple[StopReport, ...] | ReadFailed:
        """All that wait in a symbol."""
        found = await self._algo.open(symbol)
        if isinstance(found, ReadFailed):
            return found
        return tuple(stop_report(report) for report in found)


def algo_order(stop: ProtectiveStopOrder) -> AlgoOrder:
    """What is sent: a buy that can only reduce, by the mark price."""
    callback = stop.callback_bps
    return AlgoOrder(
        client_algo_id=stop.client_order_id,
        symbol=hedge_symbol(stop.base),
        side=OrderSide.BUY,
        kind=_KINDS[stop.kind],
        quantity=stop.quantity,
        trigger_price=stop.trigger_price_usdt,
        callback_percent=None if callback is None else callback / _BPS_A_PERCENT,
        by_mark_price=True,
        reduce_only=True,
    )


def stop_report(report: AlgoReport) -> StopReport:
    """The port's value for what the exchange says."""
    return StopReport(
        client_order_id=report.client_algo_id,
        exchange_order_id=report.algo_id,
        symbol=report.symbol,
        state=_STATES.get(report.status, ProtectiveStopState.WAITING),
        quantity=report.quantity,
        trigger_price_usdt=report.trigger_price,
        reason=report.reject_reason or report.status,
    )


def _difference(stop: ProtectiveStopOrder, found: AlgoReport) -> str | None:
    pairs = {
        "symbol": (hedge_symbol(stop.base), found.symbol),
        "side": (OrderSide.BUY, found.side),
        "type": (_KINDS[stop.kind].value, found.kind),
        "quantity": (stop.quantity, found.quantity),
    }
    if stop.trigger_price_usdt is not None:
        pairs["trigger"] = (stop.trigger_price_usdt, found.trigger_price)
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            return f"{name} {theirs}, expected {ours}"
    return None
