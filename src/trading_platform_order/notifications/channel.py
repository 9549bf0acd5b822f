"""What a way of telling operators has to do: send one message, and say what became of it.

A channel keeps no queue and never waits: order, back-off and patience are the outbox worker's
(``outbox_worker.py``). No text that it returns holds a secret of its address.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trading_platform_order.domain.alert import PendingAlert
from trading_platform_order.notifications.situation import Situation


class Verdict(StrEnum):
    """What became of one message."""

    TAKEN = "taken"
    """The channel has it."""
    BUSY = "busy"
    """The channel asks for a pause: neither its failure nor the message's."""
    MISFIT = "misfit"
    """This message is refused as it is; others may go on."""
    FAILED = "failed"
    """The channel does not work, or its answer was lost: it may have the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The outcome of one try.

    Attributes:
        reason: why not, in words and without secrets; empty for a message that was taken.
        pause_s: send nothing more for so long, whatever the verdict.
    """

    verdict: Verdict
    reason: str = ""
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One alert as it is to be sent.

    Attributes:
        situation: of the account at this moment.
        now_us: calendar time of this moment, microseconds.
        is_plain: as plain text, because the channel refused its usual form.
        others: refusals that are told in the same message.
        picture: PNG that goes with it, for a channel that can send one; empty for none.
    """

    pending: PendingAlert
    situation: Situation
    now_us: int = 0
    is_plain: bool = False
    others: tuple[PendingAlert, ...] = ()
    picture: bytes = b""


class Channel(Protocol):
    """A way out of the program.

    Attributes:
        name: its key in the outbox's table (lasting), e.g. ``discord``.
        title: the same for operators, e.g. ``Discord``.
        is_paging: it calls somebody: it gets only what nobody acknowledged in time.
        burst: at most so many messages in ``burst_window_s``.
    """

    name: str
    title: str
    is_paging: bool
    burst: int
    burst_window_s: float

    async def send(self, message: Message) -> Delivery:
        """One message, one request, one answer within a limit of its own; never raises for it."""
        ...
