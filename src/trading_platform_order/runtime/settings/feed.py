"""From a section of the settings to the limits of a part, field by field, by name.

A new limit is one field in the limits and one in the section: nothing between them has to be
written, and nothing can be forgotten between them.
"""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from trading_platform_order.runtime.settings.base import Section

Made = TypeVar("Made")


def from_section(
    into: Callable[..., Made],
    section: Section,
    /,
    *,
    prefix: str = "",
    keeps: Collection[str] = (),
    **given: object,
) -> Made:
    """A dataclass whose fields have the values of the settings of the same names.

    Args:
        into: the dataclass.
        section: where its settings stand.
        prefix: what their names begin with there.
        keeps: fields that no setting reaches; they keep their default.
        given: fields that have no setting of their name, or another value than it.

    Raises:
        TypeError: a field has no setting and is not named here, or is named for nothing.
    """
    values: dict[str, Any] = dict(given)
    names = _field_names(into)
    for name in names:
        setting = prefix + name
        if name in given:
            continue
        if (name in keeps) == (setting in section.__struct_fields__):
            why = "is a setting" if name in keeps else "has no setting"
            raise TypeError(f"{into}: {name} {why}: {setting}")
        if name not in keeps:
            values[name] = getattr(section, setting)
    if not names >= {*keeps, *given}:
        raise TypeError(f"{into} has no such field: {sorted({*keeps, *given} - names)}")
    return into(**values)


def _field_names(into: Callable[..., object]) -> set[str]:
    fields: dict[str, object] = getattr(into, "__dataclass_fields__", {})
    return set(fields)
