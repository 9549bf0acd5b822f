"""Settings of the doors that programs hand signals in at."""

from datetime import tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.signals.faults import Misfit
from trading_platform_order.signals.fields import FIELDS
from trading_platform_order.signals.research_format import ResearchRules


class ResearchSection(Section, frozen=True, kw_only=True):
    """Signals in research's own format (docs/SIGNALS.md)."""

    timezone: Annotated[
        str, _about("of times without a zone, like Asia/Seoul; empty: they are refused")
    ] = ""
    strategy: Annotated[str, _about("of signals that name no strategy")] = "research"

    def rules(self) -> ResearchRules:
        """The same for the reader."""
        return ResearchRules(zone=_zone(self.timezone), strategy=self.strategy)


class FolderSection(Section, frozen=True, kw_only=True):
    """The watched folder, the simplest door for signals."""

    path: Annotated[str, _about("a file moved in is a signal; empty: no folder is watched")] = ""
    poll_s: Annotated[
        float, _about("pause between looks; a file is taken at the second", ge=0.02, le=60)
    ] = 0.1
    answer_s: Annotated[
        float, _about("how long the answer beside a file waits for the engine", ge=0, le=600)
    ] = 5.0


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


def check_doors(research: ResearchSection) -> None:
    """Bounds that no type states.

    Raises:
        SettingsRefused: a bound is broken.
    """
    research.rules()
    try:
        FIELDS["strategy"].read("research.strategy", research.strategy)
    except Misfit as misfit:
        raise SettingsRefused(misfit.message) from None
