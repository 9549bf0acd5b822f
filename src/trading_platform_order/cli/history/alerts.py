"""``alerts``: what operators were told, and that somebody has seen it."""

import asyncio
import json
from typing import Any

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import labelled, print_json, time_cell, word
from trading_platform_order.cli.console.store_location import Place, at_place, reading, writing
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import LIMIT_MAX, Rows, json_option, limit_option
from trading_platform_order.domain.alarms.incident import FIRST_US, REMINDER_OF
from trading_platform_order.notifications.wording.guidance import DONE_BY_OPERATORS
from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions as words
from trading_platform_order.words.forms.alert_fields import told_fields
from trading_platform_order.words.text import Language, locale

DAY_US = 86_400_000_000
URGENT_MAX = 1_000


async def unacknowledged(reader: Reader) -> Rows:
    """Urgent alerts of the last day that nobody has acknowledged and none that was silenced."""
    since_us = epoch_us(SystemClock().now()) - DAY_US
    rows = await reader.query("v_alerts", limit=URGENT_MAX, where={"urgent": "1"})
    return [row for row in _open(rows) if int(row["at_us"] or 0) >= since_us]


def _open(rows: Rows) -> Rows:
    """Those that nobody acknowledged, also not by one of their repeats.

    Repeats do not count, and what an operator did leaves none to be told.
    """
    of = {row["seq"]: json.loads(str(row["fields"])).get(REMINDER_OF) for row in rows}
    seen = {row["seq"] for row in rows if row["acknowledged_at_us"] is not None}
    seen |= {int(told) for number, told in of.items() if number in seen and told is not None}
    return [
        row
        for row in rows
        if of[row["seq"]] is None
        and row["seq"] not in seen
        and row["result"] != "silenced"
        and row["kind"] not in DONE_BY_OPERATORS
    ]


@click.group(cls=Group)
def alerts() -> None:
    """What operators were told, and acknowledging it."""


@alerts.command("list", cls=TellingCommand)
@at_place
@limit_option
@click.option("--open", "open_only", is_flag=True, help="Urgent ones nobody has acknowledged.")
@json_option
def list_alerts(place: Place, *, limit: int, open_only: bool, as_json: bool) -> None:
    """The newest alerts first, each with its id."""
    rows = asyncio.run(_read(place, limit, open_only=open_only))
    if as_json:
        print_json([_as_json(row) for row in rows])
        return
    if not rows:
        say(words.NO_ALERTS())
    for row in rows:
        result = word(words.ALERT_RESULTS, row["result"] or "waiting")
        if row["urgent"]:
            result = words.URGENT(result=result)
        if row["acknowledged_at_us"] is not None:
            result = words.ACKNOWLEDGED(result=result)
        at, title = time_cell(row, "at_us"), _title(str(row["kind"]))
        say(words.ALERT_HEAD(id=row["seq"], at=at, title=title))
        labelled("", result)
        fields = {n: t for n, t in json.loads(str(row["fields"])).items() if n != FIRST_US}
        for name, text in told_fields(fields):
            labelled("", words.ALERT_FIELD(name=name, text=text))


def _title(kind: str) -> str:
    known = WORDINGS.get(kind)
    if known is None or locale().language is Language.EN:
        return kind
    return f"{known.title_ko} ({kind})"


def _as_json(row: dict[str, str | int | None]) -> dict[str, Any]:
    return {**row, "id": row["seq"], "fields": json.loads(str(row["fields"]))}


async def _read(place: Place, limit: int, *, open_only: bool) -> Rows:
    async with reading(place) as reader:
        if not open_only:
            return await reader.query("v_alerts", limit=limit)
        rows = await reader.query("v_alerts", limit=LIMIT_MAX, where={"urgent": "1"})
        return _open(rows)[:limit]


@alerts.command(cls=TellingCommand)
@at_place
@click.argument("alert_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@json_option
def ack(place: Place, *, alert_id: int, as_json: bool) -> None:
    """Acknowledge alert ID: repeats of its incident are not sent any more.

    Only the same incident is silenced: another one is told as ever, and this one again if it gets
    worse (a higher severity, an amount grown by more than a quarter, another cause).
    """
    if not asyncio.run(_acknowledge(place, alert_id)):
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.NO_ALERT(id=alert_id, account=place.account),
            remedy=words.LIST_SHOWS_IDS(),
        )
    if as_json:
        print_json({"id": alert_id, "acknowledged": True})
    else:
        say(words.IS_ACKNOWLEDGED(id=alert_id))


async def _acknowledge(place: Place, alert_id: int) -> bool:
    async with writing(place, make=False) as inbox:
        return await inbox.acknowledge(alert_id, at_us=epoch_us(SystemClock().now()))
