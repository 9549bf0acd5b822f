"""The key a position is kept under: the symbol alone, or in hedge mode the symbol and its side.

``BTCUSDT`` in one-way mode; ``BTCUSDT:LONG`` and ``BTCUSDT:SHORT``, which live side by side, in
hedge mode.
"""

BOTH = "BOTH"
HEDGE_SIDES = frozenset({"LONG", "SHORT"})


def holding_of(symbol: str, position_side: str) -> str:
    """The key of a position."""
    return symbol if position_side == BOTH else f"{symbol}:{position_side}"


def symbol_of(holding: str) -> str:
    """The contract."""
    return holding.partition(":")[0]


def side_of(holding: str) -> str:
    """``BOTH``, ``LONG`` or ``SHORT``, as the exchange tells it."""
    return holding.partition(":")[2] or BOTH
