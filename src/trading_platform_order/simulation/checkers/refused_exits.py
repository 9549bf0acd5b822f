"""Judge of every EXIT that was not traded: the reason must have been true at that very moment.

``verdicts.py`` knows which codes an EXIT may be refused with at all. Here each of them is held
against what the engine does not decide: the signal as its sender made it, the exchanges' own time
and what the strategy's orders have brought there. Where commits are lost nothing can be asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.claims import ClaimRecorder
from trading_platform_order.simulation.checkers.exchange_fills import own_fills
from trading_platform_order.simulation.checkers.invariants import DUST_KRW
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry

CLOCK_S = 1.0
"""So exactly the engine knows an exchange's time (a calendar that is further off is corrected)."""


class _Refused(msgspec.Struct):
    signal_id: str
    action: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was true when an EXIT was refused.

    Attributes:
        sent: every content that was sent under its id, oldest first.
        now: the exchanges' time.
        held_krw: value of the larger leg that its strategy's orders have brought in the coin;
            ``None`` where another hand took a part, so that no exchange knows whose the rest is.
        entered_at: when the latest ENTER of the strategy that was traded there was made.
        ahead_s_max: by how much its ENTER may be younger before an EXIT counts as superseded.
        is_withdrawn: an operator took it back.
    """

    sent: Sequence[Signal]
    now: datetime
    held_krw: Decimal | None = ZERO
    entered_at: datetime | None = None
    ahead_s_max: float = 0.0
    is_withdrawn: bool = False


def exits_were_refused_for_true_reasons(code: str, at: Moment) -> Iterable[str]:
    """What an EXIT is refused for is so: it has lapsed, nothing is held, a later pair stands."""
    signal = at.sent[-1]
    match code:
        case RefusalCode.EXPIRED:
            yield from _lapsed(signal, at.now)
        case RefusalCode.NOTHING_OPEN | RefusalCode.SYMBOL_NOT_ALLOWED | RefusalCode.BELOW_MINIMUM:
            is_part = code == RefusalCode.BELOW_MINIMUM and _is_part(signal)
            if at.held_krw is not None and at.held_krw >= DUST_KRW and not is_part:
                yield f"{code}, and {at.held_krw:.0f} KRW are held"
        case RefusalCode.SUPERSEDED:
            entered_at = at.entered_at
            later_s = (entered_at - signal.created_at).total_seconds() if entered_at else 0.0
            if later_s <= at.ahead_s_max - CLOCK_S:
                yield f"superseded by an entry that was made {later_s:.1f} s after it"
        case RefusalCode.WITHDRAWN:
            if not at.is_withdrawn:
                yield "withdrawn, and nobody took it back"
        case RefusalCode.SIGNAL_CONFLICT:
            if all(one == at.sent[0] for one in at.sent):
                yield "signal_conflict, and its id was sent with one content only"
        case _:
            yield f"{code} refuses no EXIT that its sender made well"


def _lapsed(signal: Signal, now: datetime) -> Iterator[str]:
    if signal.expires_at is None:
        yield "expired, and it does not say when"
    elif (left_s := (signal.expires_at - now).total_seconds()) > CLOCK_S:
        yield f"expired {left_s:.1f} s before its end on the exchanges' time"


def _is_part(signal: Signal) -> bool:
    parts = (signal.quantity_base, signal.notional_krw, signal.capital_fraction, signal.leg)
    return any(part is not None for part in parts)


@dataclass(slots=True)
class RefusedExits:
    """Observes one stage.

    Attributes:
        found: what was wrong, a line each.
    """

    testbed: TestBed
    recorder: ClaimRecorder
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.testbed.observers.append(self._committed)

    def _committed(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        for entry in entries:
            if entry.kind != "signal_refused":
                continue
            refused = msgspec.json.decode(entry.body, type=_Refused)
            # Those that the engine makes itself nobody sent; their codes are judged in the end.
            if refused.action == Action.EXIT and refused.signal_id in self.testbed.sent:
                lines = exits_were_refused_for_true_reasons(refused.code, self._moment(refused))
                self.found += (f"EXIT {refused.signal_id} was refused: {line}" for line in lines)

    def _moment(self, refused: _Refused) -> Moment:
        testbed, sent = self.testbed, self.testbed.sent[refused.signal_id]
        return Moment(
            sent=sent,
            now=testbed.clock.now(),
            held_krw=self._held_krw(sent[-1]),
            entered_at=self._entered_at(sent[-1]),
            ahead_s_max=testbed.setup.settings.limits.ahead_s_max,
            is_withdrawn=refused.signal_id in testbed.withdrawn,
        )

    def _held_krw(self, signal: Signal) -> Decimal | None:
        if signal.symbol in self.recorder.taken or self.testbed.owner.meddled_s is not None:
            return None
        held: dict[Venue, Decimal] = defaultdict(lambda: ZERO)
        for fill in own_fills(self.testbed.world.accounts(), self.testbed.owner.order_ids):
            owned = self.recorder.orders.get(fill.client_order_id)
            if owned is None:
                continue
            if (owned.signal.strategy, owned.base) == (signal.strategy, signal.symbol):
                held[fill.venue] += fill.coins
        price_krw = self.testbed.world.upbit.prices.get(f"KRW-{signal.symbol}", ZERO)
        return max((abs(quantity) * price_krw for quantity in held.values()), default=ZERO)

    def _entered_at(self, signal: Signal) -> datetime | None:
        return max(
            (
                one.signal.created_at
                for one in self.recorder.signals.values()
                if one.signal.action is Action.ENTER
                and (one.signal.strategy, one.signal.symbol) == (signal.strategy, signal.symbol)
                and one.begun_s is not None
            ),
            default=None,
        )
