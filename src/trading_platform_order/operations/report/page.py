"""The report as one HTML page: opened from the disk, on a telephone too, without any network."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from html import escape

from trading_platform_order.domain.account.profit.pair_money import prices_of
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.operations.demo.report import Spread
from trading_platform_order.operations.html_page import html_page, html_table
from trading_platform_order.operations.report import charts
from trading_platform_order.operations.report.executions import TradeExecution
from trading_platform_order.operations.report.figures import PARTS, ReportFigures
from trading_platform_order.operations.report.plots import plots_of
from trading_platform_order.words import common, money, status
from trading_platform_order.words.results import report as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import locale, time_text

TRADES_SHOWN = 200
PremiumLine = Sequence[tuple[datetime, Decimal]]


def report_page(figures: ReportFigures, premium: PremiumLine = ()) -> str:
    """The page in the operator's language.

    Args:
        figures: of the period.
        premium: over time, if somebody knows it; else only that of the trades is drawn.
    """
    title = words.TITLE(account=figures.account)
    body = [
        _head(figures),
        _cards(figures),
        _profit(figures),
        *_charts(figures, premium),
        _execution(figures),
        _times(figures),
        _counts(figures),
        _trades(figures.trades),
    ]
    return html_page(title=title, body="\n".join(body), language=locale().language)


def _head(figures: ReportFigures) -> str:
    period = words.SUBTITLE(begin=time_text(figures.begin), end=time_text(figures.end))
    lines = [f'<p class="soft">{escape(period)}</p>']
    if figures.mode == "live":
        lines.append(f"<p>{escape(words.REAL_MONEY(mode='live'))}</p>")
    else:
        market = figures.market or figures.mode
        lines.append(f'<p class="note">{escape(words.PLAY_MONEY(market=localised(market)))}</p>')
    if not figures.equity:
        lines.append(f'<p class="note">{escape(words.NO_VALUATION())}</p>')
    if figures.unreadable:
        lines.append(f'<p class="note">{escape(words.UNREADABLE(rows=figures.unreadable))}</p>')
    return "\n".join(lines)


def _cards(figures: ReportFigures) -> str:
    trades = [one.trade for one in figures.trades]
    longest_ms = max((trade.naked_ms for trade in trades), default=0)
    largest = max((trade.naked_krw_max for trade in trades), default=ZERO)
    refused = sum(found.count for found in figures.refusals.values())
    total = figures.trading + figures.fx_idle
    cards = [
        (words.TRADING(), f"{_krw(figures.trading)} KRW", figures.trading),
        (words.TOTAL(), f"{_krw(total)} KRW", total),
        (words.IDLE(), f"{_krw(figures.fx_idle)} KRW", ZERO),
        (words.TRADES(), f"{len(trades):,}", ZERO),
        (words.NAKED(), f"{longest_ms:,} ms", ZERO),
        (words.NAKED_KRW(), f"{_krw(largest, sign='')} KRW", ZERO),
        (words.REFUSED(), f"{refused:,}", ZERO),
    ]
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><span class="soft">{escape(name)}</span>'
            f'<b class="{_mood(value)}">{escape(text)}</b></div>'
            for name, text, value in cards
        )
        + "</div>"
    )


def _profit(figures: ReportFigures) -> str:
    rows = [[common.PARTS[name](), _krw(figures.parts[name])] for name in PARTS]
    rows += [
        [words.TRADING(), _krw(figures.trading)],
        [words.IDLE(), _krw(figures.fx_idle)],
        [words.TOTAL(), _krw(figures.trading + figures.fx_idle)],
    ]
    table = html_table([words.PART(), words.KRW()], rows, sums=3)
    return f"{_h2(words.PROFIT_SPLIT())}{table}<p class='soft'>{escape(words.NOT_TRADING())}</p>"


def _charts(figures: ReportFigures, premium: PremiumLine) -> list[str]:
    try:
        zone = locale().zone
        return [f"<figure>{charts.svg(plot, zone)}</figure>" for plot in plots_of(figures, premium)]
    except charts.NoCharts as missing:
        return [f'<p class="note">{escape(words.NO_CHARTS(why=missing))}</p>']


def _execution(figures: ReportFigures) -> str:
    rows = []
    for leg in Leg:
        mid, signal = figures.shortfall(leg, "decision"), figures.shortfall(leg, "signal")
        rows.append(
            [
                common.LEGS[leg.value](),
                _krw(mid.krw),
                _bps(mid.bps),
                _krw(signal.krw) if signal.value_krw else "-",
                _bps(signal.bps),
                _krw(figures.fees_krw[leg], sign=""),
            ]
        )
    columns = [
        words.LEG(),
        words.AGAINST_MID(),
        words.BPS(),
        words.AGAINST_SIGNAL(),
        words.BPS(),
        words.FEES_KRW(),
    ]
    about = f"<p class='soft'>{escape(words.EXECUTION_ABOUT())}</p>"
    return f"{_h2(words.EXECUTION())}{about}{html_table(columns, rows)}"


def _times(figures: ReportFigures) -> str:
    trades = figures.trades
    measures = [
        (words.SIGNAL_AGE(), [one.signal_age_ms for one in trades]),
        (words.TO_WIRE(), [n for one in trades if (n := one.signal_to_wire_us) is not None]),
        (words.SKEW(), [abs(one.skew_ms) for one in trades if one.skew_ms is not None]),
        (words.TO_SETTLED(), [n for one in trades if (n := one.settled_ms) is not None]),
        (words.NAKED_MS(), [one.trade.naked_ms for one in trades]),
    ]
    rows = []
    for name, values in measures:
        spread = Spread.of(values)
        rows.append([name, *(_count(n) for n in (spread.p50, spread.p99, spread.max))])
    columns = [words.MEASURE(), words.MEDIAN(), words.P99(), words.MOST()]
    return f"{_h2(words.TIMES())}{html_table(columns, rows)}"


def _counts(figures: ReportFigures) -> str:
    outcomes = [[_outcome(name), f"{count:,}"] for name, count in figures.outcomes.items()]
    funding = [[symbol, f"{amount:+,.4f}"] for symbol, amount in figures.funding_usdt.items()]
    refusals = [
        [code, f"{found.count:,}", localised(found.message)]
        for code, found in figures.refusals.items()
    ]
    payments = words.PAYMENTS(count=figures.funding_count)
    return "".join(
        [
            _section(words.OUTCOMES(), [words.OUTCOME(), words.COUNT()], outcomes),
            _section(words.FUNDING(), [words.SYMBOL(), words.USDT()], funding),
            f"<p class='soft'>{escape(payments)}</p>" if funding else "",
            _section(
                words.REFUSALS(), [words.CODE(), words.COUNT(), words.LAST_SAID()], refusals, {2}
            ),
        ]
    )


def _section(
    title: str, columns: list[str], rows: list[list[str]], running: set[int] | None = None
) -> str:
    if not rows:
        return f"{_h2(title)}<p class='soft'>{escape(words.NONE())}</p>"
    return _h2(title) + html_table(columns, rows, words=frozenset(running or ()))


def _trades(trades: Sequence[TradeExecution]) -> str:
    if not trades:
        return ""
    shown = trades[::-1][:TRADES_SHOWN]
    rows = []
    for one in shown:
        trade, spot, hedge = one.trade, one.legs[Leg.SPOT], one.legs[Leg.HEDGE]
        premium = prices_of(trade).premium
        rows.append(
            [
                time_text(trade.decision.at),
                f"{trade.base} {common.ACTIONS[trade.action.value]()}",
                _outcome((trade.outcome or trade.state).value),
                "-" if premium is None else f"{premium * 100:+.2f} %",
                "-" if one.realised is None else _krw(one.realised.total),
                _bps(spot.against_decision.bps),
                _bps(hedge.against_decision.bps),
                "-" if one.skew_ms is None else f"{one.skew_ms:+,}",
                f"{trade.naked_ms:,}",
            ]
        )
    columns = [
        words.AT(),
        words.WHAT(),
        words.OUTCOME(),
        words.PREMIUM(),
        words.REALISED(),
        words.SPOT_BPS(),
        words.HEDGE_BPS(),
        words.SKEW_MS(),
        words.NAKED_MS(),
    ]
    note = ""
    if len(shown) < len(trades):
        told = words.ALL_TRADES(count=len(shown), all=f"{len(trades):,}")
        note = f"<p class='soft'>{escape(told)}</p>"
    return f"{_h2(words.LAST_TRADES())}{note}{html_table(columns, rows)}"


def _h2(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _outcome(name: str) -> str:
    text = money.OUTCOMES.get(name) or status.TRADE_STATES.get(name)
    return name if text is None else text()


def _krw(value: Decimal, sign: str = "+") -> str:
    whole = value.quantize(Decimal(1)) + 0
    return f"{whole:{sign},}" if whole else "0"


def _bps(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _mood(value: Decimal) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""
