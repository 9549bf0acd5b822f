"""What the journal says is ours, read from the replica: holdings, unfinished trades, orders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    Purpose,
    TimeInForce,
    base_asset,
)
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.storage.replica import Replica

Row = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrade:
    """A trade that the engine had not finished.

    Attributes:
        orders: with what is known of each; ``executed_quantity`` may be raised by a look-up.
        is_halted: an operator decides about it.
    """

    trade_id: str
    strategy: str
    base: str
    action: Action
    orders: tuple[Order, ...]
    is_halted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSnapshot:
    """The account by its journal, at one journal row.

    Attributes:
        holdings: by (strategy, base asset), what was executed and not told yet included.
        trades: unfinished ones.
        awaits_fills: something was executed whose price is not known yet.
    """

    head_seq: int
    holdings: Mapping[tuple[str, str], Holding]
    trades: tuple[OpenTrade, ...]
    awaits_fills: bool = False

    @property
    def bases(self) -> frozenset[str]:
        """Base assets that anything is held of or under way in."""
        held = {base for (_, base), h in self.holdings.items() if h.spot or h.short}
        return frozenset(held | {trade.base for trade in self.trades})

    @property
    def unresolved(self) -> tuple[Order, ...]:
        """Orders whose end is not known."""
        orders = (order for trade in self.trades for order in trade.orders)
        return tuple(order for order in orders if not order.status.is_final)

    @property
    def is_amid_trade(self) -> bool:
        """A trade is under way: its legs may differ, and nobody evens them but an engine."""
        return any(not trade.is_halted for trade in self.trades)

    def owned_coins(self, base: str) -> Decimal:
        """Coins of a base asset that belong to any strategy."""
        return sum((h.spot for (_, b), h in self.holdings.items() if b == base), ZERO)

    def counted_short(self, base: str) -> Decimal:
        """The short of all strategies in a base asset."""
        return sum((h.short for (_, b), h in self.holdings.items() if b == base), ZERO)


def read_journal(replica: Replica) -> JournalSnapshot:
    """As the replica stands now."""
    trades = _open_trades(replica)
    holdings = _holdings(replica)
    awaits_fills = False
    for trade in trades:
        for order in trade.orders:
            told = _told(replica, order)
            key = (trade.strategy, trade.base)
            missing = order.executed_quantity - told
            awaits_fills |= missing != ZERO
            holdings[key] = _moved(holdings[key], order.leg, order.side, missing)
    return JournalSnapshot(
        head_seq=replica.head_seq,
        holdings=dict(holdings),
        trades=trades,
        awaits_fills=awaits_fills,
    )


def order_of(row: Row) -> Order:
    """An order as the view tells it."""
    price, quote, force = row["price"], row["quote_amount"], row["time_in_force"]
    return Order(
        id=str(row["id"]),
        client_order_id=str(row["client_order_id"]),
        exchange=Venue(str(row["exchange"])),
        symbol=str(row["symbol"]),
        side=OrderSide(str(row["side"])),
        type=OrderType(str(row["type"])),
        quantity=_decimal(row["quantity"]),
        price=None if price is None else _decimal(price),
        quote_amount=None if quote is None else _decimal(quote),
        time_in_force=None if force is None else TimeInForce(str(force)),
        reduce_only=bool(row["reduce_only"]),
        leg=Leg(str(row["leg"])),
        purpose=Purpose(str(row["purpose"])),
        attempt=int(row["attempt"] or 0),
        signal_id=str(row["signal_id"]),
        created_at=datetime.fromisoformat(str(row["created_at"])),
        status=OrderStatus(str(row["status"])),
        executed_quantity=_decimal(row["executed_quantity"]),
        exchange_order_id=None
        if row["exchange_order_id"] is None
        else str(row["exchange_order_id"]),
        detail=str(row["detail"]),
    )


def known_order(replica: Replica, client_order_id: str) -> Order | None:
    """The journalled intent under an id, if there is one."""
    rows = replica.query("v_orders", where={"client_order_id": client_order_id}, limit=1)
    return order_of(rows[0]) if rows else None


def _open_trades(replica: Replica) -> tuple[OpenTrade, ...]:
    rows = [
        row
        for state in (TradeState.EXECUTING, TradeState.HALTED)
        for row in replica.query("v_trades", where={"state": state.value})
    ]
    return tuple(_open_trade(replica, row) for row in sorted(rows, key=_by_trade_id))


def _by_trade_id(row: Row) -> str:
    return str(row["trade_id"])


def _open_trade(replica: Replica, row: Row) -> OpenTrade:
    trade_id = str(row["trade_id"])
    orders = replica.query("v_orders", where={"trade_id": trade_id})
    return OpenTrade(
        trade_id=trade_id,
        strategy=str(row["strategy"]),
        base=str(row["symbol"]),
        action=Action(str(row["action"])),
        orders=tuple(order_of(order) for order in reversed(orders)),
        is_halted=row["state"] == TradeState.HALTED,
    )


def _holdings(replica: Replica) -> dict[tuple[str, str], Holding]:
    """The last recorded position of each strategy, and the fills since."""
    held: dict[tuple[str, str], Holding] = defaultdict(Holding)
    since: dict[tuple[str, str], int] = defaultdict(int)
    for row in replica.query("v_positions"):
        key = (str(row["strategy"]), str(row["symbol"]))
        spot, short = _decimal(row["spot_base"]), _decimal(row["short_base"])
        held[key], since[key] = Holding(spot=spot, short=short), int(row["seq"] or 0)
    for row in replica.fills_after(_oldest(replica, since)):
        if row["strategy"] is None:
            continue  # of no trade: the position recorded right after it counts it
        key = (str(row["strategy"]), base_asset(str(row["symbol"])))
        if int(row["seq"] or 0) > since[key]:
            leg, side = Leg(str(row["leg"])), OrderSide(str(row["side"]))
            held[key] = _moved(held[key], leg, side, _decimal(row["quantity"]))
    return held


def _oldest(replica: Replica, since: Mapping[tuple[str, str], int]) -> int:
    """Fills up to this row are in some recorded position."""
    traded: Iterable[tuple[str, str]] = replica.traded()
    return min((since.get(key, 0) for key in traded), default=0)


def _told(replica: Replica, order: Order) -> Decimal:
    rows = replica.query("v_orders", where={"client_order_id": order.client_order_id}, limit=1)
    return _decimal(rows[0]["filled_quantity"]) if rows else ZERO


def _moved(held: Holding, leg: Leg, side: OrderSide, quantity: Decimal) -> Holding:
    if leg is Leg.SPOT:
        signed = quantity if side is OrderSide.BUY else -quantity
        return Holding(spot=held.spot + signed, short=held.short)
    signed = quantity if side is OrderSide.SELL else -quantity
    return Holding(spot=held.spot, short=held.short + signed)


def _decimal(value: str | int | None) -> Decimal:
    return Decimal(str(value))
