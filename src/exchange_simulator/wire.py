"""The pieces of HTTP that both simulated exchanges and their gateways read and write."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple


class HttpRequest(NamedTuple):
    """One request as it came in; a tuple, because each one of a simulation is made anew.

    Attributes:
        method: upper case.
        url: whole, or path and query alone, in the very characters that were sent: they are signed.
    """

    method: str
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


class HttpResponse(NamedTuple):
    """An answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


@lru_cache(maxsize=256)
def split_target(url: str) -> tuple[str, str]:
    """Path and query of an address, whole or without scheme and host; both as they were written."""
    before, _, query = url.partition("#")[0].partition("?")
    _, scheme, rest = before.partition("://")
    _, slash, path = rest.partition("/")
    return (slash + path if scheme else before), query


def http_date(moment: datetime) -> str:
    """The ``date`` header, which is how some clients read an exchange's clock."""
    return _date(int(moment.timestamp()))


@lru_cache(maxsize=1_024)
def _date(epoch_s: int) -> str:
    return format_datetime(datetime.fromtimestamp(epoch_s, UTC), usegmt=True)
