"""Judges of a finished run. They look at the exchanges' own state, never at what was called.

Each checker returns a line per violation. The tolerance is what no exchange can trade: below it a
remainder is dust, above it a leg was forgotten.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide, Purpose
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import TradeOutcome
from trading_platform_order.domain.venue import Venue

DUST_KRW = Decimal(5_200)
"""Upbit's smallest order (5,000 KRW) and the margin within which we do not try it."""

PRICE_ROOM = Decimal("0.04")
"""Prices of a world jump by up to 2 % while an order is on its way, and drift besides."""

KRW_EXACT = Decimal("0.01")
USDT_EXACT = Decimal("0.0001")

Moved = Mapping[tuple[Venue, str], Decimal]
"""Amounts by exchange and asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One order as an exchange remembers it.

    Attributes:
        amount_krw: what may be spent, where the order asked for that instead of a quantity.
    """

    client_order_id: str
    leg: Leg
    is_buy: bool
    executed: Decimal
    amount_krw: Decimal | None = None

    def asked_at(self, price_krw: Decimal) -> Decimal:
        """What it filled of what its sender asked for, in base units.

        Whoever asks for an amount gets more coins if the price falls while the order works. That is
        not more than was asked: its amount at the price of the decision was.
        """
        if self.amount_krw is None:
            return self.executed
        return min(self.executed, self.amount_krw / price_krw)


def placed_orders(state: Mapping[str, Any]) -> list[Placed]:
    """Every order either exchange ever took, with what it filled."""
    spot = [
        Placed(
            client_order_id=order["identifier"] or "",
            leg=Leg.SPOT,
            is_buy=order["side"] == "bid",
            executed=Decimal(order["executed_volume"]),
            amount_krw=Decimal(order["price"]) if _asks_for_amount(order) else None,
        )
        for order in state["upbit"]["orders"]
    ]
    hedge = [
        Placed(
            client_order_id=order["clientOrderId"],
            leg=Leg.HEDGE,
            is_buy=order["side"] == "BUY",
            executed=Decimal(order["executedQty"]),
        )
        for order in state["binance"]["orders"]
    ]
    return spot + hedge


def _asks_for_amount(order: Mapping[str, Any]) -> bool:
    return order["side"] == "bid" and order["ord_type"] in {"price", "best"}


def forced_ids(state: Mapping[str, Any]) -> set[str]:
    """Orders that Binance placed itself: liquidation, auto-deleveraging, settlement."""
    names = {order["clientOrderId"] for order in state["binance"]["orders"]}
    return {name for name in names if name.startswith(("adl_autoclose", "autoclose-"))}


def nothing_placed_twice(
    state: Mapping[str, Any],
    trades: Mapping[str, PairTrade],
    foreign_ids: Collection[str] = frozenset(),
    stop_ids: Collection[str] = frozenset(),
    *,
    verdicts_err: bool = False,
) -> Iterable[str]:
    """No id filled twice, and no trade bought (or sold) more than its intent on any leg.

    Where verdicts may err, an order called absent may fill beside the one that replaced it: what is
    taken back of them is then allowed once more.
    """
    filled: dict[str, int] = defaultdict(int)
    sums: dict[tuple[str, Leg, bool], Decimal] = defaultdict(lambda: ZERO)
    coins: dict[str, Decimal] = defaultdict(lambda: ZERO)
    owners = {o.client_order_id: t for t in trades.values() for o in t.orders}
    for order in placed_orders(state):
        if order.executed <= 0 or order.client_order_id in foreign_ids:
            continue
        filled[order.client_order_id] += 1
        trade = owners.get(order.client_order_id)
        if trade is None and order.client_order_id in stop_ids:
            continue
        if trade is None:
            yield f"{order.client_order_id} was filled but is in no journalled trade"
            continue
        asked = order.asked_at(trade.decision.spot_mid_krw)
        sums[trade.trade_id, order.leg, order.is_buy] += asked
        if order.leg is Leg.SPOT and order.is_buy:
            coins[trade.trade_id] += order.executed
    for name, count in filled.items():
        if count > 1:
            yield f"{name} was filled {count} times"
    for (trade_id, leg, is_buy), total in list(sums.items()):
        # The short follows the coins: bought for KRW, they may be a little more than aimed at.
        bought = coins[trade_id] if leg is Leg.HEDGE and not is_buy else ZERO
        trade = trades[trade_id]
        again = _taken_back(trade, leg, is_buy=is_buy)
        if verdicts_err:
            again += _taken_back(trade, leg, is_buy=not is_buy)
        yield from _over_intent(
            trade, leg, is_buy=is_buy, total=total, follows=bought, taken_back=again
        )


def _taken_back(trade: PairTrade, leg: Leg, *, is_buy: bool) -> Decimal:
    same_way = (o for o in trade.orders if o.leg is leg and (o.side is OrderSide.BUY) is is_buy)
    return sum((o.quantity for o in same_way if o.purpose in _CORRECTIONS), ZERO)


