"""``doctor``: what would keep a live engine from starting, each with its cure."""

import asyncio
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import labelled, print_json, word
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.runtime.service import run_doctor
from trading_platform_order.runtime.settings.settings import SettingsRefused
from trading_platform_order.runtime.startup.doctor import faults_of, findings_of_settings
from trading_platform_order.runtime.startup.machine_check import private_findings
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised

_FIRST = "mend this first: nothing else can be looked at before"


@click.command(cls=TellingCommand)
@config_option
@json_option
def doctor(config: Path | None, *, as_json: bool) -> ExitCode:
    """Look at keys, permissions, clock, account settings and positions; changes nothing.

    A live engine looks at the same before its first order and does not start on a fault.
    """
    settings = read_settings(config)
    findings = private_findings(settings, config)
    try:
        findings += asyncio.run(run_doctor(settings))
    except SettingsRefused as refused:
        # What needs no exchange is told beside the fault that keeps the rest from being looked at.
        fault = Finding(level=Level.FAULT, subject="settings", text=str(refused), remedy=_FIRST)
        findings += [*findings_of_settings(settings), fault]
    if as_json:
        rows = [finding_row(row) for row in findings]
        print_json({"ready": not faults_of(findings), "findings": rows})
    else:
        for finding in findings:
            _print(finding)
    return ExitCode.NOT_READY if faults_of(findings) else ExitCode.OK


def _print(finding: Finding) -> None:
    subject, text = localised(finding.subject), localised(finding.text)
    labelled(word(words.LEVELS, finding.level), words.FINDING(subject=subject, text=text))
    if finding.remedy:
        labelled("", words.FINDING_REMEDY(text=localised(finding.remedy)))


def finding_row(finding: Finding) -> dict[str, str]:
    """Under the names that programs know."""
    return {
        "level": finding.level.value,
        "subject": finding.subject,
        "text": finding.text,
        "cure": finding.remedy,
    }
