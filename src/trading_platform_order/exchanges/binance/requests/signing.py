"""Signed query strings, and the exchange's clock as far as we know it.

Binance docs general-info: the HMAC-SHA256 of the exact percent-encoded string (percent-encoding
comes first, since 2026-01-15), appended as the last parameter. A request is accepted only while
``timestamp < server + 1000 ms`` and ``server - timestamp <= recvWindow``, so timestamps are the
calendar corrected by the measured difference to the server.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.transport.clock import Clock, epoch_ms
from trading_platform_order.transport.keyed_hash import KeyedHash

Params = Iterable[tuple[str, str]]
_NEEDS_NO_QUOTE = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def encode(params: Params) -> str:
    """A percent-encoded query string in the given order; the names are ours and need no quoting."""
    return "&".join([f"{name}={_quoted(value)}" for name, value in params])


def _quoted(text: str) -> str:
    return text if _NEEDS_NO_QUOTE(text) else quote(text, safe="")


class Signer:
    """Signs with one key pair and keeps the difference to the exchange's clock."""

    def __init__(self, *, credentials: Credentials, clock: Clock, recv_window_ms: int) -> None:
        self._keyed = KeyedHash(credentials.secret.encode(), "sha256")
        self._clock = clock
        self._recv_window_ms = recv_window_ms
        self.headers = {"X-MBX-APIKEY": credentials.key}
        #: exchange minus calendar, milliseconds
        self.offset_ms = 0

    def now_ms(self) -> int:
        """The exchange's time, as far as we know it, in epoch milliseconds."""
        return epoch_ms(self._clock.now()) + self.offset_ms

    def sign(self, params: Params, *, timestamp_ms: int) -> str:
        """The query string with recvWindow, timestamp and, last, signature."""
        text = encode(
            (
                *params,
                ("recvWindow", str(self._recv_window_ms)),
                ("timestamp", str(timestamp_ms)),
            )
        )
        return f"{text}&signature={self.signature(text)}"

    def signature(self, text: str) -> str:
        """Hexadecimal HMAC-SHA256 of a percent-encoded string."""
        return self._keyed.digest(text.encode()).hex()