def no_id_filled_twice(
    state: Mapping[str, Any], foreign_ids: Collection[str] = frozenset()
) -> Iterable[str]:
    """Of all promises the one that must hold even where the journal lost its end."""
    filled = Counter(o.client_order_id for o in placed_orders(state) if o.executed > 0)
    for name, count in filled.items():
        if count > 1 and name not in foreign_ids:
            yield f"{name} was filled {count} times"


def _over_intent(
    trade: PairTrade,
    leg: Leg,
    *,
    is_buy: bool,
    total: Decimal,
    follows: Decimal,
    taken_back: Decimal,
) -> Iterable[str]:
    opens = is_buy if leg is Leg.SPOT else not is_buy
    change = (
        trade.target.spot - trade.start.spot
        if leg is Leg.SPOT
        else trade.target.short - trade.start.short
    )
    wanted = change if opens else -change
    if wanted > 0:
        wanted = max(wanted, min(follows, wanted * (1 + PRICE_ROOM)))
    allowed = max(wanted, ZERO) + taken_back
    tolerance = DUST_KRW / trade.decision.spot_mid_krw
    if total > allowed + tolerance:
        verb = "bought" if is_buy else "sold"
        yield f"trade {trade.trade_id}: {leg} {verb} {total}, intended {allowed}"


_CORRECTIONS = {Purpose.UNWIND, Purpose.TRUE_UP, Purpose.WATCHDOG}


