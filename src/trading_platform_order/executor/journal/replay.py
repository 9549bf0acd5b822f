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
from trading_platform_order.domain.trade.last_trades import LastTrades
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState, apply
from trading_platform_order.domain.value import value
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.set_aside import (
    ALL_COINS,
    NOTHING_ASIDE,
    Culprit,
    SetAside,
    put_blame,
)
from trading_platform_order.storage.base import JournalRow, Reader
from trading_platform_order.storage.hash_chain import GENESIS

# Refused under an id that may belong to another signal, whose own fate stays open.
_NOT_THE_OWNER = {RefusalCode.SIGNAL_CONFLICT, RefusalCode.INVALID_SIGNAL}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRADE_EVENTS = get_args(te.TradeEvent)


@dataclass(slots=True, kw_only=True)
class Replayed:
    """The state a journal leads to.

    Attributes:
        keeps_settled: settled trades stay in ``trades``. An engine leaves them in the journal, so
            that years of history take neither memory nor a start's time.
        trades: by trade id; those that are not settled, or all.
        last_trades: when each base asset was last traded, over all trades.
        recorded: the last position recorded of each strategy and base asset.
        unresolved_signals: signals that were claimed but neither opened a trade nor were refused.
        rows: number of the last row that is in here; ``head_hash`` is its hash.
        snapshot_rows: the row up to which it was read from a snapshot; 0 if it was not.
        epoch: of the last row.
        last_row_at: calendar time of the last row; ``None`` for an empty journal.
        row_loss: the last start before which rows may have been lost; ``None`` if there was none.
    """

    keeps_settled: bool = True
    book: AccountBook = field(default_factory=AccountBook)
    trades: dict[str, PairTrade] = field(default_factory=dict)
    last_trades: LastTrades = field(default_factory=LastTrades)
    recorded: dict[tuple[str, str], te.Holding] = field(default_factory=dict)
    unresolved_signals: dict[str, Signal] = field(default_factory=dict)
    rows: int = 0
    snapshot_rows: int = 0
    head_hash: str = GENESIS
    epoch: int = 0
    last_row_at: datetime | None = None
    row_loss: RowLoss | None = None


async def replay(reader: Reader, *, rows_lost_in: int = 0, keeps_settled: bool = True) -> Replayed:
    """Fold the whole journal.

    Args:
        reader: whose journal.
        rows_lost_in: the last writer's number before which rows may have been lost; 0 if none.
        keeps_settled: see :class:`Replayed`.

    Raises:
        JournalUnreadable: a row of an unknown kind or version.
        IllegalTransition: a sequence that cannot have happened.
    """
    state = Replayed(keeps_settled=keeps_settled)
    await catch_up(state, reader, rows_lost_in=rows_lost_in)
    return state


async def catch_up(
    state: Replayed,
    reader: Reader,
    *,
    rows_lost_in: int = 0,
    up_to: int | None = None,
    aside: SetAside = NOTHING_ASIDE,
) -> None:
    """Fold the rows that the state has not seen; arguments and errors as of :func:`replay`.

    Args:
        state: changed in place.
        reader: whose journal.
        rows_lost_in: as of :func:`replay`.
        up_to: the last row to fold; else all there are.
        aside: what is not looked at.
    """
    while page := await reader.journal(state.rows):
        for row in page:
            if up_to is not None and row.seq > up_to:
                break
            if row.epoch >= rows_lost_in > 0 and not _is_dated(state.row_loss):
                state.row_loss = _row_loss(state, rows_lost_in, at=_moment(row.at_us))
            await _fold_unless(state, reader, row, aside)
        if up_to is not None and state.rows >= up_to:
            break
    if rows_lost_in and not _is_dated(state.row_loss):
        state.row_loss = _row_loss(state, rows_lost_in, at=None)


def _is_dated(loss: RowLoss | None) -> bool:
    return loss is not None and loss.at is not None


def _row_loss(state: Replayed, epoch: int, *, at: datetime | None) -> RowLoss:
    return RowLoss(at=at, trades=frozenset(state.trades), epoch=epoch)


async def _fold_unless(state: Replayed, reader: Reader, row: JournalRow, aside: SetAside) -> None:
    if aside and aside.skips(row.seq, row.trade_id):
        _note_row(state, row)
        return
    try:
        await fold(state, reader, row)
    except Exception as error:
        base = await _coin_of(state, reader, row)
        put_blame(error, Culprit(base=base, row=row.seq, trade_id=row.trade_id))
        raise


