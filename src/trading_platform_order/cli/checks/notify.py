"""``notify``: whether alerts arrive."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import labelled, print_json
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Channel, Delivery, Message, Verdict
from trading_platform_order.runtime.alerting.alert_channels import OpenChannels, open_channels
from trading_platform_order.runtime.alerting.alert_situation import situation_of
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions as words
from trading_platform_order.words.sentences import localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one channel came to."""

    channel: str
    taken: bool
    text: str


@click.group(cls=Group)
def notify() -> None:
    """The channels that operators are told over."""


@notify.command(cls=TellingCommand)
@config_option
@click.option("--channel", "only", metavar="NAME", help="This channel alone.")
@json_option
def test(config: Path | None, *, only: str | None, as_json: bool) -> ExitCode:
    """Send a test message over every channel that is set, and tell what each answered.

    A paging channel calls whoever it calls: tell them before. Exit code 0 if every channel took
    it, 25 if one did not or cannot be used.
    """
    settings = read_settings(config)
    answers = asyncio.run(_test(settings, only))
    if not answers:
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.NO_CHANNEL() if only is None else words.NO_SUCH_CHANNEL(name=only),
            remedy=words.SET_A_CHANNEL(),
        )
    if as_json:
        rows = [{"channel": a.channel, "taken": a.taken, "text": a.text} for a in answers]
        print_json({"channels": rows})
    else:
        for answer in answers:
            labelled(answer.channel, localised(answer.text))
    return ExitCode.OK if all(answer.taken for answer in answers) else ExitCode.NOT_TOLD


async def _test(settings: Settings, only: str | None) -> list[Answer]:
    http = AiohttpTransport()
    try:
        opened = open_channels(settings, http)
        wanted = [one for one in opened.channels if only in {None, one.name}]
        message = Message(pending=_message(), situation=situation_of(settings))
        deliveries = await asyncio.gather(*(one.send(message) for one in wanted))
    finally:
        await http.close()
    return _refused(opened, only) + list(map(_answer, wanted, deliveries))


def _refused(opened: OpenChannels, only: str | None) -> list[Answer]:
    return [
        Answer(channel=name, taken=False, text=f"cannot be used: {text}")
        for name, text in opened.refused.items()
        if only in {None, name}
    ]


def _message() -> PendingAlert:
    alert = Alert(kind=AlertKind.TEST, urgent=False)
    at_us = epoch_us(SystemClock().now())
    return PendingAlert(id=0, alert=alert, attempts=0, created_at_us=at_us)


def _answer(channel: Channel, delivery: Delivery) -> Answer:
    taken = delivery.verdict is Verdict.TAKEN
    text = "taken" if taken else f"NOT taken: {delivery.reason}"
    return Answer(channel=channel.name, taken=taken, text=text)
