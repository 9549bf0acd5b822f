"""What the last resort would find: whether ``owned.json`` is there, whole and young enough."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from trading_platform_order.exchanges.base import Finding, Level

SUBJECT = "owned.json"
ROWS_BEHIND_MAX = 1_000
"""An engine writes it at every end of a trade, and once a minute: more rows never lie between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedState:
    """A file that is whole.

    Attributes:
        at: when it was made, by the engine's calendar.
        head: number of the journal's last row at that moment.
        held: base assets of which anything is owned.
    """

    at: datetime
    head: int
    held: tuple[str, ...]


def owned_state(path: Path) -> OwnedState | str | None:
    """The file, or what is wrong with it; ``None`` if there is none."""
    try:
        content = json.loads(path.read_bytes())
        owned, told = content["owned"], content["sha256"]
        text = json.dumps(owned, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != told:
            return "its checksum does not fit"
        return OwnedState(
            at=datetime.fromisoformat(owned["at"]),
            head=int(owned["head"]),
            held=tuple(coin["base"] for coin in owned["coins"] if _is_held(coin)),
        )
    except FileNotFoundError:
        return None
    except OSError as problem:
        return f"it cannot be read: {problem.strerror}"
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return "it is not whole"


def owned_finding(path: Path, *, last_row: int) -> Finding:
    """What the last resort would go by.

    Args:
        path: where the engine writes it.
        last_row: number of the journal's last row; 0 for an account that is new.
    """
    state = owned_state(path)
    if isinstance(state, OwnedState):
        held = ", ".join(state.held) or "nothing"
        text = f"of {state.at:%Y-%m-%d %H:%M:%S} UTC, row {state.head} of {last_row}: {held} owned"
        if state.head <= last_row <= state.head + ROWS_BEHIND_MAX:
            return Finding(level=Level.OK, subject=SUBJECT, text=text)
        text = f"{text}: it does not fit this journal"
    elif state is None and last_row == 0:
        return Finding(level=Level.OK, subject=SUBJECT, text="none yet: the journal is empty")
    else:
        text = state or "there is none"
    return Finding(
        level=Level.WARNING,
        subject=SUBJECT,
        text=f"{text}; the last resort could close nothing by it",
        remedy=f"start the engine: it writes {path.name} anew within a minute; if it runs, look at "
        "the folder's permissions and free space",
    )


def _is_held(coin: dict[str, str]) -> bool:
    return any(Decimal(coin[leg]) for leg in ("spot", "short"))
