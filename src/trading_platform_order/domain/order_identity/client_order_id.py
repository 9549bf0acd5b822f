"""Client order ids: a pure function, so that any process can name any order without asking.

Form: ``t<mode>-<20 base32>-<leg><purpose><attempt>``, at most 36 characters of ``[a-z0-9-]``.
Upbit's ``identifier`` (64 characters, unique for ever) and Binance's ``newClientOrderId`` (36,
unique among open orders) both take it. ``mode`` keeps paper, testnet and live orders apart.
"""

import hashlib
import re

from trading_platform_order.domain.order import Leg, Purpose
from trading_platform_order.domain.value import value

_LEG_LETTER = {Leg.SPOT: "s", Leg.HEDGE: "h"}
_PURPOSE_LETTER = {
    Purpose.OPEN: "o",
    Purpose.CLOSE: "c",
    Purpose.COMPLETE: "m",
    Purpose.UNWIND: "u",
    Purpose.TRUE_UP: "t",
    Purpose.WATCHDOG: "w",
    Purpose.PROTECT: "p",
    Purpose.TRAIL: "r",
}
MAX_LENGTH = 36
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_TEN_BITS = [high + low for high in _BASE32 for low in _BASE32]
"""RFC 4648 in lower case, two characters at once: the library's own encodes all of a hash."""


def trade_key(*, strategy: str, signal_id: str, symbol: str) -> str:
    """Twenty lower-case base32 characters naming one pair trade."""
    text = f"{strategy}\x1f{signal_id}\x1f{symbol}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:13], "big") >> 4
    return "".join([_TEN_BITS[number >> shift & 1023] for shift in range(90, -1, -10)])


def client_order_id(*, mode: str, key: str, leg: Leg, purpose: Purpose, attempt: int) -> str:
    """The id of one attempt.

    Args:
        mode: ``p`` paper, ``t`` testnet, ``l`` live.
        key: from :func:`trade_key`.
        leg: which side of the pair.
        purpose: why the order exists.
        attempt: 1, 2, … counted per trade, leg and purpose.
    """
    name = f"t{mode}-{key}-{_LEG_LETTER[leg]}{_PURPOSE_LETTER[purpose]}{attempt}"
    if len(name) > MAX_LENGTH:
        raise ValueError(f"client order id over {MAX_LENGTH} characters: {name}")
    return name


def order_uuid(client_id: str) -> str:
    """A UUID (version 8, RFC 9562) that depends on nothing but the client order id."""
    raw = bytearray(hashlib.sha256(client_id.encode()).digest()[:16])
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@value
class OrderName:
    """What a client order id says."""

    mode: str
    key: str
    leg: Leg
    purpose: Purpose
    attempt: int


_FORM = re.compile(r"t([a-z])-([a-z2-7]{20})-([a-z])([a-z])([1-9][0-9]{0,8})")
_LEGS = {letter: leg for leg, letter in _LEG_LETTER.items()}
_PURPOSES = {letter: purpose for purpose, letter in _PURPOSE_LETTER.items()}


def read_client_order_id(name: str) -> OrderName | None:
    """What an id made by :func:`client_order_id` says; ``None`` for any other text."""
    found = _FORM.fullmatch(name)
    if found is None:
        return None
    mode, key, leg, purpose, attempt = found.groups()
    if leg not in _LEGS or purpose not in _PURPOSES:
        return None
    return OrderName(
        mode=mode, key=key, leg=_LEGS[leg], purpose=_PURPOSES[purpose], attempt=int(attempt)
    )
