"""``record``: live markets into files, until stopped."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.market.files.recording import FORMAT, Torn, lines_of, recorded_files
from trading_platform_order.operations.record import recorder
from trading_platform_order.words.results import record as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text


@click.command(cls=TellingCommand)
@config_option
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the recording; may hold an earlier one.",
)
@click.option(
    "--levels",
    type=click.IntRange(1, 30),
    default=recorder.LEVELS,
    show_default=True,
    help="Of each side of a book.",
)
@click.option("--check", is_flag=True, help="Tell what is recorded there; record nothing.")
def record(config: Path | None, *, folder: Path, levels: int, check: bool) -> None:
    """Keep live books, prints, funding and rates in files until interrupted.

    Of the symbols of the settings, by the exchanges' public streams: no key is used, no order sent.
    `demo`, `backtest`, `report` and paper mode read the folder where they read candles.
    """
    settings = read_settings(config)
    if check:
        _check(folder)
        return
    _tell_torn(recorder.torn_ends(folder))
    symbols = ", ".join(settings.engine.symbols)

    async def work(stop: asyncio.Event) -> None:
        wrote = await recorder.record(
            settings,
            folder,
            stop,
            levels=levels,
            begun=lambda: say(words.BEGUN(symbols=symbols, folder=folder)),
        )
        counts = _counts(wrote.counts)
        say(words.WROTE(lines=f"{wrote.lines:,}", bytes=f"{wrote.bytes_written:,}", counts=counts))

    try:
        run_until_stopped(work)
    except* recorder.RecordingRefused as refused:
        why = localised(str(next(leaves_of(refused))))
        raise CliFault(
            ExitCode.ENGINE_PROBLEM, words.REFUSED(why=why), remedy=words.LOOK_AT_NETWORK()
        ) from None
    except* OSError as problems:
        why = str(next(leaves_of(problems)))
        raise CliFault(
            ExitCode.ENGINE_PROBLEM, words.DISK(why=why), remedy=words.FREE_SPACE()
        ) from None


def _check(folder: Path) -> None:
    counts: Counter[str] = Counter()
    torn: list[Torn] = []
    span: list[datetime] = []
    files = recorded_files(folder)
    for path in files:
        for line in lines_of(path, torn):
            if line.get("format") == FORMAT:
                continue
            counts[str(line["kind"])] += 1
            span = [span[0] if span else _moment(line["got"]), _moment(line["got"])]
    _tell_torn(torn)
    if not span:
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.EMPTY(folder=folder),
            remedy=words.RECORD_FIRST(folder=folder),
        )
    told = words.THERE(files=len(files), lines=f"{counts.total():,}", counts=_counts(counts))
    say(told)
    begin, end = (time_text(at.astimezone(UTC)) for at in span)
    say(words.SPAN(begin=begin, end=end))


def _tell_torn(torn: list[Torn]) -> None:
    for end in torn:
        say(words.TORN(path=end.path, bytes=f"{end.dropped_bytes:,}"), err=True)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "-"


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC)
