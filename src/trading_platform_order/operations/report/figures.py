"""All figures of a report, from the journal alone: read once, from its first row to its last.

Nothing is asked of an engine or an exchange, so a running engine does not notice, and a backtest's
journal tells the same things as a live one's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import cast, get_args

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.profit.pair_money import prices_of, realised_by
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.trade_events import TradeEvent, TradeOpened, TradeSettled
from trading_platform_order.executor.journal.event_codec import JournalUnreadable, event_of
from trading_platform_order.operations.report.executions import (
    Shortfall,
    TradeExecution,
    execution_of,
)
from trading_platform_order.storage.base import Reader

_TRADE_EVENTS = get_args(TradeEvent)
PARTS = ("premium", "funding", "fees", "fx", "slippage")


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumMark:
    """The premium at a decision to trade, as a fraction, by the middles of both books."""

    at: datetime
    premium: Decimal
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Signals that were refused for one reason; ``message``: what the last of them was told."""

    count: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigures:
    """One account over a period; money in KRW.

    Attributes:
        begin: of the period, included; ``end``: left out.
        market: whose prices simulated exchanges showed; empty for real ones.
        equity: valuations within the period, oldest first.
        before: the last valuation before the period; ``None``: counted from the opening.
        trades: those decided in the period, oldest first.
        funding_usdt: by symbol, paid in the period; positive: received.
        unreadable: rows that a newer program wrote, which are not counted.
    """

    account: str
    mode: str
    market: str
    begin: datetime
    end: datetime
    before: ae.EquityRecorded | None
    equity: tuple[ae.EquityRecorded, ...]
    trades: tuple[TradeExecution, ...]
    marks: tuple[PremiumMark, ...]
    funding_usdt: dict[str, Decimal]
    funding_count: int
    refusals: dict[str, Refused]
    unreadable: int

    @property
    def parts(self) -> dict[str, Decimal]:
        """Profit by part between the valuations; ``fx`` is that on what was held."""
        return {name: self._change(name) for name in PARTS}

    @property
    def fx_idle(self) -> Decimal:
        """What the rate did to the USDT wallet."""
        return self._change("fx_idle")

    @property
    def trading(self) -> Decimal:
        """Sum of the parts."""
        return sum(self.parts.values(), ZERO)

    def _change(self, name: str) -> Decimal:
        if not self.equity:
            return ZERO
        return _part(self.equity[-1], name) - _part(self.before, name)

    def shortfall(self, leg: Leg, against: str) -> Shortfall:
        """Of all trades; ``against``: ``decision`` or ``signal``."""
        total = Shortfall()
        for execution in self.trades:
            found = getattr(execution.legs[leg], f"against_{against}")
            total += found or Shortfall()
        return total

    @property
    def fees_krw(self) -> dict[Leg, Decimal]:
        """By leg, at the rate of each decision."""
        return {leg: sum((one.legs[leg].fee_krw for one in self.trades), ZERO) for leg in Leg}

    @property
    def outcomes(self) -> dict[str, int]:
        """Trades by outcome; those not settled by their state."""
        counts = Counter((one.trade.outcome or one.trade.state).value for one in self.trades)
        return dict(sorted(counts.items()))


def _part(at: ae.EquityRecorded | None, name: str) -> Decimal:
    if at is None:
        return ZERO
    value: Decimal = getattr(at, f"{name}_krw")
    return value - at.fx_idle_krw if name == "fx" else value


