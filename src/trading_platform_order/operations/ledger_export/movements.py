"""Every movement of the account, from its journal: what was traded, paid, received and moved.

Read from the rows themselves and not from the views, which a stopped engine may have left behind
and which are read in pages: an export that lacks a row would be worse than none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order import Fill, Leg, Order
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.operations.ledger_export.krw_values import KrwValues
from trading_platform_order.storage.base import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFill:
    """One execution and whose it is; ``trade_id`` is empty if another hand closed a hedge."""

    fill: Fill
    leg: Leg
    strategy: str
    trade_id: str = ""
    signal_id: str = ""


@dataclass(slots=True, kw_only=True)
class Movements:
    """What one pass over a journal found, in its order."""

    values: KrwValues = field(default_factory=KrwValues)
    fills: list[LedgerFill] = field(default_factory=list)
    funding: list[ae.FundingBooked] = field(default_factory=list)
    transfers: list[ae.ForeignMovement] = field(default_factory=list)
    gone: list[CoinsGone] = field(default_factory=list)
    _signals: dict[str, Signal] = field(default_factory=dict)
    _legs: dict[str, Leg] = field(default_factory=dict)
    _seen: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, trade_id: str, event: object) -> None:
        """One row."""
        self.values.note(event)
        match event:
            case te.TradeOpened():
                self._signals[trade_id] = event.signal
                self._note(event.orders)
            case te.OrdersPlanned():
                self._note(event.orders)
            case te.FillSeen():
                leg = self._legs.get(event.fill.client_order_id)
                if leg is not None and self._is_new(event.fill):
                    self._fill(trade_id, event.fill, leg)
            case te.HedgePositionRead():
                for fill in event.fills:
                    self._fill(trade_id, fill, Leg.HEDGE)
            case _:
                self._take_of_account(event)

    def _take_of_account(self, event: object) -> None:
        match event:
            case HedgeClosed():
                for share in event.shares:
                    if share.fill is not None:
                        self.fills.append(
                            LedgerFill(fill=share.fill, leg=Leg.HEDGE, strategy=share.strategy)
                        )
            case ae.FundingBooked():
                self.funding.append(event)
            case ae.ForeignMovement():
                self.transfers.append(event)
            case CoinsGone():
                self.gone.append(event)
            case _:
                pass

    def _note(self, orders: Iterable[Order]) -> None:
        self._legs |= {order.client_order_id: order.leg for order in orders}

    def _is_new(self, fill: Fill) -> bool:
        """An execution may be told twice; its order and the exchange's id name it."""
        key = (str(fill.exchange), fill.symbol, fill.client_order_id, fill.trade_id)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _fill(self, trade_id: str, fill: Fill, leg: Leg) -> None:
        signal = self._signals[trade_id]
        self.fills.append(
            LedgerFill(
                fill=fill,
                leg=leg,
                strategy=signal.strategy,
                trade_id=trade_id,
                signal_id=signal.id,
            )
        )


async def read_journal(reader: Reader) -> Movements:
    """All of it.

    Raises:
        JournalUnreadable: a row was written by a newer program; nothing is left out silently.
    """
    found = Movements()
    async for row in reader.journal_all():
        found.take(row.trade_id, event_of(row))
    return found
