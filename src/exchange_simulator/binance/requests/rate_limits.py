"""The exchange's own counters: request weight per minute and orders per 10 s and per minute.

Windows are fixed and counted on the stopwatch, not on the calendar: in a replay the calendar runs
faster than the requests do.
"""

from dataclasses import dataclass

WEIGHT_PER_MINUTE = 2_400
ORDERS_PER_MINUTE = 1_200
ORDERS_PER_TEN_SECONDS = 300
MINUTE_S = 60.0
TEN_SECONDS_S = 10.0
#: the exchange does not say how many; the shortest ban is two minutes
STRIKES_TO_BAN = 10
BAN_S = 120.0


@dataclass(slots=True, kw_only=True)
class Window:
    """Units used in the present window of ``length_s`` seconds."""

    length_s: float
    limit: int
    index: int = -1
    used: int = 0

    def add(self, now_s: float, units: int) -> bool:
        """Count ``units``; whether the limit still holds."""
        index = int(now_s // self.length_s)
        if index != self.index:
            self.index, self.used = index, 0
        self.used += units
        return self.used <= self.limit

    def left_s(self, now_s: float) -> float:
        """Seconds until the window ends."""
        return self.length_s - now_s % self.length_s


class Counters:
    """All windows of one account and address."""

    def __init__(self) -> None:
        self.weight = Window(length_s=MINUTE_S, limit=WEIGHT_PER_MINUTE)
        self.orders_1m = Window(length_s=MINUTE_S, limit=ORDERS_PER_MINUTE)
        self.orders_10s = Window(length_s=TEN_SECONDS_S, limit=ORDERS_PER_TEN_SECONDS)

        self._strikes = 0
        self._banned_until_s = 0.0

    def ban_left_s(self, now_s: float) -> float:
        """Seconds the address is still banned; zero or less if it is not."""
        return self._banned_until_s - now_s

    def ban(self, now_s: float, seconds: float) -> None:
        """The address is banned for so long."""
        self._banned_until_s = now_s + seconds

    def strike(self, now_s: float) -> None:
        """A request came although the limit was broken; too many of them are a ban."""
        self._strikes += 1
        if self._strikes >= STRIKES_TO_BAN:
            self._strikes = 0
            self._banned_until_s = now_s + BAN_S

    def count_weight(self, now_s: float, weight: int) -> bool:
        """Count one request; whether it is within the limit."""
        return self.weight.add(now_s, weight)

    def count_order(self, now_s: float) -> bool:
        """Count one order; whether it is within both limits."""
        minute = self.orders_1m.add(now_s, 1)
        return self.orders_10s.add(now_s, 1) and minute

    def order_headers(self) -> dict[str, str]:
        """Headers an accepted order's answer carries besides."""
        return {
            "x-mbx-order-count-10s": str(self.orders_10s.used),
            "x-mbx-order-count-1m": str(self.orders_1m.used),
        }


def limits_table() -> list[dict[str, object]]:
    """``exchangeInfo.rateLimits``."""
    return [
        _row("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_PER_MINUTE),
        _row("ORDERS", "MINUTE", 1, ORDERS_PER_MINUTE),
        _row("ORDERS", "SECOND", 10, ORDERS_PER_TEN_SECONDS),
    ]


def _row(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