def hedged_or_flat(
    state: Mapping[str, Any],
    foreign_coins: Mapping[str, Decimal],
    strategies: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Iterable[str]:
    """For every base asset: our coins on Upbit and the short on Binance agree within dust.

    Args:
        state: the exchanges' own.
        foreign_coins: the owner's, by base asset.
        strategies: who ever traded a base asset; each may leave dust of its own.
    """
    prices = {code: Decimal(price) for code, price in state["upbit"]["prices"].items()}
    balances = state["upbit"]["balances"]
    positions = state["binance"]["positions"]
    bases = {code.removeprefix("KRW-") for code in prices} - {"USDT"}
    for base in sorted(bases):
        row = balances.get(base, {"available": "0", "locked": "0"})
        coins = Decimal(row["available"]) + Decimal(row["locked"])
        ours = coins - foreign_coins.get(base, ZERO)
        position = positions.get(f"{base}USDT", {"quantity": "0"})
        gap = ours + Decimal(position["quantity"])
        naked_krw = abs(gap) * prices[f"KRW-{base}"]
        if naked_krw >= DUST_KRW * max(1, len(strategies.get(base, ()))):
            yield f"{base}: {ours} coins against position {position['quantity']}"


def nothing_open(
    state: Mapping[str, Any], foreign_ids: Collection[str] = frozenset()
) -> Iterable[str]:
    """No order of ours is left working on either exchange."""
    for order in state["upbit"]["orders"]:
        if order["state"] in {"wait", "watch"} and order["identifier"] not in foreign_ids:
            yield f"upbit order {order['identifier']} is still open"
    for order in state["binance"]["orders"]:
        is_open = order["status"] in {"NEW", "PARTIALLY_FILLED"}
        if is_open and order["clientOrderId"] not in foreign_ids:
            yield f"binance order {order['clientOrderId']} is still open"


def nothing_that_adds_open(
    state: Mapping[str, Any], foreign_ids: Collection[str] = frozenset()
) -> Iterable[str]:
    """Of what is left working where the stop is latched, nothing can add exposure."""
    for order in state["upbit"]["orders"]:
        is_open = order["state"] in {"wait", "watch"} and order["side"] == "bid"
        if is_open and order["identifier"] not in foreign_ids:
            yield f"upbit order {order['identifier']} may still buy, and the stop is latched"
    for order in state["binance"]["orders"]:
        is_open = order["status"] in {"NEW", "PARTIALLY_FILLED"} and order["side"] == "SELL"
        if is_open and order["clientOrderId"] not in foreign_ids:
            yield f"binance order {order['clientOrderId']} may still sell, and the stop is latched"


def stops_as_they_should(
    state: Mapping[str, Any], foreign_ids: Collection[str] = frozenset()
) -> Iterable[str]:
    """At most one conditional order of a kind waits per symbol, and none where it is flat."""
    waiting: dict[tuple[str, str], int] = defaultdict(int)
    for algo in state["binance"]["algo_orders"]:
        if algo["algoStatus"] == "NEW" and algo["clientAlgoId"] not in foreign_ids:
            waiting[algo["symbol"], algo["orderType"]] += 1
    positions = state["binance"]["positions"]
    for (symbol, kind), count in waiting.items():
        if count > 1:
            yield f"{symbol}: {count} orders {kind} wait at once"
        if Decimal(positions.get(symbol, {"quantity": "0"})["quantity"]) == 0:
            yield f"{symbol} is flat, but an order {kind} waits"


def ledger_equals_exchanges(state: Mapping[str, Any], book: AccountBook) -> Iterable[str]:
    """What we counted ourselves is what the exchanges answer."""
    ledger = book.ledger
    balances = {
        asset: Decimal(row["available"]) + Decimal(row["locked"])
        for asset, row in state["upbit"]["balances"].items()
    }
    krw = balances.pop("KRW", ZERO)
    if abs(krw - ledger.krw) > KRW_EXACT:
        yield f"KRW: ledger {ledger.krw}, Upbit {krw}"
    usdt = Decimal(state["binance"]["wallet_usdt"])
    if abs(usdt - ledger.usdt) > USDT_EXACT:
        yield f"USDT: ledger {ledger.usdt}, Binance {usdt}"
    for asset in sorted(set(balances) | set(ledger.coins)):
        ours, theirs = ledger.coins.get(asset, ZERO), balances.get(asset, ZERO)
        if ours != theirs:
            yield f"{asset}: ledger {ours}, Upbit {theirs}"
    for asset, paid in _fees_in_other_assets(state).items():
        booked = -ledger.fee_assets.get(asset, ZERO)
        if booked != paid:
            yield f"{asset}: fees of {booked} are booked, Binance took {paid}"
    positions = state["binance"]["positions"]
    held = {symbol.removesuffix("USDT"): row for symbol, row in positions.items()}
    for base in sorted(set(held) | set(ledger.shorts)):
        short = ledger.shorts[base].quantity if base in ledger.shorts else ZERO
        theirs = -Decimal(held[base]["quantity"]) if base in held else ZERO
        if short != theirs:
            yield f"{base} short: ledger {short}, Binance {theirs}"


def _fees_in_other_assets(state: Mapping[str, Any]) -> dict[str, Decimal]:
    paid: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for order in state["binance"]["orders"]:
        for trade in order["trades"]:
            if trade["commissionAsset"] != "USDT":
                paid[trade["commissionAsset"]] += Decimal(trade["commission"])
    return paid


def unexplained_usdt(
    state: Mapping[str, Any], closings: Collection[str], booked: Mapping[tuple[str, str], Decimal]
) -> Decimal:
    """What closings of our short by others brought, as far as no execution could be booked.

    Where none could be read the short is booked as gone without a price, and what it brought comes
    as a foreign movement.
    """
    found = ZERO
    for order in state["binance"]["orders"]:
        if order["clientOrderId"] not in closings:
            continue
        for trade in order["trades"]:
            quantity = Decimal(trade["qty"])
            rest = quantity - booked.get((order["symbol"], str(trade["id"])), ZERO)
            fee = trade["commission"] if trade["commissionAsset"] == "USDT" else 0
            found += (Decimal(trade["realizedPnl"]) - Decimal(fee)) * rest / quantity
    return found


def foreign_as_it_was(recorded: Moved, moved: Moved) -> Iterable[str]:
    """What the journal calls foreign is what another hand really moved, to the last digit."""
    for venue, asset in sorted({*recorded, *moved}):
        told, true = recorded.get((venue, asset), ZERO), moved.get((venue, asset), ZERO)
        exact = {"KRW": KRW_EXACT, "USDT": USDT_EXACT}.get(asset, ZERO)
        if abs(told - true) > exact:
            yield f"recorded as foreign: {told} {asset} on {venue}, another hand moved {true}"


def stopped_as_expected(latched: str | None, expected: str | None) -> Iterable[str]:
    """The stop is latched for the reason that is expected, or not at all."""
    if latched is not None and (expected is None or expected not in latched):
        yield f"the stop was latched: {latched}"
    if latched is None and expected is not None:
        yield f"the stop was not latched, expected: {expected}"


def every_trade_ended(trades: Mapping[str, PairTrade]) -> Iterable[str]:
    """No trade is forgotten, and none gave up."""
    for trade in trades.values():
        if trade.state is not TradeState.SETTLED:
            yield f"trade {trade.trade_id} is {trade.state}: {trade.detail}"


def every_signal_has_one_outcome(
    acknowledged: Iterable[str], outcomes: Mapping[str, int]
) -> Iterable[str]:
    """Each acknowledged signal either opened one trade or was refused once."""
    for signal_id in sorted(set(acknowledged)):
        count = outcomes.get(signal_id, 0)
        if count != 1:
            yield f"signal {signal_id} has {count} fates"


def operators_were_told(
    trades: Mapping[str, PairTrade], latched: str | None, alerts: Iterable[Alert]
) -> Iterable[str]:
    """For every trade taken back or halted, and for the stop, an urgent alert waits."""
    told = {
        (alert.kind, alert.fields.get("signal_id"), alert.fields.get("outcome"))
        for alert in alerts
        if alert.urgent
    }
    for trade in trades.values():
        name = trade.signal.id
        kind = AlertKind.ENTRY if trade.action is Action.ENTER else AlertKind.EXIT
        if trade.outcome is TradeOutcome.UNWOUND and (kind, name, "unwound") not in told:
            yield f"trade {trade.trade_id} was taken back, and nobody is told"
        halted = (AlertKind.TRADE_HALTED, name, None)
        if trade.state is TradeState.HALTED and halted not in told:
            yield f"trade {trade.trade_id} is halted, and nobody is told"
    if latched is not None and not any(kind == AlertKind.EMERGENCY_STOP for kind, _, _ in told):
        yield f"the stop is latched, and nobody is told: {latched}"
