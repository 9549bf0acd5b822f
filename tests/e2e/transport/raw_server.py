"""A server that says what a test tells it to, byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-MBX-USED-WEIGHT-1M: 7\r\n\r\nok"
Handler = Callable[["RawServer", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Counts and keeps requests; what it answers is the test's."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.open_now = 0
        self.requests: list[bytes] = []
        #: labels of what the client says it has written
        self.written: list[str] = []
        self.arrived = asyncio.Event()

    async def read_request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        request = head + await reader.readexactly(length)
        self.requests.append(request)
        self.arrived.set()
        return request

    def targets(self) -> list[str]:
        """What was asked for, in the order of arrival."""
        return [request.split(b" ", 2)[1].decode() for request in self.requests]


@asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, scheme: str = "", port: int = 0
) -> AsyncIterator[RawServer]:
    raw = RawServer()
    writers: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.connections += 1
        raw.open_now += 1
        writers.add(writer)
        try:
            await handler(raw, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            raw.open_now -= 1
            writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port, ssl=tls)
    scheme = scheme or ("http" if tls is None else "https")
    raw.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def answer_ok(
    raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while True:
        await raw.read_request(reader)
        writer.write(OK)
