"""What a known end of a coin on either exchange asks for. Pure.

Once one leg cannot be traded any more the pair can be closed on one side only, and the last day of
a listing is the worst market to do it in. So entries end at once, and what is held is closed a day
before.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from trading_platform_order.domain.hindrances.deadline import Deadline
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@value
class DeadlineLimits:
    """How long before, and how often operators are told.

    Attributes:
        close_lead_s: what is held is closed so long before the end.
    """

    close_lead_s: float = 86_400.0


def nearest(deadlines: Iterable[Deadline]) -> Mapping[str, Deadline]:
    """The first end of each base asset, whichever exchange it is on."""
    found: dict[str, Deadline] = {}
    for one in deadlines:
        if one.base not in found or one.at < found[one.base].at:
            found[one.base] = one
    return found


def objection(deadline: Deadline) -> Refusal:
    """Why no entry of the coin is begun any more."""
    return Refusal(
        code=RefusalCode.MARKET_WARNING,
        message=f"{deadline.text}: nothing is entered any more",
        figures={"exchange": deadline.exchange.value, "ends_at": deadline.at.isoformat()},
    )


def must_close(deadline: Deadline, now: datetime, limits: DeadlineLimits) -> bool:
    """Whether what is held is to be closed now."""
    return now >= deadline.at - timedelta(seconds=limits.close_lead_s)


def is_told_again(deadline: Deadline, told_at: datetime | None, now: datetime) -> bool:
    """Whether operators are told now: at once, daily, and hourly in the days around the end."""
    if told_at is None:
        return True
    every = HOUR if abs(deadline.at - now) <= DAY else DAY
    return now - told_at >= every
