"""Upbit's request authentication: a JWT made by hand, with a hash of the parameters.

Source: Upbit docs auth @2026-09-01. HS512 over ``header.payload``; the payload carries the access
key, a nonce that is new for every request, and the SHA-512 of the query string as it reads before
percent-encoding (for a body: its pairs in the body's own order). By hand because it is on the
order path, where a JWT library costs several times as much.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable
from urllib.parse import quote

import msgspec

from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.transport.keyed_hash import KeyedHash

Pairs = Iterable[tuple[str, str]]


def plain_query(pairs: Pairs) -> str:
    """The text that is hashed: ``k=v&k=v``, nothing encoded."""
    return "&".join(f"{name}={value}" for name, value in pairs)


def encoded_query(pairs: Pairs) -> str:
    """The text that goes on the wire: values encoded, the ``[]`` of list names left alone."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


class Signer:
    """Makes the ``Authorization`` header.

    Args:
        credentials: access key and secret key; the secret is used as it is, not as base64.
        nonce: gives a new unique text at every call.
    """

    _HEADER = base64.urlsafe_b64encode(b'{"alg":"HS512","typ":"JWT"}').rstrip(b"=")

    def __init__(self, credentials: Credentials, nonce: Callable[[], str]) -> None:
        self._access_key = credentials.key
        self._keyed = KeyedHash(credentials.secret.encode(), "sha512")
        self._nonce = nonce

    def authorization(self, query: str = "") -> str:
        """The header's value; ``query`` is :func:`plain_query` of what is sent, if anything."""
        payload = {"access_key": self._access_key, "nonce": self._nonce()}
        if query:
            payload["query_hash"] = hashlib.sha512(query.encode()).hexdigest()
            payload["query_hash_alg"] = "SHA512"
        claims = base64.urlsafe_b64encode(msgspec.json.encode(payload)).rstrip(b"=")
        signed = self._HEADER + b"." + claims
        signature = base64.urlsafe_b64encode(self._keyed.digest(signed)).rstrip(b"=")
        return f"Bearer {(signed + b'.' + signature).decode()}"
