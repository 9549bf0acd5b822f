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
from trading_platform_order.runtime.host.stop_file import stop_file_path
from trading_platform_order.runtime.settings.settings import Settings, SettingsRefused
from trading_platform_order.signals.wakeup import knock_at, wake_path
from trading_platform_order.storage.sqlite.lock_wait import LockWait
from trading_platform_order.storage.sqlite.store import open_inbox
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.web.app import make_app
from trading_platform_order.web.auth import ABORT, Signatures
from trading_platform_order.web.event_stream import EventStream
from trading_platform_order.web.world import Key, WebWorld

LOCK_WAIT_S = 5.0
GRACE_S = 2
KEEP_ALIVE_S = 5
CONNECTIONS_MAX = 200
Status = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How an account stands; whoever knows the command line gives them.

    Attributes:
        status: what `tporder status --json` shows.
        now: its part `now`, which costs what is open and no more.
    """

    status: Status
    now: Status


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
    secrets = {Key.SIGNALS: web.signals_secret, Key.OPERATOR: web.operator_secret}
    if not any(secrets.values()):
        raise SettingsRefused(
            "tporder web answers nobody without a key: set TPORDER_WEB_SIGNALS_SECRET or "
            "TPORDER_WEB_OPERATOR_SECRET (openssl rand -hex 32)"
        )
    signatures = Signatures(
        secrets={key: secret.reveal() for key, secret in secrets.items() if secret},
        window_ms=int(web.window_s * 1_000),
        now_ms=lambda: epoch_us(SystemClock().now()) // 1_000,
    )
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
        world = WebWorld(
            account=account,
            inbox=inbox,
            knock=partial(knock_at, wake_path(path, account)),
            rules=settings.research.rules(),
            engine=engine,
            events=events,
            status=looks.status,
            stop_file=stop_file_path(settings.risk.stop_file, path, account),
            claim_wait_s=web.claim_wait_s,
            unread_s=web.unread_s,
            live_file=live_path(path, account),
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
