"""TLS beneath our own HTTP/1.1: verified, begun again where an earlier connection ended."""

import asyncio
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.e2e.transport.certificates import server_context
from tests.e2e.transport.raw_server import OK, RawServer, answer_ok, serving
from trading_platform_order.transport.http import HttpRequest, HttpResponse, NotSent
from trading_platform_order.transport.http1.http1_transport import Http1Transport


def order(raw: RawServer) -> HttpRequest:
    return HttpRequest(method="POST", url=raw.url + "/", timeout_s=2.0)


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)
async def test_a_new_connection_takes_up_the_session_of_an_earlier_one(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    tls, trusted = server_context(tmp_path)
    tls.maximum_version = version
    resumed: list[bool] = []

    async def once(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        resumed.append(writer.get_extra_info("ssl_object").session_reused)
        await raw.read_request(reader)
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))

    face = Http1Transport(tls=ssl.create_default_context(cafile=str(trusted)))
    async with serving(once, tls=tls) as raw:
        for _ in range(3):
            assert isinstance(await face.send(order(raw)), HttpResponse)
    await face.close()
    assert resumed == [False, True, True]


async def test_a_connection_is_kept(tmp_path: Path) -> None:
    tls, trusted = server_context(tmp_path)
    face = Http1Transport(tls=ssl.create_default_context(cafile=str(trusted)))
    async with serving(answer_ok, tls=tls) as raw:
        for _ in range(5):
            assert isinstance(await face.send(order(raw)), HttpResponse)
        assert raw.connections == 1
        await face.close()


async def test_who_is_not_trusted_gets_nothing(tmp_path: Path) -> None:
    tls, _ = server_context(tmp_path)
    face = Http1Transport()
    async with serving(answer_ok, tls=tls) as raw:
        answer = await face.send(order(raw))
        assert isinstance(answer, NotSent)
        assert "CERTIFICATE_VERIFY_FAILED" in answer.reason
    await face.close()
    assert raw.requests == []


async def test_who_has_another_name_gets_nothing(tmp_path: Path) -> None:
    """Also when the session of the right name is at hand."""
    tls, trusted = server_context(tmp_path, "elsewhere.test")
    face = Http1Transport(tls=ssl.create_default_context(cafile=str(trusted)))
    async with serving(answer_ok, tls=tls) as raw:
        assert isinstance(await face.send(order(raw)), NotSent)
    await face.close()
    assert raw.requests == []


async def test_a_server_that_has_lost_its_sessions_is_greeted_anew(tmp_path: Path) -> None:
    old, trusted = server_context(tmp_path)
    new = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    new.load_cert_chain(trusted)
    face = Http1Transport(tls=ssl.create_default_context(cafile=str(trusted)))
    for tls in (old, new):
        async with serving(answer_ok, tls=tls) as raw:
            assert isinstance(await face.send(order(raw)), HttpResponse)
    await face.close()


async def test_a_request_that_waits_takes_whatever_connection_is_free_first(
    tmp_path: Path,
) -> None:
    """Its own connection hangs in the TLS handshake; another ends its answer meanwhile."""
    tls, trusted = server_context(tmp_path)
    answering = asyncio.Event()

    async def slowly(
        raw: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            await raw.read_request(reader)
            await answering.wait()
            writer.write(OK)

    face = Http1Transport(tls=ssl.create_default_context(cafile=str(trusted)))
    async with serving(slowly, tls=tls) as raw, _only_first_passes(raw) as door:
        first = face.send(order(door))
        await raw.arrived.wait()
        second = face.send(order(door))
        await asyncio.sleep(0.01)
        answering.set()
        async with asyncio.timeout(1):
            assert isinstance(await first, HttpResponse)
            assert isinstance(await second, HttpResponse)
        assert (raw.connections, len(raw.requests)) == (1, 2)
        await face.close()


def _only_first_passes(raw: RawServer) -> AbstractAsyncContextManager[RawServer]:
    """A door before a server, which lets the first connection pass and keeps the others waiting."""
    port = int(raw.url.rpartition(":")[2])

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(9_999):
            writer.write(data)

    async def pass_first(
        door: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if door.connections > 1:
            await reader.read()
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))
        finally:
            inner_writer.close()

    return serving(pass_first, scheme="https")
