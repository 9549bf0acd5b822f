"""The specification's limits (4.2, 4.3) beside those in force: which of them are loosened.

Judged by the settings themselves, whether a profile, the file or the environment set them. What is
tighter than the specification is no finding.
"""

from collections.abc import Iterator
from decimal import Decimal

from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.runtime.settings.sections.risk import StopLossAction, stop_losses
from trading_platform_order.runtime.settings.settings import Settings

POSITION_FRACTION = Decimal("0.5")
LEVERAGE = Decimal(2)
STOP_LOSS_FRACTION = Decimal("0.05")
DAILY_LOSS_FRACTION = Decimal("0.03")
API_ERRORS = 10


def loosened_limits(settings: Settings) -> tuple[Loosened, ...]:
    """Those that the settings loosen, in the specification's order."""
    return tuple(_loosened(settings))


def _loosened(settings: Settings) -> Iterator[Loosened]:
    risk = settings.risk
    if risk.position_fraction > POSITION_FRACTION:
        here, specified = _percent(risk.position_fraction), _percent(POSITION_FRACTION)
        text = f"open pairs up to {here} of capital (the specification: {specified})"
        yield Loosened(name="position_fraction", specified=specified, here=here, text=text)
    # Binance's own setting bounds it as well, as in `assembly`.
    leverage = min(risk.leverage_max, Decimal(settings.binance.leverage))
    if leverage > LEVERAGE:
        here, specified = f"{leverage:f}x", f"{LEVERAGE}x"
        text = f"leverage up to {here} (the specification: {specified})"
        yield Loosened(name="leverage_max", specified=specified, here=here, text=text)
    yield from _stop_losses(settings)
    if risk.daily_loss_fraction > DAILY_LOSS_FRACTION:
        here, specified = _percent(risk.daily_loss_fraction), _percent(DAILY_LOSS_FRACTION)
        text = f"a loss of one day up to {here} of capital (the specification: {specified})"
        yield Loosened(name="daily_loss_fraction", specified=specified, here=here, text=text)
    if risk.api_errors_max > API_ERRORS:
        here, specified = str(risk.api_errors_max), str(API_ERRORS)
        text = (
            f"the emergency stop after more than {here} failed calls in a row "
            f"(the specification: {specified})"
        )
        yield Loosened(name="api_errors_max", specified=specified, here=here, text=text)


def _stop_losses(settings: Settings) -> Iterator[Loosened]:
    risk = settings.risk
    specified = _percent(STOP_LOSS_FRACTION)
    if risk.stop_loss_action is not StopLossAction.CLOSE:
        text = (
            "a pair that reaches its stop-loss is not closed, you are told "
            f"(the specification: closed at {specified})"
        )
        yield Loosened(
            name="stop_loss_action",
            specified=StopLossAction.CLOSE.value,
            here=risk.stop_loss_action.value,
            text=text,
        )
    if risk.stop_loss_fraction > STOP_LOSS_FRACTION:
        here = _percent(risk.stop_loss_fraction)
        text = f"the stop-loss of a pair at {here} (the specification: {specified})"
        yield Loosened(name="stop_loss_fraction", specified=specified, here=here, text=text)
    for base, fraction in sorted(stop_losses(risk.stop_loss_by_symbol).items()):
        if fraction > STOP_LOSS_FRACTION:
            here = _percent(fraction)
            text = f"the stop-loss of {base} at {here} (the specification: {specified})"
            yield Loosened(name="stop_loss_by_symbol", specified=specified, here=here, text=text)


def _percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}%"
