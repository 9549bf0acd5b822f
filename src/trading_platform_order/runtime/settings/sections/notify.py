"""Whom alerts are sent to beside Discord, how often, and the daily report."""

import re
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trading_platform_order.runtime.settings.base import Secret, Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TAKEN = frozenset({"discord"})


class NotifySection(Section, frozen=True, kw_only=True):
    """Channels through apprise (`make notify`), beside the Discord webhook."""

    urls: Annotated[
        Secret,
        _about(
            "NAME=ADDRESS, several with blanks between: Telegram, Slack, mail, webhooks … as "
            "apprise writes them, e.g. team=tgram://TOKEN/CHAT ops=json://localhost:8080/alerts",
            secret=True,
        ),
    ] = Secret()
    paging_urls: Annotated[
        Secret,
        _about(
            "the same for services that call somebody: PagerDuty, Opsgenie, Pushover …; they get "
            "what is urgent and not acknowledged after notify.page_after_s",
            secret=True,
        ),
    ] = Secret()
    page_after_s: Annotated[
        float,
        _about("an urgent alert that nobody acknowledged is repeated and paged", ge=10, le=3600),
    ] = 120.0
    repeat_s: Annotated[
        float,
        _about("the next repeat after the first; doubled each time, up to an hour", ge=30, le=3600),
    ] = 300.0
    refusals_s: Annotated[
        float, _about("refused entries of so long are told in one message; 0: each", ge=0, le=3600)
    ] = 60.0
    report_hour: Annotated[
        int, _about("hour of the daily report, 0 to 23; -1: none", ge=-1, le=23)
    ] = 9
    report_zone: Annotated[str, _about("time zone of that hour and of its day")] = "Asia/Seoul"
    report_picture: Annotated[
        bool,
        _about("the daily report goes with a picture, where `make analysis` was run"),
    ] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAddress:
    """One channel as set; the address is a secret."""

    name: str
    address: Secret
    is_paging: bool


def named_addresses(section: NotifySection) -> tuple[NamedAddress, ...]:
    """Every channel that is set.

    Raises:
        SettingsRefused: one has no name, or two have the same; no address is shown.
    """
    found: list[NamedAddress] = []
    for key, secret in (("urls", section.urls), ("paging_urls", section.paging_urls)):
        for number, text in enumerate(secret.reveal().split(), start=1):
            name, _, address = text.partition("=")
            where = f"notify.{key}: address {number}"
            if not _NAME.fullmatch(name) or "://" not in address:
                raise SettingsRefused(
                    f"{where} must be NAME=ADDRESS: a name of a-z, 0-9, _ and - (at most 32, a "
                    "letter first), and an address with ://; blanks in it are written %20"
                )
            if name in _TAKEN or any(one.name == name for one in found):
                raise SettingsRefused(f"{where}: another channel is named {name}")
            found.append(
                NamedAddress(name=name, address=Secret(address), is_paging=key.startswith("paging"))
            )
    return tuple(found)


def check_notify(section: NotifySection) -> None:
    """Names of the channels, and the zone.

    Raises:
        SettingsRefused: one cannot be.
    """
    named_addresses(section)
    try:
        ZoneInfo(section.report_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsRefused(
            f"notify.report_zone: {section.report_zone!r} is no time zone that this machine "
            "knows; e.g. Asia/Seoul or UTC (Debian: `apt-get install tzdata`)"
        ) from None
