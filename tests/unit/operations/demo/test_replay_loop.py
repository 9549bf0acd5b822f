"""A loop over real sockets whose seconds do not depend on the machine."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import pytest

from trading_platform_order.operations.demo.counted_sockets import SocketTraffic
from trading_platform_order.operations.demo.replay_loop import ReplayLoop, ReplayStalled

T = TypeVar("T")
HOST = "127.0.0.1"


def run(main: Coroutine[None, None, T]) -> T:
    with asyncio.Runner(loop_factory=ReplayLoop) as runner:
        return runner.run(main)


def traffic() -> SocketTraffic:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ReplayLoop)
    return loop.traffic


@asynccontextmanager
async def slow_echo() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client, and a server that answers each line after 20 ms of the machine's own time."""
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            time.sleep(0.02)  # noqa: ASYNC251 - the machine is slow
            writer.write(line)
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(answer, sock=traffic().listening(HOST))
    client = traffic().socket()
    client.setblocking(False)  # noqa: FBT003 - the standard library's
    await asyncio.get_running_loop().sock_connect(client, server.sockets[0].getsockname())
    reader, writer = await asyncio.open_connection(sock=client)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()
        await ended.wait()
        server.close()


def test_a_wait_takes_no_time_and_counts_in_full() -> None:
    async def main() -> float:
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(3_600)
        return asyncio.get_running_loop().time() - began_s

    began_s = time.monotonic()
    assert run(main()) == pytest.approx(3_600)
    assert time.monotonic() - began_s < 60


def test_a_machine_that_stands_still_lets_no_time_pass() -> None:
    async def main() -> float:
        began_s = asyncio.get_running_loop().time()
        time.sleep(0.05)  # noqa: ASYNC251 - the machine stands still
        return asyncio.get_running_loop().time() - began_s

    assert run(main()) == 0


def test_no_time_passes_while_bytes_are_on_their_way() -> None:
    async def main() -> float:
        began_s = asyncio.get_running_loop().time()
        async with slow_echo() as (reader, writer), asyncio.timeout(0.001):
            for number in range(5):
                writer.write(b"%d\n" % number)
                assert await reader.readline() == b"%d\n" % number
        return asyncio.get_running_loop().time() - began_s

    assert run(main()) == 0


def test_a_timer_never_overtakes_what_is_on_its_way() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        arrived: asyncio.Future[float] = loop.create_future()
        traffic().unread_bytes += 1
        loop.add_reader(near, lambda: None if arrived.done() else arrived.set_result(loop.time()))
        late = threading.Timer(0.05, far.send, (b"!",))
        late.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.shield(arrived)
        loop.remove_reader(near)
        traffic().unread_bytes -= 1
        near.close()
        far.close()
        return arrived.result() if arrived.done() else loop.time()

    assert run(main()) == 0


def test_a_silent_server_is_given_up() -> None:
    async def main() -> None:
        async with slow_echo() as (reader, _), asyncio.timeout(30):
            await reader.readline()

    with pytest.raises(TimeoutError):
        run(main())


def test_what_was_written_and_not_read_is_on_its_way() -> None:
    count = SocketTraffic()
    listening = count.listening(HOST)
    listening.listen()
    client = count.socket()
    client.connect(listening.getsockname())
    server, _ = listening.accept()
    client.send(b"question")
    assert count.unread_bytes == 8
    server.recv(5)
    assert count.unread_bytes == 3
    server.send(b"answer")
    assert count.unread_bytes == 9
    # Nobody will read any more what waits for an end that is closed.
    client.close()
    assert count.unread_bytes == 0
    server.recv(5)
    assert count.unread_bytes == 0
    server.close()
    listening.close()


def test_nothing_that_takes_the_machines_time_is_waited_for() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0)

    with pytest.raises(ReplayStalled):
        run(main())
