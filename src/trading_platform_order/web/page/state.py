"""What the page keeps while it runs, and what it looks at."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trading_platform_order.runtime.settings.shown.origins import ToldSetting
from trading_platform_order.web.page.login_limits import LoginLimits
from trading_platform_order.web.page.passwords import Passwords
from trading_platform_order.web.page.premium_history import PremiumHistory
from trading_platform_order.web.page.sessions import Sessions
from trading_platform_order.web.page.watched.surveillance import Surveillance
from trading_platform_order.words.text import Language

Home = Callable[[Language], Awaitable[Mapping[str, Any]]]
Story = Callable[[str, Language], Awaitable[Mapping[str, Any] | None]]
PairRows = Callable[[Language], Awaitable[list[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """Of one process.

    Attributes:
        home: how the account stands, in the reader's language.
        story: what `tporder explain` tells of a signal; ``None`` if there is none.
        pairs: which coin each pair is, and whether entries may be begun.
        settings: this process's, each with its value (secrets masked) and where that comes from.
        engine_settings: the file in which an engine tells its own.
        is_behind_tls: cookies are marked for TLS even if a proxy does not say so.
        history: premiums of the last hours.
        surveillance: what the exchanges watch in API traders.
    """

    sessions: Sessions
    passwords: Passwords
    home: Home
    story: Story
    pairs: PairRows
    settings: tuple[ToldSetting, ...]
    engine_settings: Path
    history: PremiumHistory
    surveillance: Surveillance
    is_behind_tls: bool
    limits: LoginLimits = field(default_factory=LoginLimits)
