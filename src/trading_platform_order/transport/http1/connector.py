"""Opens connections: name, TCP, TLS. Whatever fails here, no byte of a request has left.

Addresses are tried as aiohttp tries them (IPv6 and IPv4 staggered, RFC 8305), by the same library.
A TLS connection begins with the session of an earlier one to the same name: one round trip less,
and no certificate chain to check again, because a session exists only after that was done.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import aiohappyeyeballs

from trading_platform_order.transport.http1.connection import AnswerLimits, Connection, Owner
from trading_platform_order.transport.http1.request_text import Server

SocketFactory = Callable[[tuple[Any, ...]], socket.socket]
"""Makes the socket for one of ``getaddrinfo``'s answers."""

_STAGGER_S = 0.25
#: quiet seconds before the kernel asks whether the other side still lives, between, and how often
_KEEP_ALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
# For names that stand in addresses; AI_ADDRCONFIG leaves out what this machine cannot reach.
_FLAGS = socket.AI_ADDRCONFIG


class ConnectFailed(Exception):  # noqa: N818 - named by what happened, as the outcome values are
    """No connection came about; the text says why, without addresses."""


class Connector:
    """Opens connections.

    Args:
        tls: trusted certificates; those of the system by default.
        socket_factory: makes the sockets; ordinary ones by default.
    """

    def __init__(
        self,
        *,
        limits: AnswerLimits,
        tls: ssl.SSLContext | None = None,
        socket_factory: SocketFactory | None = None,
    ) -> None:
        self._limits = limits
        self._socket_factory = socket_factory
        self._tls = _context() if tls is None else tls
        self._sessions: dict[str, ssl.SSLSession] = {}
        self._tls.sslobject_class = _resuming(self._sessions)

    async def open(self, server: Server, owner: Owner, *, timeout_s: float) -> Connection:
        """Open one connection.

        Raises:
            ConnectFailed: not within ``timeout_s``, refused, not resolved, or not trusted.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._open(server, owner)
        except TimeoutError:
            raise ConnectFailed(f"no connection within {timeout_s:g} s") from None
        except ssl.SSLError as error:
            raise ConnectFailed(f"TLS: {error.reason or type(error).__name__}") from None
        except OSError as error:
            reason = error.strerror or "no connection"
            raise ConnectFailed(f"{type(error).__name__}: {reason}") from None

    async def _open(self, server: Server, owner: Owner) -> Connection:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            server.host, server.port, type=socket.SOCK_STREAM, flags=_FLAGS
        )
        sock = await aiohappyeyeballs.start_connection(
            found, happy_eyeballs_delay=_STAGGER_S, socket_factory=self._socket_factory
        )
        try:
            _set_keep_alive(sock)
            connection = Connection(sock, self._limits, owner)
            if server.is_tls:
                await self._start_tls(sock, connection, server.host)
            else:
                transport, _ = await loop.create_connection(lambda: connection, sock=sock)
                _write_at_once(transport)
        except BaseException:
            sock.close()
            raise
        return connection

    async def _start_tls(self, sock: socket.socket, connection: Connection, name: str) -> None:
        loop = asyncio.get_running_loop()
        bare, _ = await loop.create_connection(asyncio.Protocol, sock=sock)
        _write_at_once(bare)
        try:
            secure = await loop.start_tls(bare, connection, self._tls, server_hostname=name)
        except BaseException:
            bare.abort()
            raise
        if secure is None:
            raise ConnectionResetError("closed during the TLS handshake")
        connection.connection_made(secure)

    def remember(self, server: Server, connection: Connection) -> None:
        """Keep the connection's TLS session for the next one to this server."""
        if not server.is_tls or connection.transport is None:
            return
        tls = connection.transport.get_extra_info("ssl_object")
        session = None if tls is None else tls.session
        if session is not None and session.has_ticket:
            self._sessions[server.host] = session


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _resuming(sessions: dict[str, ssl.SSLSession]) -> type[ssl.SSLObject]:
    """TLS that begins with the last session of the same name.

    ``SSLContext.sslobject_class`` is the documented way to it; the event loops take no session.
    """

    class ResumingSslObject(ssl.SSLObject):
        _has_begun = False

        def do_handshake(self) -> None:
            if not self._has_begun:
                self._has_begun = True
                session = sessions.get(self.server_hostname or "")
                if session is not None and not self.server_side:
                    self.session = session
            super().do_handshake()

    return ResumingSslObject


def _set_keep_alive(sock: socket.socket) -> None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _write_at_once(transport: asyncio.Transport) -> None:
    # uvloop gathers small writes until the end of the loop's turn, unless its buffer may hold none:
    # an order would wait for whatever the caller does after it.
    transport.set_write_buffer_limits(high=0)
