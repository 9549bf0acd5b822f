"""What happened in one played world, and what was violated in it."""

from collections import Counter
from dataclasses import dataclass, field

from trading_platform_order.simulation.checkers.timeliness.excused_times import Excuse


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What happened in one run.

    Attributes:
        is_told: whether the timeline is kept.
        seed: names the run and replays it.
        world: which kind of world it was (:mod:`.worlds`).
        faults: strikes, by kind.
        outcomes: how trades ended and signals were refused.
        excused_s: how much longer than the budget the legs of a pair may differ in this run.
        excuses: when something besides the exchanges' faults held trading up.
        exits_s: how long every EXIT took that nothing disturbed.
        timeline: what happened, readable, in order.
    """

    seed: str
    is_told: bool = True
    world: str = "ordinary"
    violations: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    excused_s: float = 0.0
    excuses: list[Excuse] = field(default_factory=list)
    exits_s: list[float] = field(default_factory=list)
    crashes: int = 0
    signals: int = 0
    requests: int = 0
    timeline: list[str] = field(default_factory=list)


def describe(error: BaseException) -> str:
    """The causes within exception groups, in one line."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(inner) for inner in error.exceptions)
    return f"{type(error).__name__}: {error}"
