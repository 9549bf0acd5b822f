"""``stop`` and ``resume``: the emergency stop's latch, set and cleared with a reason."""

import asyncio
from collections.abc import Callable
from functools import partial

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    warn_of_state,
    writing,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.client import stopping
from trading_platform_order.client.stopping import REASON_CHARS_MAX, Done
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text


async def set_stop(place: Place, reason: str, *, flatten: bool) -> Done:
    """Set the latch. The first reason stays; flattening may be ordered afterwards as well."""
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        return await stopping.set_stop(inbox, _knock(place), reason, flatten=flatten)


async def clear_stop(place: Place, reason: str) -> Done:
    """Clear the latch, if nothing that would set it again holds.

    Raises:
        CliFault: something does.
    """
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        try:
            return await stopping.clear_stop(
                inbox, _knock(place), reason, stop_file=place.stop_file
            )
        except stopping.StopStands as stands:
            raise CliFault(
                ExitCode.STOP_STANDS,
                words.NOT_RESUMED(why=localised(str(stands))),
                remedy=words.MEND_THE_CAUSE(),
            ) from None


def _knock(place: Place) -> Callable[[], bool]:
    return partial(knock_at, wake_path(place.db, place.account))


def _reason(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """A latch without a reason tells the next operator nothing."""
    text = " ".join(value.split())
    if not text:
        raise click.BadParameter(words.REASON_REQUIRED())
    if len(text) > REASON_CHARS_MAX:
        raise click.BadParameter(words.CHARS_AT_MOST(chars=REASON_CHARS_MAX))
    return text


reason_option = click.option(
    "--reason", required=True, callback=_reason, metavar="TEXT", help="Why; stored for good."
)


@click.command(cls=TellingCommand)
@at_place
@reason_option
@click.option("--flatten", is_flag=True, help="Close everything that is held as well.")
@json_option
def stop(place: Place, *, reason: str, flatten: bool, as_json: bool) -> None:
    """Refuse entries from now on. Exits and other risk-reducing orders still pass.

    The stop is durable: it survives restarts until `tporder resume`. With `--flatten` the engine
    also closes every pair, both legs together; that too is durable.
    """
    done = asyncio.run(set_stop(place, reason, flatten=flatten))
    if as_json:
        stopped: dict[str, object] = {"account": place.account, "stopped": True}
        stopped |= {"changed": done.changed, "flatten": flatten}
        in_force = reason if done.before is None else done.before.reason
        print_json({**stopped, "engine_told": done.engine_told, "reason": in_force})
        return
    if done.changed or done.before is None:
        say(words.STOPPED(account=place.account))
    else:
        since = time_text(moment_of(done.before.at_us))
        say(words.STOPPED_ALREADY(account=place.account, at=since))
        say(words.REASON_STAYS(reason=localised(done.before.reason)))
    if flatten:
        say(words.WILL_BE_CLOSED())
    _tell_engine(done)


@click.command(cls=TellingCommand)
@at_place
@reason_option
@json_option
def resume(place: Place, *, reason: str, as_json: bool) -> None:
    """Lift the stop: entries are admitted again, within the limits.

    Refused while a condition of the stop still holds.
    """
    done = asyncio.run(clear_stop(place, reason))
    if as_json:
        resumed = {"account": place.account, "stopped": False, "changed": done.changed}
        print_json({**resumed, "engine_told": done.engine_told, "reason": reason})
        return
    if not done.changed:
        say(words.WAS_NOT_STOPPED(account=place.account))
        return
    say(words.RESUMED(account=place.account))
    if done.before is not None:
        say(words.HAD_BEEN_STOPPED(at=time_text(moment_of(done.before.at_us))))
        say(f"  {localised(done.before.reason)}")
    _tell_engine(done)


def _tell_engine(done: Done) -> None:
    say(words.ENGINE_TOLD() if done.engine_told else words.ENGINE_SEES_SOON())
