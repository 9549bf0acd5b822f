"""Redis or Valkey as the stream of signals, through redis-py; any server from Redis 5 on.

No command or option is used that only newer servers know. One connection carries everything; it is
made anew whenever anything on it went wrong, and no command is repeated by the client itself.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from trading_platform_order.runtime.doors.signal_door import SignalDoor
from trading_platform_order.runtime.doors.stream_door import WAIT_S, Flush, StreamDoor
from trading_platform_order.runtime.engine import Background, Engine
from trading_platform_order.runtime.settings.base import SettingsRefused
from trading_platform_order.runtime.settings.sections.doors import RedisSection
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.signals.arrival.entry_stream import Entry, GroupGone, StreamAway
from trading_platform_order.transport.clock import Clock

CONNECT_S = 5.0
ANSWER_S = 5.0
SET_ASIDE_MAX = 10_000
"""Entries kept in the stream of those that were not taken; the oldest go first."""
FIRST = "0"
CONSUMER = "engine"
"""The lease lets one engine run an account: whoever does finds what the one before left pending."""

Answer = TypeVar("Answer")


class RedisStream:
    """One stream, and this account's group in it.

    Raises:
        SettingsRefused: the client's package is not installed.
    """

    def __init__(self, section: RedisSection, *, account: str) -> None:
        try:
            # Absent where no such stream is taken from.
            from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            raise SettingsRefused(
                f"redis.url is set, and the package {missing.name} is missing: make redis, or "
                "pip install 'trading-platform-order[redis]'"
            ) from None
        self._failures: tuple[type[Exception], ...] = (RedisError, OSError)
        self._answers: type[Exception] = ResponseError
        self._section = section
        self._stream = section.stream
        self._group = section.group or f"tporder-{account}"
        self._aside = section.aside_stream or f"{section.stream}:aside"
        #: redis-py's client; its answers are bytes or text by its settings, which no type tells
        self._made: Any = None

    @property
    def _where(self) -> str:
        split = urlsplit(self._section.url)
        return f"stream {self._stream} at {split.hostname or split.path}:{split.port or 6379}"

    async def prepare(self) -> None:
        """Connect anew; make the group if there is none."""
        await self.close()
        self._made = self._connection()
        made = self._client.xgroup_create(self._stream, self._group, id=FIRST, mkstream=True)
        try:
            await self._asked(made)
        except StreamAway as away:
            if "BUSYGROUP" not in str(away):
                raise

    async def pending(self, *, idle_s: float, most: int) -> Sequence[Entry]:
        """By XPENDING and XCLAIM, which every server knows."""
        rows = await self._asked(
            self._client.xpending_range(self._stream, self._group, min="-", max="+", count=most)
        )
        idle_ms = int(idle_s * 1000)
        deliveries = {
            row["message_id"]: row["times_delivered"] + 1
            for row in rows
            if row["time_since_delivered"] >= idle_ms
        }
        if not deliveries:
            return ()
        claimed = await self._asked(
            self._client.xclaim(
                self._stream, self._group, CONSUMER, idle_ms, message_ids=list(deliveries)
            )
        )
        told = {name: fields for name, fields in claimed if name is not None and fields is not None}
        found = []
        for name, count in deliveries.items():
            if name in told:
                found.append(_entry(name, told[name], count))
            elif not await self._asked(self._client.xrange(self._stream, name, name, count=1)):
                found.append(_entry(name, None, count))  # deleted, and pending all the same
        return found

    async def fresh(self, *, most: int, wait_s: float) -> Sequence[Entry]:
        """By XREADGROUP, which waits on the server."""
        answer = await self._asked(
            self._client.xreadgroup(
                self._group,
                CONSUMER,
                {self._stream: ">"},
                count=most,
                block=max(1, int(wait_s * 1000)),
            )
        )
        return [_entry(name, fields, 1) for _, rows in answer or () for name, fields in rows]

    async def acknowledge(self, entry_ids: Sequence[str]) -> None:
        """By XACK."""
        await self._asked(self._client.xack(self._stream, self._group, *entry_ids))

    async def set_aside(self, entry: Entry, reason: str) -> None:
        """By XADD: all fields as they came, with ours before them."""
        fields = {b"entry": entry.entry_id.encode(), b"reason": reason.encode()}
        fields |= {name: text for name, text in (entry.fields or {}).items() if name not in fields}
        await self._asked(
            self._client.xadd(self._aside, fields, maxlen=SET_ASIDE_MAX, approximate=True)
        )

    async def close(self) -> None:
        """End the connection, whatever state it is in."""
        client, self._made = self._made, None
        if client is not None:
            with suppress(*self._failures):
                await client.aclose()

    @property
    def _client(self) -> Any:  # noqa: ANN401 - see ``_made``
        if self._made is None:
            raise StreamAway(f"{self._where}: not connected")
        return self._made

    def _connection(self) -> Any:  # noqa: ANN401
        from redis.asyncio import ConnectionPool, Redis  # noqa: PLC0415 - as above
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        section = self._section
        more: dict[str, object] = {}
        if section.ca_file:
            more["ssl_ca_certs"] = section.ca_file
        pool = ConnectionPool.from_url(
            section.url,
            username=section.username or None,
            password=section.password.reveal() or None,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=WAIT_S + ANSWER_S,
            socket_keepalive=True,
            max_connections=1,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            **more,
        )
        return Redis.from_pool(pool)

    async def _asked(self, answer: Awaitable[Answer]) -> Answer:
        try:
            return await answer
        except self._answers as error:
            if str(error).startswith("NOGROUP"):
                raise GroupGone from None
            raise StreamAway(f"{self._where}: {error}") from None
        except self._failures as error:
            raise StreamAway(f"{self._where}: {type(error).__name__}: {error}") from None


def redis_door(
    settings: Settings, clock: Clock, flush: Flush, on_problem: Callable[[str], None]
) -> list[Callable[[Engine], Background]]:
    """The stream of the settings, if they name one, as a part of the engine.

    Raises:
        SettingsRefused: the client's package is not installed.
    """
    if not settings.redis.url:
        return []
    stream = RedisStream(settings.redis, account=settings.engine.account)

    def part(engine: Engine) -> Background:
        return StreamDoor(
            stream=stream,
            door=SignalDoor(engine, clock),
            flush=flush,
            rules=settings.research.rules(),
            on_problem=on_problem,
        )

    return [part]


def _entry(name: bytes, fields: Mapping[bytes, bytes] | None, deliveries: int) -> Entry:
    return Entry(entry_id=name.decode(), fields=fields, deliveries=deliveries)
