"""Which projection each kind of journal event has: one table, one small pure function per kind.

Nothing here decides anything about trading: read models only retell what the journal says, and
everything they tell can be thrown away and told again.
"""

from collections.abc import Mapping

from trading_platform_order.storage.base import JournalRow
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections import account, leg_loss, trades
from trading_platform_order.storage.projections.projection import Changes, Event, Look, Projection

PROJECTIONS: Mapping[str, tuple[Projection, ...]] = {
    "signal_claimed": (account.signal_claimed,),
    "signal_refused": (account.signal_refused,),
    "trade_opened": (account.signal_accepted, trades.trade_opened),
    "orders_planned": (trades.orders_planned,),
    "order_accepted": (trades.order_accepted,),
    "order_ended": (trades.order_ended,),
    "order_refused": (trades.order_refused,),
    "order_unanswered": (trades.order_unanswered,),
    "order_proven_absent": (trades.order_proven_absent,),
    "cancel_sent": (trades.cancel_sent,),
    "fill_seen": (trades.fill_seen,),
    "hedge_position_read": (trades.hedge_position_read, leg_loss.position_read),
    "coins_read": (trades.coins_read,),
    "hedge_closed": (leg_loss.hedge_closed,),
    "human_called": (trades.operator_called,),
    "trade_settled": (trades.trade_settled,),
    "trade_halted": (trades.trade_halted,),
    "trade_resumed": (trades.trade_resumed,),
    "position_changed": (account.position_changed,),
    "funding_booked": (account.funding_booked,),
    "foreign_movement": (account.foreign_movement,),
    "equity_recorded": (account.equity_recorded,),
}
NOT_PROJECTED = frozenset(
    {
        "account_opened",
        "coins_gone",
        "completion_stopped",
        "emergency_stop_lifted",
        "emergency_stop_set",
        "engine_started",
        "fx_marked",
        "holding_followed",
        "order_still_unresolved",
        "stop_planned",
        "stop_cancel_sent",
        "stop_moved",
        "trailing_asked",
        "stray_order_found",
    }
)
"""Kinds that change no read model; ``explain`` shows them from the journal."""


def project_row(row: JournalRow, look: Look) -> Changes:
    """The changes one journal row makes; none for a kind that is not in the table.

    Raises:
        ValueError: the body does not have the shape agreed for its kind.
    """
    projections = PROJECTIONS.get(row.kind, ())
    if not projections:
        return []
    event = Event(row=row, body=Body.parse(row.body))
    return [change for projection in projections for change in projection(event, look)]
