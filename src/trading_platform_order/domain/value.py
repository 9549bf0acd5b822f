"""Values: frozen, slotted, keyword-only dataclasses, which is how the core says anything.

Between a signal and its orders some twenty of them are made, and with every event of a trade a
dozen more. Python fills a frozen dataclass through ``object.__setattr__``, which asks for each
field whether it may: five microseconds for an order, a quarter of that here. The fields are the
same, and whoever sets one afterwards still gets ``FrozenInstanceError``.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_become: Callable[[object, type], None] = object.__dict__["__class__"].__set__


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make a class a value: ``@dataclass(frozen=True, slots=True, kw_only=True)``, made quickly.

    Raises:
        TypeError: it inherits, or a field is not given to ``__init__``.
    """
    made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    if made.__bases__ != (object,) or not all(one.init for one in fields(made)):
        raise TypeError(f"{cls.__name__}: a value inherits nothing, and all its fields are given")
    made.__init__ = _quick_init(made)
    ready: type[T] = made
    return ready


def _quick_init(made: type[Any]) -> Callable[..., None]:
    """An ``__init__`` that fills a mutable twin of the same slots, which then is the value."""
    slow = made.__init__
    twin = type(made.__name__, (), {"__slots__": made.__slots__})
    names: dict[str, Any] = {"become": _become, "twin": twin, "made": made, "missing": MISSING}
    given, filled = [], []
    for one in fields(made):
        argument, content = _argument(one, names)
        given.append(argument)
        filled.append(f"    self.{one.name} = {content}")
    checked = ["    self.__post_init__()"] if hasattr(made, "__post_init__") else []
    lines = [
        f"def __init__(self, *, {', '.join(given)}):" if given else "def __init__(self):",
        "    become(self, twin)",
        *filled,
        "    self.__class__ = made",
        *checked,
    ]
    exec("\n".join(lines), names)  # noqa: S102 - as dataclasses make theirs: of names of fields
    quick: Callable[..., None] = names["__init__"]
    for told in ("__module__", "__qualname__", "__annotations__"):
        setattr(quick, told, getattr(slow, told))
    return quick


def _argument(one: Field[Any], names: dict[str, Any]) -> tuple[str, str]:
    """A field as an argument, and what it is set to; ``names`` takes its default."""
    if one.default_factory is not MISSING:
        names[f"_make_{one.name}"] = one.default_factory
        return (
            f"{one.name}=missing",
            f"_make_{one.name}() if {one.name} is missing else {one.name}",
        )
    if one.default is not MISSING:
        names[f"_default_{one.name}"] = one.default
        return f"{one.name}=_default_{one.name}", one.name
    return one.name, one.name
