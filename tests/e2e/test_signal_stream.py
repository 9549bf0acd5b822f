"""Signals from a stream with a consumer group: what a client sees of a real and of a simulated
server, and a running engine on a real one."""

import asyncio
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.paper_engine import LIMIT_S, engine
from tests.e2e.valkey_server import PASSWORD, USER, Valkey, valkey
from trading_platform_order.runtime.doors.redis_stream import RedisStream
from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.sections.doors import RedisSection
from trading_platform_order.signals.arrival.entry_stream import EntryStream, GroupGone, StreamAway
from trading_platform_order.simulation.testbed.stream_server import SimulatedStream, StreamServer
from trading_platform_order.storage.sqlite.store import open_reader

Publish = Callable[[bytes], Awaitable[str]]
OUTCOMES = {"ENTER": "hedged", "EXIT": "flat"}
EXAMPLE = Path(__file__).parents[2] / "examples" / "publish_redis.py"


class Simulated:
    """The server of the simulation, as a test asks for it."""

    def __init__(self) -> None:
        self._server = StreamServer()
        self.stream: EntryStream = SimulatedStream(self._server)

    async def publish(self, text: bytes) -> str:
        return f"{self._server.publish({b'signal': text})}-0"

    async def delete(self, entry_id: str) -> None:
        self._server.delete(int(entry_id.partition("-")[0]))

    async def lose_everything(self) -> None:
        self._server.lose_everything()

    async def aside(self) -> list[dict[bytes, bytes]]:
        return [dict(fields) for fields in self._server.aside]


class Real:
    """A real server, the same."""

    def __init__(self, server: Valkey) -> None:
        self._client = server.client()
        self.stream: EntryStream = RedisStream(section(server), account="main")

    async def publish(self, text: bytes) -> str:
        return str((await self._client.xadd("signals", {"signal": text})).decode())

    async def delete(self, entry_id: str) -> None:
        await self._client.xdel("signals", entry_id)

    async def lose_everything(self) -> None:
        await self._client.flushall()

    async def aside(self) -> list[dict[bytes, bytes]]:
        return [fields for _, fields in await self._client.xrange("signals:aside")]

    async def close(self) -> None:
        await self.stream.close()
        await self._client.aclose()


Side = Simulated | Real


def section(server: Valkey) -> RedisSection:
    return RedisSection(url=server.url, username=USER, password=Secret(PASSWORD))


@pytest.fixture(params=["simulated", "real"])
async def side(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Side]:
    if request.param == "simulated":
        yield Simulated()
        return
    async with valkey(tmp_path / "valkey") as server:
        real = Real(server)
        yield real
        await real.close()


async def test_entries_come_in_order_and_stay_pending_until_acknowledged(side: Side) -> None:
    await side.stream.prepare()
    names = [await side.publish(text) for text in (b"a", b"b", b"c")]
    first = await side.stream.fresh(most=2, wait_s=0.05)
    assert [(one.entry_id, one.deliveries) for one in first] == [(names[0], 1), (names[1], 1)]
    await side.stream.acknowledge([names[0]])
    assert list(await side.stream.pending(idle_s=30.0, most=10)) == []
    again = await side.stream.pending(idle_s=0.0, most=10)
    assert [(one.entry_id, one.deliveries) for one in again] == [(names[1], 2)]
    assert [one.entry_id for one in await side.stream.fresh(most=10, wait_s=0.05)] == [names[2]]
    await side.stream.acknowledge(names)
    assert list(await side.stream.pending(idle_s=0.0, most=10)) == []


async def test_a_group_begins_with_the_first_entry_and_outlives_its_client(side: Side) -> None:
    name = await side.publish(b"before the group")
    await side.stream.prepare()
    assert [one.entry_id for one in await side.stream.fresh(most=10, wait_s=0.05)] == [name]
    await side.stream.prepare()
    assert list(await side.stream.fresh(most=10, wait_s=0.05)) == []
    assert [one.entry_id for one in await side.stream.pending(idle_s=0.0, most=10)] == [name]


async def test_one_that_was_deleted_while_it_was_pending_has_no_fields(side: Side) -> None:
    await side.stream.prepare()
    gone, stays = await side.publish(b"gone"), await side.publish(b"stays")
    await side.stream.fresh(most=10, wait_s=0.05)
    await side.delete(gone)
    told = {one.entry_id: one.fields for one in await side.stream.pending(idle_s=0.0, most=10)}
    assert told == {gone: None, stays: {b"signal": b"stays"}}


