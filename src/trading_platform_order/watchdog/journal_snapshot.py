"""What the journal says is ours, read from the replica: holdings, unfinished trades, orders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
from trading_platform_order.domain.trade.trade_events import DecisionPrices, Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.storage.event_body import Body
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
    start: Holding
    target: Holding
    orders: tuple[Order, ...]
    is_halted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Base units that the watchdog has sold (spot) or bought back (hedge)."""

    strategy: str
    base: str
    leg: Leg
    quantity: Decimal


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

    def less(self, taken: "Iterable[Taken]") -> "JournalSnapshot":
        """The books without what the watchdog has taken back and no journal knows yet."""
        holdings = dict(self.holdings)
        for one in taken:
            key = (one.strategy, one.base)
            side = OrderSide.SELL if one.leg is Leg.SPOT else OrderSide.BUY
            holdings[key] = _moved(holdings.get(key, Holding()), one.leg, side, one.quantity)
        return replace(self, holdings=holdings)

    def with_outcomes(self, outcomes: Mapping[str, Decimal]) -> "JournalSnapshot":
        """The books after look-ups told how much of some orders was executed."""
        holdings = dict(self.holdings)
        trades = []
        for trade in self.trades:
            orders = []
            for order in trade.orders:
                executed = max(order.executed_quantity, outcomes.get(order.client_order_id, ZERO))
                more = executed - order.executed_quantity
                key = (trade.strategy, trade.base)
                holdings[key] = _moved(holdings.get(key, Holding()), order.leg, order.side, more)
                orders.append(replace(order, executed_quantity=executed))
            trades.append(replace(trade, orders=tuple(orders)))
        return replace(self, holdings=holdings, trades=tuple(trades))


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


def owners_coins(replica: Replica, base: str) -> Decimal:
    """Coins on Upbit that are none of ours: found at the opening, and what was moved since."""
    opened = replica.bodies("account_opened")
    coins = opened[0].child("coins").values if opened else {}
    moved = replica.query("v_transfers", where={"exchange": Venue.UPBIT.value, "asset": base})
    return Decimal(str(coins.get(base, 0))) + sum((_decimal(row["amount"]) for row in moved), ZERO)


def last_decision(replica: Replica, strategy: str, base: str) -> DecisionPrices | None:
    """The market at the strategy's last trade in a base asset, where no newer one can be seen."""
    where = {"strategy": strategy, "symbol": base}
    rows = replica.query("v_trades", limit=1, where=where)
    opening = replica.opening_of(str(rows[0]["trade_id"])) if rows else None
    if opening is None:
        return None
    body = Body.parse(opening.body).child("decision")
    return DecisionPrices(
        spot_mid_krw=Decimal(body.amount("spot_mid_krw")),
        hedge_mid_usdt=Decimal(body.amount("hedge_mid_usdt")),
        krw_per_usdt=Decimal(body.amount("krw_per_usdt")),
        fx_source=body.text("fx_source"),
        at=datetime.fromisoformat(body.time("at")),
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
    opening = replica.opening_of(trade_id)
    body = Body({}) if opening is None else Body.parse(opening.body)
    orders = replica.query("v_orders", where={"trade_id": trade_id})
    return OpenTrade(
        trade_id=trade_id,
        strategy=str(row["strategy"]),
        base=str(row["symbol"]),
        action=Action(str(row["action"])),
        start=_holding_in(body.child("start")),
        target=_holding_in(body.child("target")),
        orders=tuple(order_of(order) for order in reversed(orders)),
        is_halted=row["state"] == TradeState.HALTED,
    )


def _holding_in(body: Body) -> Holding:
    return Holding(spot=Decimal(body.amount("spot")), short=Decimal(body.amount("short")))


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
