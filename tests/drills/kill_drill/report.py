"""What a drill tells, and how busy it must have been to prove anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

KILLS_JUDGED = 60
"""A drill of so many kills must have been as busy as promised; a shorter one is a sample."""

PROMISED: Mapping[str, int] = MappingProxyType(
    {"trades": 100, "orders_in_flight": 40, "kills_in_flight": 40}
)
"""At least so many, by the report's fields."""


@dataclass(slots=True, kw_only=True)
class DrillReport:
    """What happened, and what was violated.

    Attributes:
        kills_starting: of these, before the engine said it was ready.
        kills_in_flight: of these, while an order was on its way, unanswered.
        orders_in_flight: whose answer died with an engine.
        duplicates: orders under one id that filled more than once, and fills nobody intended.
        naked: coins without their short, or the reverse, once all is closed.
        outcomes: acknowledged signals by how many fates they had; only 1 is right.
        refusals: signals that were not traded, by code.
        start_s: median time from the process' start to ready.
    """

    seed: int
    kills: int = 0
    kills_starting: int = 0
    kills_in_flight: int = 0
    signals: int = 0
    trades: int = 0
    orders: int = 0
    orders_in_flight: int = 0
    duplicates: int = 0
    naked: int = 0
    per_signal: dict[int, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    start_s: float = 0.0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """What a long drill did not reach, so that it proves less than it promises."""
        if self.kills < KILLS_JUDGED:
            return []
        return [
            f"{name.replace('_', ' ')}: {getattr(self, name)}, promised are {least}"
            for name, least in PROMISED.items()
            if getattr(self, name) < least
        ]

    def lines(self) -> list[str]:
        """For operators."""
        answered = ", ".join(
            f"{count} signals with {n}" for n, count in sorted(self.per_signal.items())
        )
        kills = f"{self.kills_in_flight} with an order in flight, {self.kills_starting} at a start"
        return [
            f"kills                {self.kills}: {kills}",
            f"signals acknowledged {self.signals}",
            f"outcomes             {answered}",
            f"trades               {self.trades}: {_counts(self.outcomes)}",
            f"refused              {sum(self.refusals.values())}: {_counts(self.refusals)}",
            f"orders placed        {self.orders}, {self.orders_in_flight} in flight when killed",
            f"duplicates           {self.duplicates}",
            f"naked positions      {self.naked}",
            f"engine ready after   {self.start_s:.2f} s (median)",
            f"took                 {self.seconds:.0f} s, seed {self.seed}",
            *(f"VIOLATION: {text}" for text in self.violations),
            *(f"NOT BUSY ENOUGH: {text}" for text in self.missed),
            f"violations           {len(self.violations)}",
        ]


def _counts(of: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(of.items()))
