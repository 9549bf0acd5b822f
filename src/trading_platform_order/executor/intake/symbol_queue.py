"""What the executor keeps of one base asset: who trades it, and what waits for it. No decisions.

Entries of an asset run one after the other, and none begins while an order of the asset has no
known end. Closes are queued by strategy: what a strategy is known to own can be closed whatever
becomes of another one's orders, and a close that waits holds up nobody but its own strategy's
entries.
"""

from collections import deque
from dataclasses import dataclass, field

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.executor.trades.trade_runner import TradeRunner


@dataclass(slots=True, kw_only=True)
class Lane:
    """Signals of one base asset.

    Attributes:
        holders: trades that run and do not wait, and admissions and bookings under way.
        begun: how often somebody began to hold it.
        waiting: entries, claimed, in order of arrival.
        closes: by strategy: EXITs that are claimed and not begun, in order of arrival.
        starting: by strategy: the id of its close that is being decided on.
        runners: trades that have not ended, by trade id; those that wait are among them.
        look: the holdings are to be compared with the exchanges.
        is_checked: that comparison is under way.
    """

    holders: int = 0
    begun: int = 0
    waiting: deque[Signal] = field(default_factory=deque)
    closes: dict[str, deque[Signal]] = field(default_factory=dict)
    starting: dict[str, str] = field(default_factory=dict)
    runners: dict[str, TradeRunner] = field(default_factory=dict)
    look: bool = False
    is_checked: bool = False

    def hold(self) -> None:
        """One more."""
        self.holders += 1
        self.begun += 1

    def let_go(self) -> None:
        """One less."""
        self.holders -= 1

    def queue(self, strategy: str) -> deque[Signal]:
        """The closes of a strategy that wait."""
        return self.closes.setdefault(strategy, deque())

    def is_busy(self, strategy: str) -> bool:
        """A trade of the strategy has not ended, or its next close is being decided on."""
        if strategy in self.starting:
            return True
        return any(r.trade.signal.strategy == strategy for r in self.runners.values())

    def only_waits(self, strategy: str, *, beside: str = "") -> bool:
        """Nothing of the strategy is under way: its trades, but for the one ``beside``, wait."""
        if strategy in self.starting:
            return False
        return all(
            runner.waits is not None
            for trade_id, runner in self.runners.items()
            if runner.trade.signal.strategy == strategy and trade_id != beside
        )

    def closes_wait(self, strategy: str) -> bool:
        """Something of the strategy is to be closed and is not closed yet."""
        if self.closes.get(strategy):
            return True
        return any(
            runner.waits is not None
            and runner.trade.signal.strategy == strategy
            and runner.trade.action is Action.EXIT
            for runner in self.runners.values()
        )
