"""Hypothesis strategies for our own dataclasses, read off their type hints."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

T = TypeVar("T")

_PLAIN: dict[type[Any], st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**64 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    types.NoneType: st.none(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
        timezones=st.just(UTC),
    ),
}


def anything(kind: type[T]) -> st.SearchStrategy[T]:
    """Any value of this type."""
    return _strategy(kind)


def _strategy(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - type hints are any object
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return st.one_of(*(_strategy(argument) for argument in arguments))
    if origin is tuple:
        return st.lists(_strategy(arguments[0]), max_size=2).map(tuple)
    if origin in {dict, Mapping}:
        return st.dictionaries(*(_strategy(argument) for argument in arguments), max_size=2)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = {field.name: st.deferred(_later(hints[field.name])) for field in fields(kind)}
        return st.builds(kind, **parts)
    raise TypeError(f"no strategy for {kind}")


def _later(kind: Any) -> Any:  # noqa: ANN401 - as above
    return lambda: _strategy(kind)
