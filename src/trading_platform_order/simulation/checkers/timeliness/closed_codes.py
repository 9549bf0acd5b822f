"""What exchanges say when they take no order at all, by the names that the journal gives it."""

CLOSED_CODES = frozenset(
    {
        "market_offline",
        "market_suspended",
        "market_delisted",
        "rate_limited",
        "banned",
        "binance:-1003",
        "-1003",
        "-1008",
        "-1016",
        "-4061",
        "-2015",
        "binance:-1015",
        "binance:-1016",
        "binance:-4108",
        "binance:-4061",
        "binance:-2014",
        "binance:-2015",
    }
)


def is_closed(code: str, hindrance: object = None) -> bool:
    """Whether a refusal says something about the exchange and nothing about the order."""
    return bool(hindrance) or code in CLOSED_CODES
