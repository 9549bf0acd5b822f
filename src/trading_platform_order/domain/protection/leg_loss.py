"""One leg of a pair is gone and no order of ours took it: what that is worth, and what follows.

A protective stop fired, the exchange deleveraged or liquidated, or an operator closed a leg by
hand. All rules about such an event live here. It belongs to no pair trade: it is booked on the
account, each strategy's share by what it held, and then the other leg is closed by an ordinary EXIT
whose id follows from the event, so that it is begun once however often the engine dies in between.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.money import ZERO, floor_to_step, plain
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.domain.value import value

EXIT_LIFE = timedelta(days=30)
_RETRY_FIRST_S = 5
_RETRY_DOUBLINGS_MAX = 4
# Asking again would be answered the same: there is nothing that could be traded.
_FINAL_REFUSALS = {RefusalCode.NOTHING_OPEN, RefusalCode.BELOW_MINIMUM}


class Cause(StrEnum):
    """Who took the leg away."""

    PROTECTIVE_STOP = "protective_stop"
    TRAILING_STOP = "trailing_stop"
    ADL = "adl"
    LIQUIDATION = "liquidation"
    SETTLEMENT = "settlement"
    MANUAL_CLOSE = "manual_close"
    UNEXPLAINED = "unexplained"
    COINS_GONE = "coins_gone"

    @property
    def latches(self) -> bool:
        """An operator must look before anything is entered again."""
        return self in {Cause.LIQUIDATION, Cause.COINS_GONE, Cause.UNEXPLAINED}


@value
class Share:
    """What one strategy lost by one execution.

    Attributes:
        quantity: base units.
        fill: the strategy's share of the execution; ``None`` when no execution is known for it.
    """

    strategy: str
    quantity: Decimal
    fill: Fill | None = None


@value
class HedgeClosed:
    """A short was closed, in whole or part, by no order of a trade.

    Attributes:
        event_id: unique; the EXITs that follow are named by it.
        decision: prices when it was noticed, for the parts of profit and loss.
    """

    event_id: str
    base: str
    cause: Cause
    shares: tuple[Share, ...]
    decision: DecisionPrices
    at: datetime


@value
class CoinsGone:
    """Coins that the ledger owns are not on Upbit any more: sold or moved by another hand.

    Attributes:
        price_krw: the mid they are counted as gone at; their proceeds come as foreign KRW.
    """

    event_id: str
    base: str
    shares: tuple[Share, ...]
    price_krw: Decimal
    at: datetime


LegLossEvent = HedgeClosed | CoinsGone


def cause_of(client_order_id: str, stops: Mapping[str, Cause], forced: Cause | None) -> Cause:
    """Who placed an order that is not a trade's; ``forced``: what the exchange did by itself."""
    return stops.get(client_order_id) or forced or Cause.MANUAL_CLOSE


def split(total: Decimal, held: Mapping[str, Decimal], step: Decimal | None) -> dict[str, Decimal]:
    """Who lost how much: in proportion to what each strategy held, on the step.

    What rounding leaves goes to the strategies in the order of their names, none beyond its own.
    Without a step (the filters are not known yet) it is taken in that order altogether.
    """
    owned = {name: amount for name, amount in sorted(held.items()) if amount > 0}
    everything = sum(owned.values(), ZERO)
    lost = dict.fromkeys(owned, ZERO)
    if step is not None and step > 0 and everything > 0:
        for name, amount in owned.items():
            lost[name] = min(amount, floor_to_step(total * amount / everything, step))
    left = total - sum(lost.values(), ZERO)
    for name, amount in owned.items():
        more = min(left, amount - lost[name])
        lost[name] += more
        left -= more
    return {name: amount for name, amount in lost.items() if amount > 0}


def taken(
    missing: Decimal, executions: Iterable[Fill], booked: Mapping[tuple[str, str], Decimal]
) -> tuple[Fill, ...]:
    """The executions that explain a missing short: the newest first, until it is covered.

    Only purchases not booked yet count, and only as much of each as is missing. Older ones of
    another hand were evened by that hand itself. The order of the result is that of time.
    """
    left, found = missing, []
    newest = sorted(executions, key=lambda fill: (fill.at, fill.trade_id), reverse=True)
    for fill in newest:
        rest = fill.quantity - booked.get((fill.symbol, fill.trade_id), ZERO)
        part = min(left, rest)
        if fill.side is not OrderSide.BUY or part <= 0:
            continue
        found.append(_part(fill, part))
        left -= part
    return tuple(reversed(found))


def _part(fill: Fill, quantity: Decimal) -> Fill:
    if quantity == fill.quantity:
        return fill
    in_quote = None if fill.fee_quote is None else fill.fee_quote * quantity / fill.quantity
    return replace(
        fill, quantity=quantity, fee=fill.fee * quantity / fill.quantity, fee_quote=in_quote
    )


def shares_of(lost: Mapping[str, Decimal], fills: Iterable[Fill]) -> tuple[Share, ...]:
    """Each strategy's share of each execution; what no execution explains comes without one."""
    need = dict(lost)
    shares = []
    for fill in fills:
        rest = fill.quantity
        for name, wanted in need.items():
            part = min(rest, wanted)
            if part <= 0:
                continue
            shares.append(Share(strategy=name, quantity=part, fill=_part(fill, part)))
            need[name] -= part
            rest -= part
    bare = (Share(strategy=name, quantity=left) for name, left in need.items() if left > 0)
    return (*shares, *bare)


