"""What an exchange is called in journals, messages and settings. A label; nothing is decided by it.

Who needs the exchange of a leg asks the pair of exchanges that was assembled; who needs to know
what an order does asks its leg.
"""

from enum import StrEnum


class Venue(StrEnum):
    """An exchange's name. The two that have adapters here are constants; any other is one too."""

    UPBIT = "upbit"
    BINANCE = "binance"

    @classmethod
    def _missing_(cls, value: object) -> "Venue | None":
        """The name of an exchange whose adapter lives elsewhere; the same object every time."""
        if not isinstance(value, str) or not value:
            return None
        made = str.__new__(cls, value)
        made._name_, made._value_ = value.upper(), value
        cls._value2member_map_[value] = made
        return made


def hedged_before(venue: Venue) -> bool:
    """Whether a row that names no leg is about the hedge: there was one pair of exchanges then."""
    return venue is Venue.BINANCE