@value
class Folded:
    """One row as it was folded; of an event of the account there is no trade before or after."""

    event: te.TradeEvent | ae.AccountEvent
    before: PairTrade | None = None
    after: PairTrade | None = None


async def fold(state: Replayed, reader: Reader, row: JournalRow) -> Folded:
    """Fold the next row; errors as of :func:`replay`."""
    event = event_of(row)
    before = after = None
    if isinstance(event, _TRADE_EVENTS):
        before = state.trades.get(row.trade_id)
        if before is None and not (state.keeps_settled or isinstance(event, te.TradeOpened)):
            settled = await trade_from_rows(reader, row.trade_id, row.seq)
            before = None if settled is None else settled.trade
        after = _trade(state, row.trade_id, before, cast("te.TradeEvent", event))
    else:
        _account(state, cast("ae.AccountEvent", event))
    _note_row(state, row)
    return Folded(event=event, before=before, after=after)


async def _coin_of(state: Replayed, reader: Reader, row: JournalRow) -> str:
    """Whose fate is not known without this row; all, where even that cannot be told."""
    trade = state.trades.get(row.trade_id)
    try:
        settled = None if trade else await trade_from_rows(reader, row.trade_id, row.seq)
    except Exception:  # noqa: BLE001 - the row that is looked into ended an engine
        settled = None
    if settled is not None:
        trade = settled.trade
    return ALL_COINS if trade is None else trade.base


def _note_row(state: Replayed, row: JournalRow) -> None:
    state.rows, state.head_hash, state.epoch = row.seq, row.hash, row.epoch
    state.last_row_at = _moment(row.at_us)


@value
class JournalledTrade:
    """A trade as its own rows tell it; ``epoch``: the writer that opened it."""

    trade: PairTrade
    epoch: int


async def trade_from_rows(
    reader: Reader, trade_id: str, before_seq: int | None = None
) -> JournalledTrade | None:
    """One trade by its own rows, before a row or as it is now; ``None`` if there is none."""
    trade: PairTrade | None = None
    epoch = 0
    async for row in reader.journal_all(trade_id):
        if before_seq is not None and row.seq >= before_seq:
            break
        epoch = epoch or row.epoch
        trade = apply(trade, cast("te.TradeEvent", event_of(row)))
    return None if trade is None else JournalledTrade(trade=trade, epoch=epoch)


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def claimed_signal(event: ae.SignalClaimed) -> Signal:
    """The signal as it is to be executed: a part of an EXIT was fixed when it was claimed."""
    if event.part_base is None:
        return event.signal
    return replace(
        event.signal, quantity_base=event.part_base, notional_krw=None, capital_fraction=None
    )


def _trade(
    state: Replayed, trade_id: str, before: PairTrade | None, event: te.TradeEvent
) -> PairTrade:
    after = apply(before, event)
    if after.state is TradeState.SETTLED and not state.keeps_settled:
        state.trades.pop(trade_id, None)
    else:
        state.trades[trade_id] = after
    state.last_trades.note(after)
    state.book.book_trade(before, after, event)
    if isinstance(event, te.TradeOpened):
        state.unresolved_signals.pop(event.signal.id, None)
    return after


def _account(state: Replayed, event: ae.AccountEvent) -> None:
    if isinstance(event, ae.SignalClaimed):
        state.unresolved_signals[event.signal.id] = claimed_signal(event)
    if isinstance(event, ae.SignalRefused) and event.code not in _NOT_THE_OWNER:
        state.unresolved_signals.pop(event.signal_id, None)
    if isinstance(event, ae.PositionChanged):
        held = te.Holding(spot=event.spot_base, short=event.short_base)
        state.recorded[event.strategy, event.symbol] = held
    state.book.book_account(event)


def put_aside(state: Replayed, aside: SetAside) -> None:
    """Nobody sees these trades through, nor the signals of their coins: they stay as they are."""
    for trade_id in aside.trades:
        state.trades.pop(trade_id, None)
    for name, signal in list(state.unresolved_signals.items()):
        if aside.freezes(signal.symbol):
            del state.unresolved_signals[name]
