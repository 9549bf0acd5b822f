"""Bars that nobody needs to see: between two looks nothing can happen, so time jumps over them.

A strategy is a function of its bars, so all its signals are known before the first is traded. The
engine is shown every bar around a signal and while anything is under way. In between it would look
at prices, find nothing to do, and look again. A bar is passed over only if all of these hold:

* nothing is under way: no order, no trade, no request;
* both prices, with the bar's high and low, and the rate stay within :data:`MOVE_MAX` (the rate:
  :data:`RATE_MOVE_MAX`) of what the engine saw last;
* no pair is held that has lost half of its stop-loss, or whose hedge has risen by
  :data:`RISE_MAX` since it was sold;
* no full hour and no funding settlement lies between: the engine sees the bar of each, so that
  funding is paid at the mark it was due at, and equity is recorded every hour.

The bounds are far inside the limits that they keep clear of, so what is passed over is what the
engine would have done nothing about. ``every bar`` is the other way: the same engine, no bar left
out; a test holds that both trade alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.market.candles import Bar

MOVE_MAX = Decimal("0.01")
RATE_MOVE_MAX = Decimal("0.002")
LOSS_PART_MAX = Decimal("0.5")
RISE_MAX = Decimal("0.1")
BEFORE_SIGNAL = 3
"""Bars shown before one with a signal: every monitor has looked at fresh prices by then."""
STANDING_MAX = 500
"""Bars that are looked back over for a change of price; the simulated book counts those since."""
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBar:
    """The bar that the engine saw last."""

    bar: Bar

    def is_near(self, bar: Bar) -> bool:
        """Whether a bar's prices are so near that no limit can have been reached."""
        seen = self.bar
        return (
            _within(seen.up_close, bar.up_low, bar.up_high, MOVE_MAX)
            and _within(seen.bn_close, bar.bn_low, bar.bn_high, MOVE_MAX)
            and _within(seen.krw_usdt, bar.krw_usdt, bar.krw_usdt, RATE_MOVE_MAX)
            and bar.block == seen.block
        )


def _within(seen: Decimal, low: Decimal, high: Decimal, part: Decimal) -> bool:
    reach = seen * part
    return seen - reach <= low and high <= seen + reach


def is_hour(before: Bar, bar: Bar) -> bool:
    """Whether a full hour has passed since the bar before; funding is due at full hours."""
    return _hour(before) != _hour(bar)


def _hour(bar: Bar) -> int:
    return int(bar.closes_at.timestamp()) // _HOUR_S


def shown_for_signals(bars: Sequence[Bar], with_signal: Sequence[int]) -> set[int]:
    """Indices that are shown whatever the engine does: around signals, and both ends.

    A price that stands still makes the simulated book change its shape, so the bars since the last
    change of both prices belong to the signal.
    """
    shown = {0, len(bars) - 1}
    for index in with_signal:
        begin = min(index - BEFORE_SIGNAL, _standing_since(bars, index))
        shown.update(range(max(0, begin), min(len(bars), index + 2)))
    return shown


def _standing_since(bars: Sequence[Bar], index: int) -> int:
    """The latest bar by which both prices have moved since the bar before it."""
    has_moved = [False, False]
    for at in range(index, max(0, index - STANDING_MAX), -1):
        has_moved[0] = has_moved[0] or bars[at].up_close != bars[at - 1].up_close
        has_moved[1] = has_moved[1] or bars[at].bn_close != bars[at - 1].bn_close
        if all(has_moved):
            return at
    return max(0, index - STANDING_MAX)
