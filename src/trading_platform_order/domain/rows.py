"""A list of an exchange of which one row may be unreadable.

An exchange may list a symbol with a null, a word that nobody has heard of, or a number that became
an object. Such a row is the trouble of whoever it names and of nobody else: the others were read.
But it is not nothing: its owner's balance, position or order is unknown, never zero or absent.
"""

from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

Row = TypeVar("Row")

NAMELESS = ""
"""Stands for a row of which not even the owner could be read: it may be anybody's."""
_NONE: Mapping[str, str] = MappingProxyType({})


class Rows(tuple[Row, ...]):  # noqa: SLOT001 - a tuple that carries something has a dict
    """The rows that were read, and why others were not.

    Attributes:
        unread: reasons by the symbol or asset of a row that could not be read; under
            :data:`NAMELESS` if it names nobody.
    """

    unread: Mapping[str, str]

    def __new__(cls, rows: Iterable[Row] = (), unread: Mapping[str, str] = _NONE) -> "Rows[Row]":
        """A tuple of the readable ones that knows of the others."""
        made = super().__new__(cls, rows)
        made.unread = dict(unread)
        return made

    def is_unread(self, name: str, *, listed: bool) -> bool:
        """Whether nothing is known of this name; ``listed``: a row of its own was read.

        A row that names nobody may be that of a name which has none.
        """
        return name in self.unread or (NAMELESS in self.unread and not listed)

    def why_unread(self, names: Container[str]) -> Mapping[str, str]:
        """Those of :attr:`unread` that concern these names; a nameless row concerns all."""
        return {
            name: reason
            for name, reason in self.unread.items()
            if name == NAMELESS or name in names
        }
