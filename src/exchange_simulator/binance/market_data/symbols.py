"""The contracts the simulated exchange lists, with their filters.

Values of the known ones: exchangeInfo as observed 2026-09-30. Any other base asset that market
ticks arrive for gets filters derived from its first price, in the exchange's manner: about five
significant digits of price, and a quantity step worth about one USDT.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from exchange_simulator.decimals import plain
from exchange_simulator.market.listings import ONBOARD_MS, ONBOARD_MS_BY_SYMBOL

DELIVERY_MS = 4_133_404_800_000
MULTIPLIER_UP = Decimal("1.05")
MULTIPLIER_DOWN = Decimal("0.95")
MAX_OPEN_ORDERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRules:
    """Filters of one contract.

    Attributes:
        tick: USDT.
        step: base asset; also the smallest quantity.
        price_precision: decimals a price may carry at all; may be finer than the tick.
        quantity_precision: decimals a quantity may carry at all.
        min_notional: USDT; reduce-only orders are exempt.
        max_quantity: base asset, one LIMIT order.
        max_market_quantity: base asset, one MARKET order.
        delivery_ms: when it ends, epoch; a perpetual contract without an end tells the year 2100.
        status: as exchangeInfo tells it; orders are taken only while it is ``TRADING``.
        onboard_ms: when the contract began, epoch milliseconds; 0: as the facts tell.
    """

    base: str
    tick: Decimal
    step: Decimal
    price_precision: int
    quantity_precision: int
    min_notional: Decimal
    max_quantity: Decimal
    max_market_quantity: Decimal
    status: str = "TRADING"
    onboard_ms: int = 0
    delivery_ms: int = DELIVERY_MS

    @property
    def symbol(self) -> str:
        """``BTC`` -> ``BTCUSDT``."""
        return f"{self.base}USDT"

    @property
    def min_price(self) -> Decimal:
        """USDT."""
        return self.tick

    @property
    def max_price(self) -> Decimal:
        """USDT."""
        return self.tick * 100_000_000


def known_rules() -> dict[str, SymbolRules]:
    """The contracts listed from the start, by symbol."""
    return dict(_KNOWN)


def _known() -> dict[str, SymbolRules]:
    rows = (
        ("BTC", "0.1", "0.001", 2, 3, "50", "1000", "120"),
        ("ETH", "0.01", "0.001", 2, 3, "20", "10000", "2000"),
        ("XRP", "0.0001", "0.1", 4, 1, "5", "10000000", "2000000"),
        ("SOL", "0.01", "0.01", 4, 2, "5", "1000000", "80000"),
    )
    rules = [
        SymbolRules(
            base=base,
            tick=Decimal(tick),
            step=Decimal(step),
            price_precision=price_precision,
            quantity_precision=quantity_precision,
            min_notional=Decimal(notional),
            max_quantity=Decimal(most),
            max_market_quantity=Decimal(market),
        )
        for base, tick, step, price_precision, quantity_precision, notional, most, market in rows
    ]
    return {row.symbol: row for row in rules}


_KNOWN = _known()


def derived_rules(base: str, price: Decimal) -> SymbolRules:
    """Rules for a base asset that is not in the table, from its first price (USDT)."""
    tick_exponent = min(price.adjusted() - 4, 0)
    step_exponent = min(-price.adjusted() - 1, 0)
    step = Decimal(1).scaleb(step_exponent)
    return SymbolRules(
        base=base,
        tick=Decimal(1).scaleb(tick_exponent),
        step=step,
        price_precision=-tick_exponent,
        quantity_precision=-step_exponent,
        min_notional=Decimal(5),
        max_quantity=step * 100_000_000,
        max_market_quantity=step * 20_000_000,
    )


@lru_cache(maxsize=256)
def exchange_info_row(rules: SymbolRules) -> msgspec.Raw:
    """One element of ``exchangeInfo.symbols``, written out."""
    return msgspec.Raw(msgspec.json.encode(_row(rules)))


def _row(rules: SymbolRules) -> dict[str, Any]:
    return {
        "symbol": rules.symbol,
        "pair": rules.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": rules.delivery_ms,
        "onboardDate": rules.onboard_ms or ONBOARD_MS_BY_SYMBOL.get(rules.symbol, ONBOARD_MS),
        "status": rules.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": rules.base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": rules.price_precision,
        "quantityPrecision": rules.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(rules),
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _filters(rules: SymbolRules) -> list[dict[str, Any]]:
    return [
        {
            "filterType": "PRICE_FILTER",
            "tickSize": plain(rules.tick),
            "minPrice": plain(rules.min_price),
            "maxPrice": plain(rules.max_price),
        },
        {
            "filterType": "LOT_SIZE",
            "stepSize": plain(rules.step),
            "minQty": plain(rules.step),
            "maxQty": plain(rules.max_quantity),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "stepSize": plain(rules.step),
            "minQty": plain(rules.step),
            "maxQty": plain(rules.max_market_quantity),
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": MAX_OPEN_ORDERS},
        {"filterType": "MIN_NOTIONAL", "notional": plain(rules.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": plain(MULTIPLIER_UP),
            "multiplierDown": plain(MULTIPLIER_DOWN),
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]
