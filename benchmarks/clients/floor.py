"""``floor``: both legs by hand on an asyncio protocol, as fast as readable Python sends.

It signs, writes both requests before the first await and reads both answers. It has no time-outs,
no journal, no rules: it is what sending costs and nothing else.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from benchmarks.clients.orders import (
    BINANCE_KEY,
    BINANCE_PATH,
    UPBIT_PATH,
    binance_query,
    pair,
    upbit_request,
)
from benchmarks.clients.serving import SendPair, Target, run

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"Content-Length: "
_CREATED = (200, 201)


class Exchange(asyncio.Protocol):
    """A kept-alive connection with one request in flight."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """A part of an answer, mostly the whole."""
        self._received += data
        head = self._received.find(_HEAD_END)
        if head < 0:
            return
        length = self._received.find(_LENGTH) + len(_LENGTH)
        size = (
            head + len(_HEAD_END) + int(self._received[length : self._received.find(b"\r", length)])
        )
        if len(self._received) < size or self._answer is None:
            return
        answer, self._received = self._received[:size], b""
        self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for an answer learns it."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def send(self, request: bytes) -> "asyncio.Future[bytes]":
        """Write a request now; await its answer."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer


def _body(answer: bytes) -> object:
    if int(answer[9:12]) not in _CREATED:
        raise ConnectionError(answer[:80].decode())
    return json.loads(answer[answer.find(_HEAD_END) + len(_HEAD_END) :])


async def _connect(url: str) -> tuple[Exchange, str]:
    address = urlsplit(url)
    tls = ssl.create_default_context() if address.scheme == "https" else None
    _, exchange = await asyncio.get_running_loop().create_connection(
        Exchange, address.hostname or "", address.port or 0, ssl=tls
    )
    return exchange, address.netloc


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[SendPair]:
    """Both exchanges, one connection each."""
    upbit, upbit_host = await _connect(target.upbit)
    binance, binance_host = await _connect(target.binance)
    upbit_head = (
        f"POST {UPBIT_PATH} HTTP/1.1\r\nHost: {upbit_host}\r\n"
        "Content-Type: application/json; charset=utf-8\r\nAccept: application/json\r\n"
        "Authorization: Bearer "
    )
    binance_tail = (
        f" HTTP/1.1\r\nHost: {binance_host}\r\nX-MBX-APIKEY: {BINANCE_KEY}\r\n"
        "Content-Length: 0\r\n\r\n"
    )

    async def send_pair(number: int) -> None:
        order = pair(number)
        hedge = binance.send(f"POST {BINANCE_PATH}?{binance_query(order)}{binance_tail}".encode())
        token, body = upbit_request(order)
        spot = upbit.send(
            f"{upbit_head}{token}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        _body(await hedge)
        _body(await spot)

    yield send_pair
    upbit.close()
    binance.close()


if __name__ == "__main__":
    run(connected)
