"""How long the legs differed although an order that corrects them would have been accepted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from exchange_simulator.market.listings import symbol_of
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill, naked_fills
from trading_platform_order.simulation.checkers.fills import Naked, naked_times
from trading_platform_order.simulation.checkers.timeliness.excused_times import Excuse, unexcused_s
from trading_platform_order.simulation.testbed.testbed import TestBed

BEYOND_BUDGET_S = 2.0
_UPBIT, _BINANCE = frozenset({Venue.UPBIT}), frozenset({Venue.BINANCE})


def naked_while_correctable(
    testbed: TestBed, excuses: Sequence[Excuse]
) -> list[tuple[Naked, float]]:
    """Every time at which the legs differed, with the seconds of it that nothing excuses."""
    state, world = testbed.world.accounts(), testbed.world
    prices = {base: world.upbit.prices[f"KRW-{base}"] for base in testbed.setup.bases}
    fills = naked_fills(state, testbed.owner.order_ids)
    found = []
    for naked in naked_times(fills, prices, testbed.clock.now()):
        contract, coins = symbol_of(f"{naked.base}USDT")
        seconds = uncorrected_s(
            naked,
            fills,
            excuses,
            step=world.binance.step_of(contract) * coins,
            monotonic_of=testbed.clock.monotonic_of,
        )
        found.append((naked, seconds))
    return found


def uncorrected_s(
    naked: Naked,
    fills: Sequence[ExchangeFill],
    excuses: Sequence[Excuse],
    *,
    step: Decimal,
    monotonic_of: Callable[[datetime], float],
) -> float:
    """For how long the legs differed although an order that corrects them could have been placed.

    Args:
        naked: when they did.
        fills: of all assets, oldest first.
        excuses: when something outside made orders impossible.
        step: what a quantity of the contract is a multiple of, coins.
        monotonic_of: from a time of the exchanges to monotonic seconds.
    """
    seconds = 0.0
    for since, until, needed in stretches(naked, fills, step):
        closed = [excuse for excuse in excuses if excuse.venue is None or excuse.venue in needed]
        seconds += unexcused_s(monotonic_of(since), monotonic_of(until), closed)
    return seconds


def stretches(
    naked: Naked, fills: Sequence[ExchangeFill], step: Decimal
) -> Iterator[tuple[datetime, datetime, frozenset[Venue]]]:
    """From fill to fill: when it began and ended, and who excuses it by being closed."""
    mine = [fill for fill in fills if fill.base == naked.base]
    within = sorted({fill.at for fill in mine if naked.since < fill.at < naked.until})
    for since, until in pairwise([naked.since, *within, naked.until]):
        coins = sum((fill.coins for fill in mine if fill.at <= since), ZERO)
        yield since, until, _needed(coins, step)


def _needed(coins: Decimal, step: Decimal) -> frozenset[Venue]:
    """The exchanges that have to take orders before legs that differ by so much can be corrected.

    The longer leg can always be reduced, so only its exchange excuses. A short that is longer by
    less than a step cannot: taking back a whole one leaves coins alone instead. Only Upbit can
    even that, and a close, which buys nothing there, needs both.
    """
    if coins > 0:
        return _UPBIT
    return _BINANCE if -coins >= step else _UPBIT | _BINANCE


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
