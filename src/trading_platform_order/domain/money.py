"""Decimal amounts: reading them from text and rounding them, always with a named direction.

Every amount in the system is a finite ``Decimal`` made from text or an integer, never from a
float. Rounding happens here and nowhere else, and callers choose the direction that leaves the
account with less exposure.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation

ZERO = Decimal(0)
ONE = Decimal(1)
BPS = Decimal(10_000)
KRW_WHOLE = Decimal(1)
SPOT_VOLUME_STEP = Decimal("0.00000001")
LEAST_EXPONENT, MOST_EXPONENT = -60, 40

_EXACT = Context(prec=60)


def parse_decimal(text: str | int) -> Decimal:
    """A finite Decimal from text (or an integer).

    Raises:
        ValueError: the text is not a number, or is NaN or infinite.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return value


def floor_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of ``step`` not above ``value``; ``step`` must be positive."""
    return _to_step(value, step, ROUND_FLOOR)


def ceil_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of ``step`` not below ``value``; ``step`` must be positive."""
    return _to_step(value, step, ROUND_CEILING)


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step <= ZERO:
        raise ValueError(f"step must be positive, not {step}")
    steps = _EXACT.divide(value, step).to_integral_value(rounding, _EXACT)
    return _EXACT.multiply(steps, step)


def is_plausible(value: Decimal) -> bool:
    """Whether it is a number that money could be: one of another size is no price and no amount.

    Written out in full, such a one could take more memory than there is.
    """
    return value.is_finite() and LEAST_EXPONENT < value.adjusted() < MOST_EXPONENT


def are_prices(values: Sequence[Decimal]) -> bool:
    """Whether all are positive and plausible; of many, only the least and the most are looked at.

    Raises:
        ArithmeticError: one of several is no number at all.
    """
    least, most = min(values), max(values)
    return is_plausible(least) and is_plausible(most) and least > 0


def plain(value: Decimal) -> str:
    """Text without exponent or trailing zeros, as both exchanges want it: ``0.00001``, ``1500``."""
    text = str(value)  # half the time of a format, which only large and tiny numbers need
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
