"""Documented messages, and seeded ways to spoil them."""

import json
import random
from collections.abc import Iterator
from typing import Any

ORDER: dict[str, Any] = {
    "avgPrice": "0.00000",
    "clientOrderId": "tp-fuzz",
    "cumQuote": "0",
    "executedQty": "0.4",
    "orderId": 1573346959,
    "origQty": "0.40",
    "price": "0",
    "reduceOnly": False,
    "side": "BUY",
    "positionSide": "BOTH",
    "status": "FILLED",
    "symbol": "BTCUSDT",
    "time": 1579276756075,
    "timeInForce": "GTC",
    "type": "MARKET",
    "updateTime": 1579276756075,
}
ALGO: dict[str, Any] = {
    "algoId": 2146760,
    "clientAlgoId": "tp-fuzz",
    "algoType": "CONDITIONAL",
    "orderType": "STOP_MARKET",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "algoStatus": "NEW",
    "triggerPrice": "750.000",
    "price": "750.000",
    "icebergQuantity": None,
    "activatePrice": "",
    "actualOrderId": "",
}
ORDER_EVENT: dict[str, Any] = {
    "e": "ORDER_TRADE_UPDATE",
    "E": 1568879465651,
    "T": 1568879465650,
    "o": {
        "s": "BTCUSDT",
        "c": "TEST",
        "S": "SELL",
        "o": "LIMIT",
        "f": "GTC",
        "q": "0.001",
        "p": "9000",
        "ap": "0",
        "x": "TRADE",
        "X": "FILLED",
        "i": 8886774,
        "l": "0.001",
        "z": "0.001",
        "L": "9000",
        "N": "USDT",
        "n": "0.01",
        "T": 1568879465650,
        "t": 7,
        "m": False,
        "R": False,
    },
}
ACCOUNT_EVENT: dict[str, Any] = {
    "e": "ACCOUNT_UPDATE",
    "E": 1564745798939,
    "T": 1564745798938,
    "a": {"m": "ORDER", "B": [{"a": "USDT", "wb": "122624.1", "cw": "100.1", "bc": "50"}], "P": []},
}
ALGO_EVENT: dict[str, Any] = {
    "e": "ALGO_UPDATE",
    "T": 1765431097030,
    "E": 1765431097037,
    "o": {
        "caid": "O-9",
        "aid": 1000000033225453,
        "at": "CONDITIONAL",
        "o": "STOP_MARKET",
        "s": "DOGEUSDT",
        "S": "BUY",
        "q": "38",
        "X": "TRIGGERED",
        "ai": "88937381063",
        "tp": "0.13855",
        "rm": "Reduce Only reject",
    },
}
DEPTH: dict[str, Any] = {
    "stream": "btcusdt@depth20",
    "data": {
        "e": "depthUpdate",
        "E": 1,
        "T": 2,
        "s": "BTCUSDT",
        "b": [["0.0024", "10"]],
        "a": [["0.0026", "100"]],
    },
}
TRADES: list[dict[str, Any]] = [
    {
        "commission": "0.07819010",
        "commissionAsset": "USDT",
        "id": 698759,
        "orderId": 25851813,
        "price": "7819.01",
        "qty": "0.002",
        "side": "SELL",
        "symbol": "BTCUSDT",
        "time": 1569514978020,
    }
]
BALANCES: list[dict[str, Any]] = [
    {"asset": "USDT", "balance": "122607.3", "availableBalance": "23.7", "updateTime": 1}
]
POSITIONS: list[dict[str, Any]] = [
    {
        "symbol": "BTCUSDT",
        "positionSide": "BOTH",
        "positionAmt": "-30",
        "entryPrice": "0.385",
        "markPrice": "0.41",
        "liquidationPrice": "0",
    }
]
ACCOUNT: dict[str, Any] = {
    "totalWalletBalance": "126.7",
    "totalUnrealizedProfit": "0.0",
    "totalMarginBalance": "126.7",
    "totalMaintMargin": "0.0",
    "availableBalance": "126.7",
}
INCOME: list[dict[str, Any]] = [
    {
        "symbol": "BTCUSDT",
        "incomeType": "FUNDING_FEE",
        "income": "-0.375",
        "asset": "USDT",
        "time": 1570608000000,
        "tranId": 9689322392,
    }
]
ERROR: dict[str, Any] = {"code": -2019, "msg": "Margin is insufficient."}

_STRANGE: tuple[object, ...] = (
    None,
    True,
    "",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999999",
    "-1",
    "0",
    "BUY",
    "SOMETHING_NEW",
    10**30,
    -(10**18),
    1.5e300,
    [],
    {},
    "\u0000\ud7ff",
    "9" * 400,
    "9" * 5_000,
)
_BODIES = (b"", b"null", b"[]", b"{}", b"<html><body>502</body></html>", b"\xff\xfe", b'"x"', b"1")


def spoiled(sample: object, rng: random.Random) -> bytes:
    """One spoiled message; now and then the sample itself with something added."""
    roll = rng.random()
    if roll < 0.03:
        return rng.choice(_BODIES)
    text = json.dumps(_mutated(sample, rng)).encode()
    if roll < 0.13:
        return text[: rng.randrange(len(text) + 1)]
    if roll < 0.18:
        place = rng.randrange(len(text) + 1)
        return text[:place] + rng.randbytes(3) + text[place:]
    return text


def noise(rng: random.Random) -> bytes:
    """A megabyte that means nothing."""
    return rng.randbytes(1_000_000)


def _mutated(sample: object, rng: random.Random) -> object:
    copy = json.loads(json.dumps(sample))
    for _ in range(rng.randint(1, 3)):
        places = list(_places(copy))
        if not places:
            return copy
        holder, key = rng.choice(places)
        roll = rng.random()
        if roll < 0.2:
            del holder[key]
        elif roll < 0.3 and isinstance(holder, dict):
            holder[f"unknown{rng.randrange(99)}"] = _strange(rng)
        else:
            holder[key] = _strange(rng)
    return copy


def _strange(rng: random.Random) -> object:
    value = rng.choice(_STRANGE)
    return type(value)() if isinstance(value, list | dict) and not value else value


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) below a value."""
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            yield value, key
            yield from _places(value[key])
