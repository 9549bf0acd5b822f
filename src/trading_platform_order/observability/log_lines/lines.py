"""What a log line is made of: a level, a few words that never change, and figures with their units.

The words say what happened and are the same for every line of their kind; whatever differs stands
in a field of its own, so that a program finds it. Amounts are text, never rounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from trading_platform_order.domain.money import plain

Value = str | int | bool
Fields = Mapping[str, Value]
Figure = Decimal | datetime | str | float | int | None


class Level(StrEnum):
    """How much a line matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, before it looks like anything.

    Attributes:
        event: what happened, the same words for every line of its kind.
        at: when, calendar time.
        fields: name to figure, in the order to show.
    """

    level: Level
    event: str
    at: datetime
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of event is told.

    Attributes:
        level: how much it matters.
        words: the line's words.
        figures: the line's fields in order, ``name=path.to.attribute`` or just the attribute;
            ``:0`` behind it rounds to whole units.
    """

    level: Level
    words: str
    figures: str = ""

    def paths(self) -> Iterator[tuple[str, str, bool]]:
        """Name, attribute, and whether it is rounded, of each figure."""
        for figure in self.figures.split():
            name, _, path = figure.rpartition("=")
            attribute, _, places = path.partition(":")
            yield name or attribute, attribute, bool(places)

    def fields(self, event: object) -> dict[str, Value]:
        """The figures of an event; what there is not is left out."""
        read = {name: (attrgetter(path)(event), cut) for name, path, cut in self.paths()}
        return shown(
            **{name: round(figure) if cut else figure for name, (figure, cut) in read.items()}
        )


def shown(**figures: Figure) -> dict[str, Value]:
    """Fields as they are shown; what there is not is left out."""
    return {name: _shown(figure) for name, figure in figures.items() if figure not in (None, "")}


def _shown(figure: Figure) -> Value:
    if isinstance(figure, int):  # also a boolean
        return figure
    if isinstance(figure, Decimal):
        return plain(figure)
    if isinstance(figure, datetime):
        return figure.isoformat()
    return f"{figure:g}" if isinstance(figure, float) else str(figure)
