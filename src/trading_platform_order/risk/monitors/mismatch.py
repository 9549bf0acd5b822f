"""Positions that differ from ours beyond what is in flight, and for how long. Pure.

A difference that orders under way may explain is none; one that passes within the time neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.value import value

SEEN_MIN = 3


@value
class Counted:
    """One base asset by both counts.

    Attributes:
        ours_short: by the ledger; ``theirs_short``: on Binance, negative for a long.
        ours_coins: what our strategies own; ``theirs_coins``: all on Upbit, the owner's included.
        flight_short: base units of hedge orders whose end is not known.
        flight_coins: the same of spot orders.
    """

    ours_short: Decimal
    theirs_short: Decimal
    ours_coins: Decimal
    theirs_coins: Decimal
    flight_short: Decimal = ZERO
    flight_coins: Decimal = ZERO


def differences(counts: Mapping[str, Counted]) -> dict[str, str]:
    """What no order under way explains, by base asset, in words."""
    found = {}
    for base, counted in counts.items():
        words = []
        if abs(counted.theirs_short - counted.ours_short) > counted.flight_short:
            theirs, ours = plain(counted.theirs_short), plain(counted.ours_short)
            words.append(f"{base} short: {theirs} on Binance, ours is {ours}")
        if counted.theirs_coins < counted.ours_coins - counted.flight_coins:
            theirs, ours = plain(counted.theirs_coins), plain(counted.ours_coins)
            words.append(f"{base}: {theirs} on Upbit, but {ours} are ours")
        if words:
            found[base] = "; ".join(words)
    return found


@dataclass(frozen=True, slots=True)
class MismatchWatch:
    """Since when (seconds of running time), and how often in a row, each base has differed."""

    since: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def seen(
        self, found: Mapping[str, str], now_s: float, persist_s: float
    ) -> "tuple[MismatchWatch, tuple[str, ...]]":
        """The watch after one comparison, and the differences that have lasted."""
        since = {}
        for base in found:
            at_s, times = self.since.get(base, (now_s, 0))
            since[base] = (at_s, times + 1)
        lasting = tuple(
            words
            for base, words in found.items()
            if now_s - since[base][0] >= persist_s and since[base][1] >= SEEN_MIN
        )
        return MismatchWatch(since), lasting
