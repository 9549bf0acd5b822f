"""From what was learned to what a trade's journal gains: one step per fact that is news."""

from collections.abc import Iterable
from datetime import datetime

from trading_platform_order.domain.order import OrderReport
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.orders.told_fills import rest_of
from trading_platform_order.domain.trade.pair_trade import IllegalTransition, PairTrade, apply

Step = tuple[PairTrade, PairTrade, te.TradeEvent]
"""Before, after, and the fact between."""


def steps_of(trade: PairTrade, events: Iterable[te.TradeEvent]) -> list[Step]:
    """Apply these in turn. What is known already is no step; what cannot follow halts the trade."""
    steps: list[Step] = []
    for event in events:
        try:
            after = apply(trade, event)
            fact = event
        except IllegalTransition as fault:
            fact = te.TradeHalted(reason=str(fault), at=event.at)
            after = apply(trade, fact)
        if after is not trade:
            steps.append((trade, after, fact))
            trade = after
    return steps


def rest_steps(trade: PairTrade, reports: Iterable[OrderReport], now: datetime) -> list[Step]:
    """What orders traded that nobody tells one by one; only after all that was told was applied."""
    rests = (rest_of(trade.order(one.client_order_id), trade.fills, one, now) for one in reports)
    return steps_of(trade, [te.FillSeen(fill=rest, at=now) for rest in rests if rest is not None])
