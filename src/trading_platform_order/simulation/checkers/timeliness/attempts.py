"""What an exchange that is closed does to a trade: nothing but make it wait."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.simulation.checkers.timeliness.closed_codes import is_closed

REFUSED_MAX = 16
"""Orders of one trade within a minute that were sent into a closed exchange: each word is heard
once, and again after each time that it seemed to be over, 5 s apart while the legs differ."""
WITHIN = timedelta(seconds=60)
_NOW = timedelta(0)


def closed_uses_no_attempts(
    trades: Mapping[str, PairTrade], halted: Mapping[str, str]
) -> Iterable[str]:
    """Answers that say closed, banned, suspended or maintenance use no attempts and halt no trade.

    Args:
        trades: as they ended, by id.
        halted: reasons by trade id, of all that ever halted.
    """
    for name, trade in trades.items():
        refused = [r for r in trade.refusals if is_closed(r.code, r.hindrance)]
        codes = Counter(r.code for r in refused)
        if not codes:
            continue
        told = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
        if name in halted or trade.state is TradeState.HALTED:
            yield f"trade {name} halted though its exchange was closed ({told}): {halted.get(name)}"
        most = max(sum(_NOW <= r.at - first.at < WITHIN for r in refused) for first in refused)
        if most > REFUSED_MAX:
            yield f"trade {name} sent {most} orders in a minute into a closed exchange ({told})"
