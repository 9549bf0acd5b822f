"""Is the engine dead? Judged by whether its beat moves, on the watchdog's own stopwatch."""

from dataclasses import dataclass
from enum import StrEnum

from trading_platform_order.storage.liveness import Heartbeat, Life
from trading_platform_order.watchdog.ports import WatchdogSettings

STARTING_S = 30.0
"""So long an engine may take from its lock to its first sign of life."""


class Condition(StrEnum):
    """How the engine is."""

    NEVER_SEEN = "never_seen"
    ALIVE = "alive"
    GONE = "gone"  # its process has ended, and not on purpose
    SILENT = "silent"  # its process is there and does not beat
    STOPPED = "stopped"  # ended on purpose, too long ago for what is open

    @property
    def is_dead(self) -> bool:
        """Nobody looks after what is open."""
        return self in {Condition.GONE, Condition.SILENT, Condition.STOPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The condition, and how long the beat has stood still."""

    condition: Condition
    silent_s: float

    def in_words(self) -> str:
        """For people."""
        words = {
            Condition.GONE: "the engine's process is gone",
            Condition.SILENT: "the engine's process gives no sign of life",
            Condition.STOPPED: "the engine was stopped on purpose",
        }
        return f"{words.get(self.condition, self.condition)} since {self.silent_s:.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is seen of the engine.

    Attributes:
        last: its last sign of life.
        silent_s: how long that has stood still.
        gone: no process holds the account's lock.
        there_s: how long the lock has been held without a pause.
        is_amid_trade: a trade is under way by the journal.
    """

    last: Heartbeat | None
    silent_s: float
    gone: bool
    there_s: float
    is_amid_trade: bool = False


def judge(signs: Signs, settings: WatchdogSettings) -> Judgement:
    """How the engine is."""
    return Judgement(condition=_condition(signs, settings), silent_s=signs.silent_s)


def _condition(signs: Signs, settings: WatchdogSettings) -> Condition:
    if signs.last is None:
        return Condition.NEVER_SEEN
    if signs.last.state is Life.ENDED and signs.gone and not signs.is_amid_trade:
        is_over = signs.silent_s >= settings.clean_stop_s
        return Condition.STOPPED if is_over else Condition.ALIVE
    if signs.gone and signs.silent_s >= settings.engine_gone_s:
        return Condition.GONE
    # One that took the lock after its last sign is starting: it may ask both exchanges first.
    limit_s = STARTING_S if signs.silent_s > signs.there_s else settings.engine_silent_s
    if signs.there_s >= limit_s and signs.silent_s >= limit_s:
        return Condition.SILENT
    return Condition.ALIVE
