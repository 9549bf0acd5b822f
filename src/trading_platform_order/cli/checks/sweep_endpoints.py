"""``simulate --sweep``: every endpoint fails alone, and everything must go on within its budget."""

from collections.abc import Callable
from typing import TypeVar

import click

from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.progress import progress_bar
from trading_platform_order.simulation.endpoint_sweep.sweep import all_cells, sweep, tell

F = TypeVar("F", bound=Callable[..., object])


def sweep_options(command: F) -> F:
    """``--sweep`` and what restricts it."""
    for option in reversed(
        (
            click.option(
                "--sweep",
                "is_sweep",
                is_flag=True,
                help="Fail every endpoint alone, and time what must go on.",
            ),
            click.option(
                "--endpoint", metavar="TEXT", help="With --sweep: endpoints that contain this."
            ),
            click.option("--fault", metavar="NAME", help="With --sweep: this fault alone."),
            click.option("--case", metavar="NAME", help="With --sweep: this case alone."),
        )
    ):
        command = option(command)
    return command


def sweep_endpoints(
    endpoint: str | None, fault: str | None, case: str | None, *, jobs: int, as_json: bool
) -> ExitCode:
    """Play the cells that are asked for; one alone is told step by step."""
    cells = all_cells(endpoint=endpoint, fault=fault, case=case)
    if not cells:
        raise click.BadParameter("no cell has such an endpoint, fault and case")
    if len(cells) == 1 and not as_json:
        row, lines = tell(cells[0])
        for line in lines:
            click.echo(line)
        return ExitCode.VIOLATIONS if row.is_over else ExitCode.OK
    with progress_bar("sweeping") as progress:
        table = sweep(cells, jobs=jobs, progress=progress)
    if as_json:
        for row in table.rows:
            print_json(row.to_json())
        print_json(table.to_json())
    else:
        for line in table.lines():
            click.echo(line)
    return ExitCode.VIOLATIONS if table.over else ExitCode.OK
