"""Whether an exchange takes orders: open, doubtful or closed, for itself and for each symbol.

*Closed* is the exchange's own word: maintenance, a suspended or delisted symbol, a timed ban, a
dead key, or an account setting that makes it refuse every order. Order calls that fail or stay
unanswered make it *doubtful*. Reads change nothing: reads that work while orders fail, and the
reverse, are the usual outage. Closed becomes doubtful, never open at once, when its word lapses,
when an order test passes, or when such tests stay without a verdict; only the answer to an order,
or an order test that passes, opens what is doubtful.

Times are seconds of a clock that never jumps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.value import value

PROBE_PATIENCE_S = 30.0
"""A closed exchange whose order test stays without a verdict for so long is doubtful."""


class Access(StrEnum):
    """What is known of an exchange's readiness to take an order."""

    OPEN = "open"
    DOUBTFUL = "doubtful"
    CLOSED = "closed"


@value
class Door:
    """One exchange, or one symbol on it.

    Attributes:
        hindrance: why it is closed; ``None`` otherwise.
        reason: the exchange's words, or what made it doubtful, for operators.
        since_s: of the present state.
        until_s: when the exchange's word lapses by itself; ``None`` for no end that is known.
        unsure_since_s: since when order tests stay without a verdict.
        reopened_s: when it was closed last and is not any more; ``None`` if it never was.
    """

    access: Access = Access.OPEN
    hindrance: Hindrance | None = None
    reason: str = ""
    since_s: float = 0.0
    until_s: float | None = None
    unsure_since_s: float | None = None
    reopened_s: float | None = None


@value
class KnownHindrance:
    """One that outlives an engine, so that the next one begins by it and not by nothing.

    Attributes:
        base: one base asset; empty for the exchange as a whole.
        reason: the exchange's own words.
        until: when it said that this ends, by the calendar; ``None`` if it did not say.
    """

    leg: Leg
    base: str
    hindrance: Hindrance
    reason: str
    until: datetime | None = None


_OPEN = Door()


