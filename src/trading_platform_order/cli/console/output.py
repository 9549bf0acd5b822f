"""How answers look: JSON for programs, tables for operators, plain columns where nobody watches."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import click
import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from trading_platform_order.cli.console.terminal import can_show
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, leg_of, leg_symbol
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words import common as words
from trading_platform_order.words.text import Text as Words
from trading_platform_order.words.text import time_text
from trading_platform_order.words.width import WIDTH, padded, wrapped

Cells = Sequence[str]
_LABEL = 11
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def print_json(value: object) -> None:
    """One line of JSON; Decimals become text. Escaped where the terminal lacks a character."""
    line = msgspec.json.encode(value).decode()
    click.echo(line if can_show(line) else json.dumps(json.loads(line)))


def print_table(
    columns: Cells, rows: Sequence[Cells], *, empty: str, console: Console | None = None
) -> None:
    """A table; where stdout is no terminal, columns padded with spaces and never cut.

    On a terminal that is too narrow for it, each row stands as lines of name and value.
    """
    if not rows:
        click.echo(empty)
        return
    console = console or Console()
    widths = [
        max(cell_len(row[index]) for row in (columns, *rows)) for index in range(len(columns))
    ]
    if console.is_terminal and sum(widths) + 3 * len(widths) + 1 > console.width:
        _print_rows(columns, rows, console.width)
        return
    if console.is_terminal:
        table = Table(*columns, header_style="bold")
        for row in rows:
            table.add_row(*(Text(text) for text in row))  # text: brackets are no markup
        console.print(table)
        return
    for row in (columns, *rows):
        cells = (padded(cell, width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _print_rows(columns: Cells, rows: Sequence[Cells], width: int) -> None:
    label = max(map(cell_len, columns)) + 2
    for number, row in enumerate(rows):
        if number:
            click.echo()
        for name, text in zip(columns, row, strict=True):
            first, *rest = wrapped(text, max(width - label, 20)) or [""]
            click.echo(f"{padded(name, label)}{first}".rstrip())
            for more in rest:
                click.echo(f"{' ' * label}{more}")


def figure(value: Decimal | str) -> str:
    """An amount for operators: ``1,234,567.89``; the digits are never rounded."""
    text = plain(Decimal(value))
    sign = "-" if text.startswith("-") else ""
    whole, point, fraction = text.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{point}{fraction}"


def krw(value: Decimal | str) -> str:
    """Whole KRW for operators."""
    return f"{Decimal(value).quantize(Decimal(1)) + 0:,} KRW"  # + 0: never -0


def cell(row: Mapping[str, str | int | None], name: str) -> str:
    """A column of a view as text; ``-`` where there is nothing."""
    value = row[name]
    return "-" if value is None or value == "" else str(value)


def amount_cell(row: Mapping[str, str | int | None], name: str) -> str:
    """An amount column of a view."""
    value = row[name]
    return "-" if value is None else figure(str(value))


def time_cell(row: Mapping[str, str | int | None], name: str) -> str:
    """A time column of a view, microseconds or ISO 8601, to the millisecond."""
    value = row[name]
    if value is None:
        return "-"
    moment = moment_of(value) if isinstance(value, int) else datetime.fromisoformat(value)
    return time_text(moment, exact=True)


def word(known: Mapping[str, Words], name: object) -> str:
    """The operator's word for a name that programs know; the name itself if there is none."""
    text = known.get(str(name))
    return str(name) if text is None else text()


def symbol_text(symbol: str) -> str:
    """As its exchange writes it: ``KRW-BTC`` on Upbit, ``BTCUSDT`` on Binance."""
    base, dash, quote = symbol.partition("-")
    return f"{quote}-{base}" if dash and leg_of(symbol) is Leg.SPOT else symbol


def pair_text(base: str) -> str:
    """Both legs of a pair, as their exchanges write them."""
    spot, hedge = (symbol_text(leg_symbol(leg, base)) for leg in (Leg.SPOT, Leg.HEDGE))
    return words.PAIR(spot=spot, hedge=hedge)


def percent(value: Decimal | None) -> str:
    """``+1.25 %`` of a fraction; ``not known`` of none."""
    return words.NOT_KNOWN() if value is None else f"{value * 100:+,.2f} %"


def age_text(seconds: float) -> str:
    """``42 s``, ``12 min``, ``3 h 12 min``, ``2 d 3 h``."""
    whole = max(int(seconds), 0)
    if whole < _MINUTE_S:
        return words.SECONDS(s=whole)
    if whole < _HOUR_S:
        return words.MINUTES(min=whole // _MINUTE_S)
    if whole < _DAY_S:
        return words.HOURS(h=whole // _HOUR_S, min=whole % _HOUR_S // _MINUTE_S)
    return words.DAYS(d=whole // _DAY_S, h=whole % _DAY_S // _HOUR_S)


def usdt(value: Decimal | None) -> str:
    """Cents of USDT for operators; ``not known`` of none."""
    return words.NOT_KNOWN() if value is None else f"{value:,.2f} USDT"


def labelled(label: str, text: str) -> None:
    """Write a line that begins with its label, wrapped at 80 columns."""
    for line in labelled_lines(label, text):
        click.echo(line)


def labelled_lines(label: str, text: str) -> list[str]:
    """A text behind its label, wrapped at 80 columns."""
    head = padded(label, _LABEL)
    lines = wrapped(text, WIDTH - _LABEL)
    return [f"{' ' * _LABEL if number else head}{line}" for number, line in enumerate(lines)]
