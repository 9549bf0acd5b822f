"""Judge of profit: do its parts, each computed on its own, sum up to the change of the equity?

Equity comes from balances and positions alone; the parts from prices of decisions, fills, fees,
funding and rates. A part that is valued at another moment's rate, or is left out, shows here.
"""

from collections.abc import Iterable
from decimal import Decimal

from trading_platform_order.executor.journal.replay import Replayed

EXACT_KRW = Decimal("0.01")
"""What divisions of averaged entries may leave."""


def parts_sum_to_the_equity(replayed: Replayed, *, with_external: bool) -> Iterable[str]:
    """Premium, funding, fees, FX and slippage equal equity end - start - transfers.

    Args:
        replayed: the journal, by the core.
        with_external: another hand moved money or closed a leg: what that brought is no trade of
            ours, and its share of the profit may be told otherwise.
    """
    book = replayed.book
    equity = book.equity_krw()
    if equity is None or with_external:
        return
    change = equity - book.opened_equity_krw - book.transfers_krw
    total = book.parts().total
    if abs(change - total) > EXACT_KRW:
        yield f"profit: the parts sum up to {total:.2f} KRW, the equity changed by {change:.2f}"