# -- the EXIT that follows ------------------------------------------------------------------------


def exit_signal(event: LegLossEvent, strategy: str, attempt: int = 1) -> Signal:
    """The EXIT that brings a strategy's legs together again; a pure function of the event.

    It closes only what has no counterpart any more. That is not written in it, because nothing in
    a signal from outside may ask for that: :meth:`LegLossBook.asked` knows its id.
    """
    return Signal(
        id=f"one-leg-{event.base}-{event.event_id}-{strategy}-{attempt}",
        strategy=strategy,
        action=Action.EXIT,
        symbol=event.base,
        created_at=event.at,
        expires_at=event.at + EXIT_LIFE,
    )


@value
class _Wanted:
    event: LegLossEvent
    strategy: str
    attempt: int
    not_before: datetime

    @property
    def signal(self) -> Signal:
        return exit_signal(self.event, self.strategy, self.attempt)


def _wait_s(attempt: int) -> int:
    return _RETRY_FIRST_S << min(attempt - 1, _RETRY_DOUBLINGS_MAX)


def _age_s(attempt: int) -> int:
    """How long after the first attempt this one is made, at least."""
    growing = min(attempt - 1, _RETRY_DOUBLINGS_MAX)
    rest = attempt - 1 - growing
    return _RETRY_FIRST_S * ((1 << growing) - 1) + rest * _wait_s(attempt)


@dataclass(slots=True, kw_only=True)
class LegLossBook:
    """What the journal says of such events: which executions are booked, which EXITs are owed.

    Attributes:
        count: events so far.
        booked: base units booked of executions by others, by (symbol, exchange trade id).
    """

    count: int = 0
    booked: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    _owed: dict[str, _Wanted] = field(default_factory=dict)
    _begun: dict[str, _Wanted] = field(default_factory=dict)

    def note(self, fill: Fill) -> None:
        """An execution by another hand, or a part of it, is booked."""
        key = (fill.symbol, fill.trade_id)
        self.booked[key] = self.booked.get(key, ZERO) + fill.quantity

    def happened(self, event: LegLossEvent) -> None:
        """An event was journalled; its EXITs are owed from now on."""
        self.count += 1
        for share in event.shares:
            if share.fill is not None:
                self.note(share.fill)
        for strategy in dict.fromkeys(share.strategy for share in event.shares):
            self._owe(_Wanted(event=event, strategy=strategy, attempt=1, not_before=event.at))

    def _owe(self, wanted: _Wanted) -> None:
        self._owed[wanted.signal.id] = wanted

    def begun(self, signal_id: str) -> None:
        """An EXIT was claimed, or its trade opened."""
        wanted = self._owed.pop(signal_id, None)
        if wanted is not None:
            self._begun[signal_id] = wanted

    def refused(self, signal_id: str, code: str, at: datetime) -> None:
        """An EXIT was refused: the leg still stands alone, so the next attempt is owed."""
        self.begun(signal_id)
        wanted = self._begun.pop(signal_id, None)
        if wanted is None or code in _FINAL_REFUSALS:
            return
        wait_s = _wait_s(wanted.attempt)
        again = replace(
            wanted, attempt=wanted.attempt + 1, not_before=at + timedelta(seconds=wait_s)
        )
        self._owe(again)

    def is_told(self, signal_id: str, schedule: tuple[float, ...]) -> bool:
        """Whether operators are told that this EXIT was refused: at first, then ever more rarely.

        Any other signal's refusal is told.
        """
        wanted = self._owed.get(signal_id) or self._begun.get(signal_id)
        if wanted is None or wanted.attempt == 1:
            return True
        age_s, before_s = _age_s(wanted.attempt), _age_s(wanted.attempt - 1)
        told = sum(before_s >= at_s for at_s in schedule)
        if told == len(schedule):
            return age_s // schedule[-1] > before_s // schedule[-1]
        return age_s >= schedule[told]

    def asked(self, signal_id: str) -> bool:
        """Whether an event of ours asks for this EXIT: of what is unhedged, nothing else."""
        return signal_id in self._owed or signal_id in self._begun

    def owed(self, now: datetime) -> tuple[Signal, ...]:
        """EXITs to begin now."""
        return tuple(w.signal for w in self._owed.values() if w.not_before <= now)


def alert_of(event: LegLossEvent, cause: Cause) -> Alert:
    """What operators are told of it."""
    fills = [share.fill for share in event.shares if share.fill is not None]
    quantity = sum((share.quantity for share in event.shares), ZERO)
    fields = {
        "symbol": event.base,
        "cause": cause.value,
        "leg": (Leg.HEDGE if isinstance(event, HedgeClosed) else Leg.SPOT).value,
        "quantity_base": plain(quantity),
        "strategies": ", ".join(dict.fromkeys(share.strategy for share in event.shares)),
    }
    if fills:
        filled = sum((fill.quantity for fill in fills), ZERO)
        value = sum((fill.quantity * fill.price for fill in fills), ZERO)
        fields["average_price_usdt"] = plain((value / filled).quantize(Decimal("0.0001")))
        fields["fee"] = plain(sum((fill.fee for fill in fills), ZERO))
        fields["client_order_id"] = fills[-1].client_order_id
    fields["next"] = "the other leg is closed at once"
    return Alert(kind=AlertKind.ONE_LEG_GONE, urgent=True, fields=fields)
