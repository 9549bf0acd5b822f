"""A takeover order's body: the intent as JSON text, and back."""

import msgspec

from trading_platform_order.domain.protection.takeover import TakeoverIntent
from trading_platform_order.storage.base import StoreUnavailable

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(TakeoverIntent)


def body_of(intent: TakeoverIntent) -> str:
    """As text."""
    return _encoder.encode(intent).decode()


def intent_of(body: str) -> TakeoverIntent:
    """From text.

    Raises:
        StoreUnavailable: it is not what a watchdog of this version writes.
    """
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise StoreUnavailable(f"a takeover order cannot be read: {error}") from error
