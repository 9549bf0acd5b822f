"""How answers look: JSON for programs, tables for operators, plain columns where nobody watches."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from trading_platform_order.cli.terminal import can_show
from trading_platform_order.domain.money import plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Cells = Sequence[str]
WIDTH = 80
"""Columns of an operator's terminal."""
_LABEL = 11
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def print_json(value: object) -> None:
    """One line of JSON; Decimals become text. Escaped where the terminal lacks a character."""
    line = msgspec.json.encode(value).decode()
    click.echo(line if can_show(line) else json.dumps(json.loads(line)))


def print_table(
    columns: Cells, rows: Sequence[Cells], *, empty: str, console: Console | None = None
) -> None:
    """A table; where stdout is no terminal, columns padded with spaces and never cut."""
    if not rows:
        click.echo(empty)
        return
    console = console or Console()
    if console.is_terminal:
        table = Table(*columns, header_style="bold")
        for row in rows:
            table.add_row(*(Text(text) for text in row))  # text: brackets are no markup
        console.print(table)
        return
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
    for row in (columns, *rows):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def figure(value: Decimal | str) -> str:
    """An amount for operators: ``1,234,567.89``; the digits are never rounded."""
    text = plain(Decimal(value))
    sign = "-" if text.startswith("-") else ""
    whole, point, fraction = text.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{point}{fraction}"


def krw(value: Decimal | str) -> str:
    """Whole KRW for operators."""
    return f"{Decimal(value).quantize(Decimal(1)):,} KRW"


def utc_text(moment: datetime) -> str:
    """``2026-01-31 09:00:00.123Z``."""
    text = moment.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")
    return text.replace("+00:00", "Z")


def from_us(at_us: int) -> datetime:
    """Calendar time from microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


def cell(row: Mapping[str, str | int | None], name: str) -> str:
    """A column of a view as text; ``-`` where there is nothing."""
    value = row[name]
    return "-" if value is None or value == "" else str(value)


def amount_cell(row: Mapping[str, str | int | None], name: str) -> str:
    """An amount column of a view."""
    value = row[name]
    return "-" if value is None else figure(str(value))


def time_cell(row: Mapping[str, str | int | None], name: str) -> str:
    """A time column of a view, microseconds or ISO 8601."""
    value = row[name]
    if value is None:
        return "-"
    return utc_text(from_us(value) if isinstance(value, int) else datetime.fromisoformat(value))


def percent(value: Decimal | None) -> str:
    """``+1.25 %`` of a fraction; ``not known`` of none."""
    return "not known" if value is None else f"{value * 100:+.2f} %"


def age_text(seconds: float) -> str:
    """``42 s``, ``12 min``, ``3 h 12 min``, ``2 d 3 h``."""
    whole = max(int(seconds), 0)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def usdt(value: Decimal | None) -> str:
    """Cents of USDT for operators; ``not known`` of none."""
    return "not known" if value is None else f"{value:,.2f} USDT"


def labelled(label: str, text: str) -> None:
    """Write a line that begins with its label, wrapped at 80 columns."""
    for line in labelled_lines(label, text):
        click.echo(line)


def labelled_lines(label: str, text: str) -> list[str]:
    """A text behind its label, wrapped at 80 columns."""
    head = f"{label:<{_LABEL}}"
    lines = textwrap.wrap(text, WIDTH - _LABEL, break_on_hyphens=False) or [""]
    return [f"{' ' * _LABEL if number else head}{line}" for number, line in enumerate(lines)]
