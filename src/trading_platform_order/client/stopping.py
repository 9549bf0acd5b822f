"""The emergency stop's latch, set and cleared with a reason; what every door does with it.

The latch is durable in the store and no engine is needed to set it: an engine obeys at its start,
and a running one within a second (it is also knocked on).
"""

import asyncio
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
PAGE_MARK = "tporder web: "
"""How a stop file begins that the page left: it goes when somebody resumes, unlike any other."""


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

    A stop file that the page left goes first: should this end in between, the latch still stands.

    Raises:
        StopStands: something does; the text names it.
        OSError: that file cannot be removed.
    """
    before = await inbox.latch(STOP_LATCH)
    left = stop_file is not None and _is_left_by_page(stop_file)
    holds = _holds(await inbox.latches(), stop_file, left=left)
    if before is not None and holds:
        raise StopStands("; ".join(holds))
    if stop_file is not None and left:
        await asyncio.to_thread(stop_file.unlink, missing_ok=True)
    await inbox.clear_latch(FLATTEN_LATCH, reason, at_us=_now_us())
    changed = await inbox.clear_latch(STOP_LATCH, reason, at_us=_now_us())
    return Done(changed=changed or left, engine_told=knock(), before=before)


def _is_left_by_page(stop_file: Path) -> bool:
    try:
        with stop_file.open("rb") as file:
            return file.read(len(PAGE_MARK)) == PAGE_MARK.encode()
    except OSError:
        return False


def _holds(latches: list[Latch], stop_file: Path | None, *, left: bool) -> list[str]:
    holds = [latch.reason for latch in latches if latch.kind.startswith(HOLDS)]
    if stop_file is None or not stop_file.exists():
        return holds
    holds = [line for line in holds if not line.startswith(Condition.MANUAL_STOP_FLAG)]
    if not left:
        holds.append(f"{Condition.MANUAL_STOP_FLAG}: the file {stop_file} exists: remove it")
    return holds


def _now_us() -> int:
    return epoch_us(SystemClock().now())
