"""``shadow`` and ``live-check``: meet the real exchanges, record them, tell where they differ."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from trading_platform_order.cli.checks.doctor import finding_row
from trading_platform_order.cli.console.errors import CliFault, TellingCommand, leaves_of
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.interrupts import run_until_stopped
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.exchanges.base import Level
from trading_platform_order.operations.live_check.session import (
    CONFIRMATION,
    ContactReport,
    run_live_check,
    run_shadow,
)
from trading_platform_order.runtime.settings.settings import Mode, Settings

SHOWN_MAX = 200

_symbol = click.option("--symbol", help="Base asset; the first of engine.symbols by default.")
_record = click.option(
    "--record",
    type=click.Path(path_type=Path),
    help="Where the traffic is recorded; out/wire-<time>.jsonl by default.",
)


@click.command(cls=TellingCommand)
@config_option
@_symbol
@_record
@click.option(
    "--seconds",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="How long to listen to the streams.",
)
@json_option
def shadow(
    *,
    config: Path | None,
    symbol: str | None,
    record: Path | None,
    seconds: float,
    as_json: bool,
) -> ExitCode:
    """Read, test orders and listen with live keys; nothing is placed and nothing is changed.

    All wire traffic is recorded without its secrets, and every difference in shape from the
    simulated exchanges is printed. Only reads, order tests and the stream's key leave this machine.
    In paper mode it is rehearsed against the simulators.
    """
    settings = read_settings(config)
    _say_mode(settings)
    reports: list[ContactReport] = []

    async def work(stop: asyncio.Event) -> None:
        reports.append(
            await run_shadow(
                settings,
                base=symbol or settings.engine.symbols[0],
                seconds=seconds,
                record=record or _default_record(),
                announce=_announce,
                stop=stop,
            )
        )

    _run(work)
    return _show(reports[0], as_json=as_json)


@click.command(cls=TellingCommand)
@config_option
@_symbol
@_record
@json_option
def live_check(
    *, config: Path | None, symbol: str | None, record: Path | None, as_json: bool
) -> ExitCode:
    """One smallest round trip on each exchange, after a typed confirmation.

    Buys and sells about 6,000 KRW of the coin on Upbit, then sells and buys back the least quantity
    on Binance: costs are the fees and the spread. The doctor is asked first, nothing may be open in
    the symbol, and no engine may run on the account. Traffic is recorded and compared as by shadow.
    """
    settings = read_settings(config)
    _say_mode(settings)
    reports: list[ContactReport] = []

    async def work(_stop: asyncio.Event) -> None:
        # A first Ctrl-C waits for the way back; a second one has its usual effect.
        reports.append(
            await run_live_check(
                settings,
                base=symbol or settings.engine.symbols[0],
                record=record or _default_record(),
                announce=_announce,
                confirm=lambda plan: _confirmed(settings, plan),
            )
        )

    _run(work)
    return _show(reports[0], as_json=as_json)


def _say_mode(settings: Settings) -> None:
    if settings.engine.mode is Mode.PAPER:
        _announce(
            "mode paper: rehearsed against the simulators, on the market of paper.market; "
            "the real exchanges are met with engine.mode = live"
        )


def _run(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    try:
        run_until_stopped(work)
    except* OSError as problems:
        told = "; ".join(str(problem) for problem in leaves_of(problems))
        raise CliFault(ExitCode.ENGINE_PROBLEM, told) from problems


def _confirmed(settings: Settings, plan: str) -> bool:
    money = "REAL MONEY" if settings.engine.mode is Mode.LIVE else f"{settings.engine.mode} money"
    click.echo(f"{plan}\nThis trades {money}.", err=True)
    typed = click.prompt(f'Type "{CONFIRMATION}" to go on', default="", err=True)
    return bool(typed.strip() == CONFIRMATION)


def _announce(text: str) -> None:
    click.echo(text, err=True)


def _default_record() -> Path:
    return Path("out") / f"wire-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"


def _show(report: ContactReport, *, as_json: bool) -> ExitCode:
    if as_json:
        print_json(_as_json(report))
    else:
        for line in _lines(report):
            click.echo(line)
    return _code(report)


def _code(report: ContactReport) -> ExitCode:
    if not report.is_flat:
        return ExitCode.NOT_FLAT
    faults = any(finding.level is Level.FAULT for finding in report.findings)
    if faults or report.problems or any(trip.refusal for trip in report.trips):
        return ExitCode.NOT_READY
    different = report.comparison.differences or report.comparison.unexpected
    return ExitCode.SHAPE_DIFFERS if different else ExitCode.OK


def _lines(report: ContactReport) -> list[str]:
    comparison = report.comparison
    lines = [
        f"{finding.level.upper()}: {finding.subject}: {finding.text}; {finding.remedy}"
        for finding in report.findings
        if finding.level is not Level.OK
    ]
    lines += [f"failed: {problem}" for problem in report.problems]
    lines += [f"not in the simulators: {subject}" for subject in comparison.unexpected]
    lines += [difference.line() for difference in comparison.differences[:SHOWN_MAX]]
    hidden = len(comparison.differences) - SHOWN_MAX
    if hidden > 0:
        lines.append(f"and {hidden} more; --json tells all")
    lines += [trip.line() for trip in report.trips]
    lines.append(
        f"{len(comparison.compared)} kinds of answers and messages compared with the simulators: "
        f"{len(comparison.differences)} differences, {len(comparison.unexpected)} unknown kinds"
    )
    lines.append(f"{report.records} records without secrets in {report.record}")
    return lines


def _as_json(report: ContactReport) -> dict[str, object]:
    return {
        "flat": report.is_flat,
        "findings": [finding_row(row) for row in report.findings],
        "problems": list(report.problems),
        "compared": list(report.comparison.compared),
        "unexpected": list(report.comparison.unexpected),
        "differences": [asdict(row) for row in report.comparison.differences],
        "round_trips": [asdict(trip) for trip in report.trips],
        "record": str(report.record),
        "records": report.records,
    }
