"""Version 3.0 of the storage repository's specification: positions, trades, orders.

A position there is a pair. What its strategy wants kept of a signal (level, z-score, means of the
rate, band) comes from the signal's metadata; a column that may not be empty has a value here for a
signal that says nothing.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from trading_platform_order.domain.account.profit.pair_money import premium_of
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Order, OrderStatus, OrderType
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.exporter.layout import (
    ExportedFill,
    ExportedOrder,
    Layout,
    Table,
    Write,
    identity,
    number,
    row_id,
    text,
    time,
)
from trading_platform_order.exporter.pair_position import Metadata, PairPosition

PERCENT = Decimal(100)
HOUR_S = 3_600
_LEVELS = {"1": "level1", "2": "level2", "level1": "level1", "level2": "level2"}
COMBINED = "combined"
"""The level of a position that was entered at once, or in more than one step."""
_STATUS = {
    # Its outcome is not known yet: neither filled nor failed.
    OrderStatus.PENDING: "pending",
    OrderStatus.UNKNOWN: "pending",
    OrderStatus.WORKING: "pending",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.REFUSED: "failed",
    OrderStatus.ABSENT: "failed",
}
_TYPE = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    # Upbit's limit at the best opposite price, which it names by itself.
    OrderType.BEST: "limit",
}

POSITIONS = Table(
    name="positions",
    columns={
        "id": identity(),
        "symbol": text(chars=10),
        "status": text(chars=6),
        "entry_level": text(chars=8),
        "entry_timestamp": time(),
        "entry_kimp": number(),
        "entry_zscore": number(),
        "entry_fx_rate": number(),
        "entry_fx_ma": number(),
        "upbit_amount": number(),
        "upbit_price": number(),
        "upbit_order_id": text(chars=40),
        "binance_amount": number(),
        "binance_price": number(),
        "binance_order_id": text(chars=40),
        "total_invested": number(),
        "exit_timestamp": time(),
        "exit_kimp": number(),
        "exit_reason": text(is_cut=True),
        "exit_bb_upper": number(),
        "realized_pnl": number(),
        "realized_pnl_pct": number(),
        "holding_hours": number(),
        "created_at": time(),
        "updated_at": time(),
    },
)
ORDERS = Table(
    name="orders",
    columns={
        "id": identity(),
        # A late word of an order does not move it into the position of today.
        "position_id": identity(is_kept=True),
        "exchange": text(chars=10),
        "symbol": text(chars=10),
        "side": text(chars=4),
        "order_type": text(chars=6),
        "amount": number(),
        "price": number(),
        "status": text(chars=9),
        "exchange_order_id": text(chars=40),
        "error_message": text(is_cut=True),
        "filled_amount": number(),
        "avg_fill_price": number(),
        "created_at": time(),
        "updated_at": time(),
    },
)
TRADES = Table(
    name="trades",
    columns={
        "id": identity(),
        "position_id": identity(),
        "symbol": text(chars=10),
        "trade_type": text(chars=8),
        "side": text(chars=4),
        "exchange": text(chars=10),
        "order_id": text(chars=40),
        "order_type": text(chars=6),
        "amount": number(),
        "price": number(),
        "filled_amount": number(),
        "avg_price": number(),
        "fee": number(),
        "fee_currency": text(chars=5),
        "status": text(chars=6),
        "error_message": text(is_cut=True),
        "executed_at": time(),
        "created_at": time(),
    },
)


class Layout30(Layout):
    """Three tables: a pair, an execution and an order are a row each."""

    version = "3.0"
    tables = (POSITIONS, ORDERS, TRADES)

    def order_rows(self, exported: ExportedOrder) -> Iterable[Write]:
        """One row; without a position as long as nothing of its trade was filled."""
        order, position = exported.order, exported.position
        yield Write(
            table=ORDERS.name,
            values={
                "id": self.order_id(order.client_order_id),
                "position_id": None if position is None else self.position_id(position),
                "exchange": str(order.exchange),
                "symbol": exported.trade.base,
                "side": order.side.lower(),
                "order_type": _TYPE[order.type],
                "amount": order.quantity,
                "price": order.price,
                "status": _STATUS[order.status],
                "exchange_order_id": order.exchange_order_id,
                "error_message": order.detail or None,
                "filled_amount": order.executed_quantity,
                "avg_fill_price": _average(exported.trade, order),
                "created_at": order.created_at,
                "updated_at": exported.at,
            },
        )

    def fill_rows(self, exported: ExportedFill) -> Iterable[Write]:
        """One row; ``amount`` and ``price`` are those of its order."""
        fill, order, position = exported.fill, exported.order, exported.position
        names = (str(fill.exchange), fill.symbol, fill.client_order_id, fill.trade_id)
        share = () if exported.trade is not None else (exported.strategy,)
        ours = fill.client_order_id if order is None else order.client_order_id
        yield Write(
            table=TRADES.name,
            values={
                "id": row_id(self._account, "fill", *names, *share),
                "position_id": None if position is None else self.position_id(position),
                "symbol": exported.base,
                "trade_type": _trade_type(exported.trade, order),
                "side": fill.side.lower(),
                "exchange": str(fill.exchange),
                "order_id": (order.exchange_order_id if order is not None else None) or ours,
                "order_type": "market" if order is None else _TYPE[order.type],
                "amount": fill.quantity if order is None else order.quantity,
                "price": fill.price if order is None or order.price is None else order.price,
                "filled_amount": fill.quantity,
                "avg_price": fill.price,
                "fee": fill.fee,
                "fee_currency": fill.fee_asset,
                "status": "filled",
                "error_message": None,
                "executed_at": fill.at,
                "created_at": exported.at,
            },
        )

    def position_rows(self, position: PairPosition) -> Iterable[Write]:
        """One row a pair.

        Amounts are what is held while it is open, and what had been entered once it is closed.
        Profit is in it from the first fee on, so that the sum of all rows is the account's.
        """
        entered, closed_at = position.entered, position.closed_at
        spot, short = position.held.spot, position.held.short
        if closed_at is not None:
            spot, short = entered.spot.quantity, entered.hedge.quantity
        invested = position.invested_krw
        spot_price, hedge_price = position.entry_prices
        decision = position.decision
        yield Write(
            table=POSITIONS.name,
            values={
                "id": self.position_id(position),
                "symbol": position.base,
                "status": _status(position),
                "entry_level": _level(position),
                "entry_timestamp": position.opened_at,
                "entry_kimp": _entry_premium(position) * PERCENT,
                "entry_zscore": _figure(position.said, "entry_zscore", "zscore") or ZERO,
                "entry_fx_rate": _figure(position.said, "entry_fx_rate", "fx_rate")
                or decision.krw_per_usdt,
                "entry_fx_ma": _figure(position.said, "entry_fx_ma", "fx_ma"),
                "upbit_amount": spot,
                "upbit_price": spot_price,
                "upbit_order_id": entered.spot.order_id or None,
                "binance_amount": short,
                "binance_price": hedge_price,
                "binance_order_id": entered.hedge.order_id or None,
                "total_invested": invested,
                "exit_timestamp": closed_at,
                "exit_kimp": None
                if closed_at is None or position.left.premium is None
                else position.left.premium * PERCENT,
                "exit_reason": _reason(position.exit_said),
                "exit_bb_upper": _figure(position.exit_said, "exit_bb_upper", "bb_upper"),
                "realized_pnl": position.realised_krw,
                "realized_pnl_pct": position.realised_krw / invested * PERCENT
                if invested
                else ZERO,
                "holding_hours": None
                if closed_at is None
                else Decimal(int((closed_at - position.opened_at).total_seconds())) / HOUR_S,
                "created_at": position.opened_at,
                "updated_at": position.changed_at,
            },
        )


def _status(position: PairPosition) -> str:
    if position.needs_operator:
        return "error"
    return "open" if position.closed_at is None else "closed"


def _level(position: PairPosition) -> str:
    if len(position.entered_by) > 1:
        return COMBINED
    said = position.said.get("entry_level") or position.said.get("level")
    return _LEVELS.get(str(said).lower(), COMBINED)


def _entry_premium(position: PairPosition) -> Decimal:
    """At the fills; as decided while one leg alone is filled."""
    at_fills = position.entered.premium
    if at_fills is not None:
        return at_fills
    decision = position.decision
    as_decided = premium_of(decision.spot_mid_krw, decision.hedge_mid_usdt, decision.krw_per_usdt)
    return ZERO if as_decided is None else as_decided


def _trade_type(trade: PairTrade | None, order: Order | None) -> str:
    """What takes an entry back is a rollback; what another hand closed is an exit."""
    if trade is None or order is None or trade.action is Action.EXIT:
        return "exit"
    return "entry" if order.opens else "rollback"


def _average(trade: PairTrade, order: Order) -> Decimal | None:
    fills = [f for f in trade.fills if f.client_order_id == order.client_order_id]
    quantity = sum((fill.quantity for fill in fills), ZERO)
    if not quantity:
        return None
    return sum((fill.quantity * fill.price for fill in fills), ZERO) / quantity


def _reason(said: Metadata) -> str | None:
    found = next((said[name] for name in ("exit_reason", "reason") if said.get(name)), None)
    return None if found is None else str(found)


def _figure(said: Metadata, *names: str) -> Decimal | None:
    """The first of these that is a number; a signal's metadata may be anything."""
    for name in names:
        value = said.get(name)
        if value is None or isinstance(value, bool):
            continue
        try:
            figure = Decimal(str(value))
        except InvalidOperation:
            continue
        # A column of theirs takes six digits before the point.
        if figure.is_finite() and abs(figure) < 1_000_000:  # noqa: PLR2004 - see above
            return figure
    return None
