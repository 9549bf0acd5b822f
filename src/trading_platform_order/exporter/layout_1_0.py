"""Version 1.0 of the storage repository's specification: orders, fills, positions.

A position there is one leg: an exchange, a symbol and a strategy, with one open row at most.
"""

from collections.abc import Iterable

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderStatus, OrderType, leg_symbol
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
from trading_platform_order.exporter.pair_position import PairPosition

_STATUS = {
    # Its outcome is not known yet: neither filled nor cancelled.
    OrderStatus.PENDING: "PENDING",
    OrderStatus.UNKNOWN: "PENDING",
    OrderStatus.WORKING: "PENDING",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELLED: "CANCELLED",
    OrderStatus.REFUSED: "CANCELLED",
    OrderStatus.ABSENT: "CANCELLED",
}

_TYPE = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    # Upbit's limit at the best opposite price, which it names by itself.
    OrderType.BEST: "LIMIT",
}

ORDERS = Table(
    name="orders",
    columns={
        "id": identity(),
        "exchange": text(chars=10),
        "symbol": text(chars=15),
        "side": text(chars=4),
        "type": text(chars=6),
        "quantity": number(),
        "price": number(),
        "status": text(chars=9),
        "strategy": text(is_cut=True),
        "external_id": text(chars=40),
        "created_at": time(),
        "updated_at": time(),
    },
)
FILLS = Table(
    name="fills",
    columns={
        "id": identity(),
        "order_id": identity(),
        "exchange": text(chars=10),
        "symbol": text(chars=15),
        "side": text(chars=4),
        "quantity": number(),
        "price": number(),
        "commission": number(),
        "commission_asset": text(chars=5),
        "filled_at": time(),
        "created_at": time(),
    },
)
POSITIONS = Table(
    name="positions",
    columns={
        "id": identity(),
        "exchange": text(chars=10),
        "symbol": text(chars=15),
        "side": text(chars=5),
        "quantity": number(),
        "entry_price": number(),
        "current_price": number(),
        "unrealized_pnl": number(),
        "strategy": text(is_cut=True),
        "opened_at": time(),
        "closed_at": time(),
        "updated_at": time(),
    },
)


class Layout10(Layout):
    """Three tables: an order, an execution and a leg are a row each."""

    version = "1.0"
    tables = (ORDERS, FILLS, POSITIONS)

    def order_rows(self, exported: ExportedOrder) -> Iterable[Write]:
        """One row. ``external_id`` is the exchange's id, null until it is known."""
        order = exported.order
        yield Write(
            table=ORDERS.name,
            values={
                "id": self.order_id(order.client_order_id),
                "exchange": str(order.exchange),
                "symbol": order.symbol,
                "side": order.side.value,
                "type": _TYPE[order.type],
                "quantity": order.quantity,
                "price": order.price,
                "status": _STATUS[order.status],
                "strategy": exported.trade.signal.strategy,
                "external_id": order.exchange_order_id,
                "created_at": order.created_at,
                "updated_at": exported.at,
            },
        )

    def fill_rows(self, exported: ExportedFill) -> Iterable[Write]:
        """One row. One by another hand has no order of ours."""
        fill = exported.fill
        names = (str(fill.exchange), fill.symbol, fill.client_order_id, fill.trade_id)
        share = () if exported.trade is not None else (exported.strategy,)
        yield Write(
            table=FILLS.name,
            values={
                "id": row_id(self._account, "fill", *names, *share),
                "order_id": None
                if exported.order is None
                else self.order_id(exported.order.client_order_id),
                "exchange": str(fill.exchange),
                "symbol": fill.symbol,
                "side": fill.side.value,
                "quantity": fill.quantity,
                "price": fill.price,
                "commission": fill.fee,
                "commission_asset": fill.fee_asset,
                "filled_at": fill.at,
                "created_at": exported.at,
            },
        )

    def position_rows(self, position: PairPosition) -> Iterable[Write]:
        """One row for each leg that was ever traded.

        ``current_price`` is the newest that the journal has, as of ``updated_at``.
        """
        for leg, traded, held, sign, side in (
            (Leg.SPOT, position.entered.spot, position.held.spot, 1, "LONG"),
            (Leg.HEDGE, position.entered.hedge, position.held.short, -1, "SHORT"),
        ):
            if not traded.quantity:
                continue
            number_of = 0 if leg is Leg.SPOT else 1
            entry, now = position.entry_prices[number_of], position.mids[number_of]
            is_known = now > 0
            yield Write(
                table=POSITIONS.name,
                values={
                    "id": row_id(self._account, "position", *position.name, leg.value),
                    "exchange": traded.exchange,
                    "symbol": leg_symbol(leg, position.base),
                    "side": side,
                    "quantity": held,
                    "entry_price": entry or traded.price or ZERO,
                    "current_price": now if is_known else None,
                    "unrealized_pnl": held * (now - entry) * sign if is_known else None,
                    "strategy": position.strategy,
                    "opened_at": position.opened_at,
                    "closed_at": position.closed_at,
                    "updated_at": position.changed_at,
                },
            )
