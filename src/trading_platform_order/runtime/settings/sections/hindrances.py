"""What may keep us from trading, as settings; ``docs/RISK_MANAGEMENT.md`` explains each."""

from decimal import Decimal
from typing import Annotated

from trading_platform_order.risk.hindrances.announced_maintenance import MaintenanceLimits
from trading_platform_order.risk.hindrances.frozen_book import FrozenBookLimits
from trading_platform_order.risk.hindrances.funding_bleed import FundingLimits
from trading_platform_order.risk.hindrances.hindrance_limits import HindranceLimits
from trading_platform_order.risk.monitors.taken_back import TakenBackLimits
from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.runtime.settings.feed import from_section


class HindranceSection(Section, frozen=True, kw_only=True):
    """Reasons that keep entries back beside the limits; exits are never held back."""

    taken_back_in_a_row: Annotated[
        int, _about("entries of a coin taken back in a row that pause it", ge=1, le=1000)
    ] = 2
    taken_back_pause_s: Annotated[
        float, _about("how long the coin is then paused", ge=0, le=86_400)
    ] = 900.0
    taken_back_stop_count: Annotated[
        int,
        _about("entries taken back in a row within an hour, over two coins: stop", ge=2, le=1000),
    ] = 3
    taken_back_stop_krw: Annotated[
        Decimal, _about("cost of taking entries back within an hour above which to stop, KRW")
    ] = Decimal(30_000)
    maintenance_entries_end_s: Annotated[
        float, _about("entries end so long before announced maintenance", ge=0, le=86_400)
    ] = 1_800.0
    maintenance_runway_fraction: Annotated[
        Decimal, _about("rise of the coin that the margin must survive through the maintenance")
    ] = Decimal("0.5")
    maintenance_runway_lead_s: Annotated[
        float, _about("how long before it that is asked for", ge=0, le=604_800)
    ] = 14_400.0
    deadline_close_lead_s: Annotated[
        float,
        _about("a pair is closed so long before its coin ends on an exchange", ge=0, le=2_592_000),
    ] = 86_400.0
    allow_suspended_wallets: Annotated[
        bool, _about("entries are begun though the coin's wallet on Upbit is suspended")
    ] = False
    funding_day_fraction: Annotated[
        Decimal, _about("funding payable in 24 h over the short's value: alert, and no entry")
    ] = Decimal("0.005")
    frozen_book_s: Annotated[
        float, _about("a book unchanged for so long counts as stale", ge=1, le=600)
    ] = 10.0
    frozen_book_moved_bps: Annotated[
        Decimal, _about("if the other leg's mid moved so far meanwhile")
    ] = Decimal(30)
    settings_check_s: Annotated[
        float, _about("how often the account's settings are read", ge=10, le=3600)
    ] = 180.0
    key_check_s: Annotated[
        float, _about("how often both keys are proved to read the account", ge=5, le=55)
    ] = 30.0
    wallet_check_s: Annotated[
        float, _about("how often the wallets' states are read", ge=10, le=3600)
    ] = 60.0
    funding_check_s: Annotated[
        float, _about("how often the funding rates are read", ge=10, le=3600)
    ] = 300.0


def taken_back_limits(section: HindranceSection) -> TakenBackLimits:
    """Its part of the monitors' limits."""
    return from_section(TakenBackLimits, section, prefix="taken_back_")


def hindrance_limits(section: HindranceSection, *, leverage: int) -> HindranceLimits:
    """All of the rest; ``leverage``: what the engine sets on Binance."""
    return from_section(
        HindranceLimits,
        section,
        maintenance=from_section(MaintenanceLimits, section, prefix="maintenance_"),
        frozen_book=from_section(
            FrozenBookLimits, section, prefix="frozen_book_", unchanged_s=section.frozen_book_s
        ),
        funding=from_section(FundingLimits, section, prefix="funding_"),
        leverage=leverage,
        keeps=("expiry_check_s", "repeat_s", "maintenance_warn_s"),
    )


def check_hindrances(section: HindranceSection) -> None:
    """What no single bound can say.

    Raises:
        SettingsRefused: a figure without which the rule would refuse everything.
    """
    if section.frozen_book_moved_bps <= 0:
        raise SettingsRefused("hindrances.frozen_book_moved_bps must be above 0")
    if section.funding_day_fraction <= 0:
        raise SettingsRefused("hindrances.funding_day_fraction must be above 0")
