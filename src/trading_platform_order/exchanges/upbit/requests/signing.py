"""Upbit's request authentication: a JWT made by hand, with a hash of the parameters.

Source: Upbit docs auth @2026-09-01. HS512 over ``header.payload``; the payload carries the access
key, a nonce that is new for every request, and the SHA-512 of the query string as it reads before
percent-encoding (for a body: its pairs in the body's own order). By hand because it is on the
order path, where a JWT library costs several times as much.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterable
from urllib.parse import quote

import msgspec

from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.transport.keyed_hash import KeyedHash

Pairs = Iterable[tuple[str, str]]
_VARIANTS = "89ab"  # of a UUID's seventeenth digit (RFC 9562)


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

    _HEADER = base64.urlsafe_b64encode(b'{"alg":"HS512","typ":"JWT"}').rstrip(b"=") + b"."

    def __init__(self, credentials: Credentials, nonce: Callable[[], str]) -> None:
        self._keyed = KeyedHash(credentials.secret.encode(), "sha512", begins=self._HEADER)
        self._nonce = nonce
        access_key = msgspec.json.encode(credentials.key).decode()
        self._claims = f'{{"access_key":{access_key},"nonce":"'
        self._begins = f"Bearer {self._HEADER.decode()}"

    def authorization(self, query: str = "") -> str:
        """The header's value; ``query`` is :func:`plain_query` of what is sent, if anything."""
        # A nonce is a UUID and a hash is hexadecimal: nothing in them needs to be escaped.
        text = f'{self._claims}{self._nonce()}"'
        if query:
            digest = hashlib.sha512(query.encode()).hexdigest()
            text = f'{text},"query_hash":"{digest}","query_hash_alg":"SHA512"'
        claims = _base64(f"{text}}}".encode())
        return f"{self._begins}{claims.decode()}.{_base64(self._keyed.digest(claims)).decode()}"


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def new_nonce() -> str:
    """A random UUID (version 4) as text; ``uuid.uuid4`` makes an object first."""
    digits = os.urandom(16).hex()
    variant = _VARIANTS[int(digits[16], 16) % len(_VARIANTS)]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
