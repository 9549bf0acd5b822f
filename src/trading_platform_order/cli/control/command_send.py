"""Hand a command to the engine through its inbox, and wait for the answer."""

from functools import partial
from typing import Any

import msgspec

from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.store_location import Place, warn_of_state, writing
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.client import commands
from trading_platform_order.client.commands import WAIT_S, WAITING, Answer
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised

__all__ = ["WAITING", "Answer", "ask", "tell"]


async def ask(place: Place, kind: str, body: msgspec.Struct, *, wait_s: float = WAIT_S) -> Answer:
    """Put the command into the inbox: ``(result, detail)``, :data:`WAITING` if nobody answered."""
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        knock = partial(knock_at, wake_path(place.db, place.account))
        return await commands.ask(inbox, knock, kind, body, wait_s=wait_s)


def tell(place: Place, answer: Answer, *, about: str, as_json: bool, **fields: Any) -> ExitCode:  # noqa: ANN401 - any JSON
    """Print it; the exit code that it means."""
    result, detail = answer
    if as_json:
        print_json({"account": place.account, **fields, "result": result, "detail": detail})
    else:
        say(words.OF_SYMBOL(symbol=about, text=localised(detail)))
    return ExitCode.REFUSED if result == InboxResult.REFUSED else ExitCode.OK
