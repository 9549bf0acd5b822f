"""What the monitors go by while a position is open."""

from dataclasses import field

from trading_platform_order.domain.value import value
from trading_platform_order.risk.hindrances.deadlines import DeadlineLimits
from trading_platform_order.risk.monitors.emergency_stop import StopLimits
from trading_platform_order.risk.monitors.margin_monitor import MarginLimits
from trading_platform_order.risk.monitors.stop_loss import StopLossLimits
from trading_platform_order.risk.monitors.taken_back import TakenBackLimits


@value
class MonitorLimits:
    """All limits of the monitors, and how often they look.

    Attributes:
        mismatch_persist_s: how long a difference of positions must last.
        flatten_on_stop: every emergency stop also closes what is held.
        look_s: pause between two looks at prices, orders and conditions.
        account_poll_s: pause between two readings of both exchanges, while anything is held.
        exit_retry_s: an exit of our own that did not close the pair is tried again after this.
        exit_attempts: so often in this pace, then every ``exit_slow_s``.
        exit_slow_attempts: so often in the slow pace; then an operator has to close the pair.
        warn_again_s: a warning that lasts is repeated after this.
        gap_s: an event loop that stood still for longer saw nothing meanwhile: the time counts for
            nothing that must last.
        after_gap_s: so long after such a gap prices are not called stale.
    """

    stop: StopLimits = field(default_factory=StopLimits)
    stop_loss: StopLossLimits = field(default_factory=StopLossLimits)
    margin: MarginLimits = field(default_factory=MarginLimits)
    taken_back: TakenBackLimits = field(default_factory=TakenBackLimits)
    deadlines: DeadlineLimits = field(default_factory=DeadlineLimits)
    mismatch_persist_s: float = 15.0
    flatten_on_stop: bool = False
    look_s: float = 0.25
    account_poll_s: float = 5.0
    exit_retry_s: float = 30.0
    exit_attempts: int = 5
    exit_slow_s: float = 300.0
    exit_slow_attempts: int = 100
    warn_again_s: float = 600.0
    gap_s: float = 3.0
    after_gap_s: float = 15.0
