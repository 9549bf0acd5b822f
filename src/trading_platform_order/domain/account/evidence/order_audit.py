"""What an order that an exchange lists means, held against the journal's trade."""

from enum import StrEnum

from trading_platform_order.domain.order import Order, OrderReport, leg_symbol
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.order_identity.order_match import fits
from trading_platform_order.domain.outcome import ListedOrder
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.value import value

CREATION_MARGIN_S = 600.0


class Meaning(StrEnum):
    """What a listed order is to the journal.

    ``KNOWN`` nothing new. ``LATE`` more than was booked. ``LOST`` its row is gone, its trade is
    there and unfinished. ``ORPHAN`` not ours to explain.
    """

    KNOWN = "known"
    LATE = "late"
    LOST = "lost"
    ORPHAN = "stray"


@value
class Judged:
    """One listed order and what it is; ``reason`` for operators."""

    listed: ListedOrder
    meaning: Meaning
    reason: str = ""


def judge(listed: ListedOrder, trade: PairTrade | None) -> Judged:
    """What an order under our prefix means, held against the trade its id names."""
    report = listed.report
    if trade is None:
        return Judged(listed=listed, meaning=Meaning.ORPHAN, reason="no trade of the journal")
    mine = [o for o in trade.orders if o.client_order_id == report.client_order_id]
    if not mine:
        return _without_row(listed, trade)
    order = mine[0]
    if listed.uses_up:
        return Judged(listed=listed, meaning=Meaning.KNOWN)
    difference = _difference(order, report)
    if difference is not None:
        return Judged(listed=listed, meaning=Meaning.ORPHAN, reason=difference)
    # An order whose end is not known yet is looked up by its own trade.
    is_news = report.executed_quantity > order.executed_quantity or report.is_open
    meaning = Meaning.LATE if order.status.is_final and is_news else Meaning.KNOWN
    return Judged(listed=listed, meaning=meaning)


def _without_row(listed: ListedOrder, trade: PairTrade) -> Judged:
    name = read_client_order_id(listed.report.client_order_id)
    if name is None or trade.state is not TradeState.EXECUTING or listed.uses_up:
        reason = f"trade {trade.trade_id} is {trade.state} and has no such order"
        return Judged(listed=listed, meaning=Meaning.ORPHAN, reason=reason)
    if listed.report.symbol != leg_symbol(name.leg, trade.base):
        reason = f"{listed.report.symbol} in a trade of {trade.base}"
        return Judged(listed=listed, meaning=Meaning.ORPHAN, reason=reason)
    return Judged(listed=listed, meaning=Meaning.LOST)


def _difference(order: Order, report: OrderReport) -> str | None:
    if order.exchange_order_id is not None:
        if order.exchange_order_id == report.exchange_order_id:
            return None
        return f"a second order under this id; the journal's is {order.exchange_order_id}"
    return fits(order, report, clock_margin_s=CREATION_MARGIN_S)
