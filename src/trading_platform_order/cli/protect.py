"""``protect``: a trailing stop on the hedge of a pair, by a person, through the command inbox."""

import asyncio
from decimal import Decimal, InvalidOperation

import click
import msgspec

from trading_platform_order.cli.emergency_stop import reason_option
from trading_platform_order.cli.errors import TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import print_json
from trading_platform_order.cli.store_location import Place, at_place, warn_of_state, writing
from trading_platform_order.cli.views import json_option
from trading_platform_order.domain.money import plain
from trading_platform_order.runtime.command_consumer import PROTECT, ProtectBody, callback_fault
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.transport.clock import SystemClock, epoch_us

WAIT_S = 5.0
LOOK_S = 0.1

Answer = tuple[str, str] | None


async def ask(place: Place, body: ProtectBody, *, wait_s: float) -> Answer:
    """Put the command into the inbox and wait for the engine's answer; ``None`` if none came."""
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        text = msgspec.json.encode(body).decode()
        number = await inbox.put_command(PROTECT, text, at_us=epoch_us(SystemClock().now()))
        knock_at(wake_path(place.db, place.account))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            answer = await inbox.command_result(number)
            if answer is not None or loop.time() >= deadline:
                return answer
            await asyncio.sleep(LOOK_S)


def _callback(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        bps = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter("a number of basis points, e.g. 150 for 1.5 %") from None
    fault = "not a finite number" if not bps.is_finite() else callback_fault(bps)
    if fault is not None:
        raise click.BadParameter(fault)
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
        raise click.UsageError("give either --trailing BPS or --off")
    body = ProtectBody(
        symbol=symbol.upper(),
        trailing_bps=None if trailing is None else plain(trailing),
        reason=reason,
    )
    answer = asyncio.run(ask(place, body, wait_s=WAIT_S))
    result, detail = answer or ("waiting", "no engine answered; it is carried out at its start")
    if as_json:
        told = {"account": place.account, "symbol": body.symbol, "result": result}
        print_json({**told, "detail": detail})
    else:
        click.echo(f"{body.symbol}: {detail}")
    return ExitCode.REFUSED if result == InboxResult.REFUSED else ExitCode.OK
