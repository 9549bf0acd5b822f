"""The channels that are set, opened; and what is wrong with those that cannot be.

A bad address is told by the doctor and at the start, and keeps no engine from starting: what is
held must be looked after even if nobody can be told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.notifications.channel import Channel
from trading_platform_order.notifications.channels.apprise_channel import (
    AddressRefused,
    AppriseChannel,
)
from trading_platform_order.notifications.channels.discord import DiscordChannel
from trading_platform_order.runtime.paper.paper_market import mode_words
from trading_platform_order.runtime.settings.base import Secret
from trading_platform_order.runtime.settings.sections.notify import named_addresses
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.transport.http import HttpTransport

SUBJECT = "alerts"
_MEND = "mend its address, or unset it; alerts do not go there"
_SET_ONE = "set TPORDER_DISCORD_WEBHOOK_URL or TPORDER_NOTIFY_URLS"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChannels:
    """Those that can be used, and what an operator should know of the others.

    Attributes:
        refused: by name, why it cannot be used; no address.
        findings: for the doctor and the start.
    """

    channels: tuple[Channel, ...]
    refused: Mapping[str, str]
    findings: tuple[Finding, ...]

    def others(self, channel: Channel) -> tuple[str, ...]:
        """The names of all but this one."""
        return tuple(one.name for one in self.channels if one is not channel)


def open_channels(
    settings: Settings, http: HttpTransport, *, webhook: Secret | None = None
) -> OpenChannels:
    """Open every channel that is set; sends nothing.

    Args:
        settings: all settings.
        http: for Discord.
        webhook: of Discord, instead of the engine's.
    """
    channels: list[Channel] = []
    refused: dict[str, str] = {}
    url = webhook or settings.discord.webhook_url
    if url:
        sender = f"tporder: {mode_words(settings)}"
        channels.append(DiscordChannel(http=http, webhook_url=url.reveal(), sender=sender))
    for one in named_addresses(settings.notify):
        try:
            channel = AppriseChannel(
                name=one.name, address=one.address.reveal(), is_paging=one.is_paging
            )
        except AddressRefused as fault:
            refused[one.name] = str(fault)
        else:
            channels.append(channel)
    found = [_warning(f"channel {name}: {why}", _MEND) for name, why in refused.items()]
    found += _lacking(settings, channels)
    return OpenChannels(channels=tuple(channels), refused=refused, findings=tuple(found))


def _lacking(settings: Settings, channels: Sequence[Channel]) -> list[Finding]:
    if all(channel.is_paging for channel in channels):
        if settings.engine.mode is not Mode.LIVE:
            return []
        text = "nobody is told of one-leg failures"
        if channels:
            text += " before notify.page_after_s have passed"
        return [_warning(text, _SET_ONE)]
    names = ", ".join(f"{one.name} (paging)" if one.is_paging else one.name for one in channels)
    return [
        Finding(
            level=Level.OK,
            subject=SUBJECT,
            text=f"{names}; `tporder notify test` sends each a message",
        )
    ]


def _warning(text: str, remedy: str) -> Finding:
    return Finding(level=Level.WARNING, subject=SUBJECT, text=text, remedy=remedy)
