"""How long an EXIT took: from its claim until both legs were closed on the exchanges themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.claims import Claimed, ClaimRecorder
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill, own_fills
from trading_platform_order.simulation.checkers.excused_times import Excuse, unexcused_s
from trading_platform_order.simulation.checkers.invariants import DUST_KRW
from trading_platform_order.simulation.testbed.testbed import TestBed

CLOSE_S = 3.0
"""No EXIT takes longer than this and what excuses more."""
P99_S = 1.0
"""Of those that nothing disturbed, 99 of 100 take no longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """One EXIT that had something to close.

    Attributes:
        seconds: from its claim until both legs were closed, or until the end.
        is_closed: they were.
        unexcused_s: what of it nothing excuses.
    """

    signal_id: str
    base: str
    seconds: float
    is_closed: bool
    unexcused_s: float


Timed = tuple[float, ExchangeFill]
"""A fill, and when it was on the stopwatch."""


def closings(testbed: TestBed, recorder: ClaimRecorder, excuses: Sequence[Excuse]) -> list[Closed]:
    """Every EXIT that had something to close when it was claimed, or whose ENTER was under way.

    Not those of a coin of which a leg was taken by another hand: whose part that was, no exchange
    knows. Nor those of a part.
    """
    fills = own_fills(testbed.world.accounts(), testbed.owner.order_ids)
    timed = [(testbed.clock.monotonic_of(fill.at), fill) for fill in fills]
    found = []
    for claimed in recorder.exits:
        signal = claimed.signal
        if claimed.refused or signal.quantity_base is not None or signal.symbol in recorder.taken:
            continue
        price_krw = testbed.world.upbit.prices[f"KRW-{signal.symbol}"]
        ended = _ended(claimed, _of_strategy(claimed, recorder, timed), price_krw)
        if ended is None:
            continue
        until_s = min(ended, testbed.clock.monotonic())
        found.append(
            Closed(
                signal_id=signal.id,
                base=signal.symbol,
                seconds=until_s - claimed.claimed_s,
                is_closed=ended < float("inf"),
                unexcused_s=unexcused_s(claimed.claimed_s, until_s, excuses),
            )
        )
    return found


def _ended(claimed: Claimed, fills: Iterable[Timed], price: Decimal) -> float | None:
    """When both legs were closed (never: infinite); ``None`` if there was nothing to close."""
    since_s = claimed.claimed_s
    held: dict[Venue, Decimal] = defaultdict(lambda: ZERO)
    had_something, closed_s = False, None
    for at_s, fill in fills:
        if at_s > since_s and not had_something:
            had_something = _is_open(held, price)
        held[fill.venue] += fill.coins
        if at_s > since_s:
            closed_s = None if _is_open(held, price) else at_s
            had_something = True
    had_something = had_something or _is_open(held, price)
    if not had_something:
        return None
    return float("inf") if closed_s is None else closed_s


def _of_strategy(
    claimed: Claimed, recorder: ClaimRecorder, timed: Iterable[tuple[float, ExchangeFill]]
) -> Iterator[tuple[float, ExchangeFill]]:
    """Fills of this strategy in this coin, until an entry begins that came after the EXIT."""
    signal = claimed.signal
    ends_s = min(
        (
            other.begun_s
            for other in recorder.signals.values()
            if other.signal.action is Action.ENTER
            and (other.signal.strategy, other.signal.symbol) == (signal.strategy, signal.symbol)
            and other.begun_s is not None
            and other.begun_s > claimed.claimed_s
        ),
        default=float("inf"),
    )
    for at_s, fill in timed:
        if at_s > ends_s:
            return
        owned = recorder.orders.get(fill.client_order_id)
        if owned is not None and (owned.signal.strategy, owned.base) == (
            signal.strategy,
            signal.symbol,
        ):
            yield at_s, fill


def _is_open(held: dict[Venue, Decimal], price_krw: Decimal) -> bool:
    return any(abs(quantity) * price_krw >= DUST_KRW for quantity in held.values())


def exits_were_in_time(closed: Iterable[Closed], allowed_s: float = CLOSE_S) -> Iterable[str]:
    """From its claim to both legs closed no EXIT takes longer than 3 s and what excuses more."""
    for exit_ in closed:
        if exit_.unexcused_s > allowed_s:
            ending = "closed" if exit_.is_closed else "still open"
            yield (
                f"EXIT {exit_.signal_id} of {exit_.base}: {ending} after {exit_.seconds:.1f} s, "
                f"{exit_.unexcused_s:.1f} s without an excuse, {allowed_s:.0f} s are allowed"
            )
