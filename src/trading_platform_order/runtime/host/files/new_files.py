"""Files that are made once, for their owner alone, and never over something that is there."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_MODE, _FOLDER_MODE = 0o600, 0o700


def write_new_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write all of them or none; ``folder`` is made if it is missing.

    Raises:
        FileExistsError: one of them is there already; its name is the error's ``filename``.
        OSError: the machine refused; what was written before is removed again.
    """
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    paths = tuple(folder / name for name in texts)
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(None, None, str(path))
    made: list[Path] = []
    try:
        for path, text in zip(paths, texts.values(), strict=True):
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
            made.append(path)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise
    return paths
