"""What the journal says happened: trades, the account, and signals still without a fate."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.evidence.row_loss import RowLoss
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.storage.base import Reader

# Refused under an id that may belong to another signal, whose own fate stays open.
_NOT_THE_OWNER = {RefusalCode.SIGNAL_CONFLICT, RefusalCode.INVALID_SIGNAL}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRADE_EVENTS = get_args(te.TradeEvent)


@dataclass(slots=True, kw_only=True)
class Replayed:
    """The state a journal leads to.

    Attributes:
        trades: by trade id, settled ones included.
        recorded: the last position recorded of each strategy and base asset.
        unresolved_signals: signals that were claimed but neither opened a trade nor were refused.
        last_row_at: calendar time of the last row; ``None`` for an empty journal.
        row_loss: the last start before which rows may have been lost; ``None`` if there was none.
    """

    book: AccountBook = field(default_factory=AccountBook)
    trades: dict[str, PairTrade] = field(default_factory=dict)
    recorded: dict[tuple[str, str], te.Holding] = field(default_factory=dict)
    unresolved_signals: dict[str, Signal] = field(default_factory=dict)
    rows: int = 0
    last_row_at: datetime | None = None
    row_loss: RowLoss | None = None


async def replay(reader: Reader, *, rows_lost_in: int = 0) -> Replayed:
    """Fold the whole journal.

    Args:
        reader: whose journal.
        rows_lost_in: the last writer's number before which rows may have been lost; 0 if none.

    Raises:
        JournalUnreadable: a row of an unknown kind or version.
        IllegalTransition: a sequence that cannot have happened.
    """
    state = Replayed()
    last_us: int | None = None
    async for row in reader.journal_all():
        if rows_lost_in and state.row_loss is None and row.epoch >= rows_lost_in:
            state.row_loss = RowLoss(at=_moment(row.at_us), trades=frozenset(state.trades))
        event = event_of(row)
        state.rows += 1
        last_us = row.at_us
        if isinstance(event, _TRADE_EVENTS):
            _trade(state, row.trade_id, cast("te.TradeEvent", event))
        else:
            _account(state, cast("ae.AccountEvent", event))
    if last_us is not None:
        state.last_row_at = _moment(last_us)
    if rows_lost_in and state.row_loss is None:
        state.row_loss = RowLoss(at=None, trades=frozenset(state.trades))
    return state


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def claimed_signal(event: ae.SignalClaimed) -> Signal:
    """The signal as it is to be executed: a part of an EXIT was fixed when it was claimed."""
    if event.part_base is None:
        return event.signal
    return replace(
        event.signal, quantity_base=event.part_base, notional_krw=None, capital_fraction=None
    )


def _trade(state: Replayed, trade_id: str, event: te.TradeEvent) -> None:
    before = state.trades.get(trade_id)
    after = apply(before, event)
    state.trades[trade_id] = after
    state.book.book_trade(before, after, event)
    if isinstance(event, te.TradeOpened):
        state.unresolved_signals.pop(event.signal.id, None)


def _account(state: Replayed, event: ae.AccountEvent) -> None:
    if isinstance(event, ae.SignalClaimed):
        state.unresolved_signals[event.signal.id] = claimed_signal(event)
    if isinstance(event, ae.SignalRefused) and event.code not in _NOT_THE_OWNER:
        state.unresolved_signals.pop(event.signal_id, None)
    if isinstance(event, ae.PositionChanged):
        held = te.Holding(spot=event.spot_base, short=event.short_base)
        state.recorded[event.strategy, event.symbol] = held
    state.book.book_account(event)
