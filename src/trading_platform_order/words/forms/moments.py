"""Times within sentences of the engine, as operators read times.

Such sentences are English with UTC and epoch milliseconds, because the journal and programs hold
them. Shown to an operator, their times are in the operator's zone.
"""

import re
from datetime import UTC, datetime

from trading_platform_order.words import common
from trading_platform_order.words.text import locale, time_text

_EPOCH_MS = re.compile(r"\bsince (\d{13})\b")
"""When a contract began, as ``Listing.text`` has it."""
_UTC = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\b")


def with_times(text: str) -> str:
    """The text with its times in the operator's zone, and days instead of epoch milliseconds."""
    if "since " in text:
        text = _EPOCH_MS.sub(lambda found: since_text(int(found.group(1))), text)
    if "UTC" in text and locale().zone is not UTC:
        text = _UTC.sub(lambda found: _in_zone(found.group(1)), text)
    return text


def since_text(epoch_ms: int) -> str:
    """``since 2019-09-08``: a day in the operator's zone, of epoch milliseconds."""
    moment = datetime.fromtimestamp(epoch_ms / 1_000, UTC)
    return common.LISTED_SINCE(day=time_text(moment).partition(" ")[0])


def _in_zone(text: str) -> str:
    try:
        return time_text(datetime.fromisoformat(text).replace(tzinfo=UTC))
    except ValueError:
        return f"{text} UTC"
