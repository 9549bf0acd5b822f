"""The tables of an export: their columns with what they mean, and their rows from the store.

Amounts are exact decimals, times are UTC. The cost of what is disposed of is the moving average of
what this system bought (or sold short), fees left out, one average for each coin over all
strategies; whoever needs another method has every acquisition beside it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide, base_asset, quote_asset
from trading_platform_order.domain.protection.leg_loss import CoinsGone
from trading_platform_order.operations.ledger_export.krw_values import KrwValues, Price
from trading_platform_order.operations.ledger_export.movements import LedgerFill, Movements

Cell = str | Decimal | datetime | None
Row = dict[str, Cell]

_AMOUNT, _TEXT, _TIME = "amount", "text", "time"
_KRW_COLUMNS = (
    ("krw_per_unit", _AMOUNT, "KRW for one unit of the quote asset or asset; empty: not known"),
    ("krw_source", _TEXT, "who says so"),
    ("krw_told_at", _TIME, "when that was told"),
)
_TRADED = (
    ("at", _TIME, "when it was traded, by the exchange's clock"),
    ("exchange", _TEXT, "`upbit` or `binance`"),
    ("symbol", _TEXT, "`BTC-KRW` or `BTCUSDT`"),
    ("asset", _TEXT, "the coin"),
)
_IDS = (
    ("client_order_id", _TEXT, "the order"),
    ("exchange_trade_id", _TEXT, "the exchange's id of the trade"),
    ("trade_id", _TEXT, "the pair trade; empty: another hand traded"),
    ("signal_id", _TEXT, "the signal that asked for it"),
    ("strategy", _TEXT, "who asked"),
)
COLUMNS: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "acquisitions": (
        *_TRADED,
        ("kind", _TEXT, "`purchase` of coins, or `short_opened` (a future was sold)"),
        ("quantity", _AMOUNT, "coins"),
        ("price", _AMOUNT, "quote asset for one coin"),
        ("quote_asset", _TEXT, "`KRW` or `USDT`"),
        ("value", _AMOUNT, "quantity times price, quote asset"),
        ("value_krw", _AMOUNT, "the same in KRW"),
        *_KRW_COLUMNS,
        *_IDS,
    ),
    "disposals": (
        *_TRADED,
        ("kind", _TEXT, "`sale` of coins, or `short_closed` (a future was bought back)"),
        ("quantity", _AMOUNT, "coins"),
        ("price", _AMOUNT, "quote asset for one coin"),
        ("quote_asset", _TEXT, "`KRW` or `USDT`"),
        ("value", _AMOUNT, "quantity times price, quote asset"),
        ("value_krw", _AMOUNT, "the same in KRW"),
        ("average_entry", _AMOUNT, "moving average of the acquisitions, quote asset for one coin"),
        ("gain", _AMOUNT, "against that average, fees left out, quote asset"),
        ("gain_krw", _AMOUNT, "the same at the KRW value of the disposal's moment"),
        *_KRW_COLUMNS,
        *_IDS,
    ),
    "fees": (
        *_TRADED,
        ("amount", _AMOUNT, "paid, positive"),
        ("fee_asset", _TEXT, "`KRW`, `USDT` or `BNB`"),
        ("value_krw", _AMOUNT, "in KRW; empty: not known"),
        *_KRW_COLUMNS,
        *_IDS,
    ),
    "funding": (
        ("at", _TIME, "when it was paid, by the exchange's clock"),
        ("exchange", _TEXT, "`binance`"),
        ("symbol", _TEXT, "`BTCUSDT`"),
        ("asset", _TEXT, "`USDT`"),
        ("amount", _AMOUNT, "positive: received"),
        ("value_krw", _AMOUNT, "in KRW"),
        *_KRW_COLUMNS,
        ("transaction_id", _TEXT, "the exchange's id"),
    ),
    "transfers": (
        ("at", _TIME, "when it was noticed"),
        ("exchange", _TEXT, "`upbit` or `binance`"),
        ("asset", _TEXT, "what moved"),
        ("amount", _AMOUNT, "positive: came in"),
        ("value_krw", _AMOUNT, "in KRW; empty: not known"),
        *_KRW_COLUMNS,
        ("reason", _TEXT, "in words, as the journal has it"),
    ),
    "holdings": (
        ("at", _TIME, "the instant"),
        ("exchange", _TEXT, "`upbit` or `binance`"),
        ("asset", _TEXT, "what is held"),
        ("kind", _TEXT, "`balance`, or `short` (a future, negative)"),
        ("quantity", _AMOUNT, "held; the owner's own coins included"),
        ("bought_here", _AMOUNT, "of it, what this system bought"),
        ("average_entry", _AMOUNT, "of a short: what it was sold for, USDT for one coin"),
        ("value_krw", _AMOUNT, "in KRW; a short's is its notional, negative; empty: not known"),
        *_KRW_COLUMNS,
    ),
}
"""Of each table: column, kind, meaning. Columns are added at the end, never changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``begin`` on, before ``end``; ``None`` leaves a side open."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies within."""
        after = self.begin is None or at >= self.begin
        return after and (self.end is None or at < self.end)


