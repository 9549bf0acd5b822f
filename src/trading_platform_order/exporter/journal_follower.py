"""The journal row by row, and what each row changed of orders, fills and positions.

It folds the rows by the engine's own code, and remembers of what is settled only what a late row
needs. What it comes to is a function of the rows: after row N it is the same however often the
exporter was started, which is what lets a start go on where another one was killed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.order import Fill, Leg, Order, base_asset
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.executor.journal.replay import Replayed, fold
from trading_platform_order.exporter.layout import ExportedFill, ExportedOrder
from trading_platform_order.exporter.pair_position import PairPosition
from trading_platform_order.storage.base import JournalRow, Reader
from trading_platform_order.storage.hash_chain import check_row

Pair = tuple[str, str]
_OF_PROFIT = (
    te.FillSeen,
    te.HedgePositionRead,
    HedgeClosed,
    CoinsGone,
    ae.FundingBooked,
)


@dataclass(slots=True)
class Changed:
    """What some rows changed: each thing once, as it is after the last of them."""

    orders: dict[str, ExportedOrder] = field(default_factory=dict)
    fills: dict[tuple[str, ...], ExportedFill] = field(default_factory=dict)
    positions: dict[tuple[str, ...], PairPosition] = field(default_factory=dict)


class JournalFollower:
    """Of one account, from its first row."""

    def __init__(self) -> None:
        self._state = Replayed(keeps_settled=False)
        self._positions: dict[Pair, PairPosition] = {}
        # Trades that opened while the pair had no open position, and brought nothing yet.
        self._unfilled: dict[Pair, set[str]] = defaultdict(set)
        # Executions by another hand, which may be told share by share.
        self._foreign: dict[tuple[str, ...], Fill] = {}
        self._profit_krw = ZERO
        # Profit in a coin before there is a position of it: funding may be told before the fill.
        self._early_krw: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self._changed = Changed()

    @property
    def seq(self) -> int:
        """The last row taken in; 0 before the first."""
        return self._state.rows

    @property
    def head_hash(self) -> str:
        """That row's hash."""
        return self._state.head_hash

    @property
    def profit_krw(self) -> Decimal:
        """Everything that was made final, as the account's own book counts it."""
        return self._profit_krw

    def changed(self) -> Changed:
        """What changed since this was asked the last time."""
        changed, self._changed = self._changed, Changed()
        return changed

    async def take(self, reader: Reader, row: JournalRow) -> None:
        """The next row.

        Raises:
            ChainBroken: the journal is not what was written.
            JournalUnreadable: another version wrote the row.
            StoreUnavailable: the store cannot be read.
        """
        check_row(row, seq=self.seq + 1, prev_hash=self.head_hash)
        folded = await fold(self._state, reader, row)
        event = folded.event
        if folded.after is not None:
            self._of_trade(folded.before, folded.after, event)
        elif isinstance(event, HedgeClosed):
            self._hedge_closed(event)
        elif isinstance(event, CoinsGone):
            self._coins_gone(event)
        elif isinstance(event, ae.FundingBooked):
            self._funding(event)

    # -- trades -----------------------------------------------------------------------------------

    def _of_trade(
        self,
        before: PairTrade | None,
        after: PairTrade,
        event: te.TradeEvent | ae.AccountEvent,
    ) -> None:
        pair = (after.signal.strategy, after.base)
        if isinstance(event, te.TradeOpened):
            self._opened(pair, after, event.at)
        for fill in _new_fills(before, after):
            self._filled(pair, after, fill, event.at)
        if isinstance(event, te.HedgePositionRead):
            for fill in event.fills:
                self._foreign_fill(pair, fill, event.at)
        self._follow(pair, after, event.at)
        if isinstance(event, _OF_PROFIT):
            self._share_profit(after.base, {pair: ONE}, event.at)
        self._orders(before, after, self._positions.get(pair), event.at)

    def _opened(self, pair: Pair, trade: PairTrade, at: datetime) -> None:
        position = self._positions.get(pair)
        if position is None or position.closed_at is not None:
            self._unfilled[pair].add(trade.trade_id)
            return
        position.trades.add(trade.trade_id)
        self._touch(position, at)

    def _filled(self, pair: Pair, trade: PairTrade, fill: Fill, at: datetime) -> None:
        order = trade.order(fill.client_order_id)
        position = self._position_of(pair, trade, at)
        rate = ONE if order.leg is Leg.SPOT else trade.decision.krw_per_usdt
        if (trade.action is Action.ENTER) == order.opens:  # else an entry is being taken back
            legs = position.entered if order.opens else position.left
            legs.of(order.leg).add(fill, rate, order.exchange_order_id or order.client_order_id)
        if trade.action is Action.ENTER:
            position.entered_by.add(trade.trade_id)
            position.said = {**trade.signal.metadata, **position.said}
        else:
            position.exit_said = trade.signal.metadata
        self._changed.fills[_key(fill)] = ExportedFill(
            fill=fill,
            strategy=pair[0],
            base=pair[1],
            trade=trade,
            order=order,
            position=position,
            at=at,
        )

    def _position_of(self, pair: Pair, trade: PairTrade, at: datetime) -> PairPosition:
        """Whose fill this is. A late one of a trade of before goes to the newest position."""
        position = self._positions.get(pair)
        unfilled = self._unfilled[pair]
        if position is not None and (position.closed_at is None or trade.trade_id not in unfilled):
            position.closed_at = None
            return position
        position = PairPosition(
            strategy=pair[0],
            base=pair[1],
            opened_by=trade.trade_id,
            opened_at=at,
            decision=trade.decision,
            realised_krw=self._early_krw.pop(pair[1], ZERO),
            changed_at=at,
        )
        unfilled.discard(trade.trade_id)
        self._positions[pair] = position
        position.trades.add(trade.trade_id)
        # Its orders were told before there was a position to name.
        for order in trade.orders:
            self._note_order(trade, order, position, at)
        return position

    def _follow(self, pair: Pair, trade: PairTrade, at: datetime) -> None:
        is_settled = trade.state is TradeState.SETTLED
        if is_settled:
            self._unfilled[pair].discard(trade.trade_id)
        position = self._positions.get(pair)
        if position is None:
            return
        if trade.trade_id not in position.trades and position.closed_at is not None:
            return
        if is_settled:
            position.running.discard(trade.trade_id)
        else:
            position.running.add(trade.trade_id)
        stands_alone = is_settled and trade.outcome is te.TradeOutcome.ONE_LEG
        position.needs_operator = trade.state is TradeState.HALTED or stands_alone
        self._settle(position, at)

    def _settle(self, position: PairPosition, at: datetime) -> None:
        """As the ledger has it now."""
        book = self._state.book
        position.held = book.holding(position.strategy, position.base)
        held = next(
            (
                pair
                for pair in book.positions.pairs()
                if (pair.strategy, pair.base) == (position.strategy, position.base)
            ),
            None,
        )
        position.mids = book.mids.get(position.base, position.mids)
        if held is not None:
            spot, short = position.entry_prices
            position.entry_prices = (
                held.spot_cost_krw / held.spot if held.spot else spot,
                held.short_value_usdt / held.short if held.short else short,
            )
        if position.is_flat and not position.running:
            position.closed_at = position.closed_at or at
        else:
            position.closed_at = None
        self._touch(position, at)

    def _touch(self, position: PairPosition, at: datetime) -> None:
        position.changed_at = at
        self._changed.positions[position.name] = position

    def _orders(
        self,
        before: PairTrade | None,
        after: PairTrade,
        position: PairPosition | None,
        at: datetime,
    ) -> None:
        if position is not None and after.trade_id not in position.trades:
            position = None
        known = {} if before is None else {order.client_order_id: order for order in before.orders}
        filled = {fill.client_order_id for fill in _new_fills(before, after)}
        for order in after.orders:
            name = order.client_order_id
            if known.get(name) != order or name in filled:
                self._note_order(after, order, position, at)

    def _note_order(
        self, trade: PairTrade, order: Order, position: PairPosition | None, at: datetime
    ) -> None:
        noted = ExportedOrder(trade=trade, order=order, position=position, at=at)
        self._changed.orders[order.client_order_id] = noted

    # -- the account ------------------------------------------------------------------------------

    def _hedge_closed(self, event: HedgeClosed) -> None:
        shares: dict[Pair, Decimal] = defaultdict(lambda: ZERO)
        for share in event.shares:
            pair = (share.strategy, event.base)
            shares[pair] += share.quantity
            if share.fill is not None:
                self._foreign_fill(pair, share.fill, event.at)
        self._taken(event.base, shares, event.at)

    def _coins_gone(self, event: CoinsGone) -> None:
        shares: dict[Pair, Decimal] = defaultdict(lambda: ZERO)
        for share in event.shares:
            shares[share.strategy, event.base] += share.quantity
        self._taken(event.base, shares, event.at)

    def _taken(self, base: str, shares: dict[Pair, Decimal], at: datetime) -> None:
        for pair in shares:
            position = self._positions.get(pair)
            if position is not None:
                self._settle(position, at)
        self._share_profit(base, shares, at)

    def _foreign_fill(self, pair: Pair, fill: Fill, at: datetime) -> None:
        """An execution by another hand: it counts once, however many shares it is told in."""
        key = (*_key(fill), pair[0])
        before = self._foreign.get(key)
        if before is not None:
            fill = replace(
                fill, quantity=before.quantity + fill.quantity, fee=before.fee + fill.fee
            )
        self._foreign[key] = fill
        self._changed.fills[key] = ExportedFill(
            fill=fill,
            strategy=pair[0],
            base=pair[1],
            trade=None,
            order=None,
            position=self._positions.get(pair),
            at=at,
        )

    def _funding(self, event: ae.FundingBooked) -> None:
        """Shared by what each strategy is short; without a short it is the last position's."""
        base = base_asset(event.symbol)
        holdings = self._state.book.ledger.holdings.items()
        shares = {pair: held.short for pair, held in holdings if pair[1] == base and held.short > 0}
        if not shares:
            closed = [
                position
                for position in self._positions.values()
                if position.base == base and position.closed_at is not None
            ]
            last = max(closed, key=lambda one: one.closed_at or one.opened_at, default=None)
            shares = {} if last is None else {(last.strategy, base): ONE}
        self._share_profit(base, shares, event.at)

    def _share_profit(self, base: str, shares: dict[Pair, Decimal], at: datetime) -> None:
        """Hand out what the account's profit changed by, to the last decimal."""
        profit_krw = self._state.book.pnl.parts().trading
        left = profit_krw - self._profit_krw
        self._profit_krw = profit_krw
        known = [pair for pair in shares if pair in self._positions]
        of_all = sum((shares[pair] for pair in known), ZERO)
        for number, pair in enumerate(known, start=1):
            part = left
            if number < len(known):
                part = left * shares[pair] / of_all
                of_all -= shares[pair]
            position = self._positions[pair]
            position.realised_krw += part
            left -= part
            self._touch(position, at)
        if not known:
            self._early_krw[base] += left


def _new_fills(before: PairTrade | None, after: PairTrade) -> Iterator[Fill]:
    known = 0 if before is None else len(before.fills)
    yield from after.fills[known:]


def _key(fill: Fill) -> tuple[str, ...]:
    return (str(fill.exchange), fill.symbol, fill.client_order_id, fill.trade_id)
