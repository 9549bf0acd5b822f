"""What keeps entries back beside the limits, by who found it. Exits are never held back by it.

Each finder hands in all that it finds together: what it does not find any more is not in force any
more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trading_platform_order.domain.refusal import Refusal

ALL = ""
"""Stands for every base asset."""


@dataclass(slots=True)
class EntryBlocks:
    """Refusals that wait for an ENTER, by finder and base asset."""

    _found: dict[str, Mapping[str, Refusal]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """No finder finds anything now."""
        return not any(self._found.values())

    def replace_found(self, finder: str, found: Mapping[str, Refusal]) -> None:
        """Keep what this finder finds now, instead of what it found before.

        ``found`` is by base asset; :data:`ALL` stands for every one.
        """
        self._found[finder] = dict(found)

    def of(self, base: str) -> tuple[Refusal, ...]:
        """Why an ENTER of this base asset is refused, in the order of the finders."""
        return tuple(
            refusal
            for found in self._found.values()
            for key in (ALL, base)
            if (refusal := found.get(key)) is not None
        )