async def test_a_server_that_lost_the_group_says_so_and_gives_it_anew(side: Side) -> None:
    await side.stream.prepare()
    await side.lose_everything()
    with pytest.raises(GroupGone):
        await side.stream.fresh(most=10, wait_s=0.05)
    with pytest.raises(GroupGone):
        await side.stream.pending(idle_s=0.0, most=10)
    await side.stream.prepare()
    name = await side.publish(b"anew")
    assert [one.entry_id for one in await side.stream.fresh(most=10, wait_s=0.05)] == [name]


async def test_what_is_set_aside_keeps_its_fields_and_the_reason(side: Side) -> None:
    await side.stream.prepare()
    await side.publish(b"{")
    (entry,) = await side.stream.fresh(most=1, wait_s=0.05)
    await side.stream.set_aside(entry, "no JSON")
    (kept,) = await side.aside()
    assert kept[b"signal"] == b"{"
    assert kept[b"reason"] == b"no JSON"


# -- what only a real server can be asked ---------------------------------------------------------


async def test_a_server_that_is_away_or_turns_us_away_is_named_without_the_password(
    tmp_path: Path,
) -> None:
    async with valkey(tmp_path / "valkey") as server:
        wrong = RedisSection(url=server.url, username=USER, password=Secret("wrong-" + PASSWORD))
        stream = RedisStream(wrong, account="main")
        with pytest.raises(StreamAway) as refused:
            await stream.prepare()
        await stream.close()
    stream = RedisStream(section(server), account="main")
    with pytest.raises(StreamAway) as away:
        await stream.prepare()
    await stream.close()
    for told in (refused, away):
        assert f"127.0.0.1:{server.port}" in str(told.value)
        assert PASSWORD not in str(told.value)


async def test_tls_is_verified(tmp_path: Path) -> None:
    async with valkey(tmp_path / "valkey") as server, tls_before(server, tmp_path) as port:
        url = f"rediss://127.0.0.1:{port}/0"
        known = RedisSection(
            url=url, username=USER, password=Secret(PASSWORD), ca_file=str(tmp_path / "cert.pem")
        )
        stream = RedisStream(known, account="main")
        await stream.prepare()
        assert list(await stream.fresh(most=1, wait_s=0.05)) == []
        await stream.close()
        stranger = RedisStream(
            RedisSection(url=url, username=USER, password=Secret(PASSWORD)), account="main"
        )
        with pytest.raises(StreamAway, match=r"(?i)certificate"):
            await stranger.prepare()
        await stranger.close()


@asynccontextmanager
async def tls_before(server: Valkey, folder: Path) -> AsyncIterator[int]:
    """What ends TLS in front of a server that has none."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stream")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(
            pump(reader, inner_writer), pump(inner_reader, writer), return_exceptions=True
        )

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield int(proxy.sockets[0].getsockname()[1])
    finally:
        proxy.close()


# -- a running engine --------------------------------------------------------------------------


async def example(server: Valkey, action: str) -> None:
    """Research's side, as it stands in the examples."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLE), action), env={"REDIS_URL": server.url}
    )
    assert await process.wait() == 0


async def settled(db: Path, many: int) -> list[dict[str, str | int | None]]:
    """Trades, once there are so many and all have settled."""
    while True:
        reader = open_reader(db)
        rows = [dict(row) for row in await reader.query("v_trades")]
        await reader.close()
        if len(rows) == many and all(row["state"] == "settled" for row in rows):
            return rows
        await asyncio.sleep(0.1)


async def test_research_trades_over_a_server_that_dies_and_forgets(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    async with asyncio.timeout(2 * LIMIT_S), valkey(tmp_path / "valkey") as server:
        more = {
            "TPORDER_REDIS_URL": server.url,
            "TPORDER_REDIS_USERNAME": USER,
            "TPORDER_REDIS_PASSWORD": PASSWORD,
        }
        async with engine(db, signal.SIGKILL, more):
            await example(server, "BUY")
            await settled(db, 1)
        async with server.client() as client:
            entries = await client.xrange("signals")
            assert (await client.xpending("signals", "tporder-main"))["pending"] == 0
        await server.kill()
        server.forget()
        async with engine(db, signal.SIGTERM, more):
            await server.start()
            async with server.client() as client:
                for _, fields in entries:  # its publisher repeats what it holds for lost
                    await client.xadd("signals", fields)
                await client.xadd("signals", {"signal": "{"})
            await example(server, "SELL")
            trades = await settled(db, 2)
            async with server.client() as client:
                await client.xread({"signals:aside": "0"}, block=10_000)
                assert await client.xlen("signals:aside") == 1
                assert (await client.xpending("signals", "tporder-main"))["pending"] == 0
    assert {trade["action"]: trade["outcome"] for trade in trades} == OUTCOMES
