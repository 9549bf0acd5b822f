"""The emergency flag that the platform's repositories share: one more source of the manual stop.

The row ``emergency_stop`` of their table ``system_status`` holds ``{"active": …, "reason": …}``.
Set by anybody else it sets our emergency stop, and ``resume`` is refused while it stands. Our own
stop is written there as well, with ``source`` saying that it is ours: that is never read back as a
cause, or a stop would hold itself up for ever, and it goes when somebody resumes. Another's is
never touched.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from trading_platform_order.risk.monitors.emergency_stop import HOLDS

FLAG_LATCH = f"{HOLDS}emergency_flag"
"""Set in our store while the flag stands."""
SOURCE = "tporder"
REASON_CHARS_MAX = 400
_ACTIVE, _PASSIVE = (
    frozenset({"true", "1", "yes", "on"}),
    frozenset({"false", "0", "no", "off", ""}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSays:
    """What the flag says.

    Attributes:
        cause: why it stops us; empty if it does not.
        is_ours: an engine of this kind set it; ``is_of_account``: this very account did.
    """

    is_active: bool
    cause: str = ""
    is_ours: bool = False
    is_of_account: bool = False


def source_of(account: str) -> str:
    """The name under which an account's stop stands there."""
    return f"{SOURCE}/{account}"


def read_flag(text: str | None, *, account: str) -> FlagSays:
    """Read its JSON. What cannot be read stops: somebody meant to say something."""
    if text is None:
        return FlagSays(is_active=False)
    try:
        value = msgspec.json.decode(text.encode(errors="replace"))
    except msgspec.DecodeError:
        return _stops("it cannot be read")
    said: dict[str, object] = value if isinstance(value, dict) else {"active": value}
    active, reason = said.get("active"), said.get("reason")
    source = str(said.get("source") or "")
    is_active = _truth(active)
    if is_active is False:
        return FlagSays(is_active=False)
    if source.partition("/")[0] == SOURCE:
        return FlagSays(is_active=True, is_ours=True, is_of_account=source == source_of(account))
    if is_active is None:
        return _stops(f"active is {_one_line(active)}, neither true nor false")
    return _stops(_one_line(reason) if reason else "no reason given")


def _truth(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).strip().lower()
    if text in _ACTIVE:
        return True
    return False if text in _PASSIVE else None


def _stops(why: str) -> FlagSays:
    return FlagSays(is_active=True, cause=why)


def _one_line(value: object) -> str:
    return " ".join(str(value).split())[:REASON_CHARS_MAX]


def to_write(flag: FlagSays, stop_reason: str | None, *, account: str, at: datetime) -> str | None:
    """What is to be stored instead; ``None``: it may stay.

    ``stop_reason``: of our emergency stop; ``None`` while it is not set.
    """
    if stop_reason is None:
        if flag.is_active and flag.is_of_account:
            return _text(is_active=False, reason="", account=account, at=at)
        return None
    if flag.is_active:
        return None
    return _text(is_active=True, reason=_one_line(stop_reason), account=account, at=at)


def _text(*, is_active: bool, reason: str, account: str, at: datetime) -> str:
    value = {
        "active": is_active,
        "reason": reason,
        "source": source_of(account),
        "updated_at": at.isoformat(),
    }
    return msgspec.json.encode(value).decode()
