"""Where a PostgreSQL database is, and who we are there."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

CONNECT_S = 10
ANSWER_S = 30.0
_LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is, and who we are there.

    Attributes:
        url: without user and password; encryption is asked for unless it says how, or is local.
        schema: in which our tables are.
        program: by which name the server's administrator finds us.
    """

    url: str
    username: str
    password: str = field(repr=False)
    schema: str
    program: str = "tporder"

    def parameters(self) -> dict[str, Any]:
        """As the client library takes them.

        Raises:
            psycopg.ProgrammingError: it is no address; the text does not repeat it, since there
                may be a password in it.
        """
        try:
            given = conninfo_to_dict(self.url)
        except psycopg.ProgrammingError:
            raise psycopg.ProgrammingError("this is no address of a database") from None
        host = str(given.get("host") or "")
        if "sslmode" not in given and host and host not in _LOCAL and not host.startswith("/"):
            given["sslmode"] = "require"
        if self.username:
            given["user"] = self.username
        if self.password:
            given["password"] = self.password
        given.setdefault("connect_timeout", CONNECT_S)
        given.setdefault("application_name", self.program)
        # A connection that was cut without a word is noticed within half a minute.
        given.setdefault("keepalives_idle", 10)
        given.setdefault("keepalives_interval", 5)
        given.setdefault("keepalives_count", 3)
        given.setdefault("tcp_user_timeout", int(ANSWER_S * 1_000))
        return given
