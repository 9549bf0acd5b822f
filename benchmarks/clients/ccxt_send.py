"""``ccxt``: ``create_order`` of its Upbit and Binance USDS-M clients, rate limiter off.

Its limiter, which is on by default, holds an order back for some 200 ms; without it ccxt is at its
best. The markets are given, so that nothing but the order goes to the exchange.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.async_support as ccxt

from benchmarks.clients.orders import (
    BINANCE_KEY,
    BINANCE_SECRET,
    UPBIT_ACCESS,
    UPBIT_SECRET,
    pair,
)
from benchmarks.clients.serving import SendPair, Target, run

_SPOT, _HEDGE = "BTC/KRW", "BTC/USDT:USDT"
_PRECISION = {"amount": 0.00000001, "price": 0.1}


def _market(symbol: str, market_id: str, quote: str, **more: object) -> dict[str, Any]:
    return {
        "id": market_id,
        "symbol": symbol,
        "base": "BTC",
        "quote": quote,
        "baseId": "BTC",
        "quoteId": quote,
        "active": True,
        "precision": _PRECISION,
        "limits": {"amount": {}, "price": {}, "cost": {}, "leverage": {}},
        "info": {"orderTypes": ["LIMIT", "MARKET"]},
        **more,
    }


def _spot() -> dict[str, Any]:
    return _market(
        _SPOT, "KRW-BTC", "KRW", type="spot", spot=True, swap=False, contract=False, settle=None
    )


def _hedge() -> dict[str, Any]:
    return _market(
        _HEDGE,
        "BTCUSDT",
        "USDT",
        settle="USDT",
        settleId="USDT",
        type="swap",
        spot=False,
        margin=False,
        swap=True,
        future=False,
        option=False,
        contract=True,
        linear=True,
        inverse=False,
        contractSize=1.0,
    )


def _at(client: Any, url: str, market: dict[str, Any]) -> Any:  # noqa: ANN401 - ccxt is untyped
    """Point every address of a client to ``url``, keeping the paths."""

    def moved(value: Any) -> Any:  # noqa: ANN401 - text, or a tree of it
        if isinstance(value, dict):
            return {name: moved(part) for name, part in value.items()}
        text = str(value)
        _, scheme, rest = text.partition("://")
        return f"{url}/{rest.partition('/')[2]}".rstrip("/") if scheme else text

    client.urls["api"] = moved(client.urls["api"])
    if "hostname" in str(client.urls["api"]):
        client.hostname = url
    client.set_markets([market])
    client.cafile = os.environ.get("SSL_CERT_FILE", client.cafile)
    return client


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[SendPair]:
    """Both clients."""
    upbit = _at(
        ccxt.upbit({"apiKey": UPBIT_ACCESS, "secret": UPBIT_SECRET, "enableRateLimit": False}),
        target.upbit,
        _spot(),
    )
    binance = _at(
        ccxt.binanceusdm(
            {"apiKey": BINANCE_KEY, "secret": BINANCE_SECRET, "enableRateLimit": False}
        ),
        target.binance,
        _hedge(),
    )

    async def send_pair(number: int) -> None:
        order = pair(number)
        quantity = float(order.quantity)
        await asyncio.gather(
            binance.create_order(
                _HEDGE,
                "limit",
                "sell",
                quantity,
                float(order.price_usdt),
                {"timeInForce": "IOC", "newClientOrderId": f"{order.name}-ho1"},
            ),
            upbit.create_order(
                _SPOT,
                "limit",
                "buy",
                quantity,
                float(order.price_krw),
                {"timeInForce": "IOC", "identifier": f"{order.name}-so1"},
            ),
        )

    yield send_pair
    await upbit.close()
    await binance.close()


if __name__ == "__main__":
    run(connected)
