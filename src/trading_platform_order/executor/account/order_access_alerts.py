"""What operators are told of an exchange that does not take orders, and of its end."""

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.hindrances.order_access import Door
from trading_platform_order.domain.venue import Venue


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
