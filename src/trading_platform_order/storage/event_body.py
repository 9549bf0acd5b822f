"""Bodies of journal events, read field by field.

Amounts are decimal strings, counts and milliseconds are numbers, times are ISO 8601 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from trading_platform_order.domain.money import parse_decimal, plain

_decoder = msgspec.json.Decoder(dict[str, object])


def iso_utc(moment: datetime) -> str:
    """``2026-01-31T09:00:00.000000Z``: always six digits, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Body:
    """One JSON object; every getter raises ``ValueError`` naming the field that does not fit."""

    values: Mapping[str, object]

    @classmethod
    def parse(cls, text: str) -> "Body":
        """Read a body's text."""
        return cls(_decoder.decode(text))

    def text(self, name: str) -> str:
        """A string that must be there."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise ValueError(f"{name}: expected text, got {value!r}")  # noqa: TRY004 - one error for all misfits
        return value

    def text_or_none(self, name: str) -> str | None:
        """A string, or nothing."""
        return None if self.values.get(name) is None else self.text(name)

    def whole(self, name: str) -> int:
        """An integer that must be there."""
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name}: expected an integer, got {value!r}")  # noqa: TRY004 - as above
        return value

    def whole_or_none(self, name: str) -> int | None:
        """An integer, or nothing."""
        return None if self.values.get(name) is None else self.whole(name)

    def flag(self, name: str) -> bool:
        """True only if it is there and true."""
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise ValueError(f"{name}: expected true or false, got {value!r}")  # noqa: TRY004 - as above
        return value

    def amount(self, name: str) -> str:
        """A finite decimal, as plain text without exponent or trailing zeros."""
        value = self.values.get(name)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return plain(parse_decimal(value))
        raise ValueError(f"{name}: expected a decimal as text, got {value!r}")

    def amount_or_none(self, name: str) -> str | None:
        """An amount, or nothing."""
        return None if self.values.get(name) is None else self.amount(name)

    def time(self, name: str) -> str:
        """An aware time, as :func:`iso_utc` writes it."""
        moment = datetime.fromisoformat(self.text(name))
        if moment.tzinfo is None:
            raise ValueError(f"{name}: a time without zone")
        return iso_utc(moment)

    def time_or_none(self, name: str) -> str | None:
        """A time, or nothing."""
        return None if self.values.get(name) is None else self.time(name)

    def child(self, name: str) -> "Body":
        """An object inside."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise ValueError(f"{name}: expected an object, got {value!r}")  # noqa: TRY004 - as above
        return Body(value)

    def children(self, name: str) -> "list[Body]":
        """A list of objects inside."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError(f"{name}: expected a list of objects, got {value!r}")
        return [Body(item) for item in value]

    def json_of(self, name: str) -> str:
        """An object inside as JSON text; ``{}`` if there is none."""
        return msgspec.json.encode(self.values.get(name) or {}).decode()
