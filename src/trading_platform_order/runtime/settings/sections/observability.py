"""Settings of what a process says of itself: its log, and its metrics."""

from enum import StrEnum
from typing import Annotated

from trading_platform_order.observability.log_lines.lines import Level
from trading_platform_order.runtime.settings.base import Section
from trading_platform_order.runtime.settings.base import about as _about


class LogFormat(StrEnum):
    """How lines look."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogSection(Section, frozen=True, kw_only=True):
    """The lines that `tporder run` and `tporder watchdog` write to standard output."""

    level: Annotated[
        Level, _about("debug, info, warning or error; lines below it are left out")
    ] = Level.INFO
    format: Annotated[
        LogFormat,
        _about("console, json, or auto: for a terminal if it is one, else one JSON object a line"),
    ] = LogFormat.AUTO


class MetricsSection(Section, frozen=True, kw_only=True):
    """Figures of the running engine for Prometheus; none by default."""

    host: Annotated[
        str,
        _about("address to listen at; whoever reaches it reads all figures without a key"),
    ] = "127.0.0.1"
    port: Annotated[
        int, _about("port of http://HOST:PORT/metrics; 0: no metrics", ge=0, le=65535)
    ] = 0
