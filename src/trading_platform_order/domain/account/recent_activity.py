"""What the account did lately and what it holds open, as the limits and monitors ask for it.

Folded from the journal's events like the ledger; it never looks at an exchange.
"""

from bisect import bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import TradeOpened, TradeOutcome
from trading_platform_order.domain.value import value

KEEP = timedelta(hours=1)
MINUTE = timedelta(seconds=60)
KEEP_SETTLED = timedelta(days=1)

Likeness = tuple[str, str, Action, Decimal | None, Decimal | None, Decimal | None]


def likeness(signal: Signal) -> Likeness:
    """What makes two signals the same wish: all but their ids and times."""
    size = (signal.quantity_base, signal.notional_krw, signal.capital_fraction)
    return (signal.strategy, signal.symbol, signal.action, *size)


@dataclass(slots=True)
class RecentTrades:
    """Signals that opened a trade within the last hour; asked without looking at each of them."""

    _opened: deque[tuple[datetime, Likeness]] = field(default_factory=deque)
    _entries: list[datetime] = field(default_factory=list)
    _like: dict[Likeness, list[datetime]] = field(default_factory=dict)

    def note(self, signal: Signal, at: datetime) -> None:
        """A trade opened for this signal."""
        like = likeness(signal)
        self._opened.append((at, like))
        # In order of time: a calendar that was set back does not hide what came after.
        insort(self._like.setdefault(like, []), at)
        if like[2] is Action.ENTER:
            insort(self._entries, at)
        while self._opened[0][0] < at - KEEP:
            self._forget(*self._opened.popleft())

    def _forget(self, at: datetime, like: Likeness) -> None:
        times = self._like[like]
        times.remove(at)  # the first or nearly so
        if not times:
            del self._like[like]
        if like[2] is Action.ENTER:
            self._entries.remove(at)

    def entries_since(self, moment: datetime) -> int:
        """Entries begun after ``moment``."""
        return len(self._entries) - bisect_right(self._entries, moment)

    def same_since(self, signal: Signal, moment: datetime) -> int:
        """Trades of the same wish begun after ``moment``."""
        times = self._like.get(likeness(signal), ())
        return len(times) - bisect_right(times, moment)


@value
class SettledEntry:
    """How an ENTER ended of which something was filled.

    Attributes:
        at: when it settled first.
        cost_krw: what taking it back cost, both legs and their fees; zero if it was not.
    """

    trade_id: str
    base: str
    is_taken_back: bool
    cost_krw: Decimal
    at: datetime


@dataclass(slots=True)
class SettledEntries:
    """ENTERs that settled within the last day, oldest first; of each coin apart, too."""

    _entries: dict[str, SettledEntry] = field(default_factory=dict)
    _in_order: list[SettledEntry] = field(default_factory=list)
    _of_coin: dict[str, list[SettledEntry]] = field(default_factory=dict)
    _taken_back: list[SettledEntry] = field(default_factory=list)

    def note(self, trade: PairTrade, at: datetime) -> None:
        """A trade settled; one that settles again, after late news, keeps its place and time.

        One that was not to be completed any more (an EXIT came, or the stop) says nothing about
        the next entry.
        """
        if trade.action is not Action.ENTER or not trade.fills:
            return
        before = self._entries.pop(trade.trade_id, None)
        if before is not None:
            self._forget(before)
        is_taken_back = trade.outcome is TradeOutcome.UNWOUND
        if is_taken_back and trade.completion_stopped:
            return
        self.keep(
            SettledEntry(
                trade_id=trade.trade_id,
                base=trade.base,
                is_taken_back=is_taken_back,
                cost_krw=cost_krw(trade) if is_taken_back else ZERO,
                at=at if before is None else before.at,
            )
        )
        while self._in_order and self._in_order[0].at < at - KEEP_SETTLED:
            oldest = self._in_order[0]
            del self._entries[oldest.trade_id]
            self._forget(oldest)

    def keep(self, entry: SettledEntry) -> None:
        """One more, at its place in time."""
        self._entries[entry.trade_id] = entry
        insort(self._in_order, entry, key=_settled_at)
        insort(self._of_coin.setdefault(entry.base, []), entry, key=_settled_at)
        if entry.is_taken_back:
            insort(self._taken_back, entry, key=_settled_at)

    def _forget(self, entry: SettledEntry) -> None:
        of_coin = self._of_coin[entry.base]
        self._in_order.remove(entry)
        of_coin.remove(entry)
        if entry.is_taken_back:
            self._taken_back.remove(entry)
        if not of_coin:
            del self._of_coin[entry.base]

    def since(self, moment: datetime) -> tuple[SettledEntry, ...]:
        """Those that settled after ``moment``, oldest first."""
        return tuple(self._in_order[bisect_right(self._in_order, moment, key=_settled_at) :])

    def cost_since(self, moment: datetime) -> Decimal:
        """What entries cost, KRW, that settled after ``moment`` and were taken back."""
        rows = self._taken_back[bisect_right(self._taken_back, moment, key=_settled_at) :]
        return sum((max(entry.cost_krw, ZERO) for entry in rows), ZERO)

    def was_taken_back(self, base: str) -> bool:
        """The newest entry of this coin was."""
        rows = self._of_coin.get(base)
        return bool(rows and rows[-1].is_taken_back)

    def last_taken_back(self, moment: datetime, base: str | None = None) -> list[SettledEntry]:
        """The newest after ``moment`` that were all taken back, oldest first; of one coin or all.

        Usually none: the last entry was not taken back, and nothing before it is looked at.
        """
        found: list[SettledEntry] = []
        rows = self._in_order if base is None else self._of_coin.get(base, [])
        for entry in reversed(rows):
            if not entry.is_taken_back or entry.at <= moment:
                break
            found.append(entry)
        return found[::-1]


