"""Margin arithmetic of the hedge account: how far the coin may rise, and what helps. Pure.

With margin balance M (USDT), notional N of all shorts, maintenance rate m, a rise r of the coin::

    balance after      M - N r
    maintenance after  m N (1 + r)
    liquidation when   M - N r = m N (1 + r)   =>   r = (M - m N) / (N (1 + m))
"""

from decimal import Decimal

from trading_platform_order.domain.money import ONE, ZERO


def rise_to_liquidation(
    *, balance_usdt: Decimal, notional_usdt: Decimal, maintenance_rate: Decimal
) -> Decimal | None:
    """The rise of the coin at which the exchange liquidates; ``None`` without a short."""
    if notional_usdt <= 0:
        return None
    room_usdt = balance_usdt - maintenance_rate * notional_usdt
    return max(room_usdt / (notional_usdt * (ONE + maintenance_rate)), ZERO)


def runway_shortfall_usdt(
    *, balance_usdt: Decimal, notional_usdt: Decimal, maintenance_rate: Decimal, rise: Decimal
) -> Decimal:
    """USDT to move so that this rise is survived; zero or less if it is."""
    return notional_usdt * (rise + maintenance_rate * (ONE + rise)) - balance_usdt


def notional_that_survives_usdt(
    *, balance_usdt: Decimal, maintenance_rate: Decimal, rise: Decimal
) -> Decimal:
    """The largest short with which this balance survives the rise."""
    return max(balance_usdt, ZERO) / (rise + maintenance_rate * (ONE + rise))
