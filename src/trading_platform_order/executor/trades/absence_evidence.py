"""Whether an exchange holds what it must if one order never happened: part of its proof of absence.

What must be there is our own count: the ledger, and what an order of the trade filled that no fill
has been told of yet. Not the trade's own holding: when a late fill opens a trade again, later
trades of its strategy may have closed what it once held.
"""

from decimal import Decimal

from trading_platform_order.domain.account.absence import doubtful_coins, missing_short
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, Order, OrderSide, Venue
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.executor.account.external_activity import by_others, newest_that_sum_to
from trading_platform_order.executor.account.leg_loss import OneLeg
from trading_platform_order.executor.ports import Explained


def expected_short(trade: PairTrade, ledger: Ledger) -> Decimal:
    """The short of all strategies in the trade's base asset."""
    return ledger.shorts[trade.base].quantity - _untold(trade, Leg.HEDGE)


def expected_coins(trade: PairTrade, ledger: Ledger) -> Decimal:
    """All coins of the trade's base asset on Upbit, the owner's included."""
    return ledger.coins[trade.base] + _untold(trade, Leg.SPOT)


def _untold(trade: PairTrade, leg: Leg) -> Decimal:
    """Base units bought (sold, if negative) that no told fill accounts for."""
    return sum(
        (
            (order.executed_quantity - trade.filled(order))
            * (1 if order.side is OrderSide.BUY else -1)
            for order in trade.orders
            if order.leg is leg
        ),
        ZERO,
    )


async def explain_coins(
    order: Order, trade: PairTrade, book: AccountBook, exchange: BaseExchange
) -> Explained:
    """The owner may trade on Upbit too: only what this order would have moved casts doubt.

    And that only while it is not exactly what others' orders and transfers moved that is not booked
    yet.
    """
    ledger = book.ledger
    answer = await exchange.position(order.symbol)
    if isinstance(answer, ReadFailed):
        return Explained(is_explained=False, text=answer.reason)
    must = expected_coins(trade, ledger)
    off = answer.quantity - must
    text = f"{plain(answer.quantity)} {trade.base} held, by the ledger {plain(must)}"
    if not doubtful_coins(order, counted=must, held=answer.quantity):
        return Explained(is_explained=True, text=text)
    others = await by_others(exchange, order.symbol, book.moved_until(Venue.UPBIT, trade.base))
    moved = newest_that_sum_to(off, others.changes)
    if moved is None:
        return Explained(is_explained=False, text="; ".join(filter(None, (text, others.unread))))
    return Explained(is_explained=True, text=f"{text}; by another hand: {moved}")


async def explain_position(
    order: Order, trade: PairTrade, ledger: Ledger, exchange: BaseExchange, one_leg: OneLeg
) -> Explained:
    """Binance's symbol is ours alone: the position must be exact, or closed by foreign fills."""
    answer = await exchange.position(order.symbol)
    if isinstance(answer, ReadFailed):
        return Explained(is_explained=False, text=answer.reason)
    must = expected_short(trade, ledger)
    text = f"position {plain(answer.quantity)}, by the ledger {plain(-must)}"
    gone = missing_short(counted=must, position_quantity=answer.quantity)
    if gone <= 0:
        return Explained(is_explained=gone == 0, text=text)
    closings = await one_leg.closings(trade.base)
    if isinstance(closings, ReadFailed):
        return Explained(is_explained=False, text=closings.reason)
    fills = one_leg.foreign(gone, closings)
    closed = sum((fill.quantity for fill in fills), ZERO)
    return Explained(
        is_explained=closed == gone, text=f"{text}; {plain(closed)} closed by another hand"
    )
