"""How this exchange writes and steps its numbers.

Exchange (private REST) answers carry numbers as text; quotation answers and every stream carry
them as JSON numbers, never with an exponent.
"""

import hashlib
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from exchange_simulator.decimals import floor_to_step, plain

KST = timezone(timedelta(hours=9))
VOLUME_STEP = Decimal("0.00000001")
MIN_TOTAL_KRW = Decimal(5_000)
MAX_TOTAL_KRW = Decimal(1_000_000_000)
#: more digits than any product of price, volume and fee rate has, so that money is exact
PRECISION = 60

# Upbit docs krw-market-info @2026-05-04: the step from this price on, since 2025-07-31.
_TICKS_KRW = tuple(
    (Decimal(lower), Decimal(tick))
    for lower, tick in (
        ("1000000", "1000"),
        ("500000", "500"),
        ("100000", "100"),
        ("50000", "50"),
        ("10000", "10"),
        ("5000", "5"),
        ("100", "1"),
        ("10", "0.1"),
        ("1", "0.01"),
        ("0.1", "0.001"),
        ("0.01", "0.0001"),
        ("0.001", "0.00001"),
        ("0.0001", "0.000001"),
        ("0.00001", "0.0000001"),
    )
)
_SMALLEST_TICK_KRW = Decimal("0.00000001")


def tick_size(price_krw: Decimal) -> Decimal:
    """The price step, in KRW, of the KRW market at this price."""
    for lower, tick in _TICKS_KRW:
        if price_krw >= lower:
            return tick
    return _SMALLEST_TICK_KRW


@lru_cache(maxsize=16_384)
def number(value: Decimal) -> msgspec.Raw:
    """A JSON number without exponent."""
    return msgspec.Raw(plain(value).encode())


def optional_number(value: Decimal | None) -> msgspec.Raw | None:
    """As :func:`number`, ``None`` staying ``None``."""
    return None if value is None else number(value)


def optional_text(value: Decimal | None) -> str | None:
    """Plain text, ``None`` staying ``None``."""
    return None if value is None else plain(value)


def read_amount(text: str) -> Decimal | None:
    """A positive amount written without sign or exponent, or ``None`` if it is anything else."""
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value > 0 else None


def is_on_step(value: Decimal, step: Decimal) -> bool:
    """Whether the value is a whole number of steps."""
    return floor_to_step(value, step) == value


def kst_seconds(moment: datetime) -> str:
    """An order's ``created_at``: Korean time, whole seconds."""
    return moment.astimezone(KST).isoformat(timespec="seconds")


def kst_microseconds(moment: datetime) -> str:
    """A trade's ``created_at``: Korean time, microseconds."""
    return moment.astimezone(KST).isoformat(timespec="microseconds")


def counted_uuid(kind: str, count: int) -> str:
    """A UUID that depends only on how many of its kind came before: a seed replays a run."""
    raw = bytearray(hashlib.sha256(f"upbit:{kind}:{count}".encode()).digest()[:16])
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
