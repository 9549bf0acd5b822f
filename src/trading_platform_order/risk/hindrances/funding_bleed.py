"""Funding that a short has to pay: told, and no entry into a coin where it is too much. Pure.

A short receives funding while the rate is positive and pays it while it is negative. What 24 hours
at the present rate cost is compared with a part of the short's value.
"""

from decimal import Decimal

from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value

DAY_H = Decimal(24)


@value
class FundingLimits:
    """How much is too much.

    Attributes:
        day_fraction: of the short's value payable in 24 hours.
    """

    day_fraction: Decimal = Decimal("0.005")


def payable_fraction(terms: FundingTerms) -> Decimal:
    """Part of a short's value that 24 hours at this rate cost; zero if it receives."""
    if not terms.rate.is_finite() or terms.interval_h <= 0:
        return ZERO
    return max(-terms.rate, ZERO) * DAY_H / terms.interval_h


def objection(base: str, terms: FundingTerms, limits: FundingLimits) -> Refusal | None:
    """Why no entry of this coin is begun, if it would pay too much."""
    payable = payable_fraction(terms)
    if payable <= limits.day_fraction:
        return None
    return Refusal(
        code=RefusalCode.FUNDING,
        message=f"a short of {base} pays {payable:.3%} of its value in 24 h",
        figures={
            "payable_24h_fraction": plain(payable),
            "payable_24h_fraction_max": plain(limits.day_fraction),
            "funding_rate": plain(terms.rate),
            "interval_h": plain(terms.interval_h),
        },
    )
