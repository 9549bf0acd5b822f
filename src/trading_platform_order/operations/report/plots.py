"""What a report draws: profit over time, and the premium with what was traded on it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.account_events import EquityRecorded
from trading_platform_order.domain.signal import Action
from trading_platform_order.operations.report.charts import Marks, Plot
from trading_platform_order.operations.report.figures import ReportFigures
from trading_platform_order.words.results import report as words

_LEAST = 2


def plots_of(
    figures: ReportFigures, premium: Sequence[tuple[datetime, Decimal]] = ()
) -> list[Plot]:
    """Those of which there is something to draw."""
    found = []
    if len(figures.equity) >= _LEAST:
        found.append(_profit(figures))
    if figures.marks or len(premium) >= _LEAST:
        found.append(_premium(figures, premium))
    return found


def _profit(figures: ReportFigures) -> Plot:
    before = figures.before
    start = (0, 0) if before is None else _sums(before)
    at = [row.at for row in figures.equity]
    sums = [_sums(row) for row in figures.equity]
    return Plot(
        title=words.EQUITY_PLOT(),
        unit=words.KRW(),
        lines=[
            (words.TRADING_LINE(), at, [float(trading - start[0]) for trading, _ in sums]),
            (words.TOTAL_LINE(), at, [float(total - start[1]) for _, total in sums]),
        ],
        is_stepped=True,
    )


def _sums(row: EquityRecorded) -> tuple[Decimal, Decimal]:
    """Trading profit so far, and with what the rate did to the wallet."""
    return row.trading_pnl_krw, row.trading_pnl_krw + row.fx_idle_krw


def _premium(figures: ReportFigures, premium: Sequence[tuple[datetime, Decimal]]) -> Plot:
    inside = [(at, value) for at, value in premium if figures.begin <= at <= figures.end]
    marks = figures.marks
    return Plot(
        title=words.PREMIUM_PLOT(),
        unit=words.PERCENT(),
        lines=[
            (
                words.PREMIUM_LINE(),
                [at for at, _ in inside],
                [float(value * 100) for _, value in inside],
            )
        ]
        if inside
        else [],
        marks=Marks(
            at=[mark.at for mark in marks],
            values=[float(mark.premium * 100) for mark in marks],
            is_entry=[mark.action is Action.ENTER for mark in marks],
        ),
        mark_names=(words.ENTRIES(), words.EXITS()),
    )
