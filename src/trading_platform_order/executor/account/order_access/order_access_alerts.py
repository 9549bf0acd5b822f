"""What operators are told of an exchange that does not take orders, and of its end."""

from collections.abc import Callable, Mapping

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.hindrances.order_access import Door
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.escalation import is_call_due
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.account.account_service import AccountService

CALLS_S = (0.0, 60.0, 300.0, 900.0, 3_600.0)
"""After how long of a hindrance operators are told; the last step repeats."""
CALLS_OF_A_BAN_S = (10.0, *CALLS_S[1:])
"""A short one ends by itself before anybody has read of it."""


class OrderAccessAlerts:
    """Which hindrances operators were told of, how often, and since when they last."""

    def __init__(self, *, account: AccountService, venue: Callable[[Leg], Venue]) -> None:
        self._account = account
        self._venue = venue
        self._calls: dict[tuple[Leg, str], tuple[float, int, str]] = {}

    async def tell(self, closed: Mapping[tuple[Leg, str], Door], now_s: float) -> None:
        """``closed``: what takes no orders now; what operators were told of and is open again."""
        for key, door in closed.items():
            since_s, calls, _ = self._calls.get(key, (now_s, 0, ""))
            pauses_s = CALLS_OF_A_BAN_S if door.hindrance is Hindrance.BANNED else CALLS_S
            if is_call_due(pauses_s, now_s - since_s, calls):
                calls += 1
                await self._account.tell(
                    exchange_closed(self._venue(key[0]), key[1], door, now_s - since_s)
                )
            self._calls[key] = (since_s, calls, door.reason)
        for key in [key for key in self._calls if key not in closed]:
            since_s, calls, reason = self._calls.pop(key)
            if calls:
                await self._account.tell(
                    exchange_open(self._venue(key[0]), key[1], reason, now_s - since_s)
                )


def exchange_closed(venue: Venue, base: str, door: Door, since_s: float) -> Alert:
    """Orders are not taken; ``base`` is empty for all symbols, ``since_s`` in seconds."""
    fields = {
        "exchange": venue.value,
        "symbol": base or "all",
        "hindrance": "" if door.hindrance is None else door.hindrance.value,
        "reason": door.reason,
        "since": f"{since_s:.0f} s",
        "what_follows": "no entries; closes wait, both legs are kept",
    }
    return Alert(kind=AlertKind.EXCHANGE_CLOSED, urgent=True, fields=fields)


def exchange_open(venue: Venue, base: str, reason: str, lasted_s: float) -> Alert:
    """They are taken again; ``reason``: what it was, for ``lasted_s`` seconds."""
    fields = {
        "exchange": venue.value,
        "symbol": base or "all",
        "was": reason,
        "lasted": f"{lasted_s:.0f} s",
    }
    return Alert(kind=AlertKind.EXCHANGE_OPEN, urgent=False, fields=fields)
