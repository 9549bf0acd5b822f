"""The front sees what our adapters send, and answers as an exchange does; in Python and in C."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.clients import aiohttp_send, floor, send
from benchmarks.clients.orders import pair
from benchmarks.clients.serving import Target
from benchmarks.exchange.certificates import make_certificates
from benchmarks.exchange.front import HOST, Behaviour, listen
from benchmarks.exchange.messages import first_request, order_id
from benchmarks.exchange.stamps import BINANCE, RING, UPBIT, VENUES, Stamps
from benchmarks.measure.world import open_world

CLIENTS = {
    "send": send.connected,
    "floor": floor.connected,
    "aiohttp": aiohttp_send.connected,
}
HEAD = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\ncontent-length: 20\r\n\r\n"
BODY = b'{"identifier": "a1"}'


@pytest.fixture
def stamps(tmp_path: Path) -> Iterator[Stamps]:
    with Stamps(tmp_path / "stamps", create=True) as ring:
        yield ring


@asynccontextmanager
async def python_front(stamps: Stamps, path: Path) -> AsyncIterator[Target]:
    opened = [await listen(venue, stamps, Behaviour()) for venue in VENUES]
    upbit, binance = (f"http://{HOST}:{port}" for _, port in opened)
    yield Target(path, upbit, binance)
    for server, _ in opened:
        server.close()


@pytest.mark.parametrize("name", CLIENTS)
async def test_both_legs_of_a_pair_are_stamped_under_their_ids(
    name: str, stamps: Stamps, tmp_path: Path
) -> None:
    async with (
        asyncio.timeout(10),
        python_front(stamps, tmp_path) as target,
        CLIENTS[name](target) as send_pair,
    ):
        await send_pair(7)
    spot, hedge = stamps.at(UPBIT, 0), stamps.at(BINANCE, 0)
    assert stamps.counts() == (1, 1)
    assert (spot[1], hedge[1]) == (f"{pair(7).name}-so1", f"{pair(7).name}-ho1")
    assert spot[0] > 0
    assert hedge[0] > 0


@pytest.mark.parametrize("tls", [False, True])
def test_the_front_in_its_own_process_stamps_what_our_adapters_send(tls: bool) -> None:
    with open_world(simulated=False, tls=tls) as world, Stamps(world.stamps) as ring:
        client = world.start(
            "send", "benchmarks.clients.send", str(world.stamps), *world.addresses(tls=tls)
        )
        client.answer()
        found = client.ask("3 0")
        assert found["missed"] == 0
        assert len(found["wire_us"]) == 3
        assert ring.counts() == (3, 3)
        assert all(ring.connections(venue) >= 1 for venue in VENUES)


def test_a_request_counts_once_its_last_byte_is_there() -> None:
    whole = HEAD + BODY
    assert all(first_request(whole[:size], UPBIT) is None for size in range(len(whole)))
    found = first_request(whole + b"POST", UPBIT)
    assert found is not None
    assert (found.size, found.is_order, found.is_upgrade) == (len(whole), True, False)
    assert order_id(whole, UPBIT) == b"a1"


@pytest.mark.parametrize(
    ("request_line", "venue"),
    [
        ("POST /v1/orders/test", UPBIT),
        ("GET /v1/orders?state=wait", UPBIT),
        ("DELETE /v1/order?uuid=1", UPBIT),
        ("POST /fapi/v1/order/test?x=1", BINANCE),
        ("POST /fapi/v1/algoOrder?x=1", BINANCE),
        ("DELETE /fapi/v1/order?x=1", BINANCE),
    ],
)
def test_what_places_no_order_is_not_stamped(request_line: str, venue: int) -> None:
    found = first_request(f"{request_line} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), venue)
    assert found is not None
    assert not found.is_order


def test_the_ring_forgets_the_oldest(stamps: Stamps) -> None:
    for number in range(RING + 2):
        stamps.add(UPBIT, number, b"%d" % number)
    assert stamps.count(UPBIT) == RING + 2
    assert stamps.at(UPBIT, RING + 1) == (RING + 1, str(RING + 1))
    assert stamps.at(UPBIT, 2) == (2, "2")


def test_the_certificate_is_trusted_by_its_authority_alone(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.chain, made.key)
    assert ssl.create_default_context(cafile=made.authority).get_ca_certs()
