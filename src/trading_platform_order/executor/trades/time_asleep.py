"""For how long this process stood still while the legs of a trade differed."""

from collections.abc import Callable

from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.transport.running_time import RunningTime


class Asleep:
    """Of one trade; asked at each of its steps."""

    def __init__(self, running_time: RunningTime, boottime: Callable[[], float]) -> None:
        self._running_time = running_time
        self._boottime = boottime
        self._asleep_s = 0.0
        self._was_uneven = False
        self._seen_s = (boottime(), running_time.seconds())

    def seconds(self, trade: PairTrade) -> float:
        """All of it, up to now."""
        passed_s, ran_s = self._boottime(), self._running_time.seconds()
        before_s, before_ran_s = self._seen_s
        if self._was_uneven:
            self._asleep_s += max((passed_s - before_s) - (ran_s - before_ran_s), 0.0)
        self._seen_s = passed_s, ran_s
        self._was_uneven = trade.is_uneven
        return self._asleep_s
