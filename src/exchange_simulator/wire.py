"""Small pieces of HTTP that both simulated exchanges and their gateways read and write."""

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache


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
