"""Entries that are taken back again and again: a coin rests, and then all of it stops. Pure.

An entry is taken back when one leg filled and the other could not be completed: each costs two
spreads and four fees, and the reason (a dead key, a stale filter, a thin book) is rarely gone at
the next signal.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.account.recent_activity import SettledEntries
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value

WINDOW = timedelta(hours=1)
BASES = 2
"""One coin alone is paused, and no reason to stop the others."""


@value
class TakenBackLimits:
    """When a coin is paused, and when the stop latches.

    Attributes:
        in_a_row: so many of one coin, no other entry of it between them.
        pause_s: for how long that coin is then paused.
        stop_count: so many in a row of all entries within an hour, over at least two coins.
        stop_krw: unwind cost of an hour.
    """

    in_a_row: int = 2
    pause_s: float = 900.0
    stop_count: int = 3
    stop_krw: Decimal = Decimal(30_000)


def pause(
    entries: SettledEntries, base: str, now: datetime, limits: TakenBackLimits
) -> Refusal | None:
    """Why an ENTER of this coin is refused for now."""
    if not entries.was_taken_back(base):
        return None
    lasts = timedelta(seconds=limits.pause_s)
    # Far enough back to count a row whose last one is as old as the pause is long.
    row = entries.last_taken_back(now - lasts - WINDOW, base)
    if len(row) < limits.in_a_row:
        return None
    until = row[-1].at + lasts
    if now >= until:
        return None
    left_s = (until - now).total_seconds()
    return Refusal(
        code=RefusalCode.TAKEN_BACK,
        message=f"the last {len(row)} entries of {base} were taken back; paused for "
        f"{left_s:.0f} s more",
        figures={"taken_back": str(len(row)), "paused_s": f"{left_s:.0f}"},
    )


def stop_words(entries: SettledEntries, now: datetime, limits: TakenBackLimits) -> str | None:
    """Why the emergency stop must latch, if it must."""
    row = entries.last_taken_back(now - WINDOW)
    bases = sorted({entry.base for entry in row})
    if len(row) >= limits.stop_count and len(bases) >= BASES:
        return f"the last {len(row)} entries were taken back, over {', '.join(bases)}"
    cost_krw = entries.cost_since(now - WINDOW)
    if cost_krw > limits.stop_krw:
        return (
            f"entries taken back cost {plain(cost_krw.quantize(Decimal(1)))} KRW within an hour "
            f"(more than {plain(limits.stop_krw)})"
        )
    return None
