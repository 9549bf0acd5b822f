"""The shape of what an exchange says: which fields, of which JSON type, in which answer or event.

Values do not matter here. An array's items are one shape together, so that a field which is not in
every item counts as optional.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from trading_platform_order.domain.venue import Venue
from trading_platform_order.transport.decorators.recording import HttpExchange, WireRecord

_ITEM = "[]"


class Deviation(StrEnum):
    """How a shape differs from the expected one."""

    MISSING = "missing"
    EXTRA = "extra"
    OTHER_TYPE = "other type"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """One place where the exchange differs from the simulator.

    Attributes:
        subject: ``binance GET /fapi/v3/account`` or ``upbit stream myOrder``.
        path: from the root of the message, e.g. ``.positions[].symbol``; empty for the root.
    """

    subject: str
    path: str
    deviation: Deviation
    text: str

    def line(self) -> str:
        """For operators."""
        return f"{self.subject} {self.path or '(all of it)'}: {self.deviation}: {self.text}"


@dataclass(slots=True)
class Shape:
    """Everything seen of one answer or event: JSON types and how often, by path."""

    types: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, value: object, path: str = "") -> None:
        """Count one value and all within it."""
        self.types[path].add(json_type(value))
        self.seen[path] += 1
        if isinstance(value, dict):
            for name, inner in value.items():
                self.add(inner, f"{path}.{name}")
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, path + _ITEM)

    def is_always_there(self, path: str) -> bool:
        """Whether every parent that was seen held it."""
        return self.seen[path] == self.seen[parent_of(path)]


_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),  # before the numbers: a bool is an int
    ((int, float), "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
    (type(None), "null"),
)


def json_type(value: object) -> str:
    """The name of a decoded value's JSON type."""
    names = (name for kind, name in _TYPES if isinstance(value, kind))
    return next(names, "text that is no JSON")


def parent_of(path: str) -> str:
    """The path one step up."""
    if path.endswith(_ITEM):
        return path.removesuffix(_ITEM)
    return path.rpartition(".")[0]


class Shapes:
    """The shapes of all answers and events of both exchanges.

    Args:
        bases: which exchange an address begins with.
    """

    def __init__(self, bases: Mapping[str, Venue]) -> None:
        self._bases = dict(sorted(bases.items(), key=lambda row: -len(row[0])))
        self.by_subject: defaultdict[str, Shape] = defaultdict(Shape)

    def add(self, record: WireRecord) -> None:
        """Take one record into account; what was not answered has no shape."""
        venue = self._venue(record.url)
        if venue is None:
            return
        if isinstance(record, HttpExchange):
            if record.outcome == "answered":
                self.by_subject[_subject(venue, record)].add(_decoded(record.body))
        elif record.what == "received":
            value = _decoded(record.text)
            self.by_subject[f"{venue} stream {_event_name(value)}"].add(value)

    def _venue(self, url: str) -> Venue | None:
        return next((venue for base, venue in self._bases.items() if url.startswith(base)), None)


def _subject(venue: Venue, record: HttpExchange) -> str:
    if record.status >= HTTPStatus.BAD_REQUEST:
        return f"{venue} refusals"  # they look alike wherever they come from
    return f"{venue} {record.method} {urlsplit(record.url).path}"


def _event_name(value: object) -> str:
    """The kind of a stream message, in or out of a combined stream's envelope."""
    inner = value.get("data", value) if isinstance(value, dict) else value
    if isinstance(inner, list) and inner:
        inner = inner[0]
    if not isinstance(inner, dict):
        return "(unnamed)"
    for name in ("e", "type", "ty"):
        if isinstance(inner.get(name), str):
            return str(inner[name])
    return "/".join(sorted(inner))[:40] or "(unnamed)"


class _NoJson:
    """Stands for a body that cannot be decoded."""


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return _NoJson()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found.

    Attributes:
        compared: subjects seen on both sides; ``unexpected``: only the exchange told them.
    """

    differences: tuple[Difference, ...]
    compared: tuple[str, ...]
    unexpected: tuple[str, ...]


def compare(found: Shapes, expected: Shapes) -> Comparison:
    """Where the exchange's shapes differ from the simulators'."""
    both = sorted(found.by_subject.keys() & expected.by_subject.keys())
    differences = (
        difference
        for subject in both
        for difference in _differences(
            subject, found.by_subject[subject], expected.by_subject[subject]
        )
    )
    return Comparison(
        differences=tuple(sorted(differences)),
        compared=tuple(both),
        unexpected=tuple(sorted(found.by_subject.keys() - expected.by_subject.keys())),
    )


def _differences(subject: str, found: Shape, expected: Shape) -> Iterable[Difference]:
    for path in sorted(found.types.keys() | expected.types.keys()):
        told = _deviation(path, found, expected)
        if told is not None:
            deviation, text = told
            yield Difference(subject=subject, path=path, deviation=deviation, text=text)


def _deviation(path: str, found: Shape, expected: Shape) -> tuple[Deviation, str] | None:
    ours, theirs = expected.types.get(path, set()), found.types.get(path, set())
    if not ours:
        # A list that was empty in the simulator says nothing about items, nor do fields in them.
        if path.endswith(_ITEM) or "object" not in expected.types.get(parent_of(path), set()):
            return None
        return Deviation.EXTRA, f"{_listed(theirs)}; the simulator has no such field"
    if not theirs:
        held = "object" in found.types.get(parent_of(path), set())
        if path.endswith(_ITEM) or not held or not expected.is_always_there(path):
            return None
        return Deviation.MISSING, f"the simulator sends {_listed(ours)}"
    if theirs - ours:
        return Deviation.OTHER_TYPE, f"{_listed(theirs)}; the simulator sends {_listed(ours)}"
    return None


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))
