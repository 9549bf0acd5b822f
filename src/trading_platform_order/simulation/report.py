"""What happened in one played world, and what was violated in it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What happened in one run.

    Attributes:
        seed: names the run and replays it.
        faults: strikes, by kind.
        outcomes: how trades ended and signals were refused.
        timeline: what happened, readable, in order.
    """

    seed: str
    violations: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    signals: int = 0
    requests: int = 0
    timeline: list[str] = field(default_factory=list)
