"""Small pieces of HTTP that both simulated exchanges and their gateways read and write."""

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache


def split_target(url: str) -> tuple[str, str]:
    """Path and query of an address, whole or without scheme and host; both as they were written."""
    before, _, query = url.partition("#")[0].partition("?")
    _, scheme, rest = before.partition("://")
    _, slash, path = rest.partition("/")
    return (slash + path if scheme else before), query


def http_date(moment: datetime) -> str:
    """The ``date`` header, which is how some clients read an exchange's clock."""
    return _date(moment.replace(microsecond=0))


@lru_cache(maxsize=1_024)
def _date(second: datetime) -> str:
    return format_datetime(second.astimezone(UTC), usegmt=True)
