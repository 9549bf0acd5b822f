"""Is the engine dead? Judged by whether its beat moves, on the watchdog's own stopwatch."""

from dataclasses import dataclass
from enum import StrEnum

from trading_platform_order.storage.watch import Heartbeat, Life
from trading_platform_order.watchdog.ports import WatchdogSettings


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


def judge(
    last: Heartbeat | None, *, silent_s: float, gone: bool, settings: WatchdogSettings
) -> Judgement:
    """How the engine is.

    Args:
        last: its last sign of life.
        silent_s: how long that has stood still.
        gone: no process holds the account's lock.
        settings: the limits.
    """
    return Judgement(condition=_condition(last, silent_s, gone, settings), silent_s=silent_s)


def _condition(
    last: Heartbeat | None, silent_s: float, gone: bool, settings: WatchdogSettings
) -> Condition:
    if last is None:
        return Condition.NEVER_SEEN
    if last.state is Life.ENDED and gone:
        return Condition.STOPPED if silent_s >= settings.clean_stop_s else Condition.ALIVE
    if gone and silent_s >= settings.engine_gone_s:
        return Condition.GONE
    if silent_s >= settings.engine_silent_s:
        return Condition.SILENT
    return Condition.ALIVE
