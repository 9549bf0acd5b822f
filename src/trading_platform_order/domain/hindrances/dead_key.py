"""The engine's API key of an exchange is dead: a durable latch, for the watchdog to read."""

from collections.abc import Iterable

from trading_platform_order.domain.venue import Venue

PREFIX = "dead_key:"


def latch_of(venue: Venue) -> str:
    """The kind of the latch that is set while the engine's key there is dead."""
    return f"{PREFIX}{venue.value}"


def dead_keys(latches: Iterable[str]) -> tuple[Venue, ...]:
    """Where the engine's key is dead, by the kinds of all latches that are set."""
    set_here = (
        kind.removeprefix(PREFIX) for kind in latches if kind.startswith(PREFIX) and kind != PREFIX
    )
    return tuple(sorted(map(Venue, set_here)))
