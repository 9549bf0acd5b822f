"""Decimal amounts: reading them from text, rounding them, writing them as exchanges do.

The simulated exchanges have these for themselves, so that a mistake of a client's arithmetic cannot
hide in theirs.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation

ZERO = Decimal(0)
BPS = Decimal(10_000)

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
    if step <= 0:
        raise ValueError(f"step must be positive, not {step}")
    steps = _EXACT.divide(value, step).to_integral_value(rounding=rounding, context=_EXACT)
    return _EXACT.multiply(steps, step)


def plain(value: Decimal) -> str:
    """Text without exponent or trailing zeros, as exchanges write it: ``0.00001``, ``1500``."""
    text = str(value)  # half the time of a format, which only large and tiny numbers need
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
