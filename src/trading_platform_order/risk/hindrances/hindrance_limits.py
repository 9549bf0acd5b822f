"""What the monitors of everything that keeps us from trading go by."""

from dataclasses import field

from trading_platform_order.domain.value import value
from trading_platform_order.risk.hindrances.announced_maintenance import MaintenanceLimits
from trading_platform_order.risk.hindrances.frozen_book import FrozenBookLimits
from trading_platform_order.risk.hindrances.funding_bleed import FundingLimits


@value
class HindranceLimits:
    """All of them, and how often they look.

    Attributes:
        leverage: what the engine set on the hedge exchange.
        allow_suspended_wallets: entries are begun though a coin's wallet is suspended.
        settings_check_s: pause between two readings of the account's settings.
        key_check_s: pause between two proofs that both keys still read the account.
        wallet_check_s: pause between two readings of the wallets' states.
        funding_check_s: pause between two readings of the funding rates.
        expiry_check_s: pause between two readings of the keys' last days.
        repeat_s: funding that lasts is told again after this.
        maintenance_warn_s: a margin too short for announced maintenance is told again after this.
    """

    maintenance: MaintenanceLimits = field(default_factory=MaintenanceLimits)
    frozen_book: FrozenBookLimits = field(default_factory=FrozenBookLimits)
    funding: FundingLimits = field(default_factory=FundingLimits)
    leverage: int = 2
    allow_suspended_wallets: bool = False
    settings_check_s: float = 180.0
    key_check_s: float = 30.0
    wallet_check_s: float = 60.0
    funding_check_s: float = 300.0
    expiry_check_s: float = 3_600.0
    repeat_s: float = 21_600.0
    maintenance_warn_s: float = 1_800.0
