"""The connections to one server: which one carries a request, and what the free ones do meanwhile.

A request takes a free connection and is written at once, or waits for a new one; nothing is ever
written a second time. While it waits, a connection that becomes free carries it sooner.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace

from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult, NotSent
from trading_platform_order.transport.http1.connection import Connection
from trading_platform_order.transport.http1.connector import ConnectFailed, Connector
from trading_platform_order.transport.http1.request_text import Server, request_bytes
from trading_platform_order.transport.http1.upkeep import FreeConnection, PoolRules, upkeep

#: a connection that an answer gives back within this needs no other in its place
TOP_UP_AFTER_S = 0.05
CLOSE_TIMEOUT_S = 1.0
#: by what time a server that ends silent connections after t seconds hears from us again
_OF_LEARNED = 0.6
_SILENT_S_MIN = 2.0
_LEARNED_FOR_S = 3_600.0
_HOLD_FIRST_S, _HOLD_LAST_S = 0.1, 15.0
_QUIET_S = 60.0
_DIGITS_MAX = 6  # of a number of seconds that a header tells
#: whoever answers so wants to be asked less (403: Binance's firewall)
_ASKS_FOR_QUIET = frozenset({403, 418, 429})


@dataclass(slots=True, eq=False)
class Outgoing:
    """A request that has not left.

    Attributes:
        answer: takes its outcome; done already: its caller gave it up.
        timeout_s: from now to the last byte of the answer.
        label: told to whoever measures; empty for none.
        is_urgent: may take the connections that are kept free, and goes before those that are not.
    """

    data: bytes
    answer: asyncio.Future[HttpResult]
    timeout_s: float
    label: str
    is_urgent: bool


class HostPool:
    """All connections to one server.

    Args:
        ping_target: path of a harmless GET; empty: silent connections are replaced instead.
        on_wire: told the label of a labelled request when it was handed to the socket.
    """

    def __init__(
        self,
        server: Server,
        *,
        connector: Connector,
        rules: PoolRules,
        ping_target: str,
        connect_timeout_s: float,
        on_wire: Callable[[str], None] | None,
    ) -> None:
        self.server = server
        self._on_wire = on_wire
        self._loop = asyncio.get_running_loop()
        self._connector = connector
        self._rules = self._learned = rules
        self._learned_at_s = -math.inf
        self._connect_timeout_s = connect_timeout_s
        self._ping = b""
        if ping_target:
            url = f"{server.origin}{ping_target}"
            self._ping = request_bytes(HttpRequest(method="GET", url=url), server)
        self._all: set[Connection] = set()
        #: free ones; requests take the last, which was used last
        self._free: list[Connection] = []
        self._pinged: Connection | None = None
        self._waiting: dict[Outgoing, float] = {}
        """Since when, in the loop's time; each has a connection of its own on the way."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = 0
        self._hold_s, self._held_until_s = 0.0, -math.inf
        self._quiet_until_s = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at_s = math.inf
        self._is_closed = False
        self._all_lost = asyncio.Event()
        if rules.spare:
            self._look_within(0.0)

    # -- requests ---------------------------------------------------------------------------------

    def send(self, outgoing: Outgoing) -> None:
        """Write it now if a connection is free, else as soon as one is."""
        free = self._free
        kept_free = 0 if outgoing.is_urgent else self._rules.spare
        for place in range(len(free) - 1, kept_free - 1, -1):
            connection = free[place]
            if connection.is_usable():
                del free[place]
                self._write(connection, outgoing)
                if len(free) < self._rules.spare:
                    self._look_within(TOP_UP_AFTER_S)
                return
        self._waiting[outgoing] = self._loop.time()
        self._start(self._open_for(outgoing))

    def _write(self, connection: Connection, outgoing: Outgoing, waited_s: float = 0.0) -> None:
        connection.send(outgoing.data, outgoing.answer, outgoing.timeout_s, waited_s=waited_s)
        if outgoing.label and self._on_wire is not None:
            self._on_wire(outgoing.label)
        connection.used_s = self._loop.time()

    def _write_waiting(self, connection: Connection) -> bool:
        """Carry one that still waits, the urgent first; one that was given up never leaves."""
        for outgoing in [one for one in self._waiting if one.answer.done()]:
            del self._waiting[outgoing]
        urgent = (one for one in self._waiting if one.is_urgent)
        first = next(urgent, next(iter(self._waiting), None))
        if first is None:
            return False
        self._write(connection, first, self._loop.time() - self._waiting.pop(first))
        return True

    async def _open_for(self, outgoing: Outgoing) -> None:
        """Another connection may become free sooner; then this one is free for others."""
        began_s = self._loop.time()
        failed = "the connection ended before the request left"
        try:
            connection = await self._open(min(self._connect_timeout_s, outgoing.timeout_s))
        except ConnectFailed as failure:
            connection, failed = None, str(failure)
        if self._waiting.pop(outgoing, None) is None or outgoing.answer.done():
            if connection is not None:
                self.freed(connection)
        elif connection is not None and connection.is_usable():
            self._write(connection, outgoing, self._loop.time() - began_s)
        else:
            outgoing.answer.set_result(NotSent(reason=failed))

    # -- connections ------------------------------------------------------------------------------

    async def _open(self, timeout_s: float) -> Connection:
        self._opening += 1
        try:
            connection = await self._connector.open(self.server, self, timeout_s=timeout_s)
        except ConnectFailed:
            self._hold()
            raise
        finally:
            self._opening -= 1
        if connection.is_lost:
            self._hold()
            raise ConnectFailed("the connection ended as soon as it was open")
        self._all.add(connection)
        return connection

    async def _open_spare(self) -> None:
        try:
            connection = await self._open(self._connect_timeout_s)
        except ConnectFailed:
            self._look_within(self._hold_s)
            return
        self.freed(connection)

    def freed(self, connection: Connection) -> None:
        """It can carry a request: one that waits, or whichever comes next."""
        look_s = self._learned.silent_s_max
        if connection is self._pinged:
            self._pinged = None
            self._free.insert(0, connection)  # those with requests of somebody stay in front
            look_s = 0.0  # another may have waited for its turn
        else:
            self._free.append(connection)
        if self._waiting and connection.is_usable() and self._write_waiting(connection):
            self._free.remove(connection)
        self._look_within(look_s)

    def answered(self, connection: Connection, answer: HttpResponse) -> None:
        """Learn from an answer how this server wants to be treated."""
        self._hold_s, self._held_until_s = 0.0, -math.inf
        if not connection.is_session_kept:
            connection.is_session_kept = True
            self._connector.remember(self.server, connection)
        if answer.status in _ASKS_FOR_QUIET:
            told = answer.headers.get("retry-after", "")
            quiet_s = float(told) if told.isdecimal() and len(told) <= _DIGITS_MAX else 0.0
            self._quiet_until_s = self._loop.time() + max(quiet_s, _QUIET_S)
        kept = answer.headers.get("keep-alive")
        if kept is not None:
            _, _, told = kept.partition("timeout=")
            number = told.partition(",")[0].strip()
            if number.isdecimal() and len(number) <= _DIGITS_MAX:
                self._learn(float(number))

    def _learn(self, ended_after_s: float) -> None:
        """Silent connections are ended after so many seconds: be sooner, for an hour."""
        now_s = self._loop.time()
        if now_s - self._learned_at_s > _LEARNED_FOR_S:
            self._learned = self._rules
        silent_s_min = min(_SILENT_S_MIN, self._rules.silent_s_max)
        silent_s = max(silent_s_min, _OF_LEARNED * ended_after_s)
        if silent_s < self._learned.silent_s_max:
            self._learned = replace(self._rules, silent_s_max=silent_s)
        self._learned_at_s = now_s

    def lost(self, connection: Connection) -> None:
        """It has ended, by either side."""
        self._all.discard(connection)
        if connection is self._pinged:
            self._pinged = None
        if connection in self._free:
            self._free.remove(connection)
            if not connection.is_ours_to_end:
                self._ended_by_server(connection)
        if not self._all:
            self._all_lost.set()
        if self._rules.spare:
            self._look_within(0.0)

    def _ended_by_server(self, connection: Connection) -> None:
        silent_s = self._loop.time() - connection.free_since_s
        if silent_s < min(_SILENT_S_MIN, self._rules.silent_s_max):
            self._hold()  # it takes connections and ends them: do not open them in a circle
        elif self._rules.spare:
            self._learn(silent_s)

    def _hold(self) -> None:
        self._hold_s = min(max(2 * self._hold_s, _HOLD_FIRST_S), _HOLD_LAST_S)
        self._held_until_s = self._loop.time() + self._hold_s

    # -- upkeep -----------------------------------------------------------------------------------

    def _look_within(self, seconds: float) -> None:
        at_s = self._loop.time() + seconds
        if self._is_closed or self._looks_at_s <= at_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at_s = at_s
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer, self._looks_at_s = None, math.inf
        now_s = self._loop.time()
        plan = upkeep(
            [
                FreeConnection(now_s - one.free_since_s, now_s - one.used_s, now_s - one.opened_s)
                for one in self._free
            ],
            self._learned,
            opening=self._opening,
            busy=len(self._all) - len(self._free) - (self._pinged is not None),
            is_pinging=self._pinged is not None,
            may_ping=bool(self._ping) and now_s >= self._quiet_until_s,
        )
        if plan.ping is not None:
            self._send_ping(self._free[plan.ping])
        for one in [self._free[place] for place in plan.ends]:
            self._free.remove(one)
            one.close()
        if plan.opens and now_s < self._held_until_s:
            self._look_within(self._held_until_s - now_s)
        else:
            for _ in range(plan.opens):
                self._start(self._open_spare())
        if plan.again_s is not None:
            self._look_within(plan.again_s)

    def _send_ping(self, connection: Connection) -> None:
        if connection.is_usable():
            self._free.remove(connection)
            self._pinged = connection
            connection.send(self._ping, self._loop.create_future(), self._rules.ping_timeout_s)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        # Owned here rather than by a TaskGroup: ``send`` is no coroutine. Each ends by its own
        # limit and raises nothing; ``close`` ends them all.
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way and end all connections."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for outgoing in self._waiting:
            outgoing.answer.cancel()
        if not self._all:
            return
        for connection in tuple(self._all):
            connection.abort()
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await self._all_lost.wait()
