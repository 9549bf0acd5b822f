"""The exchange's side of its JSON Web Tokens (Upbit docs auth @2026-09-01).

HS512 is recommended, HS256 accepted. The ``query_hash`` claim is the SHA-512 of the decoded query
string, or of the body's pairs in the body's own order. A nonce serves once.
"""

import binascii
import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.rules import Rules

_NONCES_KEPT = 200_000
_HASHES = {"HS256": "sha256", "HS512": "sha512"}


class Authenticator:
    """Checks the bearer tokens of one key pair."""

    def __init__(self, *, access_key: str, secret_key: str, rules: Rules) -> None:
        self._access_key = access_key
        self._secret = secret_key.encode()
        self._rules = rules
        # A dict because it remembers the order: the oldest nonces are forgotten.
        self._nonces: dict[str, None] = {}

    def check(self, headers: Mapping[str, str], signed_text: str, *, permission: str = "") -> None:
        """Refuse the request unless its token signs ``signed_text`` (empty: nothing to sign).

        Raises:
            Refusal: ``market_offline``, ``no_authorization_token``, ``jwt_verification``,
                ``invalid_access_key``, ``expired_access_key``, ``no_authorization_ip``,
                ``invalid_query_payload``, ``nonce_used`` or ``out_of_scope``.
        """
        if self._rules.is_offline:
            raise Refusal("market_offline")
        claims = self._claims(_bearer(headers))
        self._check_key()
        self._check_query(claims, signed_text)
        self._use_nonce(claims)
        if permission and permission not in self._rules.permissions:
            raise Refusal("out_of_scope")

    def _check_key(self) -> None:
        if self._rules.is_key_expired:
            raise Refusal("expired_access_key")
        if not self._rules.is_ip_allowed:
            raise Refusal("no_authorization_ip")

    def _use_nonce(self, claims: Mapping[str, Any]) -> None:
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            raise Refusal("jwt_verification")
        if nonce in self._nonces:
            raise Refusal("nonce_used")
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES_KEPT:
            del self._nonces[next(iter(self._nonces))]

    def _claims(self, token: str) -> dict[str, Any]:
        parts = token.split(".")
        if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
            raise Refusal("jwt_verification")
        head = _head(parts[0])
        algorithm = _HASHES.get(str(head.get("alg")))
        if algorithm is None:
            raise Refusal("jwt_verification")
        # The key names the secret that verifies, so an unknown key is told first.
        claims = _json_object(parts[1])
        if claims.get("access_key") != self._access_key:
            raise Refusal("invalid_access_key")
        expected = hmac.digest(self._secret, f"{parts[0]}.{parts[1]}".encode(), algorithm)
        if not hmac.compare_digest(expected, _unpadded(parts[2])):
            raise Refusal("jwt_verification")
        return claims

    @staticmethod
    def _check_query(claims: Mapping[str, Any], signed_text: str) -> None:
        given = claims.get("query_hash")
        if not signed_text and given is None:
            return
        if claims.get("query_hash_alg", "SHA512") != "SHA512":
            raise Refusal("invalid_query_payload")
        if given != hashlib.sha512(signed_text.encode()).hexdigest():
            raise Refusal("invalid_query_payload")


def _bearer(headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if name.lower() == "authorization":
            scheme, _, token = value.partition(" ")
            if scheme.lower() == "bearer" and token:
                return token.strip()
    raise Refusal("no_authorization_token")


def _unpadded(text: str) -> bytes:
    if "+" in text or "/" in text:
        raise Refusal("jwt_verification")
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise Refusal("jwt_verification") from None


@lru_cache(maxsize=64)
def _head(part: str) -> Mapping[str, Any]:
    """The token's first part, which is the same in all of a client's tokens."""
    return _json_object(part)


def _json_object(part: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(_unpadded(part))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal("jwt_verification") from None
    if not isinstance(value, dict):
        raise Refusal("jwt_verification")
    return value
