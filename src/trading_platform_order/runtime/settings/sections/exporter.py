"""Settings of `tporder exporter`: the journal into the tables of the storage repository."""

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from trading_platform_order.runtime.settings.base import Secret, Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about

_SCHEMES = frozenset({"postgresql", "postgres"})
_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class StorageLayout(StrEnum):
    """A version of the storage repository's specification."""

    V1_0 = "1.0"
    V3_0 = "3.0"


class ExporterSection(Section, frozen=True, kw_only=True):
    """The journal in the storage repository's tables (`tporder exporter`, `make exporter`)."""

    url: Annotated[
        str,
        _about(
            "postgresql://HOST:PORT/DATABASE, without user and password; encrypted unless it is "
            "this machine, ?sslmode=verify-full checks the server too; empty: nothing is exported"
        ),
    ] = ""
    username: Annotated[str, _about("role of the database, with rights on these tables alone")] = ""
    password: Annotated[Secret, _about("of that role", secret=True)] = Secret()
    schema: Annotated[str, _about("schema of the tables; one for each account")] = "public"
    layout: Annotated[
        StorageLayout,
        _about(
            "1.0 (orders, fills, a position is a leg) or 3.0 (positions are pairs, trades, orders)"
        ),
    ] = StorageLayout.V1_0
    poll_s: Annotated[
        float, _about("pause between two looks at journal and flag", ge=0.05, le=60)
    ] = 0.5
    batch_rows: Annotated[
        int, _about("rows of the journal in one transaction, at most", ge=1, le=10_000)
    ] = 500
    emergency_flag: Annotated[
        bool,
        _about(
            "whether the flag emergency_stop of the table system_status stops us, and our stop "
            "is written there"
        ),
    ] = True
    metrics_port: Annotated[
        int, _about("port of http://127.0.0.1:PORT/metrics; 0: no metrics", ge=0, le=65_535)
    ] = 0


def check_exporter(section: ExporterSection) -> None:
    """Bounds that no type states.

    Raises:
        SettingsRefused: a bound is broken.
    """
    split = urlsplit(section.url)
    if section.url and split.scheme not in _SCHEMES:
        raise SettingsRefused("exporter.url must begin with postgresql://")
    if "@" in split.netloc or {"password", "user"} & parse_qs(split.query).keys():
        raise SettingsRefused(
            "exporter.url holds a user or a password; they go into exporter.username and "
            "exporter.password"
        )
    if not _SCHEMA.fullmatch(section.schema):
        raise SettingsRefused(
            f"exporter.schema is no name of a schema: {section.schema!r}; write one like public"
        )
