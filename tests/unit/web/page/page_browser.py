"""What a browser does with the page's requests, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.unit.web.web_fixture import looks_of, settings_of
from trading_platform_order.web.page.sessions import CSRF
from trading_platform_order.web.server import serving

FROM_PAGE = {"sec-fetch-site": "same-origin"}


class Browser:
    """What the page does with its cookie and its header."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.session = session
        self.csrf = "login"

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(self.address + path) as answer:
            self.last = answer
            return answer.status, await _body(answer)

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        sent = FROM_PAGE | {CSRF: self.csrf} | {k.replace("_", "-"): v for k, v in headers.items()}
        async with self.session.post(self.address + path, json=body, headers=sent) as answer:
            self.last = answer
            return answer.status, await _body(answer)

    async def log_in(self, password: str, name: str = "Kim") -> tuple[int, Any]:
        self.csrf = "login"
        status, told = await self.post("/page/login", {"password": password, "name": name})
        if status == 200:
            self.csrf = told["csrf"]
        return status, told


async def _body(answer: aiohttp.ClientResponse) -> Any:  # noqa: ANN401 - any JSON
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return await answer.json() if is_json else await answer.text()


@asynccontextmanager
async def page(db: Path) -> AsyncIterator[Browser]:
    silent: list[str] = []
    jar = aiohttp.CookieJar(unsafe=True)  # the loopback has no name
    async with (
        asyncio.timeout(30),
        serving(settings_of(db, claim_wait_s=1.0), looks_of(db), silent.append) as address,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        yield Browser(address, session)
