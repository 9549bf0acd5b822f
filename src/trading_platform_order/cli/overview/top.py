"""``top``: state and money on a full screen, once a second, until q is pressed. It only reads."""

import asyncio
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import labelled_lines, pair_text, print_json, word
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.cli.overview.positions import position_lines
from trading_platform_order.cli.overview.standing import Standing, read_standing
from trading_platform_order.words import common
from trading_platform_order.words import status as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text

EVERY_S = 1.0
QUIT = b"qQ\x03\x04"
"""q, Ctrl-C, Ctrl-D."""


@click.command(cls=TellingCommand)
@at_place
@json_option
def top(place: Place, *, as_json: bool) -> None:
    """State and money on a full screen, every second; q ends it. --json: one look.

    It reads the store and the running engine's figures, and asks no exchange.
    """
    standing = _look(place)
    if as_json:
        pairs = [pair.as_json() for pair in standing.positions]
        closes = [close.as_json() for close in standing.closes]
        now = standing.headline.as_json()
        print_json({"now": now, "positions": pairs, "waiting_closes": closes})
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliFault(
            ExitCode.BAD_INPUT,
            words.TOP_NEEDS_TERMINAL(),
            remedy=words.TOP_INSTEAD(),
        )
    console = Console()
    with _keys() as keyboard, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            lines = screen_lines(standing, datetime.now(UTC))
            shown = lines[: max(console.height, 1)]
            live.update(Text("\n".join(shown), no_wrap=True), refresh=True)
            if _is_quit(keyboard, EVERY_S):
                return
            standing = _look(place)


def _look(place: Place) -> Standing:
    return asyncio.run(read_standing(place, check_chain=False, stops=False))


def screen_lines(standing: Standing, now: datetime) -> list[str]:
    """The screen, the most important first; each line at most 80 columns."""
    lines = [words.TOP_HEAD(at=time_text(now))]
    for label, text in standing.headline.lines():
        lines += labelled_lines(label, text)
    for close in standing.closes:
        text = words.TOP_CLOSE(
            symbol=pair_text(close.symbol),
            strategy=close.strategy,
            part=word(words.CLOSE_PARTS, close.part_base),
            waits=localised(close.waits),
        )
        lines += labelled_lines(words.CLOSE_LABEL(), text)
    for row in standing.trades:
        text = words.TOP_TRADE(
            state=word(words.TRADE_STATES, row["state"]),
            action=word(common.ACTIONS, row["action"]),
            symbol=pair_text(str(row["symbol"])),
            signal=row["signal_id"],
        )
        lines += labelled_lines(words.TRADE_LABEL(), text)
    lines.append("")
    if not standing.positions:
        lines.append(common.NO_OPEN_POSITIONS())
    for pair in standing.positions:
        lines += position_lines(pair)
    return lines


@contextmanager
def _keys() -> Iterator[int]:
    """The keyboard, key by key; as it was afterwards."""
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard, termios.TCSANOW)  # the default would drop what was typed before
    try:
        yield keyboard
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _is_quit(keyboard: int, limit_s: float) -> bool:
    ready, _, _ = select.select([keyboard], [], [], limit_s)
    if not ready:
        return False
    keys = os.read(keyboard, 64)
    return not keys or any(key in QUIT for key in keys)
