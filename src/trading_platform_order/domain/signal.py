"""A trading signal: what research wants done, as a plain value."""

from dataclasses import field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.value import value

SCHEMA_VERSION = 1


class Action(StrEnum):
    """What to do with the pair."""

    ENTER = "ENTER"
    EXIT = "EXIT"


REASONS = ("reason", "exit_reason")
"""Where a signal's metadata says why it was sent; research writes either."""


@value
class Signal:
    """One trading signal.

    At most one of the three sizes is set; without one an ENTER takes the configured default and an
    EXIT closes all that the strategy holds in the symbol.

    Attributes:
        id: unique per account for ever; the idempotency key.
        strategy: who asks; positions are kept per strategy.
        symbol: base asset, e.g. ``BTC``.
        created_at: aware UTC time.
        expires_at: aware UTC time after which the signal must not be begun.
        notional_krw: size as KRW on the spot leg.
        quantity_base: size in base units.
        capital_fraction: size as a fraction of total capital, above 0 and at most 1.
        spot_price_krw: the price research saw on Upbit.
        hedge_price_usdt: the price research saw on Binance.
        max_slippage_bps: refuse if the expected fill is worse than the reference by more.
        leg: an EXIT closes this leg alone. Set by an operator's confirmed command, and where the
            engine reduces the hedge beside a close that waits; the schema of what research sends
            has no such field.
    """

    id: str
    strategy: str
    action: Action
    symbol: str
    created_at: datetime
    expires_at: datetime | None = None
    notional_krw: Decimal | None = None
    quantity_base: Decimal | None = None
    capital_fraction: Decimal | None = None
    spot_price_krw: Decimal | None = None
    hedge_price_usdt: Decimal | None = None
    max_slippage_bps: Decimal | None = None
    metadata: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION
    leg: Leg | None = None

    @property
    def reason(self) -> str | None:
        """Why it was sent, as its metadata says; told and never acted upon."""
        said = self.metadata
        return next((str(said[name]) for name in REASONS if said.get(name)), None)
