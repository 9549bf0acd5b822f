"""From settings to the log of one process, and what of the settings no line may show."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import UnsupportedOperation
from typing import TextIO
from urllib.parse import urlsplit

import msgspec

from trading_platform_order.observability.log import EngineLog, LogStyle
from trading_platform_order.observability.log_lines.line_writer import LineWriter, Sink, sink_of
from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.sections.observability import LogFormat
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.words.width import WIDTH

SECRET_CHARS_MIN = 8
PART_CHARS_MIN = 16
"""What is shorter is no secret that anybody gave out (or no token in an address), and would be
found in ordinary words."""


@contextmanager
def process_log(settings: Settings) -> Iterator[EngineLog]:
    """The log on standard output; at the end it waits a moment for what is still to be written."""
    stream = sys.stdout
    stream.flush()  # the lines go past Python's own buffer
    log = EngineLog(
        LineWriter(_sink(stream), encoding=stream.encoding or "utf-8"),
        style=style_of(settings, stream),
        secrets=secret_texts(settings),
        now=lambda: datetime.now(UTC),
    )
    try:
        yield log
    finally:
        log.close()


def _sink(stream: TextIO) -> Sink:
    try:
        return sink_of(stream.fileno())
    except UnsupportedOperation:  # no file: somebody runs the command inside their own process

        def write(text: bytes) -> None:
            stream.write(text.decode(stream.encoding or "utf-8"))

        return write


def style_of(settings: Settings, stream: TextIO) -> LogStyle:
    """For a terminal or for programs, as set or as the stream is."""
    wanted, is_terminal = settings.log.format, stream.isatty()
    return LogStyle(
        level=settings.log.level,
        as_json=wanted is LogFormat.JSON or (wanted is LogFormat.AUTO and not is_terminal),
        colours=is_terminal and "NO_COLOR" not in os.environ,
        account=settings.engine.account,
        columns=_columns(stream) if is_terminal else None,
    )


def _columns(stream: TextIO) -> int:
    try:
        return max(os.get_terminal_size(stream.fileno()).columns, WIDTH)
    except OSError:
        return WIDTH


def secret_texts(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, longest first; of an address, what makes it secret as well."""
    texts: set[str] = set()
    for section in msgspec.structs.fields(Settings):
        group = getattr(settings, section.name)
        for item in msgspec.structs.fields(type(group)):
            value = getattr(group, item.name)
            if isinstance(value, Secret) and value:
                texts |= _parts(value.reveal())
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _parts(secret: str) -> set[str]:
    if len(secret) < SECRET_CHARS_MIN:
        return set()
    if "://" not in secret:
        return {secret}
    found: set[str] = {secret}
    for word in secret.split():  # several channels stand in one setting
        address = urlsplit(word)
        web = (address.password or "", address.query, address.path, *address.path.split("/"))
        # Elsewhere a token may stand anywhere, where a host stands too.
        anywhere = () if address.scheme in _WEB else _SEPARATORS.split(word)
        found |= {part for part in (word, *web, *anywhere) if len(part) >= PART_CHARS_MIN}
    return found


_WEB = frozenset({"http", "https"})
_SEPARATORS = re.compile(r"[/@:?&=#,]+")
