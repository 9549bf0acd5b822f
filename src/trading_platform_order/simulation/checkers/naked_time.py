"""How long the legs differed although an order that corrects them would have been accepted."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill, naked_fills
from trading_platform_order.simulation.checkers.excused_times import Excuse, unexcused_s
from trading_platform_order.simulation.checkers.fills import Naked, naked_times
from trading_platform_order.simulation.testbed.testbed import TestBed

BEYOND_BUDGET_S = 2.0


def naked_while_correctable(
    testbed: TestBed, excuses: Sequence[Excuse]
) -> list[tuple[Naked, float]]:
    """Every time at which the legs differed, with the seconds of it that nothing excuses.

    The longer leg can always be reduced, so only its exchange excuses by being closed; which one
    that is changes with every fill.
    """
    state, world = testbed.world.accounts(), testbed.world
    prices = {base: world.upbit.prices[f"KRW-{base}"] for base in testbed.setup.bases}
    fills = naked_fills(state, testbed.owner.order_ids)
    found = []
    for naked in naked_times(fills, prices, testbed.clock.now()):
        seconds = 0.0
        for since, until, longer in stretches(naked, fills):
            since_s, until_s = testbed.clock.monotonic_of(since), testbed.clock.monotonic_of(until)
            seconds += unexcused_s(since_s, until_s, _where(excuses, longer))
        found.append((naked, seconds))
    return found


def stretches(
    naked: Naked, fills: Sequence[ExchangeFill]
) -> Iterator[tuple[datetime, datetime, Venue]]:
    """From fill to fill: when it began and ended, and where the longer leg was."""
    mine = [fill for fill in fills if fill.base == naked.base]
    within = sorted({fill.at for fill in mine if naked.since < fill.at < naked.until})
    for since, until in pairwise([naked.since, *within, naked.until]):
        coins = sum((fill.coins for fill in mine if fill.at <= since), ZERO)
        yield since, until, Venue.UPBIT if coins > 0 else Venue.BINANCE


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
