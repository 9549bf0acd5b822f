"""Any state of the domain as JSON and back, exactly: what a snapshot is made of.

It goes by the objects themselves and names no class, so that a new figure of the account is kept
without a line here. What it cannot carry exactly it refuses: a function, a class from outside the
domain, and a changeable object that is reached by two ways (it would come back as two).
"""

import importlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from math import isfinite
from typing import Any

import msgspec

HOME = "trading_platform_order.domain."
"""Only classes from below here are made again: a snapshot never names other code."""
_PLAIN = (str, int, float, bool, type(None))
_SEQUENCES: dict[type, str] = {tuple: "(", list: "[", set: "{", frozenset: "<"}
_MADE_OF: dict[str, Callable[[list[Any]], Any]] = {
    "(": tuple,
    "[": list,
    "{": set,
    "<": frozenset,
}


class NotKept(Exception):  # noqa: N818 - a fact about a state, named as the docs do
    """This state cannot be kept as a snapshot, or is not one."""


def encode_state(state: object) -> bytes:
    """The same state gives the same bytes.

    Raises:
        NotKept: something in it cannot be carried exactly.
    """
    encoder = _Encoder()
    body = encoder.value(state)
    return msgspec.json.encode([encoder.names, body])


def decode_state(content: bytes) -> Any:  # noqa: ANN401 - whatever was kept; the reader checks it
    """The state that :func:`encode_state` was given.

    Raises:
        NotKept: it is none, or of other classes than this program has.
    """
    try:
        names, body = msgspec.json.decode(content)
        return _Decoder([_class_of(name) for name in names]).value(body)
    except NotKept:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise NotKept(f"not a state: {error!r}") from error


class _Encoder:
    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[type, int] = {}
        # Kept alive until the end, so that no identity is given twice.
        self._seen: dict[int, object] = {}
        self._frozen_depth = 0

    def value(self, value: Any) -> Any:  # noqa: ANN401, C901, PLR0911 - one branch a kind
        kind = type(value)
        if kind in _PLAIN:
            if kind is float and not isfinite(value):
                raise NotKept(f"{value} cannot be kept")
            return value
        if kind is Decimal:
            return ["D", str(value)]
        if kind is datetime:
            return ["T", value.isoformat()]
        if kind in _SEQUENCES:
            self._once(value)
            items = [self.value(item) for item in value]
            if kind in {set, frozenset}:
                items.sort(key=msgspec.json.encode)
            return [_SEQUENCES[kind], items]
        if kind in {dict, defaultdict}:
            self._once(value)
            flat = [self.value(part) for item in value.items() for part in item]
            return ["m" if kind is dict else "M", flat]
        if kind is deque:
            self._once(value)
            return ["q", [self.value(item) for item in value], value.maxlen]
        if isinstance(value, Enum):
            return ["E", self._number(kind), value.value]
        if kind is date:
            return ["d", value.isoformat()]
        if kind is timedelta:
            return ["t", value.days, value.seconds, value.microseconds]
        return self._instance(value, kind)

    def _instance(self, value: object, kind: type) -> list[Any]:
        if not kind.__module__.startswith(HOME):
            raise NotKept(f"{kind.__module__}.{kind.__qualname__} cannot be kept")
        frozen = _is_frozen(kind)
        if not frozen:
            self._once(value)
        # What a frozen object holds never changes, so that it does not matter who else holds it.
        self._frozen_depth += frozen
        kept = [self.value(getattr(value, name)) for name in _names_of(value)]
        self._frozen_depth -= frozen
        if hasattr(value, "__dict__"):
            return ["o", self._number(kind), kept, list(_names_of(value))]
        return ["o", self._number(kind), kept]

    def _number(self, kind: type) -> int:
        if kind not in self._numbers:
            self._numbers[kind] = len(self.names)
            self.names.append(f"{kind.__module__}:{kind.__qualname__}")
            _class_of(self.names[-1])  # it must be found again
        return self._numbers[kind]

    def _once(self, value: object) -> None:
        if self._frozen_depth or isinstance(value, tuple | frozenset):
            return
        if id(value) in self._seen:
            raise NotKept(f"a {type(value).__qualname__} is reached by two ways")
        self._seen[id(value)] = value


class _Decoder:
    def __init__(self, classes: Sequence[type]) -> None:
        self._classes = classes

    def value(self, value: Any) -> Any:  # noqa: ANN401, C901, PLR0911 - one branch a kind
        if not isinstance(value, list):
            return value
        match value:
            case ["D", text]:
                return Decimal(text)
            case ["T", text]:
                return datetime.fromisoformat(text)
            case ["o", number, kept, *names]:
                return self._instance(self._classes[number], kept, names[0] if names else None)
            case ["E", number, inner]:
                return self._classes[number](inner)
            case ["m" | "M" as mark, flat]:
                parts: list[Any] = [self.value(part) for part in flat]
                pairs = zip(parts[::2], parts[1::2], strict=True)
                return dict(pairs) if mark == "m" else _Defaulting(pairs)
            case ["q", items, maxlen]:
                return deque((self.value(item) for item in items), maxlen)
            case ["d", text]:
                return date.fromisoformat(text)
            case ["t", days, seconds, microseconds]:
                return timedelta(days, seconds, microseconds)
            case [str(mark), list(items)] if mark in _MADE_OF:
                return _MADE_OF[mark]([self.value(item) for item in items])
        raise NotKept(f"not a value of a state: {str(value)[:60]}")

    def _instance(self, kind: type, kept: list[Any], names: list[str] | None) -> object:
        made: Any = object.__new__(kind)
        if names is None:
            names = list(_slots_of(kind))
        fresh = None
        for name, raw in zip(names, kept, strict=True):
            value = self.value(raw)
            if isinstance(value, _Defaulting):
                # How a missing key is made is code, and comes from a new object of the class.
                fresh = kind() if fresh is None else fresh
                value = defaultdict(getattr(fresh, name).default_factory, value)
            object.__setattr__(made, name, value)
        return made


class _Defaulting(dict[Any, Any]):
    """A dictionary that still needs its default."""


def _names_of(value: object) -> Sequence[str]:
    kept = getattr(value, "__dict__", None)
    return _slots_of(type(value)) if kept is None else tuple(kept)  # type: ignore[arg-type]


@lru_cache(maxsize=512)
def _slots_of(kind: type[Any]) -> tuple[str, ...]:
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return tuple(_slots(kind))


def _slots(kind: type) -> Iterator[str]:
    for one in reversed(kind.__mro__):
        slots = getattr(one, "__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


@lru_cache(maxsize=512)
def _is_frozen(kind: type) -> bool:
    return is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def _class_of(name: str) -> type:
    module, _, path = name.partition(":")
    if not module.startswith(HOME):
        raise NotKept(f"{name} is no class of the domain")
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise NotKept(f"{name} is not there any more") from error
    if not isinstance(found, type):
        raise NotKept(f"{name} is no class")
    return found
