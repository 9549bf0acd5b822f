"""A stream of signals with a consumer group, as Redis and Valkey have it: the port to one.

What is delivered stays pending until it is acknowledged, through every death of ours. The server
may lose what it was told last (acknowledgements, its place in the stream, the group, all of it):
then entries come again, which the durable claim of a signal makes harmless, or their publisher
sends them again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class StreamAway(Exception):  # noqa: N818 - a fact, like the outcomes of exchanges
    """The server did not answer as it should; the text says how, and holds no secret."""


class GroupGone(Exception):  # noqa: N818 - as above
    """The server has lost the stream or the group: it is made again, from the first entry on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as the server delivers it.

    Attributes:
        entry_id: of the server; it says nothing of the signal's identity.
        fields: as they were published; ``None`` if the entry was deleted while it was pending.
        deliveries: how often it was delivered, this time included.
    """

    entry_id: str
    fields: Mapping[bytes, bytes] | None
    deliveries: int = 1


class EntryStream(Protocol):
    """One stream and this account's group in it. Every call may raise :class:`StreamAway`."""

    async def prepare(self) -> None:
        """Connect, and make the group where there is none; it begins with the first entry."""
        ...

    async def pending(self, *, idle_s: float, most: int) -> Sequence[Entry]:
        """Take over what was delivered at least so long ago and not acknowledged, oldest first.

        Raises:
            GroupGone: see there.
        """
        ...

    async def fresh(self, *, most: int, wait_s: float) -> Sequence[Entry]:
        """The next entries that were never delivered; none after ``wait_s`` seconds.

        Raises:
            GroupGone: see there.
        """
        ...

    async def acknowledge(self, entry_ids: Sequence[str]) -> None:
        """They are dealt with, durably."""
        ...

    async def set_aside(self, entry: Entry, reason: str) -> None:
        """Copy an entry to the stream of those that were not taken, with the reason."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...
