"""The last event of a trade, with its figures of time and exposure."""

from collections.abc import Callable
from datetime import datetime

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.trade_events import TradeOutcome


def settled(
    trade: PairTrade, outcome: TradeOutcome, wire_us: int | None, at: datetime
) -> te.TradeSettled:
    """The event that settles a trade now.

    Args:
        trade: as it stands before.
        outcome: hedged, flat or unwound.
        wire_us: from the signal to the wire, microseconds, if known.
        at: calendar time.
    """
    draft = te.TradeSettled(
        outcome=outcome,
        holding=trade.holding,
        naked_ms=0,
        naked_krw_max=ZERO,
        signal_to_wire_us=None,
        at=at,
    )
    closing = apply(trade, draft)
    return te.TradeSettled(
        outcome=outcome,
        holding=closing.holding,
        naked_ms=closing.naked_ms,
        naked_krw_max=closing.naked_krw_max,
        signal_to_wire_us=wire_us,
        at=at,
    )


def signal_to_wire_us(
    trade: PairTrade, started_s: float, wire_time: Callable[[str], float | None]
) -> int | None:
    """From the signal (monotonic seconds) to the later of both first requests, microseconds."""
    first = [order for order in trade.orders if order.attempt == 1][:2]
    times = [wire_time(order.client_order_id) for order in first]
    known = [time for time in times if time is not None]
    if len(known) != len(first) or not known:
        return None
    return max(0, round((max(known) - started_s) * 1_000_000))
