"""The emergency stop's latch, set and cleared with a reason; what every door does with it.

The latch is durable in the store and no engine is needed to set it: an engine obeys at its start,
and a running one within a second (it is also knocked on).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.risk.monitors.emergency_stop import (
    FLATTEN_LATCH,
    HOLDS,
    STOP_LATCH,
    Condition,
)
from trading_platform_order.storage.base import Inbox, Latch
from trading_platform_order.transport.clock import SystemClock, epoch_us

REASON_CHARS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it.

    Attributes:
        changed: false if the latch stood so already.
        engine_told: a running engine heard the knock.
        before: the latch as it stood before.
    """

    changed: bool
    engine_told: bool
    before: Latch | None


class StopStands(Exception):  # noqa: N818 - named as the docs do
    """What stopped trading still holds; nothing was changed."""


async def set_stop(inbox: Inbox, knock: Callable[[], bool], reason: str, *, flatten: bool) -> Done:
    """Set the latch. The first reason stays; flattening may be ordered afterwards as well."""
    before = await inbox.latch(STOP_LATCH)
    changed = await inbox.set_latch(STOP_LATCH, reason, at_us=_now_us())
    if flatten:
        ordered = await inbox.set_latch(FLATTEN_LATCH, reason, at_us=_now_us())
        changed = changed or ordered
    return Done(changed=changed, engine_told=knock(), before=before)


async def clear_stop(
    inbox: Inbox, knock: Callable[[], bool], reason: str, *, stop_file: Path | None
) -> Done:
    """Clear the latch, if nothing that would set it again holds.

    Raises:
        StopStands: something does; the text names it.
    """
    before = await inbox.latch(STOP_LATCH)
    holds = _holds(await inbox.latches(), stop_file)
    if before is not None and holds:
        raise StopStands("; ".join(holds))
    await inbox.clear_latch(FLATTEN_LATCH, reason, at_us=_now_us())
    changed = await inbox.clear_latch(STOP_LATCH, reason, at_us=_now_us())
    return Done(changed=changed, engine_told=knock(), before=before)


def _holds(latches: list[Latch], stop_file: Path | None) -> list[str]:
    holds = [latch.reason for latch in latches if latch.kind.startswith(HOLDS)]
    if stop_file is not None and stop_file.exists():
        holds = [line for line in holds if not line.startswith(Condition.MANUAL_STOP_FLAG)]
        holds.append(f"{Condition.MANUAL_STOP_FLAG}: the file {stop_file} exists: remove it")
    return holds


def _now_us() -> int:
    return epoch_us(SystemClock().now())
