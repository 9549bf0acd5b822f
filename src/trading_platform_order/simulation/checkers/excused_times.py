"""When something outside made it impossible to place an order, or to know what became of one.

Each fault excuses the time that it takes itself, on its own exchange, from the moment it strikes an
order. Times are laid over one another and never added up: a second hour of the same outage does not
excuse another. What is only read (look-ups, lists, streams) excuses nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from exchange_simulator.faults.armed import ArmedFault
from exchange_simulator.faults.kinds import (
    DelayRequest,
    DelayResponse,
    DropRequest,
    DropResponse,
    HoldOrder,
    HttpStatus,
    LagReads,
    RefuseConnection,
    RefuseOrder,
    ThinBook,
)
from exchange_simulator.upbit.errors import is_documented
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.closed_codes import is_closed

UNKNOWN_S = 12.0
"""Until an order's outcome is known that nobody answered: on Binance its window of 5 s, three looks
over 2 s and the pauses between; on Upbit an identifier is looked for during 10 s at least."""
AFTER_CLOSED_S = 12.0
"""Once an exchange takes orders again: the next attempt, a probe, and books that are fresh."""
REFUSED_S = 3.0
"""One more attempt after one that was refused for no reason of ours."""
STRIKES_S = 3.0
"""A fault that strikes more than once is looked at so often between two of its strikes."""
BARE_LIMIT_S = 60.0
"""How long nothing is sent after a 429 that does not say how long."""
REFILLS_S = 10.0
"""A book that others took is filled by the next step of the market."""
TAKEN_S = 35.0
"""Until a leg that another hand took is noticed and the other leg follows."""
CLOCK_S = 5.0
"""Our calendar jumped; ages and limits that go by it right themselves within this."""
ASLEEP = "asleep"
"""The engine's process or its machine stood still."""
_CLOSED = frozenset({403, 418, 429})
_CERTAIN_503 = ("-1008", "Service Unavailable.")
"""Any other 503 leaves an order unknown, that of Binance's maintenance too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """One stretch of time, monotonic seconds.

    Attributes:
        venue: where orders were impossible; ``None``: everywhere, or an outcome was unknown.
        unknown_at: the exchange that knows the outcome.
    """

    since_s: float
    until_s: float
    why: str
    venue: Venue | None = None
    unknown_at: Venue | None = None

    def meets(self, other: "Excuse") -> bool:
        """They overlap, or one begins as the other ends."""
        return self.since_s <= other.until_s and other.since_s <= self.until_s


def excuses_of(faults: Iterable[ArmedFault], now_s: float = 0.0) -> Iterator[Excuse]:
    """What these faults excuse, each strike from its moment on.

    Args:
        faults: all that were ever armed.
        now_s: the end of the world.
    """
    for armed in faults:
        for at_s in _moments(armed, now_s):
            excuse = _excuse(armed, at_s)
            if excuse is not None:
                yield excuse


def combined(excuses: Iterable[Excuse]) -> list[Excuse]:
    """While an exchange is closed nobody learns there what became of an order.

    Nor what another hand did, nor what an engine that died had sent.
    """
    found = list(excuses)
    unknown = [excuse for excuse in found if excuse.venue is None]
    return [
        replace(excuse, venue=None, until_s=excuse.until_s + UNKNOWN_S)
        if excuse.venue is not None
        and any(u.unknown_at in {None, excuse.venue} and u.meets(excuse) for u in unknown)
        else excuse
        for excuse in found
    ]


def extended(taken: Excuse, told: Iterable[Excuse]) -> Excuse:
    """What another hand took is not seen while its exchange turns everything away."""
    shut = (e.until_s for e in told if e.venue is Venue.BINANCE and e.meets(taken))
    return replace(taken, until_s=max(taken.until_s, *shut, taken.until_s))


def heard_awake(excuse: Excuse, others: Iterable[Excuse]) -> Excuse:
    """What an engine that slept meanwhile hears of when it wakes lasts as long from then on."""
    slept = [e.until_s - e.since_s for e in others if e.why == ASLEEP and e.meets(excuse)]
    if excuse.why == ASLEEP or not slept:
        return excuse
    return replace(excuse, until_s=excuse.until_s + max(slept))


def _moments(armed: ArmedFault, now_s: float) -> Iterator[float]:
    """When it struck, and as long as it would have struck again: at every attempt in between.

    Whoever waits for a closed exchange sends no order: an answer that lasts need not strike one.
    """
    fault, struck = armed.fault, armed.struck_orders_s
    if isinstance(fault, HttpStatus) and fault.lasts_s and armed.until_s and _meets_orders(fault):
        yield armed.until_s - fault.lasts_s
        return
    if fault.count > 1 and struck and not armed.is_exhausted:
        ends_s = now_s if armed.cleared_s is None else armed.cleared_s
        struck = [*struck, max(ends_s, struck[-1])]
    for at_s, next_s in pairwise([*struck, None]):
        if at_s is None:
            return
        yield at_s
        between_s = at_s + STRIKES_S
        while next_s is not None and between_s < next_s:
            yield between_s
            between_s += STRIKES_S


def _meets_orders(fault: HttpStatus) -> bool:
    """Whether an order would have been answered so, too."""
    match = fault.match
    is_place = match.path is None or match.path in {"/v1/orders", "/fapi/v1/order"}
    return match.is_order is not False and match.method in {None, "POST"} and is_place


def _excuse(armed: ArmedFault, at_s: float) -> Excuse | None:  # noqa: PLR0911 - a row each
    fault, venue = armed.fault, Venue(armed.fault.venue)
    match fault:
        case DropRequest() | DropResponse():
            return _unknown(venue, at_s, UNKNOWN_S, "unanswered")
        case DelayRequest() | DelayResponse():
            return _unknown(venue, at_s, fault.delay_s + UNKNOWN_S, "late")
        case HttpStatus():
            return _of_status(fault, venue, at_s)
        case RefuseConnection():
            return _closed(venue, at_s, REFUSED_S, "refused")
        case RefuseOrder() if venue is Venue.UPBIT and fault.code and not is_documented(fault.code):
            return _unknown(venue, at_s, UNKNOWN_S, "refused under an unknown name")
        case RefuseOrder():
            more_s = AFTER_CLOSED_S if is_closed(fault.code or "") else REFUSED_S
            return _closed(venue, at_s, more_s, "refused")
        case ThinBook():
            return _closed(venue, at_s, REFILLS_S, "thin book")
        case HoldOrder():
            return _unknown(venue, at_s, fault.hold_s + REFUSED_S, "stays working")
        case LagReads():
            return _unknown(venue, at_s, 2 * fault.lag_s + UNKNOWN_S, "not shown yet")
        case _:
            return None


def _of_status(fault: HttpStatus, venue: Venue, at_s: float) -> Excuse:
    lasts_s = max(fault.lasts_s, float(fault.headers.get("retry-after", 0)))
    if fault.status in _CLOSED or any(text in fault.body for text in _CERTAIN_503):
        if fault.status in {418, 429} and not lasts_s:
            lasts_s = BARE_LIMIT_S
        more_s = AFTER_CLOSED_S if lasts_s else REFUSED_S
        return _closed(venue, at_s, lasts_s + more_s, f"HTTP {fault.status}")
    seconds = lasts_s + fault.act_after_s + UNKNOWN_S
    return _unknown(venue, at_s, seconds, f"HTTP {fault.status}")


def _unknown(venue: Venue, at_s: float, seconds: float, why: str) -> Excuse:
    return Excuse(since_s=at_s, until_s=at_s + seconds, why=why, unknown_at=venue)


def _closed(venue: Venue, at_s: float, seconds: float, why: str) -> Excuse:
    return Excuse(since_s=at_s, until_s=at_s + seconds, why=why, venue=venue)


def unexcused_s(since_s: float, until_s: float, excuses: Iterable[Excuse]) -> float:
    """How much of a stretch of time no excuse covers."""
    left_s, at_s = 0.0, since_s
    for excuse in sorted(excuses, key=lambda found: found.since_s):
        if excuse.since_s >= until_s:
            break
        left_s += max(excuse.since_s - at_s, 0.0)
        at_s = max(at_s, excuse.until_s)
    return left_s + max(until_s - at_s, 0.0)
