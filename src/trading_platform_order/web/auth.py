"""No request gets past this without a signature, but those that tell nothing.

A signature counts once, within the window around this clock, and not if it was made before this
process began: what an earlier process took is not known any more.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from trading_platform_order.client.signing import KEY, NONCE, SIGNATURE, TIME, signature
from trading_platform_order.web.counters import WebCounters
from trading_platform_order.web.page.assets import PREFIX
from trading_platform_order.web.page.sessions import Session, Sessions, has_csrf, is_from_page
from trading_platform_order.web.world import Key, Problem

BODY_BYTES_MAX = 64 * 1024
BODY_WAIT_S = 5.0
NONCES_MAX = 100_000
NONCE_CHARS = (8, 64)
OPEN_PATHS = frozenset(
    {"/health", "/ping", "/openapi.json", "/", "/favicon.ico", "/page/words", "/page/session"}
)
LOGIN, LOGOUT = "/page/login", "/page/logout"
READS = frozenset({"GET", "HEAD"})
ABORT = "abort"
"""Where a request's state has what ends its connection at once."""
OTHER = "other"
_TIME_CHARS_MAX = 15
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Refused(Exception):  # noqa: N818 - carries an answer; never leaves this module
    """The request is answered here."""

    def __init__(self, status: HTTPStatus, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message, remedy=remedy)


@dataclass(kw_only=True)
class Signatures:
    """Which signatures count.

    Attributes:
        secrets: by key.
        window_ms: how far a request's time may be from this clock, milliseconds.
        now_ms: calendar time, milliseconds since 1970.
    """

    secrets: Mapping[Key, str]
    window_ms: int
    now_ms: Callable[[], int]
    _began_ms: int = field(init=False)
    _used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began_ms = self.now_ms()

    def key_of(self, headers: Mapping[str, str], method: str, target: str, body: bytes) -> Key:
        """Who asks.

        Raises:
            Refused: nobody that is known, or not now.
        """
        given = {name: headers.get(name.lower(), "") for name in (KEY, TIME, NONCE, SIGNATURE)}
        missing = [name for name, value in given.items() if not value]
        if missing:
            raise _unsigned("unsigned", f"no {', '.join(missing)}", "sign it (docs/HTTP_API.md)")
        least, most = NONCE_CHARS
        if not least <= len(given[NONCE]) <= most or not given[NONCE].isascii():
            raise _unsigned("bad_nonce", f"{NONCE} is not {least} to {most} characters", "mend it")
        # A key that does not exist takes as long as a wrong signature, and is told the same.
        secret = self.secrets.get(_key(given[KEY]) or Key.SIGNALS, "")
        right = signature(
            secret, method=method, target=target, at_ms=given[TIME], nonce=given[NONCE], body=body
        )
        is_right = hmac.compare_digest(right.encode(), given[SIGNATURE].encode())
        key = _key(given[KEY])
        if not (is_right and secret) or key is None:
            text = "the signature does not fit this request"
            raise _unsigned("bad_signature", text, "check key, secret and what is signed")
        self._use(given[TIME], f"{key}:{given[NONCE]}")
        return key

    def _use(self, at: str, nonce: str) -> None:
        now = self.now_ms()
        is_time = at.isascii() and at.isdigit() and len(at) <= _TIME_CHARS_MAX
        if not is_time or abs(now - int(at)) > self.window_ms or int(at) < self._began_ms:
            text = f"its time is not within {self.window_ms / 1_000:g} s of this clock ({now})"
            raise _unsigned("stale", text, "set both clocks, and sign it anew")
        if nonce in self._used:
            raise _unsigned("replayed", "this signature was used before", "sign it anew")
        if len(self._used) >= NONCES_MAX:
            self._used = {one: until for one, until in self._used.items() if until >= now}
        if len(self._used) >= NONCES_MAX:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, "busy", "too many requests", "try it later"
            )
        self._used[nonce] = int(at) + self.window_ms


def _key(name: str) -> Key | None:
    return Key(name) if name in set(Key) else None


def _unsigned(code: str, message: str, remedy: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, code, message, remedy)


