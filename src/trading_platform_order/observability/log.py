"""The log of one process: lines for a terminal, or one JSON object a line for programs.

Everything that leaves passes one place, where a secret of the settings is taken out whatever text
it came in, and where no text can begin a line of its own or steer a terminal.
"""

import logging
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast, get_args

import msgspec
import structlog

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.journal.event_codec import Event
from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.observability.log_lines.account_lines import (
    line_of_account,
    line_of_alert,
)
from trading_platform_order.observability.log_lines.line_writer import LineWriter
from trading_platform_order.observability.log_lines.lines import Level, Line, Value, shown
from trading_platform_order.observability.log_lines.trade_lines import lines_of_trade
from trading_platform_order.transport.decorators.watched_websockets import (
    CLOSED_BY_US,
    StreamChange,
    StreamState,
)
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language, locale, time_text
from trading_platform_order.words.width import fitted

HIDDEN = "[secret]"
WARNING = "warning: "
_OURS = {"timestamp", "level", "event", "account"}
"""Fields of every line; a figure of that name gets another one."""
_TRADE_EVENTS = get_args(te.TradeEvent)
_NUMBERS = {
    Level.DEBUG: logging.DEBUG,
    Level.INFO: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.ERROR: logging.ERROR,
}
EventDict = MutableMapping[str, Any]
Processor = Callable[[Any, str, EventDict], EventDict]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStyle:
    """How lines look.

    Attributes:
        level: lines below it are left out.
        as_json: one JSON object a line; else for a terminal.
        colours: on a terminal.
        account: named in JSON lines, which of several engines may be gathered in one place.
        columns: of the terminal, at which lines are broken; ``None``: nowhere.
    """

    level: Level
    as_json: bool
    colours: bool
    account: str
    columns: int | None = None


class EngineLog:
    """Writes what happens; never waits, never raises for what cannot be written."""

    def __init__(
        self,
        writer: LineWriter,
        *,
        style: LogStyle,
        secrets: Iterable[str],
        now: Callable[[], datetime],
    ) -> None:
        """Begin.

        Args:
            writer: takes the lines.
            style: how they look.
            secrets: texts that must not stand in any line.
            now: calendar time of what is told by no event.
        """
        self._writer = writer
        self._now = now
        self._lost = 0
        self._is_read = not style.as_json
        self._log = structlog.wrap_logger(
            _Written(writer),
            processors=[_clean(tuple(secrets)), *_looks(style)],
            wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[style.level]),
            context_class=dict,
            cache_logger_on_first_use=True,
        ).bind()

    def announce(self, text: str) -> None:
        """What an operator should know, in one line; one that begins so is a warning."""
        level = Level.WARNING if text.startswith(WARNING) else Level.INFO
        self.write(Line(level=level, event=text.removeprefix(WARNING), at=self._now()))

    def warn(self, text: str) -> None:
        """What an operator should know and may have to mend."""
        self.write(Line(level=Level.WARNING, event=text, at=self._now()))

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:
        """One journal event."""
        if isinstance(event, _TRADE_EVENTS):
            for line in lines_of_trade(cast("te.TradeEvent", event), trade_id, trade):
                self.write(line)
        else:
            self.write(line_of_account(cast("ae.AccountEvent", event)))

    def alert(self, alert: Alert, at: datetime) -> None:
        """One alert."""
        line = line_of_alert(alert, at)
        if line is not None:
            self.write(line)

    def stream(self, change: StreamChange) -> None:
        """A stream's connection changed."""
        is_up = change.state is StreamState.CONNECTED
        ours = change.reason == CLOSED_BY_US
        level = Level.DEBUG if ours else Level.INFO if is_up else Level.WARNING
        words = f"stream {change.state.replace('_', ' ')}"
        fields = shown(stream=change.name, reason=change.reason)
        self.write(Line(level=level, event=words, at=change.at, fields=fields))

    def missed(self, facts: int) -> None:
        """The log could not follow the journal."""
        self._warn_of("facts not logged, the journal has them", facts=facts)

    @property
    def lost(self) -> int:
        """How many lines could not be written so far."""
        return self._writer.lost

    def write(self, line: Line) -> None:
        """Have one line written."""
        lost = self._writer.lost
        if lost > self._lost:
            lines, self._lost = lost - self._lost, lost
            self._warn_of("lines not written: nobody took them", lines=lines)
        self._emit(line)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()

    def _warn_of(self, event: str, **figures: int) -> None:
        fields = shown(**figures)
        self._emit(Line(level=Level.WARNING, event=event, at=self._now(), fields=fields))

    def _emit(self, line: Line) -> None:
        at = line.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = line.event
        if self._is_read:
            at = at if locale().zone is UTC else time_text(line.at, exact=True)
            event = self._title(line) or localised(event)
        log: Callable[..., None] = getattr(self._log, line.level)
        fields = {
            f"{name}_" if name in _OURS else name: self._shown(text)
            for name, text in line.fields.items()
        }
        log(event, timestamp=at, **fields)

    @staticmethod
    def _title(line: Line) -> str:
        """Of an alert, as the channels show it; else empty."""
        wording = WORDINGS.get(str(line.fields.get("alert")))
        return wording.title_ko if wording and locale().language is Language.KO else ""

    def _shown(self, value: Value) -> Value:
        """A sentence in the operator's language; names and figures as programs know them."""
        is_sentence = self._is_read and isinstance(value, str) and " " in value
        return localised(str(value)) if is_sentence else value


class _Written:
    """Where structlog ends: a line for the writer, whatever its level."""

    def __init__(self, writer: LineWriter) -> None:
        self.debug = self.info = self.warning = self.error = writer.write


def _looks(style: LogStyle) -> list[Processor]:
    if style.as_json:

        def ordered(_logger: object, level: str, fields: EventDict) -> EventDict:
            head: EventDict = {
                "timestamp": fields.pop("timestamp"),
                "level": level,
                "event": fields.pop("event"),
                "account": style.account,
            }
            return {**head, **fields}

        return [ordered, cast("Processor", structlog.processors.JSONRenderer(serializer=_json))]
    console = structlog.dev.ConsoleRenderer(
        colors=style.colours, sort_keys=False, pad_event_to=26, pad_level=False
    )
    looks = [cast("Processor", structlog.processors.add_log_level), cast("Processor", console)]
    return looks if style.columns is None else [*looks, _broken_at(style.columns)]


def _broken_at(columns: int) -> Processor:
    """A line that is too wide goes on in the next one, indented: each figure stays whole."""

    def broken(_logger: object, _level: str, line: Any) -> Any:  # noqa: ANN401 - text by now
        return fitted(line, columns)

    return cast("Processor", broken)


def _json(value: object, **_named: object) -> str:
    return msgspec.json.encode(value).decode()


def _clean(secrets: tuple[str, ...]) -> Processor:
    def clean(_logger: object, _level: str, fields: EventDict) -> EventDict:
        return {name: cleaned(value, secrets) for name, value in fields.items()}

    return clean


def cleaned(value: Value, secrets: tuple[str, ...]) -> Value:
    """A text without secrets, line ends and what a terminal would obey."""
    if not isinstance(value, str):
        return value
    for secret in secrets:
        if secret in value:
            value = value.replace(secret, HIDDEN)
    if value.isprintable():
        return value
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