@dataclass(slots=True)
class OrderAccess:
    """Both exchanges and their symbols. ``base`` "" stands for the exchange itself."""

    _doors: dict[tuple[Leg, str], Door] = field(default_factory=dict)

    # -- what is asked -----------------------------------------------------------------------------

    def of(self, leg: Leg, base: str, now_s: float) -> Access:
        """Of one symbol: the worse of its own state and its exchange's."""
        return self.door(leg, base, now_s).access

    def door(self, leg: Leg, base: str, now_s: float) -> Door:
        """What stands behind :meth:`of`."""
        whole, own = self._at(leg, "", now_s), self._at(leg, base, now_s)
        worse = whole if _RANK[whole.access] >= _RANK[own.access] else own
        ends = [door.reopened_s for door in (whole, own) if door.reopened_s is not None]
        return replace(worse, reopened_s=max(ends)) if ends else worse

    def closed(self, now_s: float) -> Mapping[tuple[Leg, str], Door]:
        """Everything that is closed now."""
        doors = {key: self._at(*key, now_s) for key in self._doors}
        return {key: door for key, door in doors.items() if door.access is Access.CLOSED}

    @property
    def is_untouched(self) -> bool:
        """Nothing has ever hindered an order, or made it doubtful that it would be taken."""
        return not self._doors

    @property
    def has_reopened(self) -> bool:
        """Something was closed once and is not any more."""
        return any(door.reopened_s is not None for door in self._doors.values())

    def unsettled(self, now_s: float) -> Mapping[tuple[Leg, str], Door]:
        """Everything that is not open: what an order test could tell something about."""
        doors = {key: self._at(*key, now_s) for key in self._doors}
        return {key: door for key, door in doors.items() if door.access is not Access.OPEN}

    # -- what is learned ---------------------------------------------------------------------------

    def accepted(self, leg: Leg, base: str, now_s: float) -> None:
        """The exchange accepted an order of this symbol: both take orders, it and the symbol."""
        self._open(leg, "", now_s)
        self._open(leg, base, now_s)

    def judged(self, leg: Leg, now_s: float) -> None:
        """It refused an order for that order's own sake: good news, for it does judge orders.

        Of the symbol this says nothing: only an accepted order, or an order test, opens it.
        """
        self._open(leg, "", now_s)

    def failed(self, leg: Leg, now_s: float, reason: str) -> None:
        """An order call failed, or its answer is late: nobody knows whether it takes orders."""
        if self._at(leg, "", now_s).access is Access.OPEN:
            self._doors[leg, ""] = _doubtful(self._at(leg, "", now_s), now_s, reason)

    def hindered(  # noqa: PLR0917 - one fact, told at four places
        self,
        leg: Leg,
        base: str,
        hindrance: Hindrance,
        reason: str,
        now_s: float,
        lasts_s: float | None = None,
    ) -> None:
        """The exchange's own word that it takes no orders; ``lasts_s``: for so long, if it said."""
        until_s = None if lasts_s is None else now_s + lasts_s
        own = self._at(leg, base, now_s)
        if hindrance is Hindrance.MAINTENANCE and own.hindrance is Hindrance.SUSPENDED:
            return  # a market that is suspended speaks for itself alone
        for key in _keys(hindrance, base):
            before = self._at(leg, key, now_s)
            is_closed = before.access is Access.CLOSED
            since_s = before.since_s if is_closed else now_s
            self._doors[leg, key] = Door(
                access=Access.CLOSED,
                hindrance=hindrance,
                reason=reason,
                since_s=since_s,
                until_s=until_s,
            )

    def lapsed(self, leg: Leg, base: str, hindrance: Hindrance, now_s: float) -> None:
        """What was said does not hold any more: a listing calls the symbol tradable again."""
        for key in _keys(hindrance, base):
            door = self._at(leg, key, now_s)
            if door.access is Access.CLOSED and door.hindrance is hindrance:
                self._doors[leg, key] = _doubtful(door, now_s, f"{door.reason}; over")

    def test_passed(self, leg: Leg, base: str, now_s: float) -> None:
        """An order test passed: closed becomes doubtful, doubtful becomes open."""
        for key in ("", base):
            door = self._at(leg, key, now_s)
            if door.access is Access.CLOSED:
                self._doors[leg, key] = _doubtful(
                    door, now_s, f"{door.reason}; an order test passed"
                )
            elif door.access is Access.DOUBTFUL:
                self._open(leg, key, now_s)

    def test_unsure(self, leg: Leg, base: str, now_s: float) -> None:
        """An order test was not answered, or its answer says nothing."""
        for key in ("", base):
            door = self._at(leg, key, now_s)
            if door.access is not Access.CLOSED:
                continue
            since_s = now_s if door.unsure_since_s is None else door.unsure_since_s
            door = replace(door, unsure_since_s=since_s)
            if now_s - since_s >= PROBE_PATIENCE_S and door.until_s is None:
                door = _doubtful(door, now_s, f"{door.reason}; order tests are not answered")
            self._doors[leg, key] = door

    # -- within ------------------------------------------------------------------------------------

    def _at(self, leg: Leg, base: str, now_s: float) -> Door:
        door = self._doors.get((leg, base), _OPEN)
        if door.until_s is not None and now_s >= door.until_s:
            door = _doubtful(door, door.until_s, f"{door.reason}; its time is over")
            self._doors[leg, base] = door
        return door

    def _open(self, leg: Leg, base: str, now_s: float) -> None:
        door = self._at(leg, base, now_s)
        if door.access is not Access.OPEN:
            ended_s = now_s if door.access is Access.CLOSED else door.reopened_s
            self._doors[leg, base] = Door(since_s=now_s, reopened_s=ended_s)


def _doubtful(door: Door, now_s: float, reason: str) -> Door:
    ended_s = now_s if door.access is Access.CLOSED else door.reopened_s
    return Door(
        access=Access.DOUBTFUL,
        reason=reason,
        since_s=now_s,
        reopened_s=ended_s,
    )


_RANK = {Access.OPEN: 0, Access.DOUBTFUL: 1, Access.CLOSED: 2}


def _keys(hindrance: Hindrance, base: str) -> tuple[str, ...]:
    """What it closes: a suspension one symbol, maintenance (told by one) both, the rest all."""
    match hindrance:
        case Hindrance.SUSPENDED:
            return (base,)
        case Hindrance.MAINTENANCE:
            return tuple(dict.fromkeys(("", base)))
        case Hindrance.BANNED | Hindrance.KEY | Hindrance.ACCOUNT_SETTING:
            return ("",)
