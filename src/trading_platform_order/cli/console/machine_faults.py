"""What the operating system refuses, in one sentence with its cure."""

import os

from trading_platform_order.words import machine as words


def remedy_of(error: OSError) -> str | None:
    """What to do about it; ``None`` if that is not for an operator to know."""
    text = None if error.errno is None else words.REMEDIES.get(error.errno)
    return None if text is None else text()


def sentence(error: OSError) -> str:
    """What was refused, and where."""
    why = os.strerror(error.errno) if error.errno else str(error)
    if error.filename:
        return words.REFUSED_AT(why=why, path=error.filename)
    return words.REFUSED(why=why)
