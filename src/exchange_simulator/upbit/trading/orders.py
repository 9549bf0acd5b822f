"""One order of the simulated exchange, its trades, and how REST and the stream show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from exchange_simulator.clock import epoch_ms
from exchange_simulator.decimals import ZERO, plain
from exchange_simulator.upbit.numbers import (
    kst_microseconds,
    kst_seconds,
    number,
    optional_number,
    optional_text,
)

_AVERAGE_STEP = Decimal("0.00000001")


class State(StrEnum):
    """There is no "partly filled" and no "rejected": a market buy ends in ``cancel``."""

    WAIT = "wait"
    DONE = "done"
    CANCEL = "cancel"


class Trade(NamedTuple):
    """One execution; ``funds`` and ``fee`` in KRW, exact."""

    uuid: str
    price: Decimal
    volume: Decimal
    funds: Decimal
    fee: Decimal
    is_maker: bool
    trend: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class SimulatedOrder:
    """An order from acceptance on.

    Attributes:
        side: ``bid`` or ``ask``.
        price: unit price of a limit order, total of a market or best buy, else ``None``.
        volume: base asset; ``None`` for a market or best buy.
        smp_type: ``None`` only before 2026-11-09.
        prevented_volume: base asset that self-trade prevention took away.
        prevented_locked: KRW of a bid, base of an ask, freed by that.
        reserved_fee: KRW set aside for the fee of a bid.
        locked: what is still set aside: KRW of a bid (fee included), base of an ask.
    """

    uuid: str
    identifier: str | None
    market: str
    side: str
    ord_type: str
    price: Decimal | None
    volume: Decimal | None
    time_in_force: str | None
    smp_type: str | None
    created_at: datetime
    reserved_fee: Decimal
    locked: Decimal
    state: State = State.WAIT
    executed_volume: Decimal = ZERO
    executed_funds: Decimal = ZERO
    paid_fee: Decimal = ZERO
    prevented_volume: Decimal = ZERO
    prevented_locked: Decimal = ZERO
    trades: list[Trade] = field(default_factory=list)
    shown: tuple[object, dict[str, Any]] | None = None

    @property
    def is_bid(self) -> bool:
        """A buy."""
        return self.side == "bid"

    @property
    def can_rest(self) -> bool:
        """What the book does not fill at once stays in it."""
        return self.ord_type == "limit" and self.time_in_force not in {"ioc", "fok"}

    @property
    def is_open(self) -> bool:
        """It may still fill."""
        return self.state is State.WAIT

    @property
    def base(self) -> str:
        """The asset traded."""
        return self.market.removeprefix("KRW-")

    @property
    def locked_asset(self) -> str:
        """The asset set aside while the order is open."""
        return "KRW" if self.is_bid else self.base

    @property
    def remaining_volume(self) -> Decimal | None:
        """Base asset still wanted; not known for a market or best buy."""
        if self.volume is None:
            return None
        return self.volume - self.executed_volume - self.prevented_volume

    @property
    def total(self) -> Decimal:
        """KRW to spend, of a market or best buy."""
        return (self.price or ZERO) - self.prevented_locked

    @property
    def remaining_fee(self) -> Decimal:
        """Of the reserved fee."""
        return self.reserved_fee - self.paid_fee if self.is_bid else ZERO


def rest_order(order: SimulatedOrder, *, listed: Sequence[Trade] | None = None) -> dict[str, Any]:
    """The Order object of every REST answer; trades only in GET /v1/order: those ``listed``."""
    shown: dict[str, Any] = {
        "market": order.market,
        "uuid": order.uuid,
        "side": order.side,
        "ord_type": order.ord_type,
        "price": optional_text(order.price),
        "state": order.state.value,
        "created_at": kst_seconds(order.created_at),
        "volume": optional_text(order.volume),
        "remaining_volume": optional_text(order.remaining_volume),
        "executed_volume": plain(order.executed_volume),
        "reserved_fee": plain(order.reserved_fee),
        "remaining_fee": plain(order.remaining_fee),
        "paid_fee": plain(order.paid_fee),
        "locked": plain(order.locked),
        "prevented_volume": plain(order.prevented_volume),
        "prevented_locked": plain(order.prevented_locked),
        "trades_count": len(order.trades),
    }
    if order.smp_type is not None:
        shown["smp_type"] = order.smp_type
    if order.time_in_force is not None:
        shown["time_in_force"] = order.time_in_force
    if order.identifier is not None:
        shown["identifier"] = order.identifier
    if listed is not None:
        shown["trades"] = [_rest_trade(order, trade) for trade in listed]
    return shown


def _rest_trade(order: SimulatedOrder, trade: Trade) -> dict[str, Any]:
    return {
        "market": order.market,
        "uuid": trade.uuid,
        "price": plain(trade.price),
        "volume": plain(trade.volume),
        "funds": plain(trade.funds),
        "trend": trade.trend,
        "created_at": kst_microseconds(trade.at),
        "side": order.side,
    }


def my_order(
    order: SimulatedOrder,
    *,
    now: datetime,
    trade: Trade | None = None,
    is_prevented: bool = False,
) -> dict[str, Any]:
    """The ``myOrder`` event: the order as it is now, one trade of it, or a part prevented."""
    state = "trade" if trade else "prevented" if is_prevented else order.state.value
    average = None
    if order.executed_volume > 0:
        average = (order.executed_funds / order.executed_volume).quantize(_AVERAGE_STEP)
    return {
        "type": "myOrder",
        "code": order.market,
        "uuid": order.uuid,
        "ask_bid": order.side.upper(),
        "order_type": order.ord_type,
        "state": state,
        "trade_uuid": trade.uuid if trade else None,
        "price": optional_number(trade.price if trade else order.price),
        "avg_price": optional_number(average),
        "volume": optional_number(trade.volume if trade else order.volume),
        "remaining_volume": optional_number(order.remaining_volume),
        "executed_volume": number(order.executed_volume),
        "trades_count": len(order.trades),
        "reserved_fee": number(order.reserved_fee),
        "remaining_fee": number(order.remaining_fee),
        "paid_fee": number(order.paid_fee),
        "locked": number(order.locked),
        "executed_funds": number(order.executed_funds),
        "time_in_force": order.time_in_force,
        "trade_fee": number(trade.fee) if trade else None,
        "is_maker": trade.is_maker if trade else None,
        "identifier": order.identifier,
        "smp_type": order.smp_type,
        "prevented_volume": number(order.prevented_volume),
        "prevented_locked": number(order.prevented_locked),
        "trade_timestamp": epoch_ms(trade.at) if trade else None,
        "order_timestamp": epoch_ms(order.created_at) // 1_000 * 1_000,
        "timestamp": epoch_ms(now),
        "stream_type": "REALTIME",
    }


def state_order(order: SimulatedOrder) -> dict[str, Any]:
    """The order for the control interface: everything, decimals as text.

    The same object while nothing changes.
    """
    now = (order.state, len(order.trades), order.executed_volume, order.price, order.volume)
    if order.shown is None or order.shown[0] != now:
        order.shown = (now, _state_order(order))
    return order.shown[1]


def _state_order(order: SimulatedOrder) -> dict[str, Any]:
    return {
        "identifier": order.identifier,
        "uuid": order.uuid,
        "market": order.market,
        "side": order.side,
        "ord_type": order.ord_type,
        "time_in_force": order.time_in_force,
        "state": order.state.value,
        "price": optional_text(order.price),
        "volume": optional_text(order.volume),
        "executed_volume": plain(order.executed_volume),
        "executed_funds": plain(order.executed_funds),
        "paid_fee": plain(order.paid_fee),
        "created_at": order.created_at.isoformat(),
        "trades": [
            {
                "uuid": trade.uuid,
                "price": plain(trade.price),
                "volume": plain(trade.volume),
                "funds": plain(trade.funds),
                "fee": plain(trade.fee),
                "is_maker": trade.is_maker,
                "at": trade.at.isoformat(),
            }
            for trade in order.trades
        ],
    }
