"""Drive both simulated exchanges from another client, ccxt, unmodified: one small pair by hand.

    make dev                                          # once: ccxt is a development package
    .venv/bin/python examples/simulators_with_ccxt.py

The simulators speak the exchanges' own wire, so any client works that lets its addresses be set;
tests/conformance does the same with ccxt, python-binance and upbit-sdk for every order type. Here
they are started as a process of their own (`tporder simulator serve`), on free loopback ports, and
end with this program. The keys are the simulators' own and open nothing else.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

try:
    import ccxt
except ImportError:
    sys.exit("ccxt is not installed; it is a development package. Cure: make dev")

TPORDER = Path(sys.executable).with_name("tporder")  # the command stands beside this Python
READY_LIMIT_S = 30.0
SPOT, HEDGE = "BTC/KRW", "BTC/USDT:USDT"
QUANTITY_BTC = 0.002  # ccxt takes floats; a program of yours that counts money does not


@contextmanager
def simulators() -> Iterator[dict[str, Any]]:
    """Both exchanges while the context lasts; gives their addresses and keys."""
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        # A bar stands for an hour: prices hold still while this program runs.
        options = ["--bar-seconds", "3600", "--ready-file", str(ready_file)]
        command = [str(TPORDER), "simulator", "serve", *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            limit = time.monotonic() + READY_LIMIT_S
            while not ready_file.exists():
                if process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError("the simulators did not start")
                time.sleep(0.05)
            yield json.loads(ready_file.read_text(encoding="utf-8"))
        finally:
            process.terminate()
            process.wait(timeout=READY_LIMIT_S)


def upbit(ready: dict[str, Any]) -> Any:  # noqa: ANN401 - ccxt carries no types
    """Ccxt's Upbit, told where to go by its settings alone."""
    rest, keys = ready["upbit"]["rest"], ready["keys"]["upbit"]
    return ccxt.upbit(
        {
            "apiKey": keys["access_key"],
            "secret": keys["secret_key"],
            "urls": {"api": {"public": rest, "private": rest}},
        }
    )


def binance(ready: dict[str, Any]) -> Any:  # noqa: ANN401 - ccxt carries no types
    """Ccxt's Binance USDS-M futures; it wants an address for every group of endpoints."""
    rest, keys = ready["binance"]["rest"], ready["keys"]["binance"]
    groups = {
        "fapiPublic": "fapi/v1",
        "fapiPublicV2": "fapi/v2",
        "fapiPublicV3": "fapi/v3",
        "fapiPrivate": "fapi/v1",
        "fapiPrivateV2": "fapi/v2",
        "fapiPrivateV3": "fapi/v3",
        "sapi": "sapi/v1",
        "sapiV2": "sapi/v2",
        "sapiV3": "sapi/v3",
        "public": "api/v3",
        "private": "api/v3",
    }
    return ccxt.binanceusdm(
        {
            "apiKey": keys["api_key"],
            "secret": keys["secret_key"],
            "urls": {"api": {name: f"{rest}/{path}" for name, path in groups.items()}},
        }
    )


def main() -> None:
    """Buy coins for KRW, sell the same quantity short, look at both, and take both back."""
    with simulators() as ready:
        spot, hedge = upbit(ready), binance(ready)
        price = spot.fetch_order_book(SPOT)["asks"][4][0]  # the fifth level: deep enough for us
        take = {"timeInForce": "IOC"}
        bought = spot.create_order(SPOT, "limit", "buy", QUANTITY_BTC, price, take)
        hedge.create_order(HEDGE, "market", "sell", QUANTITY_BTC)
        filled = spot.fetch_order(bought["id"])["filled"]
        (position,) = hedge.fetch_positions([HEDGE])
        print(
            f"bought {filled} BTC on Upbit, {position['side']} {position['contracts']} on Binance"
        )

        spot.create_order(SPOT, "market", "sell", filled)
        hedge.create_order(HEDGE, "market", "buy", filled, None, {"reduceOnly": True})
        coins = Decimal(str(spot.fetch_balance()["total"].get("BTC", 0)))
        print(f"afterwards {coins} BTC and {len(hedge.fetch_positions([HEDGE]))} positions")


if __name__ == "__main__":
    main()
