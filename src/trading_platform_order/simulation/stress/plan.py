"""What shall happen in one ordeal, drawn from its seed: a pair is open, and then it is hit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.faults.fault_kinds import BINANCE_ONLY, STRESS_FAULTS
from trading_platform_order.simulation.faults.run_plan import SYMBOLS, PlannedFault

WIRE_KINDS = (
    "request_lost",
    "response_lost",
    "response_late",
    "connection_reset",
    "refusal",
    "bad_gateway_executed",
    "bad_gateway_not_executed",
    "unknown_503_executed",
    "throttled",
    "rate_limited",
    "stream_lost",
    "stream_cut",
    "stream_silent",
    "thin_book",
    "order_stays_working",
    "reads_lag",
)
"""What may go wrong besides, aimed at the orders that the ordeal brings about."""

RICH_USDT = Decimal(8_000)
MOMENTS = ("rest", "enter", "exit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of the prices: ``at_s`` after the ordeal began, in bps of the price before it."""

    at_s: float
    spot_bps: int = 0
    hedge_bps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StressPlan:
    """One ordeal.

    Attributes:
        kind: one of :data:`STRESS_FAULTS`.
        bases: assets with an open pair; the first one is hit.
        entry_krw: of each pair.
        usdt: on Binance at the beginning.
        has_stop: protective stops are placed, and margin is watched.
        moves: of the prices of the first asset.
        moment: when another hand strikes: at rest, or as an order of an ENTER or EXIT arrives.
        part: of what is held, that another hand moves.
        transfer_krw: what the owner deposits (negative: withdraws) as it begins: neither profit nor
            loss.
        faults: aimed at the orders that follow.
        dies_after_s: the engine is killed so long after the strike; ``None``: it lives.
        down_s: and stays dead so long.
        probes_s: an ENTER is sent at each of these moments.
        lasts_s: how long it is watched.
    """

    kind: str
    bases: tuple[str, ...]
    entry_krw: Decimal
    usdt: Decimal = RICH_USDT
    has_stop: bool = True
    moves: tuple[Move, ...] = ()
    moment: str = "rest"
    part: Decimal = Decimal(1)
    transfer_krw: Decimal = ZERO
    faults: tuple[PlannedFault, ...] = ()
    dies_after_s: float | None = None
    down_s: float = 1.0
    probes_s: tuple[float, ...] = ()
    lasts_s: float = 40.0

    @property
    def is_calm(self) -> bool:
        """Nothing goes wrong besides: then every limit must be heeded in its own time."""
        return not self.faults and self.dies_after_s is None


def plan_stress_run(random: Random, kinds: Sequence[str]) -> StressPlan:
    """Half of them with nothing else wrong, so that times can be judged."""
    kind = random.choice(sorted(STRESS_FAULTS & set(kinds)))
    bases = tuple(random.sample(SYMBOLS, random.choice((1, 1, 2))))
    moves, lasts_s = _moves(random, kind)
    moment = random.choice(MOMENTS) if kind == "coins_sold_by_hand" else "rest"
    is_calm = random.random() < 0.5  # noqa: PLR2004 - a probability
    is_squeeze = kind in {"hedge_squeezed", "hedge_liquidated"}
    return StressPlan(
        kind=kind,
        bases=bases[:1] if is_squeeze else bases,
        entry_krw=Decimal(random.choice((4, 6, 9)) * 1_000_000),
        usdt=RICH_USDT if not is_squeeze else Decimal(0),
        has_stop=kind != "hedge_liquidated",
        moves=moves,
        moment=moment,
        part=Decimal(random.choice(("0.1", "0.5", "1"))),
        transfer_krw=_transfer(random, kind, kinds),
        faults=() if is_calm else _faults(random, kinds),
        dies_after_s=None if is_calm or random.random() < 0.6 else random.choice((0.1, 1.0, 4.0)),  # noqa: PLR2004 - a probability
        down_s=random.choice((0.1, 1.0, 10.0)),
        probes_s=tuple(sorted(random.choices((0.5, 1.5, 3.5, 6.0, 15.0), k=2))),
        lasts_s=lasts_s,
    )


def _transfer(random: Random, kind: str, kinds: Sequence[str]) -> Decimal:
    if kind != "price_falls" or "owner_transfer" not in kinds:
        return ZERO
    return Decimal(random.choice((0, 0, -800_000, 800_000)))


def _faults(random: Random, kinds: Sequence[str]) -> tuple[PlannedFault, ...]:
    wire = [kind for kind in WIRE_KINDS if kind in kinds]
    if not wire:
        return ()
    faults = []
    for _ in range(random.choice((1, 2))):
        kind = random.choice(wire)
        venue = random.choice((Venue.UPBIT, Venue.BINANCE))
        faults.append(
            PlannedFault(
                kind=kind,
                venue=Venue.BINANCE if kind in BINANCE_ONLY else venue,
                seed=random.randrange(1 << 30),
            )
        )
    return tuple(faults)


def _moves(random: Random, kind: str) -> tuple[tuple[Move, ...], float]:
    if kind == "price_falls":
        return _fall(random)
    if kind == "hedge_squeezed":
        return _rise(random, random.choice((1_500, 2_500, 3_200, 3_800, 4_300, 4_600, 5_200)))
    if kind == "hedge_liquidated":
        return _rise(random, 6_500)
    return (), 60.0


def _fall(random: Random) -> tuple[tuple[Move, ...], float]:
    """Upbit falls against Binance, or both drift apart; at once or in steps; some come back."""
    total = -random.choice((200, 400, 470, 530, 600, 900, 1_500, 2_500))
    steps = random.choice((1, 1, 4, 20))
    every_s = random.choice((0.25, 0.5, 1.0))
    apart = random.random() < 0.3  # noqa: PLR2004 - a probability
    step = total // steps
    moves = [
        Move(
            at_s=number * every_s,
            spot_bps=step // 2 if apart else step,
            hedge_bps=-step // 2 if apart else 0,
        )
        for number in range(steps)
    ]
    back_after_s = random.choice((None, None, 1.0, 2.0, 20.0))
    end_s = moves[-1].at_s
    if back_after_s is not None:
        end_s += back_after_s
        moves.append(Move(at_s=end_s, spot_bps=-total, hedge_bps=total // 2 if apart else 0))
    return tuple(moves), end_s + 15.0


def _rise(random: Random, total: int) -> tuple[tuple[Move, ...], float]:
    """The coin rises on both exchanges, at once or in steps; what the pair is worth stays."""
    steps = random.choice((1, 3, 10))
    step = total // steps
    moves = tuple(Move(at_s=number * 1.0, spot_bps=step, hedge_bps=step) for number in range(steps))
    return moves, moves[-1].at_s + 25.0
