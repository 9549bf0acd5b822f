"""What would be left alone if nobody looked after it, in words."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.resting_orders import Resting


def exposure_lines(
    journal: JournalSnapshot,
    resting: Resting,
    *,
    views: Callable[[str, datetime], PairView | None],
    now: datetime,
    dust_krw: Decimal,
) -> tuple[str, ...]:
    """One line for everything open; empty if nothing is.

    Args:
        journal: what the journal says is ours.
        resting: open orders under our prefix.
        views: the market, if it can be seen; without it any quantity counts.
        now: for the views.
        dust_krw: a holding worth less on both legs is nothing to act on.
    """
    lines = []
    for (strategy, base), held in sorted(journal.holdings.items()):
        if (held.spot or held.short) and _matters(held, views(base, now), dust_krw):
            spot, short = plain(held.spot), plain(held.short)
            lines.append(f"{strategy} holds {spot} {base} against {short} short")
    if journal.unresolved:
        lines.append(f"{len(journal.unresolved)} orders have no known end")
    if resting.reports:
        lines.append(f"{len(resting.reports)} orders rest")
    return tuple(lines)


def _matters(held: Holding, view: PairView | None, dust_krw: Decimal) -> bool:
    if view is None:
        return True
    spot_krw = abs(held.spot) * view.spot_book.mid
    short_krw = abs(held.short) * view.hedge_book.mid * view.fx.krw_per_usdt
    return max(spot_krw, short_krw) >= dust_krw
