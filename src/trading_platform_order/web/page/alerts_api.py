"""Alerts as operators read them, and that somebody has seen one."""

import json
from http import HTTPStatus
from typing import Annotated, Any

from litestar import get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter

from trading_platform_order.domain.alarms.incident import FIRST_US
from trading_platform_order.domain.alert import Alert
from trading_platform_order.notifications.wording.guidance import DONE_BY_OPERATORS, guidance_of
from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.web.page.looks_api import ANSWERS
from trading_platform_order.web.page.told_figures import told_figures
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.world import Problem, World
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language

SENT_WITHIN_US = 60_000_000
"""What waits for longer was taken by no channel."""
LIMIT = Annotated[int, QueryParameter(ge=1, le=1_000)]
ID_MAX = 2**63 - 1


@get("/page/alerts", responses=ANSWERS)
async def alerts(
    world: World, lang: FromQuery[Language] = Language.EN, limit: LIMIT = 100
) -> list[dict[str, Any]]:
    """The newest first, with what the engine does about each and what an operator should."""
    rows = await world.inbox.query("v_alerts", limit=limit)
    return [_told(row, lang) for row in rows]


def _told(row: dict[str, str | int | None], lang: Language) -> dict[str, Any]:
    fields: dict[str, str] = json.loads(str(row["fields"]))
    kind, urgent = str(row["kind"]), bool(row["urgent"])
    wording = WORDINGS.get(kind)
    title = kind
    if wording is not None:
        title = wording.title_ko if lang is Language.KO else wording.title
    guidance = guidance_of(Alert(kind=kind, urgent=urgent, fields=fields))
    texts = (
        ("", "", "")
        if guidance is None
        else (
            guidance.doing,
            guidance.deadline,
            guidance.action,
        )
    )
    doing, deadline, action = (localised(text, lang) for text in texts)
    return {
        "id": row["seq"],
        "at_us": row["at_us"],
        "kind": kind,
        "title": title,
        "urgent": urgent,
        "result": _result(row),
        "acknowledged_at_us": row["acknowledged_at_us"],
        "waits_for_operator": urgent and kind not in DONE_BY_OPERATORS,
        "attempts": row["attempts"],
        "fields": told_figures({n: text for n, text in fields.items() if n != FIRST_US}, lang),
        "doing": doing,
        "deadline": deadline,
        "action": action,
    }


def _result(row: dict[str, str | int | None]) -> str:
    """Of the delivery; what only waits says by how long and how often that it has not worked."""
    if row["result"] is not None:
        return str(row["result"])
    if int(row["attempts"] or 0):
        return "failing"
    waited_us = epoch_us(SystemClock().now()) - int(row["at_us"] or 0)
    return "waiting" if waited_us < SENT_WITHIN_US else "unsent"


@post(
    "/page/alerts/{alert_id:int}/acknowledge",
    status_code=HTTPStatus.OK,
    responses={
        **ANSWERS,
        403: ResponseSpec(Problem, description="this key may not"),
        404: ResponseSpec(Problem, description="no such alert"),
    },
)
async def acknowledge(
    alert_id: Annotated[int, PathParameter(ge=1, le=ID_MAX)], world: World
) -> dict[str, bool]:
    """Somebody has seen it: repeats of its incident are not sent any more."""
    done = await world.inbox.acknowledge(alert_id, at_us=epoch_us(SystemClock().now()))
    if not done:
        raise RequestRefused(
            HTTPStatus.NOT_FOUND, "no_such_alert", "no alert has this id", "see /page/alerts"
        )
    return {"acknowledged": True}


ALERTS = [alerts, acknowledge]
