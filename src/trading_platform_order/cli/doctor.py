"""``doctor``: what would keep a live engine from starting, each with its cure."""

import asyncio
from pathlib import Path

import click

from trading_platform_order.cli.errors import TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import print_json
from trading_platform_order.cli.settings import read_settings
from trading_platform_order.cli.views import json_option
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.runtime.doctor import faults_of
from trading_platform_order.runtime.machine_check import private_findings
from trading_platform_order.runtime.service import run_doctor


@click.command(cls=TellingCommand)
@click.option("--config", type=click.Path(path_type=Path), help="Settings, a TOML file.")
@json_option
def doctor(config: Path | None, *, as_json: bool) -> ExitCode:
    """Look at keys, permissions, clock, account settings and positions; changes nothing.

    A live engine looks at the same before its first order and does not start on a fault.
    """
    settings = read_settings(config)
    findings = private_findings(settings, config) + asyncio.run(run_doctor(settings))
    if as_json:
        rows = [finding_row(row) for row in findings]
        print_json({"ready": not faults_of(findings), "findings": rows})
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.level]:<8} {finding.subject}: {finding.text}")
            if finding.remedy:
                click.echo(f"{'':<8} cure: {finding.remedy}")
    return ExitCode.NOT_READY if faults_of(findings) else ExitCode.OK


_MARKS = {Level.OK: "ok", Level.WARNING: "warning", Level.FAULT: "FAULT"}


def finding_row(finding: Finding) -> dict[str, str]:
    """Under the names that programs know."""
    return {
        "level": finding.level.value,
        "subject": finding.subject,
        "text": finding.text,
        "cure": finding.remedy,
    }
