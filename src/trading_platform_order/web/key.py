"""Who asks: the keys there are."""

from enum import StrEnum


class Key(StrEnum):
    """By what they may do."""

    SIGNALS = "signals"  # hand in signals, read, stop
    READER = "reader"  # read
    OPERATOR = "operator"  # everything
