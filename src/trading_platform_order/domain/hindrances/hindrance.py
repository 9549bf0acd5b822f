"""Why an exchange refuses every order just now; none of these says anything about one order."""

from enum import StrEnum


class Hindrance(StrEnum):
    """The exchange's own word that it takes no orders.

    ``MAINTENANCE`` its system, or one market, is being worked on.
    ``SUSPENDED``   it does not trade the symbol: halted, delisted or not listed.
    ``BANNED``      we asked too much: nothing is taken for a time that it tells.
    ``KEY``         the API key is dead, expired, or not allowed to order from this address.
    ``ACCOUNT_SETTING`` the account is set so that our orders do not fit, e.g. hedge mode.
    """

    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    BANNED = "banned"
    KEY = "key"
    ACCOUNT_SETTING = "account_setting"
