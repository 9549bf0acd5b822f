"""Hand a command to the engine through its inbox, and wait for the answer."""

import asyncio
from typing import Any

import click
import msgspec

from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import print_json
from trading_platform_order.cli.store_location import Place, warn_of_state, writing
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.transport.clock import SystemClock, epoch_us

WAIT_S = 5.0
LOOK_S = 0.1
WAITING = ("waiting", "no engine answered; it is carried out at its start")

Answer = tuple[str, str]


async def ask(place: Place, kind: str, body: msgspec.Struct, *, wait_s: float = WAIT_S) -> Answer:
    """Put the command into the inbox: ``(result, detail)``, :data:`WAITING` if nobody answered."""
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        text = msgspec.json.encode(body).decode()
        number = await inbox.put_command(kind, text, at_us=epoch_us(SystemClock().now()))
        knock_at(wake_path(place.db, place.account))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            answer = await inbox.command_result(number)
            if answer is not None:
                return answer
            if loop.time() >= deadline:
                return WAITING
            await asyncio.sleep(LOOK_S)


def tell(place: Place, answer: Answer, *, about: str, as_json: bool, **fields: Any) -> ExitCode:  # noqa: ANN401 - any JSON
    """Print it; the exit code that it means."""
    result, detail = answer
    if as_json:
        print_json({"account": place.account, **fields, "result": result, "detail": detail})
    else:
        click.echo(f"{about}: {detail}")
    return ExitCode.REFUSED if result == InboxResult.REFUSED else ExitCode.OK
