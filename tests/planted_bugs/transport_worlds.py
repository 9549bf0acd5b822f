"""Orders over real sockets to a server that answers late, in parts, twice, by half or not at all.

The simulated exchanges have no sockets in virtual time, so what our own HTTP/1.1 may do wrong is
judged here: from what arrived, and from whose answer each order got.
"""

import asyncio
from random import Random

from trading_platform_order.transport.http import HttpRequest, HttpResponse, NotSent
from trading_platform_order.transport.http1.http1_transport import Http1Transport, WarmServer

ORDERS = 80
TIMEOUT_S = 3.0
LONGEST_S = 20.0
_STALE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n/stale"


class HostileServer:
    """Does whatever its seed says, and notes what arrived."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.arrived: list[str] = []
        self.violations: list[str] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left_over = b""
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            self.arrived.append(target.decode())
            answer = left_over + self._answer(target)
            left_over = b""
            what = self._random.random()
            if what < 0.06:
                return
            if what < 0.12:
                writer.write(answer[: len(answer) // 2])
                return
            for part in self._parts(answer):
                await asyncio.sleep(self._random.random() * 0.004)
                if len(reader._buffer) > 0:  # type: ignore[attr-defined]
                    self.violations.append(f"a second request before the answer to {target!r}")
                writer.write(part)
            if what < 0.18:
                return
            if what < 0.3:
                writer.write(_STALE[:20])
                left_over = _STALE[20:]

    def _answer(self, target: bytes) -> bytes:
        if self._random.random() < 0.3:
            head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
            return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
                len(target),
                target,
            )
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target)

    def _parts(self, answer: bytes) -> list[bytes]:
        cut = self._random.randrange(len(answer))
        return [answer[:cut], answer[cut:]]


async def _play(seed: str) -> list[str]:
    random = Random(seed)  # noqa: S311 - a world that can be repeated
    hostile = HostileServer(random)
    server = await asyncio.start_server(hostile.accept, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    written: list[str] = []
    face = Http1Transport(warm=[WarmServer(url=url)], on_wire=written.append)
    never: set[str] = set()
    found = hostile.violations

    async def order(number: int) -> None:
        target = f"/{number}"
        request = HttpRequest(method="POST", url=url + target, timeout_s=TIMEOUT_S, label=target)
        answer = face.send(request)
        if random.random() < 0.3:
            await asyncio.sleep(random.choice((0.0, 0.002, 0.004)))
            if answer.cancel() and target not in written:
                never.add(target)
            return
        result = await answer
        if isinstance(result, NotSent):
            never.add(target)
        elif isinstance(result, HttpResponse) and result.body.decode() != target:
            found.append(f"{target} was answered with {result.body!r}")

    async with server, asyncio.TaskGroup() as group:
        for number in range(ORDERS):
            group.create_task(order(number))
            await asyncio.sleep(random.choice((0.0, 0.001, 0.003)))
    await asyncio.sleep(0.02)
    await face.close()
    found += [
        f"{one} left though it was given up or not sent" for one in never & {*hostile.arrived}
    ]
    twice = {one for one in hostile.arrived if hostile.arrived.count(one) > 1}
    return found + [f"{one} was sent twice" for one in sorted(twice)]


def play(seed: str) -> list[str]:
    """What the judges say of one world."""
    try:
        return asyncio.run(asyncio.wait_for(_play(seed), LONGEST_S))
    except TimeoutError:
        return ["the orders did not end"]
