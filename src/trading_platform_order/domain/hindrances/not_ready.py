"""A symbol that cannot be served in full: a durable latch, for ``status`` and the watchdog."""

PREFIX = "not_ready:"
EVERY = "every symbol"


def latch_of(base: str) -> str:
    """The kind of the latch that is set while entries of this base asset wait for it."""
    return f"{PREFIX}{base or EVERY}"


def base_of(kind: str) -> str | None:
    """Whose latch it is; ``None`` for a latch of another kind."""
    return kind.removeprefix(PREFIX) if kind.startswith(PREFIX) else None
