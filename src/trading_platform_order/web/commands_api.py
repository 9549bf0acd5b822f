"""What an operator orders over HTTP; durable in the store, carried out by the engine."""

from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Request, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from trading_platform_order.client.commands import WAITING, ask
from trading_platform_order.client.stopping import (
    REASON_CHARS_MAX,
    StopStands,
    clear_stop,
    set_stop,
)
from trading_platform_order.domain.money import parse_decimal, plain
from trading_platform_order.runtime.doors.command_consumer import (
    CLOSE,
    WITHDRAW,
    CloseBody,
    WithdrawBody,
)
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.web.page.typed import require_typed
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.signals_api import BUSY, UNREADABLE, UNSIGNED
from trading_platform_order.web.world import Key, Problem, World

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX, pattern=r"\S")]
Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$", max_length=40)]
Symbol = Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{1,20}$")]
Asked = Request[None, Key, State]
ANSWERS = {
    400: UNREADABLE,
    401: UNSIGNED,
    403: ResponseSpec(Problem, description="this key may not"),
    503: BUSY,
}
_REFUSED = {409: ResponseSpec(Problem, description="not carried out; why is told")}


class StopRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refuse entries from now on; ``flatten``: close everything that is held as well.

    ``file``: leave the stop file too, which holds while the store does not answer; whoever resumes
    over HTTP or by the command line removes it. ``confirm_krw``: what is held, as it was typed at
    the page; flattening there needs it.
    """

    reason: Reason
    flatten: bool = False
    file: bool = False
    confirm_krw: Amount | None = None


class ResumeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Admit entries again."""

    reason: Reason


class CloseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close a pair, both legs together; ``krw``: about that much of it, else all.

    ``confirm_krw``: its value, as it was typed at the page; closing all of it there needs that.
    """

    symbol: Symbol
    strategy: str | None = None
    krw: Amount | None = None
    confirm_krw: Amount | None = None
    reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)] = ""


class WithdrawRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back a signal while it waits."""

    signal_id: Annotated[str, msgspec.Meta(pattern="^[!-~]{1,128}$")]
    reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)] = ""


class StopAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the stop stands now.

    Attributes:
        changed: false if it stood so already.
        engine_told: a running engine heard of it at once; else it sees it within a second, or at
            its start.
        reason: in force; the first stays.
        in_store: false if the store did not answer and only the stop file holds.
    """

    stopped: bool
    changed: bool
    engine_told: bool
    reason: str
    in_store: bool = True


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine said; ``waiting``: none answered, it is carried out at its start."""

    result: str
    detail: str


def _operator(request: Asked) -> None:
    if request.scope["state"].get("key") is not Key.OPERATOR:
        raise RequestRefused(
            HTTPStatus.FORBIDDEN,
            "operator_only",
            "this key hands in signals, reads and stops",
            "sign it with the operator's key",
        )


@post("/v1/stop", status_code=HTTPStatus.OK, responses={**ANSWERS, **_REFUSED})
async def stop(data: JSONBody[StopRequest], request: Asked, world: World) -> StopAnswer:
    """Refuse entries from now on; exits pass. Durable; no engine is needed."""
    reason = _said(request, data.reason)
    if data.flatten:
        await require_typed(request, world, data.confirm_krw)
    if not data.file:
        done = await set_stop(world.inbox, world.knock, reason, flatten=data.flatten)
    else:
        answer = await world.stop_door.stop(reason, flatten=data.flatten)
        if answer is None:
            return StopAnswer(
                stopped=True, changed=True, engine_told=False, reason=reason, in_store=False
            )
        done = answer
    reason = reason if done.before is None else done.before.reason
    return StopAnswer(
        stopped=True, changed=done.changed, engine_told=done.engine_told, reason=reason
    )


@post("/v1/resume", status_code=HTTPStatus.OK, responses={**ANSWERS, **_REFUSED})
async def resume(data: JSONBody[ResumeRequest], request: Asked, world: World) -> StopAnswer:
    """Lift the stop; refused while a condition of it still holds. Operator's key."""
    _operator(request)
    reason = _said(request, data.reason)
    try:
        done = await clear_stop(world.inbox, world.knock, reason, stop_file=world.stop_file)
    except StopStands as stands:
        raise RequestRefused(
            HTTPStatus.CONFLICT, "stop_stands", str(stands), "mend the cause"
        ) from None
    return StopAnswer(
        stopped=False, changed=done.changed, engine_told=done.engine_told, reason=reason
    )


@post("/v1/close", status_code=HTTPStatus.OK, responses={**ANSWERS, **_REFUSED})
async def close(data: JSONBody[CloseRequest], request: Asked, world: World) -> CommandAnswer:
    """Close a pair like an EXIT; one leg alone is closed by the command line. Operator's key."""
    _operator(request)
    krw = None if data.krw is None else plain(parse_decimal(data.krw))
    if krw is None:
        await require_typed(request, world, data.confirm_krw, data.symbol, data.strategy)
    reason = _said(request, data.reason)
    body = CloseBody(symbol=data.symbol, strategy=data.strategy, krw=krw, reason=reason)
    return await _asked(world, CLOSE, body)


@post("/v1/withdraw", status_code=HTTPStatus.OK, responses={**ANSWERS, **_REFUSED})
async def withdraw(data: JSONBody[WithdrawRequest], request: Asked, world: World) -> CommandAnswer:
    """Take back a signal while it waits. Operator's key."""
    _operator(request)
    body = WithdrawBody(signal_id=data.signal_id, reason=_said(request, data.reason))
    return await _asked(world, WITHDRAW, body)


async def _asked(world: World, kind: str, body: msgspec.Struct) -> CommandAnswer:
    answer = await ask(world.inbox, world.knock, kind, body, wait_s=world.claim_wait_s)
    result, detail = answer
    if result == InboxResult.REFUSED:
        raise RequestRefused(HTTPStatus.CONFLICT, "refused", detail, "see tporder status")
    return CommandAnswer(result="waiting" if answer == WAITING else result, detail=detail)


def _said(request: Asked, reason: str) -> str:
    """One line, and who said it at the page: it is kept for good."""
    line = " ".join(reason.split())
    who = request.scope["state"].get("who")
    return f"{line} - {who}".removeprefix(" - ") if who else line


COMMANDS = [stop, resume, close, withdraw]
