"""How the engine is: judged by heartbeat progress, on the watchdog's own stopwatch."""

from dataclasses import dataclass
from enum import StrEnum

from trading_platform_order.storage.liveness import Heartbeat, ProcessState
from trading_platform_order.watchdog.ports import WatchdogSettings


class Condition(StrEnum):
    """How the engine is."""

    NEVER_SEEN = "never_seen"
    ALIVE = "alive"
    STARTING = "starting"  # it shows progress and is not ready yet
    PAUSED = "paused"  # ended on purpose, and may be back soon
    GONE = "gone"  # its process has ended, and not on purpose
    SILENT = "silent"  # its process is there and does not beat
    STOPPED = "stopped"  # ended on purpose, too long ago for what is open
    STUCK = "stuck"  # it shows progress, and does not get ready

    @property
    def is_dead(self) -> bool:
        """Nobody looks after what is open."""
        return self in {Condition.GONE, Condition.SILENT, Condition.STOPPED, Condition.STUCK}

    @property
    def has_ended(self) -> bool:
        """It does not beat: it cannot answer a takeover."""
        return self is Condition.PAUSED or (self.is_dead and self is not Condition.STUCK)

    @property
    def serves_exits(self) -> bool:
        """Somebody will see to an EXIT; a start that shows progress is given its time."""
        return not self.is_dead and self is not Condition.PAUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The condition, and for how long.

    Attributes:
        silent_s: how long the beat has stood still.
        starting_s: how long it has been starting without getting ready; 0 if it is not.
    """

    condition: Condition
    silent_s: float
    starting_s: float = 0.0

    def in_words(self) -> str:
        """For an operator."""
        words = {
            Condition.GONE: "the engine's process is gone",
            Condition.SILENT: "the engine's process gives no sign of life",
            Condition.STOPPED: "the engine was stopped on purpose",
            Condition.PAUSED: "the engine was stopped on purpose",
            Condition.STARTING: "the engine is starting and not ready",
            Condition.STUCK: "the engine is starting and does not get ready",
        }
        starts = self.condition in {Condition.STARTING, Condition.STUCK}
        since_s = self.starting_s if starts else self.silent_s
        return f"{words.get(self.condition, self.condition)} since {since_s:.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is seen of the engine.

    Attributes:
        last: its last sign of life.
        silent_s: how long that has stood still.
        gone: no process holds the account's lock.
        there_s: how long the lock has been held without a pause.
        is_amid_trade: a trade is under way by the journal.
        starting_s: since its first beat that said so, over restarts, until it is ready.
    """

    last: Heartbeat | None
    silent_s: float
    gone: bool
    there_s: float
    is_amid_trade: bool = False
    starting_s: float = 0.0


def judge(signs: Signs, settings: WatchdogSettings) -> Judgement:
    """How the engine is."""
    return Judgement(
        condition=_condition(signs, settings),
        silent_s=signs.silent_s,
        starting_s=signs.starting_s,
    )


def _condition(signs: Signs, settings: WatchdogSettings) -> Condition:
    if signs.last is None:
        return Condition.NEVER_SEEN
    if signs.last.state is ProcessState.ENDED and signs.gone and not signs.is_amid_trade:
        is_over = signs.silent_s >= settings.clean_stop_s
        return Condition.STOPPED if is_over else Condition.PAUSED
    if signs.gone and signs.silent_s >= settings.engine_gone_s:
        return Condition.GONE
    # One that took the lock after its last beat has not begun to beat: it opens the store first.
    has_begun = signs.silent_s <= signs.there_s
    limit_s = settings.engine_silent_s if has_begun else settings.start_s
    if signs.there_s >= limit_s and signs.silent_s >= limit_s:
        return Condition.SILENT
    if signs.last.state is ProcessState.STARTING:
        is_stuck = signs.starting_s >= settings.start_patience_s
        return Condition.STUCK if is_stuck else Condition.STARTING
    return Condition.ALIVE
