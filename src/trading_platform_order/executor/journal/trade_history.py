"""Trades that no runner has: those that are not settled, the newest settled ones, and the rest.

The rest is in the journal only: years of trades cost no memory, and an old one is made of its own
rows again when somebody tells of one of its orders. Nothing here stands before an order that is
sent; a claim is never here, but always asked of the store.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from trading_platform_order.domain.order_identity.client_order_id import (
    read_client_order_id,
    trade_key,
)
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.executor.journal.replay import Replayed, trade_from_rows
from trading_platform_order.storage.base import Reader

SETTLED_MAX = 500
"""So many settled trades stay in memory: news of one are nearly always of a young one."""


class TradeHistory:
    """What is known of trades that do not run.

    Attributes:
        unsettled: not settled, by the journal: unfinished at a start, or halted.
    """

    def __init__(self, *, store: Reader, replayed: Replayed) -> None:
        self._store = store
        self._last = replayed.last_trades
        self._loss = replayed.row_loss
        self.unsettled: dict[str, PairTrade] = {}
        self._settled: dict[str, PairTrade] = {}
        self._trade_of_order: dict[str, str] = {}
        self._before_loss: set[str] = set() if self._loss is None else set(self._loss.trades)
        for trade in replayed.trades.values():
            self.keep(trade)

    # -- what is asked of memory ------------------------------------------------------------------

    def trades(self) -> dict[str, PairTrade]:
        """Those in memory, by id: all that are not settled, and the newest settled ones."""
        return self._settled | self.unsettled

    def get(self, trade_id: str) -> PairTrade | None:
        """A trade, if it is in memory."""
        return self.unsettled.get(trade_id) or self._settled.get(trade_id)

    def trade_of(self, client_order_id: str) -> str | None:
        """The trade in memory that an order belongs to."""
        return self._trade_of_order.get(client_order_id)

    def opened_at(self, base: str) -> datetime | None:
        """When the last trade of a base asset opened, of all there ever were."""
        return self._last.opened_at(base)

    def bases_since(self, moment: datetime) -> set[str]:
        """Base assets of which anything happened to a trade since then."""
        return self._last.moved_since(moment)

    def take_opened_before_loss(self, trade_id: str) -> bool:
        """Whether it was opened before rows were lost; said once, to whoever looks for them."""
        found = trade_id in self._before_loss
        self._before_loss.discard(trade_id)
        return found

    # -- what is kept -----------------------------------------------------------------------------

    def know_orders(self, trade: PairTrade) -> None:
        """From now on its orders are known to be its own."""
        self._last.note(trade)
        for order in trade.orders:
            self._trade_of_order[order.client_order_id] = trade.trade_id

    def keep(self, trade: PairTrade) -> None:
        """As last made durable. The oldest settled ones are left to the journal."""
        self._place(trade)
        while len(self._settled) > SETTLED_MAX:
            self._forget(next(iter(self._settled)))

    def _place(self, trade: PairTrade) -> None:
        self.know_orders(trade)
        self.unsettled.pop(trade.trade_id, None)
        self._settled.pop(trade.trade_id, None)
        is_settled = trade.state is TradeState.SETTLED
        (self._settled if is_settled else self.unsettled)[trade.trade_id] = trade

    def _forget(self, trade_id: str) -> None:
        for order in self._settled.pop(trade_id).orders:
            if self._trade_of_order.get(order.client_order_id) == trade_id:
                del self._trade_of_order[order.client_order_id]

    # -- what is asked of the journal -------------------------------------------------------------

    async def recall(self, trade_id: str) -> PairTrade | None:
        """A settled trade, from the journal if it is not in memory; ``None`` if there is none.

        One that is not settled is in memory already, here or with its runner.

        Raises:
            StoreUnavailable: the journal cannot be read.
        """
        if self.get(trade_id) is None:
            found = await trade_from_rows(self._store, trade_id)
            # Whoever asked at the same time may have brought it, and it may have gone on since.
            is_settled = found is not None and found.trade.state is TradeState.SETTLED
            if found is not None and is_settled and self.get(trade_id) is None:
                if self._loss is not None and found.epoch < self._loss.epoch:
                    self._before_loss.add(trade_id)
                self._place(found.trade)
        return self.get(trade_id)

    async def recall_orders(self, client_order_ids: Iterable[str]) -> None:
        """Bring the trades of these orders into memory, as far as they are orders of ours.

        All of them are there when this returns, however many: only :meth:`keep` makes room.

        Raises:
            StoreUnavailable: the journal cannot be read.
        """
        for name in client_order_ids:
            for trade_id in await self._owners(name):
                if name not in self._trade_of_order:
                    await self.recall(trade_id)

    async def _owners(self, client_order_id: str) -> list[str]:
        """Trades that may have the order: the one it is named after, or one that took it over."""
        name = read_client_order_id(client_order_id)
        if name is None or client_order_id in self._trade_of_order:
            return []
        where = {"client_order_id": client_order_id}
        rows = await self._store.query("v_orders", limit=1, where=where)
        return [name.key, *(str(row["trade_id"]) for row in rows)]

    async def trade_id_of(self, signal_id: str) -> str | None:
        """The id that the trade of a claimed signal has, if it opened one.

        Raises:
            StoreUnavailable: the journal cannot be read.
        """
        claim = await self._store.claim_of(signal_id)
        if claim is None:
            return None
        return trade_key(strategy=claim.strategy, signal_id=signal_id, symbol=claim.symbol)

    def halted(self) -> Iterator[PairTrade]:
        """Trades that gave up."""
        return (trade for trade in self.unsettled.values() if trade.state is TradeState.HALTED)
