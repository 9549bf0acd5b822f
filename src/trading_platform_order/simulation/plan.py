"""What shall happen in one run, drawn from its seed before it begins."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from trading_platform_order.domain.order import Venue
from trading_platform_order.domain.signal import Action
from trading_platform_order.simulator.faults import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DelayStream,
    DropRequest,
    DropResponse,
    DuplicateStream,
    Fault,
    HttpStatus,
    LoseMessage,
    MessageMatch,
    RefuseOrder,
    RequestMatch,
)

FAULT_KINDS = (
    "request_lost",
    "response_lost",
    "request_late",
    "response_late",
    "refusal",
    "server_error_executed",
    "server_error_not_executed",
    "stream_late",
    "stream_lost",
    "stream_twice",
    "stream_cut",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One signal and what goes wrong around it.

    Attributes:
        bar: index of the market bar shown before.
        action: what the signal asks; ``again``: sent twice; ``conflicting``: its id is used again
            with another content.
        faults: armed just before.
        dies_at: the engine is killed at this point of its ports, counted from the signal on.
        down_s: how long it stays dead.
        long_lived: the signal stays valid for an hour; ``repeats`` sends an earlier one once more.
        wait_s: how long after the signal the next turn begins; ``None``: when all is quiet.
    """

    bar: int
    action: Action
    strategy: str
    notional_krw: Decimal
    again: bool
    conflicting: bool
    long_lived: bool
    repeats: int | None
    faults: tuple[tuple[str, Fault], ...]
    dies_at: int | None
    down_s: float
    wait_s: float | None


def plan_run(random: Random, *, bars: int) -> tuple[Turn, ...]:
    """A few turns: mostly ENTER and EXIT in turn, with faults and crashes between them."""
    turns = []
    action = Action.ENTER
    bar = random.randrange(bars // 2)
    for number in range(random.randint(3, 6)):
        turns.append(_turn(random, action, bar, number))
        if random.random() < 0.85:  # noqa: PLR2004 - the rest repeats an action out of order
            action = Action.EXIT if action is Action.ENTER else Action.ENTER
        bar = min(bar + random.randint(1, 10), bars - 1)
    return tuple(turns)


def _turn(random: Random, action: Action, bar: int, number: int) -> Turn:
    crashes = random.random() < 0.25  # noqa: PLR2004 - a probability
    return Turn(
        bar=bar,
        action=action,
        strategy="kimchi",
        notional_krw=Decimal(random.randint(2, 40) * 100_000),
        again=random.random() < 0.2,  # noqa: PLR2004 - a probability
        conflicting=random.random() < 0.1,  # noqa: PLR2004 - a probability
        long_lived=random.random() < 0.5,  # noqa: PLR2004 - a probability
        repeats=random.randrange(number) if number and random.random() < 0.3 else None,  # noqa: PLR2004 - as above
        faults=tuple(_fault(random) for _ in range(random.choice((0, 1, 1, 2)))),
        dies_at=random.randint(1, 14) if crashes else None,
        down_s=random.choice((0.1, 1.0, 30.0)),
        wait_s=random.choice((None, None, None, 0.2, 2.0)),
    )


def _fault(random: Random) -> tuple[str, Fault]:
    kind = random.choice(FAULT_KINDS)
    venue = random.choice((Venue.UPBIT, Venue.BINANCE))
    orders = RequestMatch(is_order=True)
    messages = MessageMatch(contains=_ORDER_EVENT[venue])
    late_s = random.choice((0.3, 0.8, 4.0, 12.0))
    faults: dict[str, Fault] = {
        "request_lost": DropRequest(venue=venue, match=orders),
        "response_lost": DropResponse(venue=venue, match=orders),
        "request_late": DelayRequest(venue=venue, match=orders, delay_s=min(late_s, 0.9)),
        "response_late": DelayResponse(venue=venue, match=orders, delay_s=late_s),
        "refusal": RefuseOrder(venue=venue),
        "server_error_executed": _server_error(venue, execute=True),
        "server_error_not_executed": _server_error(venue, execute=False),
        "stream_late": DelayStream(venue=venue, match=messages, delay_s=late_s),
        "stream_lost": LoseMessage(venue=venue, match=messages, count=random.randint(1, 4)),
        "stream_twice": DuplicateStream(venue=venue, match=messages, count=3),
        "stream_cut": CutStream(venue=venue, when="next_order", refuse_s=random.choice((0.0, 2.0))),
    }
    return kind, faults[kind]


def _server_error(venue: Venue, *, execute: bool) -> HttpStatus:
    return HttpStatus(
        venue=venue,
        match=RequestMatch(is_order=True),
        status=502,
        body="<html>bad gateway</html>",
        execute=execute,
    )


_ORDER_EVENT = {Venue.UPBIT: "myOrder", Venue.BINANCE: "ORDER_TRADE_UPDATE"}
