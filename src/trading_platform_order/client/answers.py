"""What a client is told, typed; decimals are exact."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What one strategy holds in one symbol, by the ledger, as of its last settled trade.

    Attributes:
        symbol: base asset.
        spot_base: coins on Upbit.
        short_base: sold short on Binance, positive.
        updated_at_us: microseconds since 1970 UTC.
    """

    strategy: str
    symbol: str
    spot_base: Decimal
    short_base: Decimal
    updated_at_us: int


def positions_of(rows: Sequence[object]) -> list[Position]:
    """From rows of the view ``v_positions``; those that hold something."""
    read = msgspec.convert(list(rows), list[Position])
    return [one for one in read if one.spot_base or one.short_base]
