"""Recording what goes over the wire, without its secrets: decorators around the transport ports.

For first contact with a real exchange: whoever has keys runs ``tporder shadow`` or ``live-check``
and can hand the recording on. Secrets go by three ways at once: by the name of a header or field,
by the known values of keys, and by values learned on the way (a listen key comes in an answer and
goes out again in an address). Nothing is recorded before it went through :class:`Redactor`.

It must never change, delay or repeat a request: the request is on its way before anything else.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    HttpTransport,
    NotSent,
)
from trading_platform_order.transport.websocket import (
    Closed,
    ConnectionFailed,
    WebSocketConnection,
    WebSocketTransport,
)

REMOVED = "(removed)"
SECRET_HEADERS = frozenset({"authorization", "x-mbx-apikey", "cookie", "set-cookie"})
_NAMES = "signature|listenKey|apiKey|access_key|accessKey|secret_key|secretKey"
_IN_QUERY = re.compile(rf"(?<![A-Za-z_])({_NAMES})=([^&\s\"']+)", re.IGNORECASE)
# The closing quote may be missing: an answer can be cut off anywhere.
_IN_JSON = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"([^"]*)"?', re.IGNORECASE)
_IN_PATH = re.compile(r"(/ws/)([A-Za-z0-9]{32,})")
_LEARNED_LENGTH = 16  # a shorter value could be a word that means something else


class Redactor:
    """Takes secrets out of texts.

    Args:
        secrets: values that must appear nowhere (keys, passwords); empty ones are left aside.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._values = {value for value in secrets if value}

    def text(self, text: str) -> str:
        """The text without secrets; JSON stays JSON, and strings stay strings."""
        for pattern in (_IN_QUERY, _IN_JSON, _IN_PATH):
            for found in pattern.finditer(text):
                if len(found.group(2)) >= _LEARNED_LENGTH:
                    self._values.add(found.group(2))
        text = _IN_QUERY.sub(rf"\1={REMOVED}", text)
        text = _IN_JSON.sub(rf'\1"{REMOVED}"', text)
        text = _IN_PATH.sub(rf"\1{REMOVED}", text)
        for value in self._values:
            text = text.replace(value, REMOVED)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Names in lower case; values of secret headers removed."""
        return {
            name.lower(): REMOVED if name.lower() in SECRET_HEADERS else self.text(value)
            for name, value in headers.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange:
    """One request and what came of it.

    Attributes:
        outcome: ``answered``, ``not_sent``, ``maybe_sent`` or ``given_up`` (nobody waited for it).
        status: zero without an answer.
        reason: why there was none.
    """

    at: datetime
    kind: Literal["http"] = "http"
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    outcome: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    reason: str = ""
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamNote:
    """Something that happened on a WebSocket; ``what``: open, failed, sent, received or closed."""

    at: datetime
    kind: Literal["stream"] = "stream"
    url: str
    what: str
    text: str = ""


WireRecord = HttpExchange | StreamNote
RecordSink = Callable[[WireRecord], None]


class RecordingHttp:
    """An HTTP transport that tells a sink about every request and its outcome."""

    def __init__(
        self, inner: HttpTransport, *, clock: Clock, redactor: Redactor, sink: RecordSink
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._redactor = redactor
        self._sink = sink

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        """Start sending now; await the outcome."""
        at, began_s = self._clock.now(), self._clock.monotonic()
        return self._noted(request, self._inner.send(request), at, began_s)

    async def close(self) -> None:
        """Close the inner transport."""
        await self._inner.close()

    async def _noted(
        self, request: HttpRequest, pending: Awaitable[HttpResult], at: datetime, began_s: float
    ) -> HttpResult:
        result: HttpResult | None = None
        try:
            result = await pending
        finally:
            # Also when the wait is cancelled: the request may have reached the exchange.
            self._sink(self._record(request, result, at, self._clock.monotonic() - began_s))
        return result

    def _record(
        self, request: HttpRequest, result: HttpResult | None, at: datetime, took_s: float
    ) -> HttpExchange:
        clean = self._redactor
        answer = result if isinstance(result, HttpResponse) else HttpResponse(status=0)
        # The answer first: it may teach a value that the request holds too.
        body = clean.text(answer.body.decode("utf-8", errors="replace"))
        return HttpExchange(
            at=at,
            method=request.method,
            url=clean.text(request.url),
            request_headers=clean.headers(request.headers),
            request_body=clean.text(request.body.decode("utf-8", errors="replace")),
            outcome=_outcome(result),
            status=answer.status,
            headers=clean.headers(answer.headers),
            body=body,
            reason="" if isinstance(result, HttpResponse | None) else clean.text(result.reason),
            took_ms=round(took_s * 1_000, 3),
        )


def _outcome(result: HttpResult | None) -> str:
    if result is None:
        return "given_up"
    if isinstance(result, HttpResponse):
        return "answered"
    return "not_sent" if isinstance(result, NotSent) else "maybe_sent"


class RecordingWebSockets:
    """A WebSocket transport that tells a sink about every message both ways."""

    def __init__(
        self, inner: WebSocketTransport, *, clock: Clock, redactor: Redactor, sink: RecordSink
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._redactor = redactor
        self._sink = sink

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> WebSocketConnection:
        """Open a connection.

        Raises:
            ConnectionFailed: refused, timed out, or not a WebSocket.
        """
        try:
            connection = await self._inner.connect(url, headers=headers, timeout_s=timeout_s)
        except ConnectionFailed as error:
            self._note(url, "failed", str(error))
            raise
        self._note(url, "open")
        return _RecordingConnection(connection, lambda what, text="": self._note(url, what, text))

    def _note(self, url: str, what: str, text: str = "") -> None:
        clean = self._redactor.text
        record = StreamNote(at=self._clock.now(), url=clean(url), what=what, text=clean(text))
        self._sink(record)


class _RecordingConnection:
    def __init__(self, inner: WebSocketConnection, note: Callable[..., None]) -> None:
        self._inner = inner
        self._note = note

    async def send(self, text: str) -> None:
        await self._inner.send(text)
        self._note("sent", text)

    async def receive(self) -> bytes | Closed:
        message = await self._inner.receive()
        if isinstance(message, Closed):
            self._note("closed", message.reason)
        else:
            self._note("received", message.decode("utf-8", errors="replace"))
        return message

    async def close(self) -> None:
        await self._inner.close()
