"""Reading lists row by row, so that a row which is not ours cannot spoil those that are.

The whole list is decoded at once; only if that fails is each row decoded by itself. What could not
be read is kept with its reason under the name in its key field, so that whoever asked for that name
can be told.
"""

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from trading_platform_order.domain.rows import NAMELESS, Rows

Wire = TypeVar("Wire")
Value = TypeVar("Value")

#: whatever reading or turning an answer may raise: bad JSON or UTF-8, depth, numbers out of range
UNREADABLE = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_REASON = 200


def json_of(body: bytes) -> bytes:
    """The body without a byte order mark, which RFC 8259 (section 8.1) lets a reader ignore."""
    return body.removeprefix(_BYTE_ORDER_MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRows(Generic[Wire]):
    """A list as it came.

    Attributes:
        rows: those that have their documented shape.
        unread: why others have not, by name.
        total: how many came, for lists that are read by pages.
    """

    rows: list[Wire]
    unread: Mapping[str, str] = field(default_factory=dict)
    total: int

    def why_unread(self, names: Container[str]) -> str:
        """Why nothing can be said about these names; empty if all of their rows were read."""
        return "; ".join(
            f"row of {name or 'nobody known'}: {reason}"
            for name, reason in self.unread.items()
            if name == NAMELESS or name in names
        )

    def of(self, name: str, key: Callable[[Wire], str], *, single: bool) -> "WireRows[Wire] | str":
        """The rows of this name; why nothing is known of it if one that may be its was not read.

        ``single``: a name has one row at most, so that a nameless one is not another of its.
        """
        ours = [row for row in self.rows if key(row) == name]
        why = self.why_unread((name,))
        if why and not (single and ours and name not in self.unread):
            return why
        return WireRows(rows=ours, total=self.total)

    def made(
        self,
        make: Callable[[Wire], Value],
        name_of: Callable[[Wire], str],
        errors: tuple[type[Exception], ...] = UNREADABLE,
    ) -> Rows[Value]:
        """Every row turned into a value; one that makes no sense is unread as well."""
        found: list[Value] = []
        unread = dict(self.unread)
        for row in self.rows:
            try:
                found.append(make(row))
            except errors as error:
                unread[name_of(row)] = str(error)[:_LONGEST_REASON]
        return Rows(found, unread)


@cache
def decoder(shape: object, *, strict: bool = True) -> msgspec.json.Decoder[Any]:
    """Made once for each shape: a list's is otherwise thought out anew at every answer."""
    return msgspec.json.Decoder(shape, strict=strict)


def decode_rows(
    body: bytes | msgspec.Raw, shape: type[Wire], *, key: str, strict: bool = True
) -> WireRows[Wire]:
    """A JSON list of objects; ``key`` is the field that names the owner of each.

    Raises:
        msgspec.MsgspecError: it is no list, or no JSON; also other errors of ``UNREADABLE``.
    """
    text = json_of(bytes(body))
    as_list: Any = list[shape]  # type: ignore[valid-type]
    try:
        rows: list[Wire] = decoder(as_list, strict=strict).decode(text)
    except UNREADABLE:
        return _one_by_one(text, shape, key=key, strict=strict)
    return WireRows(rows=rows, total=len(rows))


def _one_by_one(text: bytes, shape: type[Wire], *, key: str, strict: bool) -> WireRows[Wire]:
    parts = decoder(list[msgspec.Raw]).decode(text)
    rows: list[Wire] = []
    unread: dict[str, str] = {}
    as_key: Any = shape
    for part in parts:
        try:
            rows.append(decoder(as_key, strict=strict).decode(part))
        except UNREADABLE as error:
            unread[name_in(part, key)] = str(error)[:_LONGEST_REASON]
    return WireRows(rows=rows, unread=unread, total=len(parts))


def name_in(part: bytes | msgspec.Raw, *path: str) -> str:
    """The text under these keys, one inside the other; empty if it cannot be read."""
    value = bytes(part)
    try:
        for key in path:
            fields: dict[str, msgspec.Raw] = decoder(dict[str, msgspec.Raw]).decode(value)
            value = bytes(fields[key])
        name: str = decoder(str).decode(value)
    except (KeyError, *UNREADABLE):
        return NAMELESS
    return name


def has_no(part: bytes, key: str) -> bool:
    """Whether it is an object without this key."""
    try:
        return key not in decoder(dict[str, msgspec.Raw]).decode(part)
    except UNREADABLE:
        return False


class OurSymbols:
    """What this adapter was ever asked about: messages about anything else never matter."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def note(self, *names: str) -> None:
        """These are ours from now on."""
        self._names.update(names)

    def may_concern(self, name: str) -> bool:
        """Whether an unreadable message may be about us; it is as long as nobody knows better."""
        return not name or not self._names or name in self._names

    def all(self) -> Collection[str]:
        """All so far."""
        return frozenset(self._names)
