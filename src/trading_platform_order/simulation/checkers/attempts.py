"""What an exchange that is closed does to a trade: nothing but make it wait."""

from collections import Counter
from collections.abc import Iterable, Mapping

from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.simulation.checkers.closed_codes import is_closed

REFUSED_MAX = 12
"""Orders of one trade that were sent into a closed exchange: each word is heard once, and again
after each time that it seemed to be over."""


def closed_uses_no_attempts(
    trades: Mapping[str, PairTrade], halted: Mapping[str, str]
) -> Iterable[str]:
    """Answers that say closed, banned, suspended or maintenance use no attempts and halt no trade.

    Args:
        trades: as they ended, by id.
        halted: reasons by trade id, of all that ever halted.
    """
    for name, trade in trades.items():
        codes = Counter(r.code for r in trade.refusals if is_closed(r.code, r.hindrance))
        if not codes:
            continue
        told = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
        if name in halted or trade.state is TradeState.HALTED:
            yield f"trade {name} halted though its exchange was closed ({told}): {halted.get(name)}"
        if codes.total() > REFUSED_MAX:
            yield f"trade {name} sent {codes.total()} orders into a closed exchange ({told})"
