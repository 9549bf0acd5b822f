"""``close``: an operator closes a pair, or strips its hedge after typing what will stand naked."""

import asyncio
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import click
import msgspec

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import krw as krw_text
from trading_platform_order.cli.console.store_location import Place, at_place, reading
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.control.command_send import WAITING, ask, tell
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.client.handing_in import SendOutcome, Sent, follow
from trading_platform_order.client.stopping import REASON_CHARS_MAX
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.runtime.doors.command_consumer import (
    CLOSE,
    NAKED,
    CloseBody,
    NakedAnswer,
)
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised

END_WAIT_S = 5.0
"""How long a close that has begun is followed; most end within a second."""
_BEGUN = re.compile(r"tporder explain (\S+?)(?=;|,|$)")
"""The signals that an engine's answer names."""


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        raise click.BadParameter(words.NUMBER_OF_KRW()) from None
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(words.NOT_BELOW_ZERO())
    return amount


def _krw(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    return None if value is None else _amount(value)


@click.command(cls=TellingCommand)
@at_place
@click.argument("symbol")
@click.option("--strategy", metavar="NAME", help="Whose pair; without it, of all that hold it.")
@click.option("--krw", callback=_krw, metavar="KRW", help="Close about that much; else all.")
@click.option("--leg", type=click.Choice([leg.value for leg in Leg]), help="Only this leg.")
@click.option(
    "--confirm",
    callback=_krw,
    metavar="KRW",
    help="With --leg, for scripts: the KRW that will stand naked, within 5 %.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; stored for good.")
@json_option
def close(
    place: Place,
    *,
    symbol: str,
    strategy: str | None,
    krw: Decimal | None,
    leg: str | None,
    confirm: Decimal | None,
    reason: str,
    as_json: bool,
) -> ExitCode:
    """Close the pair of SYMBOL (a base asset, e.g. BTC), or about --krw of it, both legs together.

    It is an EXIT like research's: while an exchange takes no orders it waits, with both legs kept.
    The stop is not touched, and the strategy may enter again.

    With --leg only that leg is closed, on its exchange alone: coins are sold, or the short bought
    back, never more than the ledger owns. THE OTHER LEG THEN STANDS WITHOUT A HEDGE. Its value is
    printed and must be typed. An engine must run.
    """
    if krw is not None and krw == 0:
        raise click.UsageError(words.KRW_ABOVE_ZERO())
    if confirm is not None and leg is None:
        raise click.UsageError(words.CONFIRM_NEEDS_LEG())
    body = CloseBody(
        symbol=symbol.upper(),
        strategy=strategy,
        leg=None if leg is None else Leg(leg),
        krw=None if krw is None else plain(krw),
        confirm_krw=None if confirm is None else plain(confirm),
        reason=" ".join(reason.split())[:REASON_CHARS_MAX],
    )
    if body.leg is not None and confirm is None:
        if as_json:
            raise click.UsageError(words.JSON_NEEDS_CONFIRM())
        body = msgspec.structs.replace(
            body, confirm_krw=_typed(place, body, words.OTHER_LEGS[body.leg]())
        )
    answer = asyncio.run(ask(place, CLOSE, body))
    code = tell(place, answer, about=body.symbol, as_json=as_json, symbol=body.symbol)
    if code is ExitCode.OK and not as_json:
        asyncio.run(_tell_ends(place, dict.fromkeys(_BEGUN.findall(answer[1]))))
    return code


async def _tell_ends(place: Place, signals: Iterable[str]) -> None:
    """What came of the closes that have begun, as far as that is known within a few seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + END_WAIT_S
    async with reading(place) as reader:
        for signal_id in signals:
            item = Sent(line=1, signal_id=signal_id, inbox_id=0, result=SendOutcome.CLAIMED)
            left_s = max(deadline - loop.time(), 0.0)
            item = await follow(reader, item, wait_s=left_s, to_the_end=True)
            told = localised(item.detail) if item.has_ended else words.NOT_ENDED_YET()
            say(words.CLOSE_ENDED(signal=signal_id, text=told))


def _typed(place: Place, body: CloseBody, other: str) -> str | None:
    """The naked value as an operator typed it; ``None`` if nothing more will stand naked than now.

    Raises:
        CliFault: the engine cannot tell it, or another number was typed.
    """
    answer = asyncio.run(ask(place, NAKED, body))
    result, detail = answer
    if answer == WAITING:
        raise CliFault(
            ExitCode.NOT_CONFIRMED,
            words.NOBODY_CAN_TELL(),
            remedy=words.START_ENGINE(),
        )
    if result == InboxResult.REFUSED:
        raise CliFault(
            ExitCode.REFUSED, words.OF_SYMBOL(symbol=body.symbol, text=localised(detail))
        )
    naked = msgspec.json.decode(detail, type=NakedAnswer)
    if not naked.strips:
        return None
    say(
        words.WILL_STAND_NAKED(
            after=krw_text(naked.after_krw),
            symbol=body.symbol,
            other=other,
            before=krw_text(naked.before_krw),
        ),
        err=True,
    )
    if _line().replace(",", "").strip() != naked.after_krw:
        raise CliFault(ExitCode.NOT_CONFIRMED, words.ANOTHER_NUMBER())
    return naked.after_krw


def _line() -> str:
    try:
        return str(click.prompt(words.TYPE_THE_NUMBER(), default="", err=True))
    except click.Abort:
        return ""
