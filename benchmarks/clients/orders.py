"""One pair of orders and its signing, for everything that only sends. Standard library only.

The signatures are real: an HS512 token with the hash of the query for Upbit, HMAC-SHA256 over the
query for Binance. Whoever measures sending measures signing with it.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import NamedTuple

UPBIT_ACCESS, UPBIT_SECRET = "bench-access-" + "0" * 27, "bench-secret-" + "0" * 27
BINANCE_KEY, BINANCE_SECRET = "bench-key-" + "0" * 54, "bench-secret-" + "0" * 51
UPBIT_PATH, BINANCE_PATH = "/v1/orders", "/fapi/v1/order"
RECV_WINDOW_MS = 5_000


class Pair(NamedTuple):
    """A coin bought on Upbit and sold short on Binance."""

    name: str
    base: str = "BTC"
    quantity: str = "0.003"
    price_krw: str = "150000000"
    price_usdt: str = "105000.0"


def pair(number: int) -> Pair:
    """A pair with a name of its own."""
    return Pair(f"tb-{os.getpid():x}-{number:07d}")


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


_TOKEN_HEAD = _base64(b'{"alg":"HS512","typ":"JWT"}')
_UPBIT_SECRET, _BINANCE_SECRET = UPBIT_SECRET.encode(), BINANCE_SECRET.encode()


def upbit_fields(order: Pair) -> dict[str, str]:
    """The body's fields, in order."""
    return {
        "market": f"KRW-{order.base}",
        "side": "bid",
        "volume": order.quantity,
        "price": order.price_krw,
        "ord_type": "limit",
        "time_in_force": "ioc",
        "identifier": f"{order.name}-so1",
    }


def upbit_request(order: Pair) -> tuple[str, bytes]:
    """Token and body of the spot leg."""
    fields = upbit_fields(order)
    query = "&".join([f"{name}={value}" for name, value in fields.items()])
    return upbit_token(query), json.dumps(fields).encode()


def upbit_token(query: str) -> str:
    """A JWT that covers the query."""
    nonce = os.urandom(16).hex()
    claims = (
        f'{{"access_key":"{UPBIT_ACCESS}","nonce":"{nonce}",'
        f'"query_hash":"{hashlib.sha512(query.encode()).hexdigest()}","query_hash_alg":"SHA512"}}'
    )
    signed = _TOKEN_HEAD + b"." + _base64(claims.encode())
    return (signed + b"." + _base64(hmac.digest(_UPBIT_SECRET, signed, "sha512"))).decode()


def binance_query(order: Pair) -> str:
    """The signed query of the hedge leg."""
    query = (
        f"symbol={order.base}USDT&side=SELL&type=LIMIT&timeInForce=IOC"
        f"&quantity={order.quantity}&price={order.price_usdt}"
        f"&newClientOrderId={order.name}-ho1&recvWindow={RECV_WINDOW_MS}"
        f"&timestamp={time.time_ns() // 1_000_000}"
    )
    return f"{query}&signature={hmac.digest(_BINANCE_SECRET, query.encode(), 'sha256').hex()}"
