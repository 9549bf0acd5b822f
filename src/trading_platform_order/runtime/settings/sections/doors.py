"""Settings of the doors that programs hand signals in at."""

from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from trading_platform_order.runtime.settings.base import Secret, Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.signals.faults import Misfit
from trading_platform_order.signals.fields import FIELDS
from trading_platform_order.signals.research_format import ResearchRules, level_name

SECRET_CHARS_MIN = 32
HASH_BEGINS = "$argon2id$"


class ResearchSection(Section, frozen=True, kw_only=True):
    """Signals in research's own format (docs/SIGNALS.md)."""

    timezone: Annotated[
        str, _about("of times without a zone, like Asia/Seoul; empty: they are refused")
    ] = ""
    strategy: Annotated[str, _about("of signals that name no strategy")] = "research"
    level_krw: Annotated[
        str,
        _about(
            "KRW on the spot leg for a BUY that names a level and no quantity, e.g. "
            "1=7600000,2=11400000,combined=19000000; empty: its level says nothing of its size"
        ),
    ] = ""

    def rules(self) -> ResearchRules:
        """The same for the reader.

        Raises:
            SettingsRefused: the zone is not known, or the levels cannot be read.
        """
        levels = level_sizes(self.level_krw)
        return ResearchRules(zone=_zone(self.timezone), strategy=self.strategy, level_krw=levels)


class FolderSection(Section, frozen=True, kw_only=True):
    """The watched folder, the simplest door for signals."""

    path: Annotated[str, _about("a file moved in is a signal; empty: no folder is watched")] = ""
    poll_s: Annotated[
        float, _about("pause between looks; a file is taken at the second", ge=0.02, le=60)
    ] = 0.1
    answer_s: Annotated[
        float, _about("how long the answer beside a file waits for the engine", ge=0, le=600)
    ] = 5.0


class RedisSection(Section, frozen=True, kw_only=True):
    """Signals from a stream of Redis or Valkey (`make redis`)."""

    url: Annotated[
        str,
        _about(
            "redis://HOST:PORT/0, rediss:// with TLS or unix://PATH, without user and password; "
            "empty: no stream is read"
        ),
    ] = ""
    username: Annotated[str, _about("of the server's access list; empty: its default user")] = ""
    password: Annotated[Secret, _about("of that user", secret=True)] = Secret()
    ca_file: Annotated[
        str, _about("PEM file of who signed the server's certificate; empty: the system's")
    ] = ""
    stream: Annotated[str, _about("the stream's key")] = "signals"
    group: Annotated[
        str, _about("consumer group of this account; empty: tporder- and the account's name")
    ] = ""
    aside_stream: Annotated[
        str, _about("entries that were not taken, with the reason; empty: the stream with :aside")
    ] = ""


class WebSection(Section, frozen=True, kw_only=True):
    """The HTTP API (`tporder web`), a process of its own."""

    host: Annotated[str, _about("address to listen at; the loopback by default")] = "127.0.0.1"
    port: Annotated[int, _about("port to listen at; 0: any free one", ge=0, le=65_535)] = 8733
    signals_secret: Annotated[
        Secret,
        _about("of the key `signals`: hands in, reads, stops; 32 characters at least", secret=True),
    ] = Secret()
    operator_secret: Annotated[
        Secret,
        _about(
            "of the key `operator`: all that, resumes and closes; logs in at the page too",
            secret=True,
        ),
    ] = Secret()
    reader_secret: Annotated[
        Secret, _about("of the key `reader`: reads; logs in at the page too", secret=True)
    ] = Secret()
    operator_password: Annotated[
        Secret,
        _about("of the page's operator: what `tporder password` makes of it", secret=True),
    ] = Secret()
    reader_password: Annotated[
        Secret, _about("of whoever may only look at the page: the same", secret=True)
    ] = Secret()
    session_h: Annotated[
        float, _about("hours after which an unused login of the page ends", ge=0.1, le=720)
    ] = 12.0
    behind_tls: Annotated[
        bool,
        _about("mark the page's cookie for TLS even if no proxy says X-Forwarded-Proto: https"),
    ] = False
    usd_krw_url: Annotated[
        str,
        _about(
            "address that tells KRW for one US dollar, asked once a minute and only shown; empty: "
            "not known (docs/WEB.md)"
        ),
    ] = ""
    window_s: Annotated[
        float, _about("how far a request's time may be from this clock", ge=1, le=300)
    ] = 30.0
    claim_wait_s: Annotated[
        float, _about("how long a signal's answer waits for the engine's claim", ge=0, le=30)
    ] = 2.0
    unread_s: Annotated[
        float, _about("how long an answer may stay unread before it is let go", ge=0.1, le=600)
    ] = 10.0


def level_sizes(text: str) -> dict[str, Decimal]:
    """KRW by level, from ``1=7600000,2=11400000``.

    Raises:
        SettingsRefused: not of that shape.
    """
    found: dict[str, Decimal] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        level = level_name(name)
        try:
            size_krw = Decimal(number.strip())
        except ArithmeticError:
            size_krw = Decimal(0)
        if not level or level in found or not size_krw.is_finite() or size_krw <= 0:
            raise SettingsRefused(
                f"research.level_krw: {part!r} is not like 1=7600000 (each level once, above 0)"
            )
        found[level] = size_krw
    return found


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise SettingsRefused(
            f"research.timezone is no time zone this machine knows: {name!r}; "
            "write one like Asia/Seoul or UTC"
        ) from None


_SCHEMES = frozenset({"redis", "rediss", "unix"})


def _check_redis(section: RedisSection) -> None:
    split = urlsplit(section.url)
    if section.url and split.scheme not in _SCHEMES:
        raise SettingsRefused("redis.url must begin with redis://, rediss:// or unix://")
    if "@" in split.netloc or "password=" in split.query:
        raise SettingsRefused(
            "redis.url holds a user or a password; they go into redis.username and redis.password"
        )
    if section.ca_file and not Path(section.ca_file).is_file():
        raise SettingsRefused(f"redis.ca_file: {section.ca_file} is no file")
    if not section.stream:
        raise SettingsRefused("redis.stream is empty; it is the key of the stream, like signals")


def check_doors(research: ResearchSection, web: WebSection, redis: RedisSection) -> None:
    """Bounds that no type states.

    Raises:
        SettingsRefused: a bound is broken.
    """
    research.rules()
    _check_redis(redis)
    try:
        FIELDS["strategy"].read("research.strategy", research.strategy)
    except Misfit as misfit:
        raise SettingsRefused(misfit.message) from None
    secrets = {
        "web.signals_secret": web.signals_secret,
        "web.operator_secret": web.operator_secret,
        "web.reader_secret": web.reader_secret,
    }
    for name, secret in secrets.items():
        if secret and len(secret.reveal()) < SECRET_CHARS_MIN:
            raise SettingsRefused(
                f"{name} is shorter than {SECRET_CHARS_MIN} characters; make one with "
                "openssl rand -hex 32"
            )
    given = [secret.reveal() for secret in secrets.values() if secret]
    if len(set(given)) < len(given):
        raise SettingsRefused(f"{', '.join(secrets)} must differ")
    hashes = {
        "web.operator_password": web.operator_password,
        "web.reader_password": web.reader_password,
    }
    for name, secret in hashes.items():
        if secret and not secret.reveal().startswith(HASH_BEGINS):
            raise SettingsRefused(
                f"{name} holds no hash of a password; make one with tporder password"
            )
