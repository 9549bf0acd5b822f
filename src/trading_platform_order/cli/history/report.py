"""``report``: one HTML file on what the account brought and how well it was traded."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.store_location import Place, at_place, reading
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.period import period_options, period_or_all
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.operations.report import charts
from trading_platform_order.operations.report.as_data import report_json
from trading_platform_order.operations.report.figures import ReportFigures, read_figures
from trading_platform_order.operations.report.page import report_page
from trading_platform_order.operations.report.plots import plots_of
from trading_platform_order.words.results import report as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language, Locale, locale, using


@click.command(cls=TellingCommand)
@at_place
@period_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    help="The page.",
)
@click.option(
    "--png", type=click.Path(path_type=Path, dir_okay=False), help="The plots as a picture instead."
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Candles: the premium behind the trades."
)
@json_option
def report(
    place: Place,
    *,
    day: str | None,
    begin: str | None,
    end: str | None,
    out: Path,
    png: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """What the account brought and how well it was traded, as one HTML file or as data.

    Of any store: live, paper, a demo's or a backtest's. Everything comes from the journal; no
    engine and no exchange is asked. Without a period: since the account was opened.
    """
    period = period_or_all(day, begin, end)
    figures = asyncio.run(_read(place, *period))
    if as_json:
        print_json(report_json(figures))
        return
    premium = () if data is None else _premium(data)
    if png is not None:
        png.write_bytes(_picture(figures, premium))
        say(words.KEPT(path=png))
        return
    out.write_text(report_page(figures, premium), encoding="utf-8")
    say(words.KEPT(path=out))


async def _read(place: Place, begin: datetime | None, end: datetime | None) -> ReportFigures:
    async with reading(place) as reader:
        figures = await read_figures(reader, account=place.account, begin=begin, end=end)
    if figures is None:
        raise CliFault(ExitCode.NOT_FOUND, words.NOTHING_YET(), remedy=words.RUN_FIRST())
    return figures


def _premium(data: Path) -> Sequence[tuple[datetime, Decimal]]:
    return [
        (bar.closes_at, bar.up_close / (bar.bn_close * bar.krw_usdt) - 1)
        for bar in read_candles(data).bars
    ]


def _picture(figures: ReportFigures, premium: Sequence[tuple[datetime, Decimal]]) -> bytes:
    """In English where this machine has no Korean letters to draw."""
    try:
        chosen = locale()
        if not charts.can_write_korean():
            chosen = Locale(language=Language.EN, zone=chosen.zone)
        with using(chosen):
            return charts.png(plots_of(figures, premium), chosen.zone)
    except charts.NoCharts as missing:
        raise CliFault(
            ExitCode.ENGINE_PROBLEM,
            words.NO_PICTURE(why=localised(str(missing))),
            remedy=words.INSTALL(),
        ) from None
