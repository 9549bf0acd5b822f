"""A small file beside the store that is read or replaced as a whole, and may be lost."""

import os
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
_FILE_MODE = 0o600


def read_side_file(path: Path, decoder: msgspec.json.Decoder[T]) -> T | None:
    """What is in the file; ``None`` if there is none, or it is not ours."""
    try:
        return decoder.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def replace_side_file(path: Path, content: bytes, *, outlives_power: bool = False) -> None:
    """Replace the file; a reader sees the old one or the new one, and its owner alone may read.

    Args:
        path: of the file.
        content: all of it.
        outlives_power: flush it first, so that a loss of power leaves the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if outlives_power:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)
