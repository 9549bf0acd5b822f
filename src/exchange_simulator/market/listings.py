"""What both exchanges tell of a coin besides its prices: names, contracts, units, first days.

Written from the facts: Upbit's market/all gives a Korean and an English name; Binance lists some
coins only as contracts of a thousand of them, whose price and quantity are of so many. Ticks of the
market are told in coins; the contract's price is that of its unit.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exchange_simulator.decimals import plain

#: Of every contract for which nothing else is known: the date of Binance's documentation.
ONBOARD_MS = 1_569_398_400_000
ONBOARD_MS_BY_SYMBOL: Mapping[str, int] = {
    "BTCUSDT": 1_567_965_300_000,
    "ETHUSDT": 1_574_840_700_000,
}

#: Korean and English name by Upbit's code; any other coin is called by its code.
NAMES: Mapping[str, tuple[str, str]] = {
    "BTC": ("비트코인", "Bitcoin"),
    "ETH": ("이더리움", "Ethereum"),
    "XRP": ("엑스알피(리플)", "XRP"),
    "SOL": ("솔라나", "Solana"),
    "DOGE": ("도지코인", "Dogecoin"),
    "ADA": ("에이다", "Cardano"),
    "TRX": ("트론", "TRON"),
    "LINK": ("체인링크", "Chainlink"),
    "AVAX": ("아발란체", "Avalanche"),
    "SHIB": ("시바이누", "Shiba Inu"),
    "PEPE": ("페페", "PEPE"),
    "TON": ("토카막네트워크", "Tokamak Network"),
}

_THOUSANDS = ("SHIB", "PEPE", "BONK", "FLOKI", "XEC", "LUNC", "SATS", "RATS", "CAT", "CHEEMS")


def contract_of(base: str) -> tuple[str, Decimal]:
    """The base asset of Binance's contract, and how many coins one of it is."""
    if base in _THOUSANDS:
        return f"1000{base}", Decimal(1_000)
    if base == "MOG":
        return f"1000000{base}", Decimal(1_000_000)
    return base, Decimal(1)


def coin_of(symbol: str) -> tuple[str, Decimal]:
    """From a contract's symbol to ``<coin>USDT``, and the coins in one of it."""
    coin = symbol.removesuffix("USDT").lstrip("0123456789")
    contract, factor = contract_of(coin)
    return (f"{coin}USDT", factor) if f"{contract}USDT" == symbol else (symbol, Decimal(1))


def symbol_of(pair_symbol: str) -> tuple[str, Decimal]:
    """From ``<coin>USDT`` to the contract's symbol, and the coins in one of it."""
    contract, factor = contract_of(pair_symbol.removesuffix("USDT"))
    return f"{contract}USDT", factor


def in_coins(state: Mapping[str, Any]) -> dict[str, Any]:
    """The futures exchange's state with every position and order in coins, called by its coin."""
    return {
        **state,
        "positions": {
            coin_of(symbol)[0]: _position(row, coin_of(symbol)[1])
            for symbol, row in state["positions"].items()
        },
        "orders": [_order(order, *coin_of(order["symbol"])) for order in state["orders"]],
        "algo_orders": [_algo(algo, *coin_of(algo["symbol"])) for algo in state["algo_orders"]],
    }


def _position(row: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    return row if factor == 1 else _scaled(row, factor, ("quantity",), _PRICES)


def _order(order: dict[str, Any], symbol: str, factor: Decimal) -> dict[str, Any]:
    if factor == 1:
        return order
    trades = [_scaled(trade, factor, ("qty",), _PRICES) for trade in order["trades"]]
    scaled = _scaled(order, factor, ("origQty", "executedQty"), _PRICES)
    return {**scaled, "symbol": symbol, "trades": trades}


def _algo(algo: dict[str, Any], symbol: str, factor: Decimal) -> dict[str, Any]:
    if factor == 1:
        return algo
    return {**_scaled(algo, factor, ("quantity",), ("triggerPrice",)), "symbol": symbol}


_PRICES = ("price", "avgPrice", "stopPrice", "entry_price", "mark_price")


def _scaled(
    row: dict[str, Any], factor: Decimal, quantities: tuple[str, ...], prices: tuple[str, ...]
) -> dict[str, Any]:
    found = dict(row)
    for name in quantities:
        if name in row:
            found[name] = plain(Decimal(row[name]) * factor)
    for name in prices:
        if name in row:
            found[name] = plain(Decimal(row[name]) / factor)
    return found
