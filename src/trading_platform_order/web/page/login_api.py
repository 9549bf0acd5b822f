"""Logging in and out at the page. Only browsers use this, so the API's document leaves it out."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import JSONBody

from trading_platform_order.web.page.passwords import PASSWORD_CHARS_MAX
from trading_platform_order.web.page.sessions import (
    CSRF,
    NAME,
    Session,
    cookie_of,
    is_from_page,
)
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.world import World

FROM_LOGIN = "login"
"""The page's header before it has a session's text; a form of another site cannot send any."""
Asked = Request[Any, Any, Any]


class LoginRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``password``: or a key; ``name``: how its reasons are signed."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARS_MAX)]
    name: Annotated[str, msgspec.Meta(max_length=40)] = ""


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the page may do, and what it must send with it."""

    key: str
    who: str
    csrf: str
    account: str


@post("/page/login", status_code=HTTPStatus.OK, include_in_schema=False)
async def login(data: JSONBody[LoginRequest], request: Asked, world: World) -> Response[Any]:
    """Begin a session; too many wrong tries wait."""
    if not is_from_page(request.headers) or request.headers.get(CSRF) != FROM_LOGIN:
        raise RequestRefused(
            HTTPStatus.FORBIDDEN, "another_site", "this did not come from the page", "log in there"
        )
    name = data.name.strip()
    if name and NAME.fullmatch(name) is None:
        raise ClientException("name: letters, digits, spaces and . @ + - only")
    address = request.client.host if request.client else ""
    now_s = asyncio.get_running_loop().time()
    wait_s = world.page.limits.wait_s(address, now_s)
    if wait_s > 0:
        raise RequestRefused(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_logins",
            f"too many wrong tries; wait {wait_s:.0f} s",
            "the command line stops trading without a login: tporder stop --reason …",
        )
    world.page.limits.trying(address, now_s)
    key = await world.page.passwords.key_of(data.password)
    if key is None:
        raise RequestRefused(
            HTTPStatus.UNAUTHORIZED, "wrong_password", "the password is wrong", "try it again"
        )
    world.page.limits.succeeded(address)
    token, session = world.page.sessions.begin(key, name)
    age_s = int(world.page.sessions.idle_s)
    cookie = cookie_of(token, is_secure=_is_secure(request, world), age_s=age_s)
    return Response(_told(session, world), headers={"set-cookie": cookie})


@post("/page/logout", status_code=HTTPStatus.OK, include_in_schema=False)
async def logout(request: Asked, world: World) -> Response[Any]:
    """End the session."""
    world.page.sessions.end(request.headers.get("cookie", ""))
    cookie = cookie_of("", is_secure=_is_secure(request, world), age_s=0)
    return Response({"ended": True}, headers={"set-cookie": cookie})


@get("/page/session", include_in_schema=False)
async def current(request: Asked, world: World) -> SessionAnswer | None:
    """Of this browser, if there is one; what a reload of the page asks first."""
    session = world.page.sessions.of(request.headers.get("cookie", ""))
    return None if session is None else _told(session, world)


def _told(session: Session, world: World) -> SessionAnswer:
    return SessionAnswer(key=session.key, who=session.who, csrf=session.csrf, account=world.account)


def _is_secure(request: Asked, world: World) -> bool:
    return world.page.is_behind_tls or request.scope["scheme"] == "https"


LOGIN = [login, logout, current]