@dataclass(slots=True, kw_only=True)
class _Found:
    """What one pass over the journal gathers."""

    trades: dict[str, PairTrade] = field(default_factory=dict)
    settled: dict[str, TradeSettled] = field(default_factory=dict)
    equity: list[ae.EquityRecorded] = field(default_factory=list)
    funding: list[ae.FundingBooked] = field(default_factory=list)
    refusals: list[ae.SignalRefused] = field(default_factory=list)
    started: ae.EngineStarted | None = None
    opened_at: datetime | None = None
    last_at: datetime | None = None
    unreadable: int = 0

    def take(self, trade_id: str, event: object) -> None:
        if isinstance(event, _TRADE_EVENTS):
            self._trade(trade_id, cast("TradeEvent", event))
        match event:
            case ae.EquityRecorded():
                self.equity.append(event)
            case ae.FundingBooked():
                self.funding.append(event)
            case ae.SignalRefused():
                self.refusals.append(event)
            case ae.EngineStarted():
                self.started = event
            case ae.AccountOpened():
                self.opened_at = self.opened_at or event.at
            case _:
                pass

    def _trade(self, trade_id: str, event: TradeEvent) -> None:
        before = self.trades.get(trade_id)
        if before is None and not isinstance(event, TradeOpened):
            return
        self.trades[trade_id] = apply(before, event)
        if isinstance(event, TradeSettled):
            self.settled[trade_id] = event


async def read_figures(
    reader: Reader, *, account: str, begin: datetime | None = None, end: datetime | None = None
) -> ReportFigures | None:
    """The figures of a period; ``None`` if nothing was ever valued or traded.

    Args:
        reader: of the account's store.
        account: its name.
        begin: ``None``: from the account's opening.
        end: ``None``: to the last row.
    """
    found = _Found()
    async for row in reader.journal_all():
        try:
            event = event_of(row)
        except JournalUnreadable:
            found.unreadable += 1
            continue
        found.take(row.trade_id, event)
        found.last_at = event.at
    if found.opened_at is None or found.last_at is None:
        return None
    begin = begin or found.opened_at
    # The last row itself belongs to a period that nobody ended.
    is_in = _Within(begin, end)
    earlier = [row for row in found.equity if row.at < begin]
    trades = [trade for trade in found.trades.values() if is_in(trade.decision.at)]
    realised = _realised(found.trades.values())
    started = found.started
    return ReportFigures(
        account=account,
        mode="" if started is None else started.mode,
        market="" if started is None else started.market,
        begin=begin,
        end=end or found.last_at,
        before=earlier[-1] if earlier else None,
        equity=tuple(row for row in found.equity if is_in(row.at)),
        trades=tuple(
            execution_of(trade, found.settled.get(trade.trade_id), realised.get(trade.trade_id))
            for trade in sorted(trades, key=lambda trade: trade.decision.at)
        ),
        marks=tuple(mark for trade in trades if (mark := _mark(trade)) is not None),
        funding_usdt=_funding(row for row in found.funding if is_in(row.paid_at)),
        funding_count=sum(1 for row in found.funding if is_in(row.paid_at)),
        refusals=_refusals([row for row in found.refusals if is_in(row.at)]),
        unreadable=found.unreadable,
    )


class _Within:
    def __init__(self, begin: datetime, end: datetime | None) -> None:
        self._begin, self._end = begin, end

    def __call__(self, at: datetime) -> bool:
        return self._begin <= at and (self._end is None or at < self._end)


def _realised(trades: Iterable[PairTrade]) -> dict[str, PnlParts]:
    """What each trade made final; every pair's trades are known from its first."""
    by_pair: defaultdict[tuple[str, str], list[PairTrade]] = defaultdict(list)
    for trade in trades:
        by_pair[trade.signal.strategy, trade.base].append(trade)
    found: dict[str, PnlParts] = {}
    for of_pair in by_pair.values():
        found |= realised_by(of_pair)
    return found


def _mark(trade: PairTrade) -> PremiumMark | None:
    premium = prices_of(trade).premium
    if premium is None:
        return None
    return PremiumMark(at=trade.decision.at, premium=premium, action=trade.action)


def _funding(rows: Iterable[ae.FundingBooked]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        sums[row.symbol] += row.amount_usdt
    return dict(sorted(sums.items()))


def _refusals(rows: list[ae.SignalRefused]) -> dict[str, Refused]:
    """By code, the most frequent first."""
    last = {row.code: row.message for row in rows}
    counts = Counter(row.code for row in rows).most_common()
    return {code: Refused(count=count, message=last[code]) for code, count in counts}
