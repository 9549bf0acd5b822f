"""What came of a grid of parameters: every run in a table, and two parameters as a heat map."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

from trading_platform_order.operations.backtest.backtest import BacktestResult
from trading_platform_order.operations.backtest.strategy import Grid, Value
from trading_platform_order.operations.html_page import html_page, html_table
from trading_platform_order.words import common
from trading_platform_order.words.results import backtest as words
from trading_platform_order.words.text import Language, Locale, locale, time_text, using

_LOSS, _GAIN = (214, 96, 77), (67, 147, 195)
"""Red for a loss, blue for a gain: told apart by those who do not tell red from green."""


def write_grid_page(
    path: Path,
    results: Sequence[BacktestResult],
    grid: Grid,
    *,
    strategy: str,
    language: Language,
) -> None:
    """Write the page; one section for each file of candles."""
    with using(Locale(language=language, zone=locale().zone)):
        path.write_text(
            html_page(
                title=words.GRID_TITLE(strategy=strategy),
                body=_body(results, grid),
                language=language,
            ),
            encoding="utf-8",
        )


def _body(results: Sequence[BacktestResult], grid: Grid) -> str:
    sections = [f'<p class="note">{escape(words.NOT_ADVICE())}</p>']
    for market in dict.fromkeys(result.report.market for result in results):
        own = [result for result in results if result.report.market == market]
        period = words.FROM_TO(
            begin=time_text(own[0].begin), end=time_text(own[0].end), bars=f"{own[0].bars:,}"
        )
        sections.append(f"<h2>{escape(own[0].report.symbol)} · {escape(market)}</h2>")
        sections.append(f'<p class="soft">{escape(period)}</p>')
        sections += _heat_map(own, grid)
        sections.append(_table(own, grid))
    return "\n".join(sections)


def _table(results: Sequence[BacktestResult], grid: Grid) -> str:
    best_first = sorted(results, key=lambda result: result.strategy_krw, reverse=True)
    return html_table(
        [
            *grid.axes,
            words.STRATEGY_KRW(),
            words.TRADES(),
            *(common.PARTS[name]() for name in results[0].parts_krw),
            words.IDLE_KRW(),
            words.DIGEST(),
        ],
        [
            [
                *(_value(result.parameters[name]) for name in grid.axes),
                f"{result.strategy_krw:,.0f}",
                str(result.report.round_trips + result.report.forced_exits),
                *(f"{part:,.0f}" for part in result.parts_krw.values()),
                f"{result.report.parts.fx_idle:,.0f}",
                result.report.trades_digest[:16],
            ]
            for result in best_first
        ],
    )


def _heat_map(results: Sequence[BacktestResult], grid: Grid) -> list[str]:
    """The first two parameters; of the others the best value counts."""
    names = [name for name, values in grid.axes.items() if len(values) > 1][:2]
    if not names:
        return []
    across, down = names[-1], names[0] if len(names) > 1 else None
    best: dict[tuple[Value | None, Value], Decimal] = {}
    for result in results:
        key = (
            None if down is None else result.parameters[down],
            result.parameters[across],
        )
        best[key] = max(best.get(key, result.strategy_krw), result.strategy_krw)
    reach = max((abs(value) for value in best.values()), default=Decimal(0))
    head = "".join(f"<th>{escape(_value(value))}</th>" for value in grid.axes[across])
    rows = "".join(
        f"<tr><th>{escape('' if row is None else _value(row))}</th>"
        + "".join(_cell(best.get((row, column)), reach) for column in grid.axes[across])
        + "</tr>"
        for row in ((None,) if down is None else grid.axes[down])
    )
    told = words.HEAT(across=across, down=down or "-")
    note = [] if len(grid.axes) <= len(names) else [f"<p>{escape(words.HEAT_BEST())}</p>"]
    return [
        f"<p>{escape(told)}</p>",
        *note,
        f'<div class="scroll"><table class="heat"><tr><th></th>{head}</tr>{rows}</table></div>',
    ]


def _cell(value: Decimal | None, reach: Decimal) -> str:
    if value is None:
        return "<td></td>"
    part = 0.0 if reach == 0 else float(abs(value) / reach)
    full = _LOSS if value < 0 else _GAIN
    # Never darker than black letters can be read on.
    colour = ",".join(str(round(255 - (255 - one) * part)) for one in full)
    return f'<td style="background:rgb({colour})">{value:,.0f}</td>'


def _value(value: Value) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)
