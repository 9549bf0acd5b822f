"""What announced maintenance asks for before it begins. Pure.

While an exchange is away the other leg cannot be adjusted and no margin reduction is possible, so
entries end early and what is open needs a longer way to liquidation.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value


@value
class MaintenanceLimits:
    """How long before, and how much.

    Attributes:
        entries_end_s: entries end so long before it begins.
        runway_fraction: rise of the coin that the margin must survive through it.
        runway_lead_s: how long before that is asked for.
    """

    entries_end_s: float = 1_800.0
    runway_fraction: Decimal = Decimal("0.5")
    runway_lead_s: float = 14_400.0


def objection(
    windows: Sequence[MaintenanceWindow], now: datetime, limits: MaintenanceLimits
) -> Refusal | None:
    """Why no entry is begun now, if maintenance is near or under way."""
    near = near_windows(windows, now, limits.entries_end_s)
    if not near:
        return None
    begins_s = (near[0].begins_at - now).total_seconds()
    return Refusal(
        code=RefusalCode.MAINTENANCE,
        message=f"announced maintenance: {near[0].text}",
        figures={"begins_in_s": f"{begins_s:.0f}", "entries_end_s": f"{limits.entries_end_s:g}"},
    )


def runway_needed(
    windows: Sequence[MaintenanceWindow], now: datetime, limits: MaintenanceLimits
) -> Decimal:
    """Rise of the coin that the margin must survive now for that reason; zero for none."""
    near = near_windows(windows, now, limits.runway_lead_s)
    return limits.runway_fraction if near else ZERO


def near_windows(
    windows: Sequence[MaintenanceWindow], now: datetime, lead_s: float
) -> tuple[MaintenanceWindow, ...]:
    """Those that are not over and begin within ``lead_s``, the first to begin first."""
    if not windows:
        return ()
    lead = timedelta(seconds=lead_s)
    near = (w for w in windows if w.begins_at - lead <= now < w.ends_at)
    return tuple(sorted(near, key=lambda window: window.begins_at))
