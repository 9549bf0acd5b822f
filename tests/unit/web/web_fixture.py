"""The API over the loopback, and a thread that claims what waits as an engine does."""

import asyncio
import json
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from tests.unit.cli.cli_world import append, claim_of, refused_of
from trading_platform_order.cli.console.store_location import Place
from trading_platform_order.cli.services.page_looks import PageLooks
from trading_platform_order.client import AsyncClient
from trading_platform_order.client.signing import signed
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.runtime.settings.settings import (
    Secret,
    Settings,
    StoreSection,
    WebSection,
)
from trading_platform_order.runtime.settings.shown.origins import told_settings
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.storage.base import InboxResult
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.web.server import Looks, serving

SIGNALS_SECRET = "planted-signals-" + "s" * 24
OPERATOR_SECRET = "planted-operator-" + "o" * 24
READER_SECRET = "planted-reader-" + "r" * 24
SECRETS = {"signals": SIGNALS_SECRET, "operator": OPERATOR_SECRET, "reader": READER_SECRET}


def settings_of(db: Path, *, claim_wait_s: float = 2.0, unread_s: float = 10.0) -> Settings:
    return Settings(
        store=StoreSection(path=str(db)),
        web=WebSection(
            port=0,
            signals_secret=Secret(SIGNALS_SECRET),
            operator_secret=Secret(OPERATOR_SECRET),
            reader_secret=Secret(READER_SECRET),
            claim_wait_s=claim_wait_s,
            unread_s=unread_s,
        ),
    )


async def status() -> dict[str, Any]:
    return {"account": "main"}


async def now() -> dict[str, Any]:
    return {"state": "armed"}


def looks_of(db: Path) -> Looks:
    """As `tporder web` looks at this store."""
    page = PageLooks(place_of(db), None)
    settings = told_settings(settings_of(db), None, {})
    return Looks(
        status=status,
        now=now,
        home=page.home,
        story=page.story,
        pairs=page.pairs,
        settings=settings,
    )


def place_of(db: Path) -> Place:
    return Place(db=db, account="main", stop_file=stop_file_path("", db, "main"))


@contextmanager
def engine(db: Path) -> Iterator[list[str]]:
    """Refuses ETH, claims all else, carries out every command."""
    claimed: list[str] = []
    stop = threading.Event()

    async def run() -> None:
        store = SqliteStore(db, build="b", durability="normal")
        while not stop.is_set():
            for inbox_id, raw in await store.pending_signals():
                await take(store, inbox_id, raw)
            for command in await store.pending_commands():
                await store.finish_command(command.id, result="done", detail=command.body)
            await asyncio.sleep(0.005)
        await store.close()

    async def take(store: SqliteStore, inbox_id: int, raw: str) -> None:
        found = read_any(raw)
        if not isinstance(found, Signal):
            await store.finish_signal(inbox_id, result=InboxResult.REFUSED, detail="unreadable")
            return
        before, claim = await store.claim_of(found.id), claim_of(found, inbox_id)
        if before is not None:
            same = before.content_hash == claim.content_hash
            result = InboxResult.DUPLICATE if same else InboxResult.CONFLICT
            await store.finish_signal(inbox_id, result=result, detail=found.id)
            return
        claimed.append(found.id)
        if found.symbol == "ETH":
            await append(store, refused_of(found.id, "order_cap", "too large"), claim=claim)
        else:
            at = SystemClock().now()
            await append(store, ae.SignalClaimed(signal=found, at=at), claim=claim)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield claimed
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One server-sent event."""

    id: str
    name: str
    data: dict[str, Any]


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    while line := (await content.readline()).decode():
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name and name != ":":
            fields[name] = value
        elif not name and "data" in fields:
            data = json.loads(fields["data"])
            yield Event(id=fields.get("id", ""), name=fields["event"], data=data)
            fields = {}


class Api:
    """Requests, signed as asked."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self._session = session

    def headers(
        self, method: str, target: str, body: bytes, *, key: str = "signals", late_ms: int = 0
    ) -> dict[str, str]:
        return signed(
            key,
            SECRETS.get(key, ""),
            method=method,
            target=target,
            at_ms=epoch_us(SystemClock().now()) // 1_000 - late_ms,
            nonce=secrets.token_hex(8),
            body=body,
        )

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        key: str = "signals",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        if headers is None:
            headers = self.headers(method, target, body, key=key)
        url = URL(self.address + target, encoded=True)
        async with self._session.request(method, url, data=body, headers=headers) as response:
            text = await response.read()
            is_json = response.headers.get("content-type") == "application/json"
            return response.status, await response.json() if is_json and text else text.decode()

    async def outcomes(self, target: str, count: int) -> list[str]:
        """The first results that a stream of events tells."""
        url = URL(self.address + target, encoded=True)
        found: list[str] = []
        headers = self.headers("GET", target, b"")
        async with self._session.get(url, headers=headers) as response:
            while len(found) < count:
                line = (await response.content.readline()).decode()
                if line.startswith("data: "):
                    found.append(json.loads(line.removeprefix("data: "))["result"])
        return found

    @asynccontextmanager
    async def stream(self, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """`/v1/events`, from behind the event of this id."""
        target = "/v1/events"
        headers = self.headers("GET", target, b"")
        if last is not None:
            headers["Last-Event-ID"] = last
        async with self._session.get(self.address + target, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield _events(response.content)

    def client(self, key: str = "signals") -> AsyncClient:
        return AsyncClient.over_http(self.address, key=key, secret=SECRETS[key])


@asynccontextmanager
async def api(db: Path, *, claim_wait_s: float = 2.0, unread_s: float = 10.0) -> AsyncIterator[Api]:
    announced: list[str] = []
    settings = settings_of(db, claim_wait_s=claim_wait_s, unread_s=unread_s)
    async with (
        asyncio.timeout(30),
        serving(settings, looks_of(db), announced.append) as address,
        aiohttp.ClientSession() as session,
    ):
        yield Api(address, session)
    assert not [line for line in announced if "planted" in line]
