"""The bytes of one request, and which server they go to.

What is made here goes to the wire byte for byte: signatures cover the address as it is given.
"""

import re
from typing import NamedTuple

from trading_platform_order.transport.http import HttpRequest

USER_AGENT = "trading-platform-order"
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
# RFC 9110 8.6: a method that expects a body says that there is none; aiohttp sends the same.
_TELLS_LENGTH = frozenset({"POST", "PUT", "DELETE"})
_SCHEME_LENGTH = len("https://")
_SERVER = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^\[\]/?#:@]+)(?::([0-9]{1,5}))?").fullmatch
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotARequest(ValueError):  # noqa: N818 - named by what it is, as the outcome values are
    """It cannot be written down as HTTP; nothing of it left. The text holds nothing of it."""


class Server(NamedTuple):
    """Where connections go.

    Attributes:
        origin: scheme, name and port as addresses begin.
        authority: the ``Host`` header.
    """

    origin: str
    authority: str
    host: str
    port: int
    is_tls: bool


def origin_of(url: str) -> str:
    """The beginning of an address, up to its path."""
    # An address without a path is rare, and its first slash may stand in the query.
    end = url.find("/", _SCHEME_LENGTH)
    origin = url if end < 0 else url[:end]
    return origin.partition("?")[0] if "?" in origin else origin


def server_of(origin: str) -> Server:
    """Read an origin.

    Raises:
        NotARequest: it is no ``http://`` or ``https://`` server, or carries a password.
    """
    found = _SERVER(origin)
    if found is None:
        raise NotARequest("not an address of a server")
    scheme, host, port = found.groups()
    default = _DEFAULT_PORTS[scheme]
    number = default if port is None else int(port)
    return Server(
        origin=origin,
        authority=host if number == default else f"{host}:{number}",
        host=host.strip("[]"),
        port=number,
        is_tls=scheme == "https",
    )


def request_bytes(request: HttpRequest, server: Server) -> bytes:
    """Head and body as they go to the wire.

    Raises:
        NotARequest: a character that would end a line, or an unknown method. ``HEAD`` is not among
            the known ones: its answer tells the length of a body that does not come.
    """
    method, url, headers, body, _, _ = request
    target = url[len(server.origin) :]
    if not target.startswith("/"):
        target = f"/{target}"
    if method not in _METHODS or not _is_printable(target):
        raise NotARequest("not an HTTP request")
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    # Each line ends once and nowhere else; three counts cost less than a look at each character.
    if not fields.count("\r\n") == fields.count("\r") == fields.count("\n") == len(headers):
        raise NotARequest("a header holds a line break")
    if "\0" in fields:
        raise NotARequest("a header holds a zero")
    length = f"Content-Length: {len(body)}\r\n" if body or method in _TELLS_LENGTH else ""
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {server.authority}\r\n"
        f"User-Agent: {USER_AGENT}\r\n{fields}{length}\r\n"
    )
    return head.encode() + body


def _is_printable(target: str) -> bool:
    return target.isascii() and target.isprintable() and " " not in target
