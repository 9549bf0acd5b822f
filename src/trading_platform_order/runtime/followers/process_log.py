"""From settings to the log of one process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import UnsupportedOperation
from typing import TextIO

from trading_platform_order.observability.log import EngineLog, LogStyle
from trading_platform_order.observability.log_lines.line_writer import LineWriter, Sink, sink_of
from trading_platform_order.runtime.settings.sections.observability import LogFormat
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.settings.shown.masking import secret_texts
from trading_platform_order.words.width import WIDTH


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
