"""The limits, with the specification's numbers as defaults and absolute caps beside them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """What an entry may not exceed. Exits are never held back by any of these.

    Attributes:
        position_fraction: value of all open pairs over total capital (spec: 50 %).
        leverage_max: hedge notional over margin balance, after the trade (spec: 2x).
        daily_loss_fraction: trading loss since 00:00 KST over capital (spec: 3 %).
        margin_ratio_max: maintenance over margin balance, after the trade.
        maintenance_rate: maintenance margin per notional assumed for the new position.
        order_krw_max: absolute cap of one order's value.
        daily_turnover_krw_max: absolute cap of the value traded since 00:00 KST, both legs.
        hourly_loss_krw_max: absolute cap of the trading loss of one hour.
        book_age_s_max: how old a book may be for an entry.
        fx_age_s_max: how old the KRW-USDT rate may be for an entry.
        slippage_bps_max: expected price against the mid, per leg, where the signal says nothing.
        symbols: allow-list of base assets; empty means any.
    """

    position_fraction: Decimal = Decimal("0.5")
    leverage_max: Decimal = Decimal(2)
    daily_loss_fraction: Decimal = Decimal("0.03")
    margin_ratio_max: Decimal = Decimal("0.5")
    maintenance_rate: Decimal = Decimal("0.005")
    order_krw_max: Decimal = Decimal(1_000_000)
    daily_turnover_krw_max: Decimal = Decimal(20_000_000)
    hourly_loss_krw_max: Decimal = Decimal(100_000)
    book_age_s_max: float = 5.0
    fx_age_s_max: float = 60.0
    slippage_bps_max: Decimal = Decimal(20)
    symbols: frozenset[str] = frozenset()
