"""`tporder web`: one account's API in a process of its own, until it is told to stop."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from trading_platform_order.client.engine_socket import EngineSocket
from trading_platform_order.observability.live_figures import live_path
from trading_platform_order.observability.usd_krw import usd_krw_path
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.runtime.settings.settings import (
    Settings,
    SettingsRefused,
    WebSection,
)
from trading_platform_order.runtime.settings.shown.origins import ToldSetting
from trading_platform_order.runtime.settings.shown.published import published_path
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.sqlite.store import open_inbox
from trading_platform_order.transport.aiohttp_transport import AiohttpTransport
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.web.app import make_app
from trading_platform_order.web.auth import ABORT, Signatures
from trading_platform_order.web.event_stream import EventStream
from trading_platform_order.web.page.passwords import Passwords
from trading_platform_order.web.page.premium_history import PremiumHistory
from trading_platform_order.web.page.sessions import Sessions
from trading_platform_order.web.page.shared import Shared
from trading_platform_order.web.page.state import Home, PageState, PairRows, Story
from trading_platform_order.web.page.usd_krw_reader import UsdKrwReader
from trading_platform_order.web.page.watched.market_volumes import volumes_of
from trading_platform_order.web.page.watched.surveillance import Surveillance
from trading_platform_order.web.stop_door import StopDoor
from trading_platform_order.web.world import Key, WebWorld

LOCK_WAIT_S = 5.0
GRACE_S = 2
KEEP_ALIVE_S = 5
CONNECTIONS_MAX = 200
HOUR_S = 3_600
Status = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How an account stands; whoever knows the command line gives them.

    Attributes:
        status: what `tporder status --json` shows.
        now: its part `now`, which costs what is open and no more.
        home: the page's first screen, in the reader's language.
        story: what `tporder explain` tells of a signal; ``None`` if that is nothing.
        pairs: what `tporder pairs` tells.
        settings: every setting of this process, where it comes from, secrets masked.
    """

    status: Status
    now: Status
    home: Home
    story: Story
    pairs: PairRows
    settings: tuple[ToldSetting, ...]


class _Server(uvicorn.Server):
    """Signals of the process are its caller's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


async def serve(
    settings: Settings, looks: Looks, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve until ``stop`` is set.

    Args:
        settings: all settings; section ``web`` is this process's.
        looks: at how the account stands.
        announce: told in one line where it listens.
        stop: ends it; open requests have two seconds.

    Raises:
        SettingsRefused: there is no key.
        OSError: it cannot listen there.
        StoreUnavailable: the store cannot be opened.
    """
    async with serving(settings, looks, announce) as address:
        announce(f"web ready: {address}, account {settings.engine.account}")
        await stop.wait()


@asynccontextmanager
async def serving(
    settings: Settings, looks: Looks, announce: Callable[[str], None]
) -> AsyncIterator[str]:
    """The server while it lasts; its address."""
    web = settings.web
    secrets, passwords = _secrets(web)
    signatures = Signatures(
        secrets=secrets,
        window_ms=int(web.window_s * 1_000),
        now_ms=lambda: epoch_us(SystemClock().now()) // 1_000,
    )
    loop = asyncio.get_running_loop()
    sessions = Sessions(idle_s=web.session_h * HOUR_S, now_s=loop.time)
    path, account = Path(settings.store.path), settings.engine.account
    async with AsyncExitStack() as stack:
        inbox, reader = (open_inbox(path, account=account) for _ in range(2))
        for one in (inbox, reader):
            stack.push_async_callback(one.close)
        inbox.waits(LockWait(limit_s=LOCK_WAIT_S, tell=announce))
        engine = EngineSocket(path, account, answer_s=web.claim_wait_s)
        stack.push_async_callback(engine.aclose)
        events = EventStream(reader, looks.now)
        await stack.enter_async_context(events.running())
        live_file = live_path(path, account)
        http = AiohttpTransport()
        stack.push_async_callback(http.close)
        usd_path = usd_krw_path(path)
        usd = UsdKrwReader(url=web.usd_krw_url, http=http, path=usd_path, now=SystemClock().now)
        await stack.enter_async_context(usd.running())
        history = PremiumHistory(live_file, SystemClock().now, usd_path)
        await stack.enter_async_context(history.running())
        volumes = volumes_of(settings, http)
        await stack.enter_async_context(volumes.running())
        knock = partial(knock_at, wake_path(path, account))
        stop_file = stop_file_path(settings.risk.stop_file, path, account)
        stop_door = StopDoor(inbox, knock, stop_file)
        await stack.enter_async_context(stop_door.running())
        world = WebWorld(
            account=account,
            inbox=inbox,
            knock=knock,
            rules=settings.research.rules(),
            engine=engine,
            events=events,
            status=looks.status,
            stop_file=stop_file,
            stop_door=stop_door,
            page=PageState(
                sessions=sessions,
                passwords=passwords,
                home=Shared(looks.home).ask,
                story=looks.story,
                pairs=looks.pairs,
                settings=looks.settings,
                engine_settings=published_path(path, account),
                history=history,
                surveillance=Surveillance(reader, live_file, volumes),
                is_behind_tls=web.behind_tls,
            ),
            claim_wait_s=web.claim_wait_s,
            unread_s=web.unread_s,
            live_file=live_file,
        )
        with socket.create_server((web.host, web.port)) as listener:
            if not _is_loopback(web.host):
                announce(
                    f"warning: {web.host} is not the loopback: requests are signed, not encrypted; "
                    "put a tunnel or a proxy with TLS in front"
                )
            async with _running(make_app(world, signatures), listener):
                host, port = listener.getsockname()[:2]
                try:
                    yield f"http://{host}:{port}"
                finally:
                    world.streams.is_closing = True
                    events.tell()


def _secrets(web: WebSection) -> tuple[dict[Key, str], Passwords]:
    """What signs requests, and what opens the page.

    Raises:
        SettingsRefused: nothing does.
    """
    keys = {
        Key.SIGNALS: web.signals_secret,
        Key.READER: web.reader_secret,
        Key.OPERATOR: web.operator_secret,
    }
    hashes = {Key.READER: web.reader_password, Key.OPERATOR: web.operator_password}
    if not any((*keys.values(), *hashes.values())):
        raise SettingsRefused(
            "tporder web answers nobody without a key: set TPORDER_WEB_SIGNALS_SECRET or "
            "TPORDER_WEB_OPERATOR_SECRET (openssl rand -hex 32), or a password for the page "
            "(tporder password)"
        )
    secrets = {key: secret.reveal() for key, secret in keys.items() if secret}
    return secrets, Passwords(
        hashes={key: text.reveal() for key, text in hashes.items() if text},
        secrets={key: text for key, text in secrets.items() if key is not Key.SIGNALS},
    )


class _Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # whichever there is
    """Lets the application end it."""

    app_state: dict[str, Any]

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - of any event loop
        """Begin."""
        self.app_state = {**self.app_state, ABORT: transport.abort}
        super().connection_made(transport)


@asynccontextmanager
async def _running(app: Any, listener: socket.socket) -> AsyncIterator[None]:  # noqa: ANN401 - any ASGI application
    server = _Server(
        uvicorn.Config(
            app,
            http=_Connection,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(sockets=[listener]), name="http server")
        try:
            yield
        finally:
            server.should_exit = True
            if not server.started:
                task.cancel()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
