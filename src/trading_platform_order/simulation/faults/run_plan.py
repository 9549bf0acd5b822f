"""What shall happen in one run, drawn from its seed before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.faults.fault_kinds import BINANCE_ONLY, ORDINARY_KINDS
from trading_platform_order.simulation.testbed.testbed import BARS

STRATEGIES = ("kimchi", "swing")
SYMBOLS = ("BTC", "ETH", "XRP")
CRASHES = 0.16
"""Part of the turns in which the engine is killed at one of its ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSignal:
    """One signal and how it is sent.

    Attributes:
        after_s: how long after the one before it.
        age_s: how old it is when it arrives; over 5 s it is stale.
        copies: how often it is sent; ``conflicting``: its id once more with another content.
        long_lived: valid for an hour.
    """

    action: Action
    strategy: str
    symbol: str
    notional_krw: Decimal
    after_s: float
    age_s: float
    copies: int
    conflicting: bool
    long_lived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """One fault; ``seed`` decides its details."""

    kind: str
    venue: Venue
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A few signals in quick succession and what goes wrong around them.

    Attributes:
        bar: index of the market bar shown before.
        faults: prepared just before.
        dies_at: the engine is killed at this point of its ports, counted from the turn on.
        down_s: how long it stays dead.
        repeats: sends the signal of this number once more.
        drift_bps: how far the markets move, step by step, while the turn is played.
        wait_s: how long after the turn the next begins; ``None``: when all is quiet.
    """

    bar: int
    signals: tuple[PlannedSignal, ...]
    faults: tuple[PlannedFault, ...]
    dies_at: int | None
    down_s: float
    repeats: int | None
    drift_bps: int
    wait_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One run.

    Attributes:
        owns: the owner holds coins of each symbol before the system first starts.
    """

    symbols: tuple[str, ...]
    owns: bool
    turns: tuple[Turn, ...]


def plan_run(random: Random, kinds: Sequence[str] = ORDINARY_KINDS) -> RunPlan:
    """One or two turns: mostly ENTER and EXIT in turn, with faults and crashes between them."""
    symbols = tuple(sorted(random.sample(SYMBOLS, random.choice((2, 2, 2, 3)))))
    held: set[tuple[str, str]] = set()
    turns = []
    sent = 0
    for number in range(random.choice((1, 2, 2, 2))):
        turn = _turn(random, symbols, held, kinds, number=number, sent=sent)
        sent += len(turn.signals)
        turns.append(turn)
    return RunPlan(
        symbols=symbols,
        owns=random.random() < 0.4,  # noqa: PLR2004 - a probability
        turns=tuple(turns),
    )


def _turn(
    random: Random,
    symbols: Sequence[str],
    held: set[tuple[str, str]],
    kinds: Sequence[str],
    *,
    number: int,
    sent: int,
) -> Turn:
    count = random.choice((1, 2, 2, 3))
    faults = [_fault(random, kinds) for _ in range(random.choice((2, 2, 3, 3)))] if kinds else []
    return Turn(
        bar=min(number * 8 + random.randrange(8), BARS - 1),
        signals=tuple(_signal(random, symbols, held) for _ in range(count)),
        faults=tuple(faults),
        dies_at=random.randint(1, 24) if random.random() < CRASHES else None,
        down_s=random.choice((0.1, 1.0, 30.0)),
        repeats=random.randrange(sent) if sent and random.random() < 0.2 else None,  # noqa: PLR2004 - a probability
        drift_bps=random.choice((0, 0, 3, -3, 12, -12)),
        wait_s=random.choice((None, None, 0.2, 2.0)),
    )


def _signal(random: Random, symbols: Sequence[str], held: set[tuple[str, str]]) -> PlannedSignal:
    symbol, strategy = random.choice(symbols), random.choice(STRATEGIES[:1] * 3 + STRATEGIES[1:])
    key = (strategy, symbol)
    expected = Action.EXIT if key in held else Action.ENTER
    other = Action.ENTER if expected is Action.EXIT else Action.EXIT
    action = expected if random.random() < 0.9 else other  # noqa: PLR2004 - a probability
    if action is Action.ENTER:
        held.add(key)
    else:
        held.discard(key)
    return PlannedSignal(
        action=action,
        strategy=strategy,
        symbol=symbol,
        notional_krw=Decimal(random.choice((2, 3, 5, 8, 13, 21, 34, 55, 89)) * 100_000),
        after_s=random.choice((0.0, 0.0, 0.02, 0.3)),
        age_s=random.choice((0.0,) * 12 + (1.0, 4.9, 5.1, 60.0)),
        copies=random.choice((1, 1, 1, 1, 2)),
        conflicting=random.random() < 0.05,  # noqa: PLR2004 - a probability
        long_lived=random.random() < 0.4,  # noqa: PLR2004 - a probability
    )


def _fault(random: Random, kinds: Sequence[str]) -> PlannedFault:
    kind = random.choice(kinds)
    venue = random.choice((Venue.UPBIT, Venue.BINANCE))
    return PlannedFault(
        kind=kind,
        venue=Venue.BINANCE if kind in BINANCE_ONLY else venue,
        seed=random.randrange(1 << 30),
    )
