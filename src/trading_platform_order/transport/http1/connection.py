"""One connection to an exchange: at most one request on it, its answer read to the end.

Whoever asked may stop waiting at any time; the connection reads on, because an answer that is half
read when the next request leaves would be taken for the next one's. A connection on which anything
else happens than one answer to one request never carries another.
"""

import asyncio
import socket
from dataclasses import dataclass
from typing import Protocol, cast

from trading_platform_order.transport.http import HttpResponse, HttpResult, MaybeSent
from trading_platform_order.transport.http1.answer_reader import AnswerBroken, AnswerReader

_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """What is not read any further."""

    head_bytes_max: int = 64 * 1024
    body_bytes_max: int = 8 * 1024 * 1024


ANSWER_LIMITS = AnswerLimits()


class Owner(Protocol):
    """Who is told of a connection."""

    def answered(self, connection: "Connection", answer: HttpResponse) -> None:
        """A whole answer came."""
        ...

    def freed(self, connection: "Connection") -> None:
        """It can carry the next request."""
        ...

    def lost(self, connection: "Connection") -> None:
        """It has ended; told once."""
        ...


class Connection(asyncio.Protocol):
    """Made by the connector; it is free from the moment it is open.

    Args:
        sock: the socket beneath the transport, for a look at what came in unread.
        owner: is told of it.
    """

    def __init__(self, sock: socket.socket, limits: AnswerLimits, owner: Owner) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._sock = sock
        self._reader = AnswerReader(
            head_bytes_max=limits.head_bytes_max, body_bytes_max=limits.body_bytes_max
        )
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[HttpResult] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timeout_s = 0.0
        self.opened_s = self.free_since_s = self.used_s = loop.time()
        #: we ended it, and not the other side
        self.is_ours_to_end = False
        self.is_lost = False
        #: its TLS session is kept for the next connection
        self.is_session_kept = False

    @property
    def transport(self) -> asyncio.Transport | None:
        """The open transport."""
        return self._transport

    @property
    def is_busy(self) -> bool:
        """A request is on its way or its answer is being read."""
        return self._answer is not None

    def is_usable(self) -> bool:
        """Whether a request may be written now.

        The event loop may not have come round yet to a FIN or to bytes that nobody asked for: a
        look costs a microsecond, a request on a dead connection an order that is unknown.
        """
        if self._answer is not None or self._transport is None or self._transport.is_closing():
            return False
        try:
            self._sock.recv(1, _PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def send(
        self,
        data: bytes,
        answer: asyncio.Future[HttpResult],
        timeout_s: float,
        *,
        waited_s: float = 0.0,
    ) -> None:
        """Write a request now. From here on it may have left: there is no way back to ``NotSent``.

        Args:
            data: the whole request.
            answer: takes the outcome, if somebody still waits for it then.
            timeout_s: from when it was asked for to the last byte of its answer.
            waited_s: how long it waited for a connection.
        """
        if self._answer is not None or self._transport is None:
            raise RuntimeError("a connection carries one request at a time")
        self._answer = answer
        self._reader.begin()
        self._transport.write(data)
        self._timeout_s = timeout_s
        self._timer = self._loop.call_later(timeout_s - waited_s, self._expire)

    def close(self) -> None:
        """End it politely; only for one that is free."""
        self.is_ours_to_end = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it at once; whoever waits is cancelled, because nobody will answer."""
        self.is_ours_to_end = True
        answer = self._release()
        if answer is not None:
            answer.cancel()
        if self._transport is not None:
            self._transport.abort()

    # -- told by the event loop -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open (TLS included)."""
        # Not asked by ``isinstance``: uvloop's transports inherit from nothing.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer; anything else ends the connection."""
        if self._answer is None:
            self._drop()
            return
        try:
            self._reader.feed(data)
            if self._reader.is_complete:
                self._finish()
        except AnswerBroken as broken:
            self._fail(str(broken))

    def eof_received(self) -> None:
        """The other side sends no more: that ends the answer, or breaks it."""
        if self._answer is None:
            return
        if not self._reader.end():
            self._fail(self._how_far())
            return
        try:
            self._finish()
        except AnswerBroken as broken:
            self._fail(str(broken))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, by either side."""
        if self._answer is not None:
            reason = self._how_far()
            if isinstance(exc, OSError) and exc.strerror:
                reason = f"{reason} ({exc.strerror})"
            self._fail(reason)
        self.is_lost = True
        self._owner.lost(self)

    # -- within -----------------------------------------------------------------------------------

    def _finish(self) -> None:
        response = self._reader.answer()
        is_reusable = self._reader.is_reusable and not self._unwritten()
        answer = self._release()
        if answer is not None and not answer.done():
            answer.set_result(response)
        self._owner.answered(self, response)
        if is_reusable and self._transport is not None and not self._transport.is_closing():
            self.free_since_s = self._loop.time()
            self._owner.freed(self)
        else:
            self._drop()

    def _unwritten(self) -> bool:
        """An answer that came before its request had left belongs to a request cut short."""
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    def _fail(self, reason: str) -> None:
        answer = self._release()
        if answer is not None and not answer.done():
            answer.set_result(MaybeSent(reason=reason))
        self._drop()

    def _expire(self) -> None:
        self._timer = None
        self._fail(f"no whole answer within {self._timeout_s} s")

    def _release(self) -> asyncio.Future[HttpResult] | None:
        answer, self._answer = self._answer, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return answer

    def _drop(self) -> None:
        # At once: a polite end would wait for what is still unwritten.
        self.is_ours_to_end = True
        if self._transport is not None:
            self._transport.abort()

    def _how_far(self) -> str:
        if self._reader.has_begun:
            return "the connection ended in the middle of the answer"
        return "the connection ended without an answer"
