"""How long the legs differed although an order that corrects them would have been accepted."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Venue
from trading_platform_order.simulation.checkers.exchange_fills import naked_fills
from trading_platform_order.simulation.checkers.excused_times import Excuse, unexcused_s
from trading_platform_order.simulation.checkers.fills import Naked, naked_times
from trading_platform_order.simulation.testbed.testbed import Stage

BEYOND_BUDGET_S = 2.0


def naked_while_correctable(stage: Stage, excuses: Sequence[Excuse]) -> list[tuple[Naked, float]]:
    """Every time at which the legs differed, with the seconds of it that nothing excuses.

    The longer leg can always be reduced, so only its exchange excuses by being closed.
    """
    state, world = stage.world.accounts(), stage.world
    prices = {base: world.upbit.prices[f"KRW-{base}"] for base in stage.setup.bases}
    fills = naked_fills(state, stage.owner.order_ids)
    found = []
    for naked in naked_times(fills, prices, stage.clock.now()):
        since_s = stage.clock.monotonic_of(naked.since)
        until_s = stage.clock.monotonic_of(naked.until)
        at_begin = (
            fill.coins for fill in fills if fill.base == naked.base and fill.at <= naked.since
        )
        longer = Venue.UPBIT if sum(at_begin, ZERO) > Decimal(0) else Venue.BINANCE
        found.append((naked, unexcused_s(since_s, until_s, _where(excuses, longer))))
    return found


def _where(excuses: Iterable[Excuse], venue: Venue) -> Iterator[Excuse]:
    return (excuse for excuse in excuses if excuse.venue in {None, venue})


def legs_were_corrected_in_time(
    naked: Iterable[tuple[Naked, float]], exposure_s: float
) -> Iterable[str]:
    """While an order that corrects them would be accepted, legs differ for the budget and 2 s."""
    for time, seconds in naked:
        if seconds > exposure_s + BEYOND_BUDGET_S:
            yield (
                f"{time.base} stood naked for {time.seconds:.1f} s with {time.krw:.0f} KRW, "
                f"{seconds:.1f} s of them without an excuse"
            )
