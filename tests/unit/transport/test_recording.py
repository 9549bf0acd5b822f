"""A recording holds everything that went over the wire, and no secret."""

import asyncio
from collections.abc import Awaitable, Mapping

import pytest

from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.transport.decorators.read_only_http import FencedHttp
from trading_platform_order.transport.decorators.recording import (
    HttpExchange,
    RecordingHttp,
    RecordingWebSockets,
    Redactor,
    StreamNote,
    WireRecord,
)
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.websocket import Closed, ConnectionFailed

KEY, SECRET = "the-key-of-the-account", "the-secret-of-the-account"
LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


class FakeHttp:
    def __init__(self, result: HttpResult | None) -> None:
        self.result = result
        self.sent: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        self.sent.append(request)
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        if self.result is not None:
            future.set_result(self.result)
        return future

    async def close(self) -> None:
        return


class FakeSocket:
    def __init__(self, *messages: bytes | Closed) -> None:
        self.messages = list(messages)
        self.sent: list[str] = []

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def receive(self) -> bytes | Closed:
        return self.messages.pop(0)

    async def close(self) -> None:
        return


class FakeSockets:
    def __init__(self, socket: FakeSocket | None) -> None:
        self.socket = socket

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> FakeSocket:
        if self.socket is None:
            raise ConnectionFailed("handshake refused with HTTP 401")
        return self.socket


def recording(result: HttpResult | None) -> tuple[RecordingHttp, FakeHttp, list[WireRecord]]:
    inner, records = FakeHttp(result), list[WireRecord]()
    clean = Redactor((KEY, SECRET, ""))
    return (
        RecordingHttp(inner, clock=SystemClock(), redactor=clean, sink=records.append),
        (inner),
        records,
    )


ORDER = HttpRequest(
    method="POST",
    url=f"https://x/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature={'ab' * 32}",
    headers={"X-MBX-APIKEY": KEY, "Authorization": "Bearer a.b.c", "Accept": "application/json"},
)


async def test_a_request_is_on_its_way_before_anything_is_awaited() -> None:
    http, inner, records = recording(HttpResponse(status=200, body=b'{"a":1}'))
    pending = http.send(ORDER)
    assert inner.sent == [ORDER]
    assert await pending == inner.result
    (record,) = records
    assert isinstance(record, HttpExchange)
    assert (record.method, record.outcome, record.status) == ("POST", "answered", 200)
    assert record.url == ("https://x/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=(removed)")
    assert record.request_headers == {
        "x-mbx-apikey": "(removed)",
        "authorization": "(removed)",
        "accept": "application/json",
    }
    assert record.body == '{"a":1}'
    await http.close()


@pytest.mark.parametrize(
    ("result", "outcome"),
    [(NotSent(reason="refused"), "not_sent"), (MaybeSent(reason="reset"), "maybe_sent")],
)
async def test_what_was_not_answered_is_recorded_too(result: HttpResult, outcome: str) -> None:
    http, _, records = recording(result)
    assert await http.send(ORDER) == result
    (record,) = records
    assert isinstance(record, HttpExchange)
    assert (record.outcome, record.status) == (outcome, 0)


async def test_a_request_nobody_waited_for_is_recorded() -> None:
    http, _, records = recording(None)
    waiting = asyncio.ensure_future(http.send(ORDER))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [getattr(record, "outcome", "") for record in records] == ["given_up"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"key {KEY} and {SECRET}", "key (removed) and (removed)"),
        (f'{{"listenKey":"{LISTEN_KEY}"}}', '{"listenKey":"(removed)"}'),
        (f'{{"e":"x", "listenKey" : "{LISTEN_KEY[:20]}', '{"e":"x", "listenKey" : "(removed)"'),
        (
            '[{"access_key":"abc","expire_at":"2027"}]',
            '[{"access_key":"(removed)","expire_at":"2027"}]',
        ),
        ("/private/ws?listenKey=abc&events=A", "/private/ws?listenKey=(removed)&events=A"),
        (f"/private/ws/{LISTEN_KEY}", "/private/ws/(removed)"),
        (
            '{"params":{"apiKey":"abc","signature":"def"}}',
            '{"params":{"apiKey":"(removed)","signature":"(removed)"}}',
        ),
        ("symbol=BTCUSDT&mysignature=1", "symbol=BTCUSDT&mysignature=1"),
    ],
)
def test_secrets_go_by_value_and_by_name(text: str, clean: str) -> None:
    assert Redactor((KEY, SECRET)).text(text) == clean


def test_a_value_learned_once_is_removed_wherever_it_comes_again() -> None:
    redactor = Redactor()
    redactor.text(f'{{"listenKey":"{LISTEN_KEY}"}}')
    assert redactor.text(f'["{LISTEN_KEY}@arr"]') == '["(removed)@arr"]'


async def test_both_directions_of_a_stream_are_recorded() -> None:
    socket, records = FakeSocket(b'{"e":"x"}', Closed(reason="gone")), list[WireRecord]()
    sockets = RecordingWebSockets(
        FakeSockets(socket), clock=SystemClock(), redactor=Redactor(), sink=records.append
    )
    url = f"wss://x/private/ws?listenKey={LISTEN_KEY}"
    connection = await sockets.connect(url, headers={"Authorization": "b"}, timeout_s=1)
    await connection.send("PING")
    assert await connection.receive() == b'{"e":"x"}'
    assert await connection.receive() == Closed(reason="gone")
    await connection.close()
    assert socket.sent == ["PING"]
    told = [(row.what, row.text) for row in records if isinstance(row, StreamNote)]
    assert told == [("open", ""), ("sent", "PING"), ("received", '{"e":"x"}'), ("closed", "gone")]
    assert {row.url for row in records} == {"wss://x/private/ws?listenKey=(removed)"}


async def test_a_connection_that_failed_is_recorded() -> None:
    records = list[WireRecord]()
    sockets = RecordingWebSockets(
        FakeSockets(None), clock=SystemClock(), redactor=Redactor(), sink=records.append
    )
    with pytest.raises(ConnectionFailed):
        await sockets.connect("wss://x", headers={}, timeout_s=1)
    assert [getattr(row, "what", "") for row in records] == ["failed"]


async def test_a_fence_lets_only_the_harmless_out() -> None:
    inner = FakeHttp(HttpResponse(status=200))
    fence = FencedHttp(inner, is_harmless=lambda request: request.method == "GET")
    refused = await fence.send(ORDER)
    assert isinstance(refused, NotSent)
    read = HttpRequest(method="GET", url="https://x/")
    assert await fence.send(read) == inner.result
    assert inner.sent == [read]
    await fence.close()
