"""``protect``: a trailing stop on the hedge of a pair, ordered through the command inbox."""

import asyncio
from decimal import Decimal, InvalidOperation

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.store_location import Place, at_place
from trading_platform_order.cli.control.command_send import ask, tell
from trading_platform_order.cli.control.emergency_stop import reason_option
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.money import plain
from trading_platform_order.runtime.doors.command_consumer import (
    PROTECT,
    ProtectBody,
    callback_fault,
)
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised


def _callback(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        bps = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(words.BPS_EXPECTED()) from None
    fault = words.NOT_FINITE() if not bps.is_finite() else callback_fault(bps)
    if fault is not None:
        raise click.BadParameter(localised(fault))
    return bps


@click.command(cls=TellingCommand)
@at_place
@click.argument("symbol")
@click.option(
    "--trailing",
    callback=_callback,
    metavar="BPS",
    help="Close the hedge when its price is this far above its lowest: 10 to 2000, in tens.",
)
@click.option("--off", is_flag=True, help="Take the trailing stop back.")
@reason_option
@json_option
def protect(
    place: Place, *, symbol: str, trailing: Decimal | None, off: bool, reason: str, as_json: bool
) -> ExitCode:
    """Set a trailing stop on the hedge of SYMBOL (a base asset, e.g. BTC), or take it back.

    When it fires on Binance, the engine sells the coins at once. It ends with the position. The
    protective stop near liquidation stands by itself and is not touched.
    """
    if (trailing is None) != off:
        raise click.UsageError(words.TRAILING_OR_OFF())
    body = ProtectBody(
        symbol=symbol.upper(),
        trailing_bps=None if trailing is None else plain(trailing),
        reason=reason,
    )
    answer = asyncio.run(ask(place, PROTECT, body))
    return tell(place, answer, about=body.symbol, as_json=as_json, symbol=body.symbol)
