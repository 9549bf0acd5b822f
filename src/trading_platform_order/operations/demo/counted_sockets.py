"""Sockets of which both ends are in this process, and which know what is on its way between them.

A replay may let time pass only when nothing is under way. What the engine and the exchanges hold
they know themselves; bytes in the operating system's buffers nobody knows, and how long they stay
there depends on the machine. So every byte is counted when it is written and when it is read.
"""

import socket
from typing import Any, Self

_Address = Any
"""As the operating system writes it: a tuple for every family that is used here."""


class _Connection:
    """``unread``: bytes on their way to each end, by that end's own address."""

    __slots__ = ("is_over", "unread")

    def __init__(self) -> None:
        self.unread: dict[_Address, int] = {}
        self.is_over = False


class _End:
    """One end of a connection, with the addresses of both."""

    __slots__ = ("connection", "key", "other", "own")

    def __init__(self, own: _Address, other: _Address) -> None:
        self.own, self.other = own, other
        self.key = frozenset((own, other))
        self.connection = _Connection()


class SocketTraffic:
    """What is on its way between the sockets it has made, in both directions together."""

    def __init__(self) -> None:
        self.unread_bytes = 0
        self._connections: dict[frozenset[_Address], _Connection] = {}

    def socket(self, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> "Counted":
        """A new socket whose bytes are counted."""
        made = Counted(family, kind)
        made.traffic = self
        return made

    def for_address(self, address: tuple[Any, ...]) -> "Counted":
        """A new socket for one of ``getaddrinfo``'s answers."""
        return self.socket(address[0], address[1])

    def listening(self, host: str) -> "Counted":
        """A socket bound to a free port; the connections it accepts are counted."""
        made = self.socket()
        made.bind((host, 0))
        return made

    def join(self, own: _Address, other: _Address) -> _End:
        """An end of a connection; both ends get the same one."""
        end = _End(own, other)
        end.connection = self._connections.setdefault(end.key, end.connection)
        return end

    def sent(self, end: _End, count: int) -> None:
        """So many bytes left this end for the other."""
        self._add(end.connection, end.other, count)

    def read(self, end: _End, count: int) -> None:
        """So many bytes were read at this end."""
        self._add(end.connection, end.own, -count)

    def _add(self, connection: _Connection, reader: _Address, count: int) -> None:
        if not connection.is_over:
            connection.unread[reader] = connection.unread.get(reader, 0) + count
            self.unread_bytes += count

    def ended(self, end: _End) -> None:
        """One end is closed: nobody waits any more for what is on its way."""
        if not end.connection.is_over:
            end.connection.is_over = True
            self._connections.pop(end.key, None)
            self.unread_bytes -= sum(end.connection.unread.values())


class Counted(socket.socket):
    """A socket that tells its :class:`SocketTraffic` of every byte."""

    traffic: SocketTraffic
    _end: _End | None = None

    def _own_end(self) -> _End:
        if self._end is None:
            self._end = self.traffic.join(self.getsockname(), self.getpeername())
        return self._end

    def accept(self) -> tuple[socket.socket, _Address]:
        """As the standard socket; what is accepted is counted, too."""
        plain, address = super().accept()
        made = self.adopt(plain)
        made._end = made.traffic.join(made.getsockname(), address)  # noqa: SLF001 - its own kind
        return made, address

    def adopt(self, plain: socket.socket) -> Self:
        """The same connection, counted."""
        made = type(self)(plain.family, plain.type, plain.proto, fileno=plain.detach())
        made.traffic = self.traffic
        return made

    def send(self, data: Any, *flags: int) -> int:  # noqa: ANN401 - as the standard library's
        """As the standard socket."""
        count = super().send(data, *flags)
        self.traffic.sent(self._own_end(), count)
        return count

    def sendmsg(self, *arguments: Any) -> int:  # noqa: ANN401 - as the standard library's
        """As the standard socket."""
        count = super().sendmsg(*arguments)
        self.traffic.sent(self._own_end(), count)
        return count

    def recv(self, *arguments: int) -> bytes:
        """As the standard socket."""
        data = super().recv(*arguments)
        self.traffic.read(self._own_end(), len(data))
        return data

    def recv_into(self, *arguments: Any) -> int:  # noqa: ANN401 - as the standard library's
        """As the standard socket."""
        count = super().recv_into(*arguments)
        self.traffic.read(self._own_end(), count)
        return count

    def close(self) -> None:
        """As the standard socket."""
        if self._end is not None:
            self.traffic.ended(self._end)
            self._end = None
        super().close()