def _settled_at(entry: SettledEntry) -> datetime:
    return entry.at


def cost_krw(trade: PairTrade) -> Decimal:
    """What a trade that was taken back cost: its cash flows, fees paid in BNB at their value.

    What is left of it (dust) is valued at the decision's mids.
    """
    decision, left = trade.decision, trade.holding
    krw = (left.spot - trade.start.spot) * decision.spot_mid_krw
    usdt = -(left.short - trade.start.short) * decision.hedge_mid_usdt
    for fill in trade.fills:
        signed = fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        if trade.order(fill.client_order_id).leg is Leg.SPOT:
            krw += signed * fill.price - fill.fee
        else:
            usdt += signed * fill.price - fee_in_quote(fill)
    return -(krw + usdt * decision.krw_per_usdt)


@value
class OpenPair:
    """What a strategy holds in a base asset, and what it paid.

    Attributes:
        position_id: trade id of the entry that last added to it.
        spot: coins; ``short``: base units short.
        spot_cost_krw: what the coins cost; ``short_value_usdt``: what the short was sold for.
    """

    strategy: str
    base: str
    position_id: str
    spot: Decimal
    short: Decimal
    spot_cost_krw: Decimal
    short_value_usdt: Decimal


@dataclass(slots=True)
class _Legs:
    position_id: str = ""
    entered_at: datetime | None = None
    coins: AveragedShort = field(default_factory=AveragedShort)
    short: AveragedShort = field(default_factory=AveragedShort)

    @property
    def unmatched(self) -> Decimal:
        """Base units of one leg that the other does not cover; coins are a negative short."""
        return abs(self.coins.quantity + self.short.quantity)


@dataclass(slots=True)
class OpenPositions:
    """Entry prices of all open pairs, by their fills."""

    _legs: dict[tuple[str, str], _Legs] = field(default_factory=lambda: defaultdict(_Legs))
    _unmatched: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def opened(self, event: TradeOpened) -> None:
        """An entry names the position that it opens or adds to."""
        if event.signal.action is not Action.ENTER:
            return
        legs = self._legs[event.signal.strategy, event.signal.symbol]
        legs.position_id = event.trade_id
        if not (legs.coins.quantity or legs.short.quantity):
            legs.entered_at = event.signal.created_at

    def entered_at(self, strategy: str, base: str) -> datetime | None:
        """When the signal was made that opened what the strategy holds; ``None`` if nothing is."""
        legs = self._legs.get((strategy, base))
        if legs is None or not (legs.coins.quantity or legs.short.quantity):
            return None
        return legs.entered_at

    def book_fill(self, fill: Fill, *, leg: Leg, strategy: str, base: str) -> None:
        """One fill."""
        legs = self._legs[strategy, base]
        before = legs.unmatched
        side = legs.coins if leg is Leg.SPOT else legs.short
        sold = fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        side.trade(sold, fill.price)
        self._unmatched[base] += legs.unmatched - before

    def adjust_short(self, *, strategy: str, base: str, delta: Decimal) -> None:
        """The short changed without an order of ours; what is left keeps its average."""
        legs = self._legs[strategy, base]
        before = legs.unmatched
        legs.short.take_out(-delta)
        self._unmatched[base] += legs.unmatched - before

    def lose_coins(self, *, strategy: str, base: str, quantity: Decimal) -> None:
        """Coins left by another hand; what is left keeps its average."""
        legs = self._legs[strategy, base]
        before = legs.unmatched
        legs.coins.take_out(-quantity)
        self._unmatched[base] += legs.unmatched - before

    def pairs(self) -> Iterator[OpenPair]:
        """All pairs of which anything is held."""
        for (strategy, base), legs in self._legs.items():
            spot, short = -legs.coins.quantity, legs.short.quantity
            if spot or short:
                yield OpenPair(
                    strategy=strategy,
                    base=base,
                    position_id=legs.position_id,
                    spot=spot,
                    short=short,
                    spot_cost_krw=-legs.coins.entry_value,
                    short_value_usdt=legs.short.entry_value,
                )

    def dust_krw(self, base: str, spot_mid_krw: Decimal) -> Decimal:
        """Value of what lies unmatched in a base asset, strategy by strategy."""
        return self._unmatched[base] * spot_mid_krw if base in self._unmatched else ZERO
