"""A value is a frozen, slotted dataclass in everything but the time it takes to make one."""

import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from inspect import signature

import msgspec
import pytest

from trading_platform_order.domain.value import value


@value
class Amount:
    """With every kind of field."""

    name: str
    size: int = 2
    parts: list[str] = field(default_factory=list)


@value
class Positive:
    """Refuses what it must not be."""

    size: int

    def __post_init__(self) -> None:
        """It is whole by then."""
        if self.size <= 0:
            raise ValueError(f"not positive: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """The same as ``Amount``, as Python makes it."""

    name: str
    size: int = 2
    parts: list[str] = field(default_factory=list)


def test_fields_and_defaults_are_as_python_sets_them() -> None:
    assert repr(Amount(name="a")) == repr(Plain(name="a")).replace("Plain", "Amount")
    assert Amount(name="a").parts is not Amount(name="a").parts
    assert [one.name for one in fields(Amount)] == [one.name for one in fields(Plain)]
    parameters = [signature(made).parameters for made in (Amount, Plain)]
    assert [list(one) for one in parameters] == [["name", "size", "parts"]] * 2
    assert all(p.kind is p.KEYWORD_ONLY for one in parameters for p in one.values())


def test_it_is_frozen_once_it_is_made() -> None:
    made = Amount(name="a")
    with pytest.raises(FrozenInstanceError):
        made.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.name
    assert type(made) is Amount
    assert not hasattr(made, "__dict__")


def test_equal_by_its_fields() -> None:
    assert Amount(name="a") == Amount(name="a", size=2)
    assert Amount(name="a") != Amount(name="b")
    assert hash(Positive(size=1)) == hash(Positive(size=1))


@pytest.mark.parametrize("given", [{}, {"name": "a", "other": 1}])
def test_what_is_missing_or_unknown_is_an_error(given: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        Amount(**given)  # type: ignore[arg-type]


def test_copies_and_what_is_read_are_the_same_value() -> None:
    made = Amount(name="a", size=3, parts=["x"])
    read = msgspec.json.decode(msgspec.json.encode(made), type=Amount)
    for other in (replace(made), copy.copy(made), copy.deepcopy(made), read):
        assert other == made
        assert type(other) is Amount
    assert replace(made, size=4).size == 4


def test_post_init_sees_the_whole_value() -> None:
    assert Positive(size=1).size == 1
    with pytest.raises(ValueError, match="not positive: Positive"):
        Positive(size=0)


def test_what_cannot_be_made_quickly_is_refused() -> None:
    class Base:
        """Of another layout."""

    class Child(Base):
        """Inherits."""

    class Counted:
        """A field that nobody gives."""

        size: int = field(init=False, default=1)

    for cls in (Child, Counted):
        with pytest.raises(TypeError, match="a value inherits nothing"):
            value(cls)
