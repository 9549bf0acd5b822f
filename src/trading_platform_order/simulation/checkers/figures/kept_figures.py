"""Figures that are kept current are those that adding up anew gives, at every commit.

Limits ask for sums that nobody adds up between a signal and its orders
(``domain/account/valuation/valuation.py``). A fill, a price, a rate or a short of another hand's
that a sum missed is made good by whatever touches the same coin next, so that a look at the end of
a run sees nothing of it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.valuation.valuation import Valuation
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.storage.base import Entry

ROUNDED_KRW = Decimal("0.000001")
"""A sum of averages rounds where its parts do."""


class KeptFigures:
    """Observes one engine after the other."""

    def __init__(self, testbed: TestBed) -> None:
        self._testbed = testbed
        testbed.observers.append(self._committed)

    def _committed(self, entries: Sequence[Entry], _: Sequence[Alert]) -> None:
        """What is committed just now is not booked yet; everything before it is."""
        if entries:
            executor = self._testbed.engine.executor
            found = out_of_date(executor.book, executor.running_trades())
            self._testbed.report.violations += found


def out_of_date(book: AccountBook, running: Iterable[PairTrade]) -> Iterable[str]:
    """Which kept sums differ from those added up anew, from the same books at the same prices."""
    anew = Valuation()
    anew.mids = dict(book.mids)
    anew.rate_krw = book.value.rate_krw
    trades = list(running)
    for trade in trades:
        anew.coming.note(trade)
    owned = {base for _, base in book.ledger.holdings}
    for base in {*owned, *book.ledger.shorts, *(trade.base for trade in trades)}:
        anew.changed(base, book.ledger, book.pnl)
    kept, added_up = book.value.total, anew.total
    if kept != added_up:
        for name, ours, right in zip(kept._fields, kept, added_up, strict=True):
            if ours is not right and ours != right:
                yield f"{name} is kept at {ours}, added up anew it is {right}"
    ours_krw, right_krw = book.parts().trading, book.pnl.parts(book.mids).trading
    if not abs(ours_krw - right_krw) <= ROUNDED_KRW:
        yield f"profit is kept at {ours_krw} KRW, added up anew it is {right_krw}"