def tables_of(found: Movements, period: Period) -> dict[str, list[Row]]:
    """Acquisitions, disposals, fees, funding and transfers of a period, oldest first.

    The average cost is reckoned from the account's first trade on, whatever the period.
    """
    tables: dict[str, list[Row]] = {name: [] for name in COLUMNS if name != "holdings"}
    # By the exchanges' time, and as the journal learned of them where that is the same.
    _trades(sorted(found.fills, key=lambda one: one.fill.at), found.values, tables)
    tables["funding"] += [_funding(paid, found.values) for paid in found.funding]
    tables["transfers"] += [_transfer(moved, found.values) for moved in found.transfers]
    tables["transfers"] += [_gone(event) for event in found.gone]
    return {name: _sorted(rows, period) for name, rows in tables.items()}


def _sorted(rows: list[Row], period: Period) -> list[Row]:
    found = [(at, row) for row in rows if isinstance(at := row["at"], datetime)]
    return [row for at, row in sorted(found, key=lambda pair: pair[0]) if period.holds(at)]


def _priced(price: Price, amount: Decimal) -> Row:
    return {
        "value_krw": price.value(amount),
        "krw_per_unit": price.krw,
        "krw_source": price.source,
        "krw_told_at": price.at,
    }


def _trades(fills: Sequence[LedgerFill], values: KrwValues, tables: dict[str, list[Row]]) -> None:
    coins: defaultdict[str, AveragedShort] = defaultdict(AveragedShort)
    shorts: defaultdict[str, AveragedShort] = defaultdict(AveragedShort)
    for one in fills:
        fill, is_spot = one.fill, one.leg is Leg.SPOT
        is_sold = fill.side is OrderSide.SELL
        asset, quote = base_asset(fill.symbol), quote_asset(fill.symbol)
        value = fill.quantity * fill.price
        rate = values.of(quote, fill.at)
        traded: Row = {
            "at": fill.at,
            "exchange": str(fill.exchange),
            "symbol": fill.symbol,
            "asset": asset,
        }
        ids: Row = {
            "client_order_id": fill.client_order_id,
            "exchange_trade_id": fill.trade_id,
            "trade_id": one.trade_id,
            "signal_id": one.signal_id,
            "strategy": one.strategy,
        }
        position = coins[asset] if is_spot else shorts[asset]
        average = position.entry_value / position.quantity if position.quantity else None
        gain = position.trade(fill.quantity if is_sold else -fill.quantity, fill.price)
        row: Row = {
            **traded,
            "quantity": fill.quantity,
            "price": fill.price,
            "quote_asset": quote,
            "value": value,
            **_priced(rate, value),
            **ids,
        }
        if is_spot is is_sold:
            row["kind"] = "sale" if is_spot else "short_closed"
            row |= {"average_entry": average, "gain": gain, "gain_krw": rate.value(gain)}
            tables["disposals"].append(row)
        else:
            row["kind"] = "purchase" if is_spot else "short_opened"
            tables["acquisitions"].append(row)
        tables["fees"].append({**traded, **_fee(fill, quote, rate), **ids})


def _fee(fill: Fill, quote: str, rate: Price) -> Row:
    amount, asset = fill.fee, fill.fee_asset
    if asset == quote or amount == 0:
        return {"amount": amount, "fee_asset": asset, **_priced(rate, amount)}
    in_quote = fill.fee_quote
    worth = None if in_quote is None or rate.krw is None else in_quote * rate.krw
    source = f"{asset} in {quote} when it was paid, and {rate.source}"
    return {
        "amount": amount,
        "fee_asset": asset,
        "value_krw": worth,
        "krw_per_unit": None if worth is None else worth / amount,
        "krw_source": "not known: no price of it when it was paid" if worth is None else source,
        "krw_told_at": rate.at,
    }


def _funding(event: ae.FundingBooked, values: KrwValues) -> Row:
    return {
        "at": event.paid_at,
        "exchange": "binance",
        "symbol": event.symbol,
        "asset": "USDT",
        "amount": event.amount_usdt,
        **_priced(values.of("USDT", event.paid_at), event.amount_usdt),
        "transaction_id": event.transaction_id,
    }


def _transfer(event: ae.ForeignMovement, values: KrwValues) -> Row:
    return {
        "at": event.at,
        "exchange": str(event.exchange),
        "asset": event.asset,
        "amount": event.amount,
        **_priced(values.of(event.asset, event.at), event.amount),
        "reason": event.reason,
    }


def _gone(event: CoinsGone) -> Row:
    """Coins of ours that another hand took; what it got for them came as KRW, if it did."""
    amount = -sum((share.quantity for share in event.shares), ZERO)
    source = "middle of Upbit's book when it was noticed"
    price = Price(krw=event.price_krw, source=source, at=event.at)
    return {
        "at": event.at,
        "exchange": "upbit",
        "asset": event.base,
        "amount": amount,
        **_priced(price, amount),
        "reason": "coins of this system left by another hand",
    }