class SignedOnly:
    """Around the whole application, also around paths it does not have.

    A request counts by its signature, or, without one, by the page's session.
    """

    def __init__(
        self,
        app: ASGIApp,
        signatures: Signatures,
        *,
        sessions: Sessions,
        unread_s: float,
        counters: WebCounters,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._counters = counters
        self._unread_s = unread_s
        self._signatures = signatures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then hand over with the key in ``scope["state"]``."""
        kind: str = scope["type"]
        if kind != "http":
            if kind == "lifespan":
                await self._app(scope, receive, send)
            return
        send = self._sent(send, scope)
        try:
            handed = await self._checked(scope, receive)
        except Refused as refused:
            await _answer(send, refused)
            return
        await self._app(scope, handed, _with_headers(send))

    def _sent(self, send: Send, scope: Any) -> Send:  # noqa: ANN401 - an ASGI scope
        """Counted, and in time: whoever does not read keeps nothing open."""
        abort: Callable[[], None] = scope["state"][ABORT]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._counters.request(scope.get("path_template", OTHER), message["status"])
            try:
                async with asyncio.timeout(self._unread_s):
                    await send(message)
            except TimeoutError:
                self._counters.unread()
                abort()

        return sent

    async def _checked(self, scope: Any, receive: Receive) -> Receive:  # noqa: ANN401 - an ASGI scope
        path, method = scope["path"], scope["method"]
        is_open = path in OPEN_PATHS or path.startswith(PREFIX)
        if is_open and method in READS:
            return receive
        body = await _body(receive)
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        if path != LOGIN:
            key, who = self._asking(scope, headers, body)
            if key is Key.READER and method not in READS and path != LOGOUT:
                text = "this key and this login read only"
                raise Refused(HTTPStatus.FORBIDDEN, "read_only", text, "use the operator's")
            scope["state"] = {**scope.get("state", {}), "key": key, "who": who}
        messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replayed() -> Any:  # noqa: ANN401 - an ASGI message
            return messages.pop() if messages else await receive()

        return replayed

    def _asking(self, scope: Any, headers: Mapping[str, str], body: bytes) -> tuple[Key, str]:  # noqa: ANN401 - an ASGI scope
        """Which key, and who that is where it is a login's."""
        session = None if KEY.lower() in headers else self._sessions.of(headers.get("cookie", ""))
        if session is not None:
            _require_page(scope["method"], headers, session)
            return session.key, session.who
        raw = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"]
        target = (raw + b"?" + query if query else raw).decode("latin-1")
        return self._signatures.key_of(headers, scope["method"], target, body), ""


def _require_page(method: str, headers: Mapping[str, str], session: Session) -> None:
    """What changes something comes from the page itself; a read tells another site nothing."""
    if method in READS:
        return
    if not is_from_page(headers):
        text = "another site made the browser send this"
        raise Refused(HTTPStatus.FORBIDDEN, "another_site", text, "use the page")
    if not has_csrf(headers, session):
        text = "it does not carry what the page was told"
        raise Refused(HTTPStatus.FORBIDDEN, "no_csrf", text, "reload the page")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            while more:
                message: Any = await receive()
                if message["type"] != "http.request":
                    raise Refused(HTTPStatus.BAD_REQUEST, "gone", "the sender went away", "again")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                more = message.get("more_body", False)
                if size > BODY_BYTES_MAX:
                    text = f"over {BODY_BYTES_MAX} bytes"
                    raise Refused(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", text, "shorten it"
                    )
    except TimeoutError:
        text = f"the body did not come within {BODY_WAIT_S:g} s"
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "too_slow", text, "send it again") from None
    return b"".join(parts)


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = {name.lower() for name, _ in message["headers"]}
            more = [header for header in _HEADERS if header[0] not in told]
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return wrapped


async def _answer(send: Send, refused: Refused) -> None:
    body = msgspec.json.encode(refused.problem)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *_HEADERS,
    ]
    start: Any = {"type": "http.response.start", "status": refused.status, "headers": headers}
    await send(start)
    end: Any = {"type": "http.response.body", "body": body, "more_body": False}
    await send(end)
