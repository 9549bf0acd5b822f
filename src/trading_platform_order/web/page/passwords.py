"""Passwords as argon2id hashes, and keys as passwords; compared in a time that tells nothing."""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trading_platform_order.web.key import Key

PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 256
NOBODY = PasswordHasher().hash("nobody")
"""What a role without a password is compared with: that it has none takes as long to find out."""


def hashed(password: str) -> str:
    """The hash that a setting holds."""
    return PasswordHasher().hash(password)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """Which secret is whose.

    Attributes:
        hashes: argon2 hashes of passwords, by what they allow.
        secrets: keys that may stand in the place of a password.
    """

    hashes: Mapping[Key, str]
    secrets: Mapping[Key, str]
    _one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def key_of(self, given: str) -> Key | None:
        """What this password or key allows; one is judged at a time, beside the event loop."""
        async with self._one:
            return await asyncio.to_thread(self._key_of, given)

    def _key_of(self, given: str) -> Key | None:
        found: Key | None = None
        for key in (Key.READER, Key.OPERATOR):  # all are compared, the strongest counts
            secret = self.secrets.get(key, "")
            digests = [sha256(text.encode()).digest() for text in (secret, given)]
            is_secret = hmac.compare_digest(*digests) and bool(secret)
            is_password = _fits(self.hashes.get(key, NOBODY), given) and key in self.hashes
            if is_password or is_secret:
                found = key
        return found


def _fits(hash_text: str, given: str) -> bool:
    try:
        return PasswordHasher().verify(hash_text, given)
    except (VerificationError, InvalidHashError):
        return False
