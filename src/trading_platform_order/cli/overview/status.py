"""``status``: how the account stands, in one page."""

import asyncio

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.store_location import Place, at_place, warn_of_state
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.cli.overview.standing import read_standing, standing_json
from trading_platform_order.cli.overview.status_text import print_status


@click.command(cls=TellingCommand)
@at_place
@click.option("--no-verify", is_flag=True, help="Skip the journal's hash chain (a long journal).")
@json_option
def status(place: Place, *, no_verify: bool, as_json: bool) -> ExitCode:
    """Engine, emergency stop, trades, positions and money of one account."""
    standing = asyncio.run(read_standing(place, check_chain=not no_verify))
    warn_of_state(standing.overview, place.account)
    if as_json:
        print_json(standing_json(place, standing))
    else:
        print_status(place, standing)
    return ExitCode.JOURNAL_BROKEN if standing.chain_broken else ExitCode.OK
