"""A client's way straight into a running engine: its local socket.

Whatever goes wrong here is told by ``None``: no engine listens, it is busy, or it broke off before
it answered. Then the same text goes into the inbox. It may have arrived both ways, and its id makes
it one trade.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec

from trading_platform_order.client.handing_in import Sent, Unanswered
from trading_platform_order.signals.arrival.local_socket import (
    LINE_BYTES_MAX,
    may_talk,
    peer_uid,
    socket_path,
)

ANSWER_S = 2.0
AT_ONCE = 8
_ANSWER_BYTES_MAX = 64 * 1024

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class EngineSocket:
    """Of one account's engine; connected when it is used, and kept."""

    def __init__(self, store: Path, account: str, *, answer_s: float = ANSWER_S) -> None:
        """``answer_s``: how long an answer is waited for, seconds."""
        self._store = store
        self._path = socket_path(store, account)
        self._answer_s = answer_s
        self._idle: list[_Connection] = []
        self._room = asyncio.Semaphore(AT_ONCE)

    async def hand(self, text: str) -> Sent | None:
        """The engine's answer to one signal: what it tells is durable.

        Raises:
            Unanswered: no answer came, and it may have been taken.
        """
        line = text.strip().encode()
        if b"\n" in line or b"\r" in line or not 0 < len(line) <= LINE_BYTES_MAX:
            return None
        is_asked = False
        with suppress(TimeoutError):
            async with self._room, asyncio.timeout(self._answer_s):
                # One that was kept may lead to an engine that has ended.
                while self._idle:
                    is_asked = True
                    answer = await self._asked(self._idle.pop(), line)
                    if answer is not None:
                        return answer
                made = await self._connected()
                if made is not None:
                    is_asked = True
                    answer = await self._asked(made, line)
                    if answer is not None:
                        return answer
        if is_asked:
            raise Unanswered
        return None

    async def aclose(self) -> None:
        """Let go of the connections."""
        while self._idle:
            writer = self._idle.pop()[1]
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> _Connection | None:
        try:
            made = await asyncio.open_unix_connection(self._path, limit=_ANSWER_BYTES_MAX)
        except OSError:
            return None
        end = made[1].get_extra_info("socket")
        if may_talk(peer_uid(end), _owner(self._store)):
            return made
        made[1].transport.abort()
        return None

    async def _asked(self, connection: _Connection, line: bytes) -> Sent | None:
        reader, writer = connection
        is_whole = False
        try:
            writer.write(line + b"\n")
            await writer.drain()
            answer = msgspec.json.decode(await reader.readuntil(), type=Sent)
            is_whole = True
        except (OSError, EOFError, msgspec.MsgspecError, asyncio.LimitOverrunError):
            return None
        finally:
            # After an answer that did not come whole, the next one might be this one's.
            if not is_whole:
                writer.transport.abort()
        self._idle.append(connection)
        return answer


def _owner(store: Path) -> int:
    try:
        return store.stat().st_uid
    except OSError:
        return -1
