"""``simulate``: the whole system in virtual time, against faults, judged by checkers."""

import os
from collections.abc import Iterable, Sequence

import click

from trading_platform_order.cli.checks.sweep_endpoints import sweep_endpoints, sweep_options
from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.progress import progress_bar
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.simulation import runner
from trading_platform_order.simulation.faults.fault_kinds import (
    FAULT_KINDS,
    UnknownFault,
    chosen_kinds,
)
from trading_platform_order.simulation.random_runs import crash_sweep
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.catalogue import Scenario, all_scenarios

ALL = "all"


@click.command(cls=TellingCommand)
@click.option(
    "--runs", type=click.IntRange(min=1), default=100, show_default=True, help="How many."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the whole series.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes that share the runs; else one a core."
)
@click.option("--faults", default="all", show_default=True, help="Names with commas between.")
@click.option("--list-faults", is_flag=True, help="Name every kind of fault, and end.")
@click.option(
    "--replay", "run_seed", metavar="SEED", help="Tell one run step by step; its seed is like 1:17."
)
@click.option(
    "--crash-points", "is_crash_points", is_flag=True, help="Die once at every point of scripts."
)
@sweep_options
@click.option("--scenario", metavar="NAME", help=f"Play a named scenario, or {ALL}, and no runs.")
@click.option("--list", "only_list", is_flag=True, help="List the named scenarios, one a line.")
@json_option
def simulate(
    *,
    runs: int,
    seed: int,
    jobs: int | None,
    faults: str,
    list_faults: bool,
    run_seed: str | None,
    is_crash_points: bool,
    is_sweep: bool,
    endpoint: str | None,
    fault: str | None,
    case: str | None,
    scenario: str | None,
    only_list: bool,
    as_json: bool,
) -> ExitCode:
    """Run the engine against injected faults and crashes, and check what it promises.

    Nothing is placed twice, all ends hedged or flat, the ledger equals the exchanges. Violations
    name the run's seed, which replays it exactly. Named scenarios are failures that other systems
    had: docs/SCENARIOS.md.
    """
    jobs = jobs or os.cpu_count() or 1
    if only_list or list_faults:
        return (_list if only_list else _list_faults)(as_json=as_json)
    if scenario is not None:
        return _play(_chosen(scenario), jobs, as_json=as_json)
    if is_crash_points:
        return _crash_points(jobs, as_json=as_json)
    if is_sweep:
        return sweep_endpoints(endpoint, fault, case, jobs=jobs, as_json=as_json)
    kinds = _kinds(faults)
    if run_seed is None:
        return _simulate(runs, seed, jobs, kinds, as_json=as_json)
    return _replay(run_seed, kinds, as_json=as_json)


def _simulate(
    runs: int, seed: int, jobs: int, kinds: tuple[str, ...], *, as_json: bool
) -> ExitCode:
    with progress_bar("simulating") as progress:
        summary = runner.simulate(runs=runs, seed=seed, jobs=jobs, kinds=kinds, progress=progress)
    if as_json:
        print_json(summary.to_json())
    else:
        _print(summary.lines())
    return ExitCode.VIOLATIONS if summary.violations else ExitCode.OK


def _kinds(faults: str) -> tuple[str, ...]:
    try:
        return chosen_kinds(faults)
    except UnknownFault as error:
        raise click.BadParameter(
            f"{error}; tporder simulate --list-faults names them", param_hint="--faults"
        ) from None


def _list_faults(*, as_json: bool) -> ExitCode:
    if as_json:
        print_json({"faults": FAULT_KINDS})
    else:
        width = max(map(len, FAULT_KINDS))
        _print(f"{name:<{width}}  {about}" for name, about in FAULT_KINDS.items())
    return ExitCode.OK


def _crash_points(jobs: int, *, as_json: bool) -> ExitCode:
    with progress_bar("dying") as progress:
        summary = crash_sweep.sweep(jobs=jobs, progress=progress)
    if as_json:
        print_json(summary.to_json())
    else:
        _print(summary.lines())
    return ExitCode.VIOLATIONS if summary.failed else ExitCode.OK


def _replay(run_seed: str, kinds: tuple[str, ...], *, as_json: bool) -> ExitCode:
    told = runner.replay(run_seed, kinds=kinds)
    if as_json:
        print_json(
            {
                "seed": run_seed,
                "digest": told.digest,
                "timeline": told.lines,
                "violations": len(told.violations),
            }
        )
    else:
        _print([*told.lines, f"digest {told.digest}"])
    return ExitCode.VIOLATIONS if told.violations else ExitCode.OK


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


# -- named scenarios ------------------------------------------------------------------------------


def _list(*, as_json: bool) -> ExitCode:
    scenarios = all_scenarios()
    if as_json:
        print_json([{"name": found.name, "about": found.about} for found in scenarios])
        return ExitCode.OK
    for found in scenarios:
        say(f"{found.name}: {found.about}")
    return ExitCode.OK


def _chosen(name: str) -> list[Scenario]:
    # One that the engine does not meet yet is played only by its own name.
    scenarios = all_scenarios()
    chosen = [found for found in scenarios if name in {found.name, ALL}]
    if not chosen:
        raise click.BadParameter(
            f"no scenario is called {name!r}; --list names them", param_hint="--scenario"
        )
    return chosen


def _play(chosen: Sequence[Scenario], jobs: int, *, as_json: bool) -> ExitCode:
    reports: list[RunReport] = []
    with progress_bar("playing") as progress:
        for report in runner.play_scenarios([found.name for found in chosen], jobs=jobs):
            reports.append(report)
            progress(len(reports), len(chosen))
    failed = [report for report in reports if report.violations]
    if as_json:
        print_json(
            {
                "scenarios": len(reports),
                "passed": len(reports) - len(failed),
                "violations": sum(len(report.violations) for report in failed),
                "results": [_told(report, alone=len(chosen) == 1) for report in reports],
            }
        )
    else:
        for report in reports:
            _say(report, alone=len(chosen) == 1)
        click.echo(f"{len(reports) - len(failed)} of {len(reports)} scenarios pass")
    return ExitCode.VIOLATIONS if failed else ExitCode.OK


def _told(report: RunReport, *, alone: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "name": report.seed,
        "passed": not report.violations,
        "violations": report.violations,
        "signals": report.signals,
        "crashes": report.crashes,
        "requests": report.requests,
        "faults": dict(sorted(report.faults.items())),
    }
    return told | ({"timeline": report.timeline} if alone else {})


def _say(report: RunReport, *, alone: bool) -> None:
    for line in report.timeline if alone else ():
        say(line)
    click.echo(f"{'FAILED' if report.violations else 'ok':<6} {report.seed}")
    for text in report.violations:
        say(f"       {text}")
